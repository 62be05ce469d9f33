"""The numbers of a heatmap are those of the engine, and speak of connections or of layers."""

from dashboard.parts.importance import connection_noun, importances
from engine.searches.frame import IMPORTANCES
from engine.spaces import get_space


def test_every_number_of_the_engine_has_a_title():
    titles = importances(get_space("nas-bench-201"))
    assert set(titles) == set(IMPORTANCES)
    assert titles["share"].title == "Flow share"
    assert importances(get_space("nas-bench-201"), score_unit="parameters")["share"].title == "Share of all scores"


def test_words_speak_of_connections_or_of_layers():
    assert [connection_noun(get_space(name)) for name in ("darts", "mobilenet")] == ["connection", "layer"]
    assert importances(get_space("mobilenet"))["edge"].title == "% of layer"
