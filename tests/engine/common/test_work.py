"""Progress of parts within parts, on paper; stopping; steps that were not needed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.common import work as work_module
from engine.common.errors import SearchStopped
from engine.common.work import Phase, Progress, Work


def listened() -> tuple[Work, list[tuple[int, int]]]:
    """Work, and the list that its reports (done, total) go to."""
    reports: list[tuple[int, int]] = []
    return Work(lambda progress: reports.append((progress.done, progress.total))), reports


def test_every_step_is_reported_and_the_beginning_is_not():
    work, reports = listened()
    work.begin(3)
    assert reports == []
    work.step()
    work.step(2)
    assert reports == [(1, 3), (3, 3)]


def test_steps_beyond_the_total_lengthen_it():
    work, reports = listened()
    work.begin(1)
    work.step(2)
    work.step()
    assert reports == [(2, 2), (3, 3)]


def test_work_can_begin_again():
    work, reports = listened()
    work.begin(2)
    work.step(2)
    work.begin(4)
    work.step()
    assert reports == [(2, 2), (1, 4)]


def test_finish_counts_what_was_not_needed_and_nothing_else():
    work, reports = listened()
    work.begin(5)
    work.step()
    work.finish()
    work.finish()
    assert reports == [(1, 5), (5, 5)]


def test_finish_ends_the_part_under_way():
    work, reports = listened()
    work.begin(5)
    work.step()
    part = work.part(4)
    part.begin(2)
    part.step()
    work.finish()
    work.finish()
    assert reports == [(1, 5), (3, 5), (5, 5)]


def test_parts_count_as_their_steps_of_the_whole():
    """Four steps of work: one by itself, then a part of two with eight of its own, then one by itself."""
    work, reports = listened()
    work.begin(4)
    work.step()
    part = work.part(2)
    part.begin(8)
    for _ in range(8):
        part.step()
    work.step()
    assert reports == [(1, 4), *[(1, 4)] * 3, *[(2, 4)] * 4, (3, 4), (4, 4)]


def test_a_part_of_a_part():
    """Ten steps, of which a part counts five; a quarter of half of it is 0.625. Whole steps alone are reported."""
    work, reports = listened()
    work.begin(10)
    work.step(5)
    outer = work.part(5)
    outer.begin(2)
    inner = outer.part(1)
    inner.begin(4)
    for _ in range(4):
        inner.step()
    assert reports[1:] == [(5, 10), (6, 10), (6, 10), (7, 10)]


def test_a_part_without_steps_is_worth_nothing_until_the_next_begins():
    work, reports = listened()
    work.begin(2)
    empty, rest = work.part(1), work.part(1)
    empty.report()
    rest.begin(1)
    rest.step()
    assert reports == [(0, 2), (2, 2)]


@given(st.lists(st.integers(1, 6), min_size=1, max_size=5))
def test_parts_in_turn_end_where_the_work_does(sizes: list[int]):
    work, reports = listened()
    work.begin(sum(sizes))
    for size in sizes:
        part = work.part(size)
        part.begin(3 * size)
        for _ in range(3 * size):
            part.step()
    counts = [done for done, _ in reports]
    assert counts == sorted(counts)
    assert reports[-1] == (sum(sizes), sum(sizes))
    assert all(done == position // 3 for position, done in enumerate(counts, 1))


def test_work_without_a_listener_counts_too():
    work = Work()
    work.begin(3)
    part = work.part(2)
    part.begin(1)
    part.step()
    work.step()
    assert (work.done, work.total) == (3, 3)


def test_check_stops_the_work_its_parts_and_what_is_quiet():
    wanted = True
    work, reports = listened()
    work.should_stop = lambda: not wanted
    branches = (work, work.part(1), work.part(1).part(1), work.quiet())
    for branch in branches:
        branch.check()
    wanted = False
    for branch in branches:
        with pytest.raises(SearchStopped):
            branch.check()
    assert reports == []


def test_work_that_nobody_stops_goes_on():
    Work().check()
    Work(should_stop=lambda: False).check()


def test_quiet_work_is_not_reported():
    work, reports = listened()
    work.begin(2)
    quiet = work.quiet()
    quiet.begin(1)
    quiet.step()
    assert reports == []
    assert work.done == 0


@pytest.mark.parametrize(("progress", "left"), [(Progress(0, 9, 2.0), None), (Progress(2, 6, 3.0), 6.0)])
def test_the_seconds_left_follow_from_the_mean_step(progress: Progress, left: float | None):
    assert progress.left == left


def test_time_is_counted_from_the_start():
    seconds: list[float] = []
    work = Work(lambda progress: seconds.append(progress.elapsed))
    work.begin(2)
    work.step()
    work.step()
    assert 0 <= seconds[0] <= seconds[1] <= work.elapsed


class Clock:
    """A clock that stands until it is told to go on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr(work_module.time, "perf_counter", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


Mix = Sequence[tuple[str, int, float, float]]
"""Kinds of work in turn: name, steps, seconds before the first, seconds of each."""


def simulated(clock: Clock, mix: Mix, paces: Mapping[str, float]) -> tuple[list[Progress], float]:
    """The reports of work of several kinds, whose steps vary by a fifth, and its seconds."""
    reports: list[Progress] = []
    began = clock.now
    work = Work(reports.append)
    work.plan([Phase(kind, steps, paces.get(kind)) for kind, steps, *_ in mix])
    for _, steps, before, seconds in mix:
        part = work.part(steps)
        clock.now += before
        part.begin(steps)
        for step in range(steps):
            clock.now += seconds * (1 + 0.2 * (-1) ** step)
            part.step()
    return reports, clock.now - began


MIXES = {
    "one kind": [("a", 50, 0.0, 1.0)],
    "a slow kind, then a fast one": [("a", 300, 1.0, 0.45), ("b", 1000, 0.0, 0.003), ("c", 1000, 0.0, 0.004)],
    "a fast kind, then a slow one": [("b", 5000, 0.0, 0.001), ("a", 100, 3.0, 2.0)],
    "several of each": [(kind, 100, 0.5, pace) for pace, kind in ((1.0, "a"), (0.01, "b"), (3.0, "c"), (0.01, "b"))],
    "the same kinds again and again": [("a", 40, 0.1, 0.5), ("b", 1000, 0.0, 0.002)] * 4,
}


@pytest.mark.parametrize("mix", MIXES.values(), ids=MIXES)
def test_once_a_fifth_of_the_time_is_gone_the_seconds_left_are_right_within_a_half(clock: Clock, mix: Mix):
    """All kinds were tried, and the trials are wrong by a third."""
    reports, total = simulated(clock, mix, {kind: seconds * 1.3 for kind, _, _, seconds in mix})
    late = [report for report in reports if 0.2 * total <= report.elapsed <= 0.95 * total]
    assert late
    for report in late:
        left = total - report.elapsed
        assert left / 1.5 <= report.left <= left * 1.5
        assert report.fraction == pytest.approx(report.elapsed / total, abs=0.2)


@pytest.mark.parametrize("mix", MIXES.values(), ids=MIXES)
def test_without_trials_the_seconds_left_are_not_known_rather_than_wrong(clock: Clock, mix: Mix):
    reports, total = simulated(clock, mix, {})
    assert reports[-1].left == 0
    for report in [each for each in reports if each.left is not None and each.elapsed <= 0.95 * total]:
        left = total - report.elapsed
        assert left / 2 <= report.left <= left * 2


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(5, 60)), min_size=1, max_size=6),
    st.tuples(*[st.floats(0.01, 10)] * 3),
)
def test_of_any_mix_the_seconds_left_are_right(kinds: list[tuple[str, int]], seconds: tuple[float, ...]):
    paces = dict(zip("abc", seconds, strict=True))
    with pytest.MonkeyPatch.context() as patch:
        mix = [(kind, steps, 0.0, paces[kind]) for kind, steps in kinds]
        reports, total = simulated(Clock(patch), mix, paces)
    for report in reports:
        if 0.2 * total <= report.elapsed <= 0.8 * total:
            assert (total - report.elapsed) / 1.5 <= report.left <= (total - report.elapsed) * 1.5
    assert reports[-1].left == 0


