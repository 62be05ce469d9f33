import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.supernets.toy import TOY_ALPHAS, TOY_WEIGHTS, Toy

weights = st.floats(*TOY_WEIGHTS)
alphas = st.tuples(*4 * [st.floats(0.1, TOY_ALPHAS[1] - 0.1)])


@given(weights, weights, alphas)
def test_shares_are_the_logarithmic_derivatives_of_the_flow(a, b, alphas):
    def flow(place, times):
        moved = [alpha * times if index == place else alpha for index, alpha in enumerate(alphas)]
        return (moved[0] + moved[1] * a) * (moved[2] + moved[3] * b)

    step, toy = 1e-6, Toy(a, b, alphas)
    for place, score in enumerate(toy.scores()):
        slope = (flow(place, 1 + step) - flow(place, 1 - step)) / (2 * step)
        assert score.saliency == pytest.approx(slope, rel=1e-4)
        assert score.share == pytest.approx(slope / flow(None, 1), rel=1e-4)


@given(weights, weights, alphas)
def test_saliencies_are_sums_over_the_paths_through_an_operation(a, b, alphas):
    toy = Toy(a, b, alphas)
    paths = toy.paths()
    assert sum(path.value for path in paths) == pytest.approx(toy.flow)
    for score in toy.scores():
        through = [path.value for path in paths if (path.first, path.second)[score.edge == "B"] == score.operation]
        assert score.saliency == pytest.approx(sum(through))


def test_the_toy_by_hand():
    toy = Toy(3, 2)
    assert toy.nodes == (1, 4, 12)
    assert [score.share for score in toy.scores()] == [1 / 4, 3 / 4, 1 / 3, 2 / 3]
    assert [path.value for path in toy.paths()] == [1, 2, 3, 6]


def test_pruning_drops_the_weakest_of_each_edge():
    assert [score[:2] for score in Toy(3, 2).pruned()] == [("A", "skip"), ("B", "skip")]
    assert [score[:2] for score in Toy(3, 0.1).pruned()] == [("B", "conv"), ("A", "skip")]


def test_nothing_flows_where_an_edge_has_no_alpha():
    toy = Toy(3, 2, (0, 0, 1, 1))
    assert toy.flow == 0
    assert [score.share for score in toy.scores()] == [0, 0, 0, 0]


@pytest.mark.parametrize(("parts", "value"), [({"a": 0}, "0"), ({"b": float("nan")}, "nan"), ({"a": 6}, "6")])
def test_a_weight_out_of_bounds_is_refused(parts, value):
    with pytest.raises(ValueError, match=rf"a weight of the toy is {value}; a number from 0\.1 to 5 is allowed"):
        Toy(**parts)
