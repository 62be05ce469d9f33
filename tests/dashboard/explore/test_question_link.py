"""A link to a question says no more than it must."""

from dashboard.explore.question_link import link_query
from engine import SearchConfig


def test_a_link_holds_what_its_recipe_and_proxy_leave_open():
    query = link_query(SearchConfig(seed=3, max_params=900_000))
    assert (query["seed"], query["max_params"], query["recipe"]) == ("3", "900000", "synaptic")
    assert not query.keys() & {"normalisation", "alpha", "method", "data", "batch", "max_macs"}
    assert link_query(SearchConfig(proxy="snip", data="digits"))["data"] == "digits"
    assert link_query(SearchConfig(alpha="noise", normalisation="bypass", method="one-shot"))["alpha"] == "noise"
