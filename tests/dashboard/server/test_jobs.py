"""The client of the worker, with the real worker process."""

import json
import time

import pytest

from dashboard.server import jobs as module
from dashboard.server.jobs import DONE, FAILED, QUEUED, RUNNING, STOPPED, AnswerCache, JobQueue
from engine import SearchConfig, search
from engine.common.environment import devices, processor
from engine.common.memory import resident_memory
from engine.searches.search import SearchTask
from engine.studies.seeds import SeedsTask
from tests.waiting import PATIENCE, until

json_loads = json.loads

SMALL = {"channels": 4, "image_size": 8, "cells": 1}
LONG = SearchTask(config=SearchConfig(space="darts"))


def small(seed, seeds=0):
    config = SearchConfig(seed=seed, **SMALL)
    return SeedsTask(config=config, seeds=seeds) if seeds else SearchTask(config=config)


@pytest.fixture(scope="module")
def answers():
    return AnswerCache()


@pytest.fixture(scope="module")
def jobs(answers):
    client = JobQueue(answers)
    assert client.warm.wait(PATIENCE)
    yield client
    client.close()


def wait(job):
    until(lambda: not job.active)
    return job


@pytest.mark.slow
def test_a_job_ends_in_what_the_engine_gives_and_is_answered_from_the_cache_then(jobs):
    question = small(1)
    job = wait(jobs.submit(question))
    assert job.state == DONE
    assert job.progress.done == job.progress.total == 19
    expected = search(question.config)
    assert job.result.genotype == expected.genotype
    assert job.result.shares["cell"] == pytest.approx(expected.shares["cell"], rel=1e-4)
    again = jobs.submit(question)
    assert again.state == DONE
    assert again.progress is None
    assert again.result is job.result


def test_a_study_of_seeds_is_a_job_of_its_own(jobs, answers):
    job = wait(jobs.submit(small(0, seeds=3)))
    assert job.state == DONE
    assert job.result.seeds == (0, 1, 2)
    assert job.progress.total == 3
    assert answers.get(small(0)) is None


def test_a_search_without_a_result_gives_a_sentence(jobs):
    job = wait(jobs.submit(SearchTask(config=SearchConfig(normalisation="batch", alpha="ones", cells=20))))
    assert job.state == FAILED
    assert "the scores are not numbers" in job.error
    assert job.result is None


def test_stop_ends_a_running_job_and_the_next_one_runs(jobs, answers):
    job = jobs.submit(LONG)
    until(lambda: job.progress is not None and job.progress.done > 0)
    jobs.stop(job)
    assert job.state == STOPPED
    following = wait(jobs.submit(small(2)))
    assert following.state == DONE
    assert answers.get(LONG) is None, "it was not waited for"


@pytest.mark.slow
def test_a_worker_that_is_still_starting_is_given_its_time():
    client = JobQueue(AnswerCache())
    first = client.submit(LONG)
    client.stop(first)
    assert wait(client.submit(small(6))).state == DONE
    client.close()


def test_a_waiting_job_knows_its_place_and_can_be_withdrawn(jobs):
    first, second, third = jobs.submit(LONG), jobs.submit(LONG), jobs.submit(small(3))
    assert (first.state, second.state, third.state) == (RUNNING, QUEUED, QUEUED)
    assert (jobs.ahead(second)[0], jobs.ahead(third)[0]) == (1, 2)
    jobs.stop(second)
    assert second.state == STOPPED
    assert jobs.ahead(third)[0] == 1
    jobs.stop(first)
    assert wait(third).state == DONE


@pytest.mark.slow
def test_a_worker_that_dies_takes_only_the_job_it_had(jobs):
    first, second = jobs.submit(LONG), jobs.submit(small(4))
    until(lambda: first.progress is not None)
    jobs._process.kill()
    assert wait(first).state == FAILED
    assert "ended unexpectedly" in first.error
    assert wait(second).state == DONE


@pytest.mark.slow
def test_a_worker_that_does_not_hear_the_stop_is_replaced(jobs, monkeypatch):
    monkeypatch.setattr(module, "_GRACE", 0.1)
    job = jobs.submit(LONG)
    until(lambda: job.progress is not None)
    process = jobs._process
    monkeypatch.setattr(jobs, "_send", lambda message: None)
    jobs.stop(job)
    monkeypatch.undo()
    until(lambda: jobs._process is not process and jobs.warm.is_set())
    assert job.state == STOPPED
    assert wait(jobs.submit(small(5))).state == DONE


