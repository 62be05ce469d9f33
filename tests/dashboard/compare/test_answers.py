import re

import pytest

from dashboard.compare import answers
from dashboard.parts import heatmap
from dashboard.parts.heatmap import View
from dashboard.server.session import search_of
from engine import SearchConfig, SearchResult, search
from tests.conftest import tiny
from tests.dashboard.conftest import wait_for


@pytest.fixture(scope="module")
def two() -> list[SearchResult]:
    return [search(tiny("darts", recipe="released", seed=seed)) for seed in (0, 1)]


def test_every_combination_is_asked_and_named_by_what_tells_it_apart():
    asked = answers.questions("nas-bench-201", ["synaptic", "released"], ["freeflow"], [0, 3])
    assert [(each.recipe, each.seed) for each in asked] == [
        ("synaptic", 0), ("synaptic", 3), ("released", 0), ("released", 3)
    ]  # fmt: skip
    assert answers.names(asked) == ["synaptic, seed 0", "synaptic, seed 3", "released, seed 0", "released, seed 3"]
    assert answers.names(asked[:2]) == ["seed 0", "seed 3"]
    assert answers.names(asked[:1]) == ["synaptic, freeflow, seed 0"]
    small = asked[0].model_copy(update={"channels": 8, "banned": ("0-1:none",)})
    assert answers.names([asked[0], small]) == ["channels 16, banned —", "channels 8, banned 0-1:none"]
    assert answers.names([asked[0], small, asked[1]]) == [
        "seed 0, channels 16, banned —",
        "seed 0, channels 8, banned 0-1:none",
        "seed 3, channels 16, banned —",
    ]
    assert answers.names([]) == []
    asked = answers.questions("nas-bench-201", ["released", "synaptic"], ["snip", "freeflow"], [0])
    assert [(each.proxy, each.recipe) for each in asked] == [
        ("snip", "plain"), ("freeflow", "released"), ("freeflow", "synaptic")
    ]  # fmt: skip
    assert len(answers.questions("darts", ["synaptic"], ["freeflow"], range(20))) == answers.MOST


def test_agreement_is_counted_edge_by_edge(two):
    agreed, total = answers.shared_edges(two)
    rows = [row for kind in ("normal", "reduce") for row in answers.agreement(two, ["a", "b"], kind)]
    assert (agreed, total) == (sum(row["agree"] for row in rows), len(rows))
    assert 0 <= agreed < total
    cell = {gene[:2]: gene.operation for gene in two[0].genotype.cells["normal"]}
    named = {two[0].space.edge_name(edge): cell.get(edge, answers.NOTHING) for edge in two[0].space.edges}
    assert all(row["a"] == named[row["edge"]] for row in answers.agreement(two, ["a", "b"], "normal"))
    same = [two[0], two[0]]
    assert answers.shared_edges(same) == (16, 16)


def test_a_space_of_layers_is_compared_layer_by_layer(tiny_results):
    result = tiny_results["nas-bench-macro"]
    rows = answers.agreement([result, result], ["a", "b"], "network")
    assert [row["layer"] for row in rows] == [f"layer {number}" for number in range(1, 9)]
    assert all("edge" not in row for row in rows)


def test_a_difference_shows_both_operations(two):
    one, other = (answers.kept(result, "normal") for result in two)
    drawn = {arrow.gene[:2]: arrow for arrow in answers.difference(*two, "normal")}
    assert set(drawn) == set(one) | set(other)
    for edge, arrow in drawn.items():
        assert (arrow.colour == answers._SAME) == (one.get(edge) == other.get(edge))
        assert arrow.faint == (edge not in one)
        assert arrow.gene.operation == one.get(edge, other.get(edge))
    assert all(arrow.colour == answers._SAME for arrow in answers.difference(two[0], two[0], "reduce"))


def test_heatmaps_beside_each_other_have_one_scale(two):
    views = [View(result, "normal", "edge") for result in two]
    low, high = heatmap.span(views)
    assert low == min(heatmap.span([view])[0] for view in views)
    assert high == max(heatmap.span([view])[1] for view in views)
    for log in (True, False):
        fields = [
            heatmap.heatmap(View(view.result, "normal", "edge", log, limits=(low, high))).data[0] for view in views
        ]
        assert len({(field.zmin, field.zmax) for field in fields}) == 1


def page_texts(at):
    groups = (at.caption, at.markdown, at.info, at.warning, at.error)
    return [re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", element.value) for group in groups for element in group]


def test_the_page_compares_what_ships_and_searches_the_rest(app):
    at = app("dashboard/pages/compare.py")
    assert any(text.startswith("**2 answers agree on ") for text in page_texts(at))
    assert len(at.get("plotly_chart")) == 2
    assert not at.info
    at.multiselect(key="recipes").set_value(["released"]).run()
    at.multiselect(key="compare_seeds").set_value([0, 11]).run()
    assert any("Not searched yet: 1 of 2." in text for text in page_texts(at))
    at.button(key="compare").click().run()
    wait_for(at, "comparison")
    assert not at.info
    expected = search(SearchConfig(recipe="released", seed=11))
    table = at.dataframe[0].value
    assert table["question"].tolist() == ["seed 0", "seed 11"]
    assert table["parameters [M]"].tolist()[1] == pytest.approx(expected.cost["params"] / 1e6)


def test_what_cannot_be_searched_is_said_and_the_others_stay(app):
    at = app("dashboard/pages/compare.py")
    at.session_state["compare failures"] = {search_of(SearchConfig(seed=12)): "it broke"}
    at.multiselect(key="recipes").set_value(["synaptic"]).run()
    at.multiselect(key="compare_seeds").set_value([0, 12]).run()
    assert any("seed 12: it broke" in text for text in page_texts(at))
    assert len(at.get("plotly_chart")) == 1
    at.multiselect(key="recipes").set_value([]).run()
    assert not at.exception
