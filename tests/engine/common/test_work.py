"""Progress of parts within parts, on paper; stopping; steps that were not needed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.common.errors import SearchStopped
from engine.common.work import Progress, Work


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