@pytest.mark.slow
def test_a_worker_that_is_replaced_takes_no_other_job_with_it(jobs):
    until(jobs.warm.is_set)
    first, second = jobs.submit(LONG), jobs.submit(small(63))
    with jobs._lock:
        jobs._replace_if_running(first)
        jobs._receive({"id": first.number, "stopped": True})  # it noticed the stop just then
    assert wait(second).state == DONE


@pytest.mark.slow
def test_a_job_that_is_stopped_while_its_answer_is_kept_ends_no_other(jobs, monkeypatch):
    until(jobs.warm.is_set)
    first, second = jobs.submit(SearchTask(config=SearchConfig(space="darts", seed=1))), jobs.submit(small(64))
    answer = search(small(65).config)
    monkeypatch.setattr(jobs, "_on_answer", lambda *_: (jobs.stop(first), jobs._replace_if_running(first)))
    jobs._receive({"id": first.number, "result": answer.to_json()})
    monkeypatch.undo()
    assert first.state == STOPPED
    assert second.state in (RUNNING, DONE)
    assert jobs._running is second
    assert wait(second).state == DONE


def test_the_queue_is_bounded(jobs, monkeypatch):
    monkeypatch.setattr(module, "_MAX_QUEUE", 1)
    running, waiting, refused = (jobs.submit(LONG) for _ in range(3))
    assert refused.state == FAILED
    assert "waiting already" in refused.error
    jobs.stop(waiting)
    jobs.stop(running)


def test_browsers_take_turns(jobs):
    running = jobs.submit(LONG, "first")
    until(lambda: running.state == RUNNING)
    many = [jobs.submit(small(30 + index), "first") for index in range(4)]
    one, another = jobs.submit(small(40), "second"), jobs.submit(small(41), "third")
    assert [jobs.ahead(job)[0] for job in (one, another, *many)] == [1, 2, 3, 4, 5, 6]
    late = jobs.submit(small(42), "second")
    assert [jobs.ahead(job)[0] for job in (one, another, many[0], late, many[1])] == [1, 2, 3, 4, 5]
    jobs.stop(running)
    assert all(wait(job).state == DONE for job in (*many, one, another, late))
    began = sorted((*many, one, another, late), key=lambda job: job.began)
    assert [job.owner for job in began] == ["second", "third", "first", "second", "first", "first", "first"]


def test_one_browser_leaves_room_for_others(jobs, monkeypatch):
    monkeypatch.setattr(module, "_MAX_OWN", 2)
    own = [jobs.submit(LONG, "first") for _ in range(4)]
    other = jobs.submit(small(50), "second")
    assert own[3].state == FAILED
    assert "2 of yours are waiting" in own[3].error
    for job in own[:3]:
        jobs.stop(job)
    assert wait(other).state == DONE


def test_one_address_with_many_cookies_leaves_room_and_turns_for_others(jobs):
    """A cookie costs nothing, an address does."""
    running = jobs.submit(LONG, "cookie", "there")
    forged = [jobs.submit(LONG, f"cookie {number}", "there") for number in range(57)]
    honest = [jobs.submit(small(80 + number), "honest", "here") for number in range(2)]
    accepted = [job for job in forged if job.state == QUEUED]
    assert len(accepted) == 32
    assert "32 from your address are waiting already" in forged[-1].error
    assert [jobs.ahead(job)[0] for job in (*honest, accepted[0], accepted[1])] == [1, 3, 2, 4]
    for job in (*accepted, running):
        jobs.stop(job)
    assert all(wait(job).state == DONE for job in honest)


@pytest.mark.slow
def test_the_wait_is_told_from_what_took_as_long_before(jobs, monkeypatch):
    monkeypatch.setattr(jobs, "_seconds", {})
    begun = time.monotonic()
    shortest = min(wait(jobs.submit(small(seed))).progress.elapsed for seed in (51, 52))
    longest = time.monotonic() - begun
    running = jobs.submit(LONG)
    until(lambda: running.progress is not None and running.progress.left is not None)
    first, second = jobs.submit(small(53)), jobs.submit(small(54))
    monkeypatch.setattr(jobs, "_receive", lambda message: None)
    (_, before_first), (_, before_second) = jobs.ahead(first), jobs.ahead(second)
    assert before_first == running.progress.left
    assert shortest <= before_second - before_first <= longest
    assert jobs.ahead(running) == (0, None)
    monkeypatch.undo()
    jobs.stop(running)
    assert wait(second).state == DONE


