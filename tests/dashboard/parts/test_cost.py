"""The cost of a network in words is that of the engine."""

from streamlit.testing.v1 import AppTest

from tests.waiting import PATIENCE


def _page():
    from dashboard.parts.cost import cost_lines
    from dashboard.server.examples import example_of

    result = example_of("nas-bench-201")
    cost_lines(result.space, result.cost)


def test_the_cost_is_that_of_both_sizes():
    at = AppTest.from_function(_page, default_timeout=PATIENCE).run()
    (words,) = at.markdown
    assert "1.532 M parameters" in words.value
    assert "220.1 M MACs" in words.value
    assert "16 channels, 5 cells in each of the three stages, 10 classes, one 32² image" in words.help
