import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.learn.toy import Toy, toy_bars

weights = st.floats(0.1, 10)


@given(weights, weights)
def test_shares_are_the_logarithmic_derivatives_of_the_flow(a, b):
    step = 1e-6
    numeric = {}
    for edge in "AB":
        for name in ("skip", "conv"):

            def flow(alpha, edge=edge, name=name):
                factors = {("A", "skip"): 1.0, ("A", "conv"): a, ("B", "skip"): 1.0, ("B", "conv"): b}
                factors[edge, name] *= alpha
                return (factors["A", "skip"] + factors["A", "conv"]) * (factors["B", "skip"] + factors["B", "conv"])

            numeric[edge, name] = (flow(1 + step) - flow(1 - step)) / (2 * step)
    toy = Toy(a, b)
    for score in toy.scores():
        assert score.saliency == pytest.approx(numeric[score.edge, score.operation], rel=1e-4)
        assert score.share == pytest.approx(score.saliency / toy.flow)


@given(weights, weights)
def test_the_shares_of_an_edge_sum_to_one(a, b):
    for edge in "AB":
        assert sum(score.share for score in Toy(a, b).scores() if score.edge == edge) == pytest.approx(1)


def test_pruning_drops_the_weakest_of_each_edge():
    assert Toy(3, 2).pruned() == ["skip on A", "skip on B"]
    assert Toy(3, 0.1).pruned() == ["conv on B", "skip on A"]


def test_the_toy_figure_shows_the_shares_of_the_toy():
    toy = Toy(3, 2)
    bars = toy_bars(toy).data
    assert {(bar.name, *bar.x) for bar in bars} == {("skip", 1 / 4, 1 / 3), ("conv", 3 / 4, 2 / 3)}