@pytest.mark.slow
def test_an_answer_is_handed_on_before_the_job_is_done():
    kept = []

    def keep(task, answer, owner):
        kept.append((task, answer, job.state))
        if task == small(1):
            raise OSError("no room left")

    client = JobQueue(AnswerCache(), on_answer=keep)
    job = client.submit(small(0))
    wait(job)
    assert kept == [(small(0), job.result, RUNNING)]
    job = client.submit(small(1))
    wait(job)
    assert (job.state, job.warning) == (DONE, "no room left")
    client.submit(small(1))
    client.close()
    assert len(kept) == 2


def test_what_takes_longer_than_the_server_allows_is_ended(jobs, monkeypatch):
    monkeypatch.setenv("FREENAS_MAX_SECONDS", "0.3")
    job = wait(jobs.submit(LONG))
    assert job.state == FAILED
    assert "0.3 seconds" in job.error
    monkeypatch.undo()
    assert wait(jobs.submit(small(60))).state == DONE


@pytest.mark.slow
def test_a_worker_that_takes_too_much_memory_is_replaced_and_other_jobs_go_on(jobs, monkeypatch):
    until(jobs.warm.is_set)
    process = jobs._process
    monkeypatch.setenv("FREENAS_MAX_MEMORY", f"{resident_memory(process.pid) // 10**6 + 150} MB")
    large = jobs.submit(SearchTask(config=SearchConfig(space="darts", channels=64, cells=20)))
    following = jobs.submit(small(62))
    assert wait(large).state == FAILED
    assert " MB of memory, the most that this server lets a search or other work take (FREENAS_MAX_MEM" in large.error
    monkeypatch.undo()
    assert wait(following).state == DONE
    assert jobs._process is not process


def test_what_the_server_does_not_do_is_refused(jobs, monkeypatch):
    monkeypatch.setenv("FREENAS_READ_ONLY", "1")
    assert "read-only" in jobs.submit(small(61)).error
    assert jobs.submit(small(60)).state == DONE


def test_the_worker_tells_its_devices(jobs):
    assert jobs.devices["cpu"] == processor()
    assert [*jobs.devices] == devices()


def test_the_answers_are_bounded(monkeypatch):
    monkeypatch.setattr(module, "_KEPT_ANSWERS", 2)
    answers, result = AnswerCache(), search(small(0).config)
    for seed in (10, 11, 12):
        answers.put(small(seed), result)
        answers.get(small(10))
    assert [answers.get(small(seed)) is not None for seed in (10, 11, 12)] == [True, False, True]


def test_the_same_question_in_flight_is_computed_once(jobs):
    first, second = jobs.submit(small(20)), jobs.submit(small(20))
    assert wait(second).result is wait(first).result
    assert second.progress is None


def test_a_job_that_nobody_looks_at_is_stopped(jobs, monkeypatch):
    monkeypatch.setattr(module, "_ABANDONED", 0.0)
    running, waiting = jobs.submit(LONG), jobs.submit(small(21))
    assert wait(running).state == STOPPED
    assert wait(waiting).state == STOPPED


def test_a_job_is_an_orphan_once_no_page_has_looked_at_it_for_a_while(jobs):
    job = jobs.submit(LONG)
    assert jobs.orphan(LONG) is None
    job.seen -= 2
    assert jobs.orphan(LONG) is job
    assert jobs.orphan(small(22)) is None
    jobs.stop(job)
    assert jobs.orphan(LONG) is None


def test_a_page_that_is_open_looks_though_it_does_not_ask(jobs, monkeypatch):
    """Browsers let hidden tabs sleep for a minute."""
    job = jobs.submit(LONG)
    job.seen -= 1000
    job.page = "hidden tab"
    monkeypatch.setattr(module, "is_open", lambda page: page == "hidden tab")
    assert not job.abandoned
    assert jobs.orphan(LONG) is None
    monkeypatch.undo()
    assert not job.abandoned
    job.seen -= 1000
    assert job.abandoned
    jobs.stop(job)


@pytest.mark.slow
def test_a_message_cut_short_fails_the_job_and_not_the_server(jobs, monkeypatch):
    job = jobs.submit(LONG)
    until(lambda: job.progress is not None)
    receive = jobs._receive
    monkeypatch.setattr(module.json, "loads", lambda line: json_loads(line[: len(line) // 2]))
    assert wait(job).state == FAILED
    monkeypatch.undo()
    assert jobs._receive == receive
    assert wait(jobs.submit(small(22))).state == DONE


@pytest.mark.slow
def test_a_worker_ends_with_its_input():
    client = JobQueue(AnswerCache())
    assert client.warm.wait(PATIENCE)
    job = client.submit(LONG)
    until(lambda: job.progress is not None)
    process = client._process
    process.stdin.close()
    assert process.wait(PATIENCE) == 0
    client.close()
