import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata

from dashboard.atlas.quantities import (
    Quantity,
    SliderSpan,
    atlas_quantities,
    best_first,
    best_row,
    between,
    filter_mask,
    is_traded,
    moved_range,
    quantity_rank,
    slider_span,
)
from engine.measures import MEASURES
from engine.studies.atlas import Atlas, pareto_front
from engine.tables import Column

finite = st.floats(-1e6, 1e6).map(lambda value: round(value, 3))
scores = st.lists(st.one_of(finite, st.sampled_from([-np.inf, np.nan, 0.0, 1.0])), min_size=1, max_size=30)


def quantity(values, cost=False):
    return Quantity("q", "Q", "u", np.array(values, dtype=float), cost)


@given(scores)
def test_a_span_holds_every_number_and_is_not_much_wider(values):
    array = np.array(values)
    finite = array[np.isfinite(array)]
    span = slider_span(array)
    if len(set(finite.tolist())) < 2:
        assert span is None
        return
    low, high, step = span
    slack = 1e-9 * max(1, abs(low), abs(high))
    assert low - slack <= finite.min() < low + step + slack
    assert high - step - slack < finite.max() <= high + slack
    assert 99 <= round((high - low) / step) <= 1002
    assert (high - low) / step == pytest.approx(round((high - low) / step), abs=1e-4)


def test_the_span_of_round_numbers_is_round():
    assert slider_span(np.array([13.26, 112.94, -np.inf])) == (13.2, 113.0, 0.1)
    assert slider_span(np.array([0.0733, 1.5315])) == (0.07, 1.54, 0.01)


@given(scores)
def test_a_range_as_wide_as_the_slider_leaves_nothing_out(values):
    array = np.array(values)
    whole = slider_span(array)
    if whole is not None:
        assert between(array, whole[:2], whole[:2]).all()


def test_an_end_that_is_moved_leaves_out_what_lies_beyond_it():
    values, whole = np.array([1.0, 2.0, 3.0, -np.inf, np.nan]), (1.0, 3.0)
    assert between(values, (2.0, 3.0), whole).tolist() == [False, True, True, False, False]
    assert between(values, (1.0, 2.0), whole).tolist() == [True, True, False, True, False]
    assert between(values, (2.0, 2.0), whole).tolist() == [False, True, False, False, False]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [((1, 9), (2, 8)), ((3, 9), (3, 8)), ((1, 4), (2, 4)), ((1, 1), (2, 2)), ((9, 9), (8, 8)), ((8.5, 9), (8, 8))],
)
def test_a_range_is_kept_as_far_as_the_slider_goes(chosen, expected):
    assert moved_range(chosen, SliderSpan(1, 9, 1), SliderSpan(2, 8, 1)) == expected
    assert moved_range(chosen, SliderSpan(1, 9, 1), SliderSpan(1, 9, 1)) == chosen


def test_all_filters_must_be_passed():
    there = {"a": quantity([1, 2, 3, 4]), "b": quantity([4, 3, 2, 1])}
    counts = np.array([[0, 6], [1, 5], [2, 4], [3, 3]])
    assert filter_mask(there, {"a": (2, 4), "b": (2, 4)}, counts, {}).tolist() == [False, True, True, False]
    assert filter_mask(there, {}, counts, {0: (0, 2), 1: (5, 6)}).tolist() == [True, True, False, False]
    assert filter_mask(there, {"a": (2, 4)}, counts, {1: (5, 6)}).tolist() == [False, True, False, False]
    assert filter_mask(there, {}, counts, {}).all()


@given(scores, st.booleans(), st.data())
def test_ranks_are_those_of_scipy(values, cost, data):
    row = data.draw(st.integers(0, len(values) - 1))
    array = np.array(values)
    known = array[~np.isnan(array)]
    found = quantity_rank(quantity(values, cost), row)
    if np.isnan(array[row]):
        assert found is None
        return
    ranks = rankdata(known if cost else -known, method="min")
    place = ranks[np.flatnonzero(known == array[row])[0]]
    assert found == (place, len(known), (known == array[row]).sum() - 1)


@given(scores, st.booleans(), st.data())
def test_the_best_come_first(values, cost, data):
    among = np.array(data.draw(st.lists(st.booleans(), min_size=len(values), max_size=len(values))))
    q = quantity(values, cost)
    rows = [row for row, value in enumerate(values) if among[row] and np.isfinite(value)]
    expected = sorted(rows, key=lambda row: values[row] if cost else -values[row])
    assert best_first(q, among).tolist() == expected
    everything = best_first(q, np.ones(len(values), dtype=bool)).tolist()
    assert best_row(q) == (everything[0] if everything else None)