def test_what_comes_before_the_first_step_is_no_step(clock: Clock):
    reports, total = simulated(clock, [("", 100, 20.0, 0.1)], {})
    for report in reports[3:]:
        assert report.left == pytest.approx(total - report.elapsed, rel=0.3)


def test_steps_that_are_done_side_by_side_and_counted_at_once_took_their_time(clock: Clock):
    reports: list[Progress] = []
    work = Work(reports.append)
    work.begin(100)
    for _ in range(20):
        clock.now += 5
        for _ in range(5):
            clock.now += 1e-5
            work.step()
    total = clock.now - reports[0].elapsed + 5
    for report in reports[4::5]:
        expected = total - report.elapsed
        assert report.left == pytest.approx(expected, rel=0.3, abs=6)


def test_steps_that_become_dearer_count_more_the_later_they_are(clock: Clock):
    reports: list[Progress] = []
    work = Work(reports.append)
    work.begin(100)
    for step in range(100):
        clock.now += 1 + step / 100
        work.step()
    for report in reports[40:95]:
        assert (clock.now - report.elapsed) / 1.5 <= report.left <= (clock.now - report.elapsed) * 1.5


def test_parts_within_parts_know_their_seconds(clock: Clock):
    """Joined work of a fast and a slow kind, within a plan of two."""
    reports: list[Progress] = []
    whole = Work(reports.append)
    whole.plan([Phase("joined", 40), Phase("after", 10, 0.5)])
    joined = whole.part(40)
    joined.plan([Phase("fast", 20, 0.0), Phase("slow", 20, 2.0)])
    for pace in (0.0, 2.0):
        part = joined.part(20)
        part.begin(20)
        for _ in range(20):
            clock.now += pace
            part.step()
    last = whole.part(10)
    last.begin(10)
    for _ in range(10):
        clock.now += 0.5
        last.step()
    for report in reports[22:]:
        assert report.left == pytest.approx(45 - report.elapsed)


def test_one_kind_that_was_neither_tried_nor_begun_leaves_the_seconds_unknown(clock: Clock):
    reports: list[Progress] = []
    work = Work(reports.append)
    work.plan([Phase("a", 10), Phase("b", 10)])
    for _ in range(2):
        part = work.part(10)
        part.begin(10)
        for _ in range(10):
            clock.now += 1
            part.step()
    assert [report.left for report in reports[:12]] == [None] * 12
    assert [report.left for report in reports[12:]] == pytest.approx([float(left) for left in range(7, -1, -1)])


def test_the_fraction_is_that_of_the_seconds_or_of_the_steps():
    assert Progress(0, 0, 0.0).fraction == 0
    assert Progress(3, 4, 1.0, math.inf).fraction == 0.75
    assert Progress(3, 4, 1.0).fraction == 0.75
    assert Progress(3, 4, 1.0, 4.0).fraction == 0.2
    assert Progress(4, 4, 1.0, 0.0).fraction == 1
