"""One look at a result: its numbers follow from the engine's shares."""

import math
from dataclasses import replace

import numpy as np
import pytest

from dashboard.parts.view import View, importances, is_huge, tie_shares


@pytest.fixture(params=["nas_bench_201", "darts"])
def result(request):
    return request.getfixturevalue(request.param)


def kinds(result):
    return result.space.cell_types


def test_shares_of_an_edge_sum_to_a_hundred_per_cent(result):
    for step in (None, len(result.steps) // 2, len(result.steps)):
        values = View(result, kinds(result)[0], "edge", step=step).values()
        assert values.sum(axis=1) == pytest.approx(100)


def test_raw_saliency_is_share_times_flow(result):
    kind = kinds(result)[0]
    view = View(result, kind, "score")
    expected = result.shares[kind] * np.exp(result.passes[0].log_flow - result.log_scale)
    assert view.values() * 10.0**view.exponent == pytest.approx(expected)
    with np.errstate(divide="ignore"):
        assert view.log_scores() == pytest.approx(np.log10(expected))


@pytest.mark.parametrize("log_flow", [0.0, 30.0, 40.0, 130.0, 2000.0, -30.0, -2000.0])
def test_huge_raw_scores_are_in_units_of_a_power_of_ten(nas_bench_201, log_flow):
    first, *others = nas_bench_201.passes
    result = replace(nas_bench_201, passes=(replace(first, log_flow=log_flow), *others))
    view = View(result, "cell", "score")
    whole = math.floor(log_flow / math.log(10) + math.log10(first.shares["cell"].max()))
    exponent = 0 if -300 <= whole < 15 else whole
    assert view.exponent == exponent
    largest = view.values().max()
    assert np.log10(largest) + exponent == pytest.approx(view.log_scores().max())
    assert 1 <= largest < 10 or not exponent
    assert View(result, "cell", "share").exponent == View(result, "cell", "edge").exponent == 0
    assert replace(view, power=exponent + 2).values().max() == pytest.approx(largest / 100)


def test_numbers_that_a_browser_does_not_write_exactly_are_huge():
    assert [is_huge(float(np.log10(float(value)))) for value in (0.5, 2**53 - 1, 2**53 * 1.01)] == [False, False, True]
    assert [is_huge(log) for log in (-np.inf, -400.0, -290.0, 400.0)] == [False, True, False, True]


def test_a_replay_blanks_what_was_pruned_and_ends_with_one_operation_an_edge(result):
    for step in range(0, len(result.steps) + 1, 7):
        for kind in kinds(result):
            view = View(result, kind, step=step)
            pruned = sum(each.cell == kind for each in result.steps[:step])
            assert (~view.live).sum() == pruned
            assert (view.shares()[~view.live] == 0).all()
    final = View(result, kinds(result)[0], step=len(result.steps))
    assert (final.live.sum(axis=1) == 1).all()
    assert final.at_pass == len(result.passes) - 1


def test_the_pass_shown_is_the_one_that_condemns_the_next_operation(result):
    steps = result.steps
    for index in (0, len(steps) // 2, len(steps) - 1):
        view = View(result, steps[index].cell, step=index)
        column = result.space.operations.index(steps[index].operation)
        assert view.shares()[steps[index].edge, column] == pytest.approx(steps[index].share, rel=1e-5)


@pytest.mark.parametrize(("space", "noun"), [("nas-bench-201", "edge"), ("nas-bench-macro", "layer")])
def test_importances_speak_of_edges_or_of_layers(tiny_results, space, noun):
    described = importances(tiny_results[space].space)
    assert list(described) == ["share", "score", "edge"]
    assert described["edge"].title == f"Share of its {noun}"


def test_shares_that_differ_in_the_last_of_six_digits_are_tied():
    shares = np.array([[1.00001, 1.00000, 1.00004], [0.0, 0.500001, 0.5]])
    assert tie_shares(shares).tolist() == [[1.0, 1.0, 1.00004], [0.0, 0.5, 0.5]]
