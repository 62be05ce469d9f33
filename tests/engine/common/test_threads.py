"""The number of threads to compute with, its scope, and that of every door of the engine."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from engine import MEASURES, SearchStopped, flow, parse_genotype, search
from engine.common.threads import computing_threads, cores, current_threads
from engine.common.work import Work
from engine.genotypes.population import Population
from engine.measures.base import MeasureSetting
from engine.networks.latency import measure_latency
from engine.spaces import Size
from engine.studies.seeds import study_seeds
from tests.conftest import tiny

CELL = parse_genotype("|nor_conv_3x3~0|+|none~0|skip_connect~1|+|nor_conv_1x1~0|avg_pool_3x3~1|nor_conv_3x3~2|")


@pytest.fixture(autouse=True)
def four_cores_and_three_threads(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("engine.common.threads.cores", lambda: 4)
    monkeypatch.delenv("FREENAS_THREADS", raising=False)
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    yield
    assert torch.get_num_threads() == 3
    torch.set_num_threads(before)


def test_one_thread_is_taken_and_those_of_before_come_back():
    with computing_threads():
        assert torch.get_num_threads() == current_threads() == 1


def test_a_block_within_a_block_keeps_its_threads():
    with computing_threads(2):
        with computing_threads():
            assert torch.get_num_threads() == 2
        with computing_threads(4):
            assert torch.get_num_threads() == 4
        assert torch.get_num_threads() == current_threads() == 2
    assert current_threads() == 1


def test_an_error_puts_the_threads_back():
    with pytest.raises(RuntimeError), computing_threads(2):
        raise RuntimeError


def test_another_thread_of_the_program_has_a_block_of_its_own():
    with computing_threads(2), ThreadPoolExecutor(1) as pool:
        assert pool.submit(current_threads).result() == 1


def test_the_environment_names_the_threads_where_nobody_else_does(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FREENAS_THREADS", "3")
    assert current_threads() == 3
    with computing_threads(2):
        assert current_threads() == 2


@pytest.mark.parametrize("text", ["0", "5", "-1", "two", "1.5", "9" * 400])
def test_a_wrong_number_in_the_environment_is_named(text: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FREENAS_THREADS", text)
    with pytest.raises(ValueError, match=r"^FREENAS_THREADS: .* is out of range; 1 to 4 on this machine$"):
        current_threads()


@pytest.mark.parametrize("threads", [0, 5, -1, 1.0, True, "2"])
def test_a_wrong_number_is_named(threads: object):
    with pytest.raises(ValueError, match=r"^threads: .* is out of range; 1 to 4 on this machine$"):
        search(tiny("nas-bench-201"), threads=threads)  # type: ignore[arg-type]


Door = Callable[[int | None, Callable[[], None]], object]


def _search(threads: int | None, note: Callable[[], None]) -> object:
    return search(tiny("nas-bench-201"), on_progress=lambda _: note(), threads=threads)


def _flow(threads: int | None, note: Callable[[], None]) -> object:
    return flow("nas-bench-201", [CELL], device="cpu", on_progress=lambda _: note(), threads=threads)


def _measure(threads: int | None, note: Callable[[], None]) -> object:
    setting = MeasureSetting(device="cpu", threads=threads)
    setting.work.on_progress = lambda _: note()
    return MEASURES["flow"].scores(Population.of("nas-bench-201", [CELL]), setting)


def _seeds(threads: int | None, note: Callable[[], None]) -> object:
    return study_seeds(tiny("nas-bench-201"), range(2), Work(lambda _: note()), threads)


def _latency(threads: int | None, note: Callable[[], None]) -> object:
    def times(call: Callable[[], object], setup: object, seconds: float) -> list[float]:
        with computing_threads(setup.threads):  # type: ignore[attr-defined]
            note()
        return [1.0]

    return measure_latency(CELL, size=Size(4, 1), image_size=8, device="cpu", threads=threads, time_call=times)


@pytest.mark.parametrize("door", [_search, _flow, _measure, _seeds, _latency])
@pytest.mark.parametrize(("threads", "taken"), [(None, 1), (2, 2)])
def test_every_door_takes_one_thread_or_as_many_as_asked_for(door: Door, threads: int | None, taken: int):
    noted: list[int] = []
    door(threads, lambda: noted.append(torch.get_num_threads()))
    assert set(noted) == {taken}


def test_a_search_that_is_stopped_puts_the_threads_back():
    with pytest.raises(SearchStopped):
        search(tiny("nas-bench-201"), should_stop=lambda: True, threads=2)


@pytest.mark.slow
def test_a_result_names_the_threads_it_was_computed_with():
    assert search(tiny("nas-bench-201"), threads=2).environment["threads"] == 2


def test_cores_are_those_that_the_process_may_use(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 3, 5}, raising=False)
    assert cores() == 3


def test_a_system_without_affinities_counts_its_processors(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    for count, expected in ((6, 6), (None, 1)):
        monkeypatch.setattr(os, "cpu_count", lambda count=count: count)
        assert cores() == expected