def test_the_numbers_of_atlases_stand_together_in_readable_units():
    first = Atlas("darts", 2, 0, 0, {"params": np.array([1.5e6, 2e6]), "flow": np.array([3.0, 4e5])}, 1.0, {})
    second = Atlas("darts", 2, 0, 0, {"macs": np.array([9e4, 1.0])}, 1.0, {})
    found = atlas_quantities([first, second], None)
    assert {name: (q.label, q.values.tolist(), q.cost) for name, q in found.items()} == {
        "params": ("Parameters (M)", [1.5, 2.0], True),
        "flow": ("log-flow (log R)", [3.0, 4e5], False),
        "macs": ("MACs", [9e4, 1.0], True),
    }


def test_accuracy_comes_first_where_the_table_has_any():
    atlas = Atlas("darts", 2, 0, 0, {"params": np.array([1.0, 2.0])}, 1.0, {})
    assert [*atlas_quantities([atlas], np.array([np.nan, 93.0]))] == ["accuracy", "params"]
    assert [*atlas_quantities([atlas], np.array([np.nan, np.nan]))] == ["params"]


steps = st.lists(st.integers(1, 12), min_size=1, max_size=30)


def of_measure(name, values):
    atlas = Atlas("darts", len(values), 0, 0, {name: np.array(values, dtype=float)}, 0.0, {})
    return atlas_quantities([atlas], None)[name]


@pytest.mark.parametrize("name", [name for name, measure in MEASURES.items() if measure.rounding.relative > 1e-7])
@given(steps, st.integers(0, 2**32 - 1))
def test_the_last_bits_of_a_measure_change_no_rank(name, steps, seed):
    """What differs in float32's last bits is tied: equal steps are, and unequal ones are a fifth of the value apart."""
    plain = 20.0 * 1.2 ** np.array(steps)
    noisy = plain * (1 + 1e-7 * np.random.default_rng(seed).uniform(-1, 1, len(plain)))
    exact, rough = quantity(plain, MEASURES[name].cost), of_measure(name, noisy)
    rows = range(len(plain))
    assert [quantity_rank(rough, row) for row in rows] == [quantity_rank(exact, row) for row in rows]
    every = np.ones(len(plain), dtype=bool)
    assert best_first(rough, every).tolist() == best_first(exact, every).tolist()
    assert best_row(rough) == best_row(exact)
    other = quantity(np.roll(plain, 1))
    fronts = [pareto_front(one.values, other.values, less_x=True, less_y=False).tolist() for one in (exact, rough)]
    assert fronts[0] == fronts[1]


def test_counts_and_accuracies_are_exact():
    close = [1e6, 1e6 + 1, 1e6 - 1]
    assert [quantity_rank(of_measure("params", close), row).place for row in range(3)] == [2, 3, 1]
    accuracies = atlas_quantities([], np.array([94.0, np.nextafter(94.0, 95)]))["accuracy"]
    assert [quantity_rank(accuracies, row).place for row in range(2)] == [2, 1]
    assert [quantity_rank(of_measure("flow", [94.0, np.nextafter(94.0, 95)]), row).place for row in range(2)] == [1, 1]


def test_of_errors_the_least_is_the_best():
    values = np.array([8.0, np.nan, 5.5, 40.0])
    atlas = Atlas("nas-bench-201", 4, 0, 0, {"params": np.arange(4.0)}, 0.0, {})
    error = atlas_quantities([atlas], values, Column("test_err", True, lower_is_better=True))["accuracy"]
    assert (error.title, error.label, error.better) == ("Error", "Error (%), less is better", "less")
    assert best_row(error) == 2
    assert best_first(error, np.ones(4, dtype=bool)).tolist() == [2, 0, 3]
    assert quantity_rank(error, 0)[:2] == (2, 3)
    value = atlas_quantities([atlas], values, Column("score", False))["accuracy"]
    assert (value.label, best_row(value)) == ("Value", 3)


def test_a_front_means_something_where_one_thing_is_traded_for_a_cost(quantities):
    flow, macs, accuracy = (quantities[name] for name in ("flow", "macs", "accuracy"))
    assert is_traded(macs, flow)
    assert is_traded(flow, macs)
    assert not is_traded(flow, accuracy)
    assert not is_traded(macs, macs)
