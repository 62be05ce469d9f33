"""The jobs of a session: one in each role, put to the workers that all sessions of the server share.

A page that is loaded again is another session to the server: it takes over the jobs of the one before.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import streamlit as st

from dashboard.server import run_store
from dashboard.server.browser import browser, is_open, page, place
from dashboard.server.jobs import DONE, FAILED, QUEUED, STOPPED, AnswerCache, Job, JobQueue
from dashboard.server.state import state
from engine import SearchConfig
from engine.common.tasks import Answer, Task
from engine.searches.search import SearchTask
from engine.studies.seeds import SeedsTask, closed_form

SEARCHING, PREVIEWING, STUDYING = "search", "preview", "study"
CHARTING, READING, WEIGHING, COMPARING, IMPORTING = "atlas", "table", "evidence", "comparison", "import"
LONG, QUICK, FILES = "long", "quick", "files"
"""The workers: for what takes its time, for what answers at once, for files that people bring."""
_WORKERS = {
    **dict.fromkeys((SEARCHING, STUDYING, WEIGHING, COMPARING), LONG),
    **dict.fromkeys((PREVIEWING, CHARTING), QUICK),
    **dict.fromkeys((READING, IMPORTING), FILES),
}
"""The roles of jobs that a session can have, one of each, and their workers."""


@dataclass
class SessionJobs:
    """The last job of a session in each role, and those whose end a page has seen."""

    last: dict[str, Job] = field(default_factory=dict)
    seen_to_end: dict[str, Job] = field(default_factory=dict)


class JobsOfPages:
    """The jobs of all sessions and their roles, until a page has seen their end, or their pages are gone for good."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: list[tuple[str, Job]] = []

    def add(self, role: str, job: Job) -> None:
        """Take note of a job."""
        with self._lock:
            self._jobs = [(role, job), *(pair for pair in self._jobs if pair[1] is not job and not pair[1].abandoned)]

    def remove(self, job: Job) -> None:
        """Let go of a job."""
        with self._lock:
            self._jobs = [pair for pair in self._jobs if pair[1] is not job]

    def of_browser(self, owner: str) -> list[tuple[str, Job]]:
        """Return the jobs of a browser and their roles, the last one first."""
        return [(role, job) for role, job in self._jobs if job.owner == owner and not job.abandoned]


@st.cache_resource(show_spinner=False)
def jobs_of_pages() -> JobsOfPages:
    """Return the jobs of the pages of this server."""
    return JobsOfPages()


@st.cache_resource(show_spinner=False)
def answer_cache() -> AnswerCache:
    """Return the cache of what was computed on this server."""
    return AnswerCache()


@st.cache_resource(show_spinner=False)
def job_queue(worker: str = LONG, device: str | None = None) -> JobQueue:
    """Return the queue before a worker.

    Those of `LONG` and `QUICK` are warm from the first visit on, others start when they are needed. One that is asked
    for with a device is for the work on this device alone, beside the one that `auto` means.
    """
    return JobQueue(answer_cache(), run_store.keep_run if worker == LONG else None)


def worker_devices() -> Mapping[str, str]:
    """Return the devices of this server and what they are, the one that `auto` means first; none while it starts."""
    return job_queue().devices


def _queue_for(role: str, task: Task) -> JobQueue:
    main = job_queue(_WORKERS[role])
    config = getattr(task, "config", None)
    device = config.device if isinstance(config, SearchConfig) else getattr(task, "device", "auto")
    device = f"{device}:0" if device == "cuda" else device
    return job_queue(_WORKERS[role], device) if device in [*main.devices][1:] else main


def job(role: str = SEARCHING) -> Job | None:
    """Return this session's last job in a role."""
    return state(SessionJobs).last.get(role)


def active_jobs() -> dict[str, Job]:
    """Return this session's jobs that are still to end, by role."""
    return {role: last for role in _WORKERS if (last := job(role)) is not None and last.active}


def unwatched_jobs() -> dict[str, Job]:
    """Return this session's jobs whose end no page has seen yet, by role; one may end while the page is drawn."""
    seen = state(SessionJobs).seen_to_end
    return {role: last for role in _WORKERS if (last := job(role)) is not None and seen.get(role) is not last}


def mark_seen(role: str, ended: Job) -> None:
    """Remember that a page has seen a job end."""
    _keep_known_run(role, ended)
    jobs_of_pages().remove(ended)
    state(SessionJobs).seen_to_end[role] = ended


def queue_position(role: str, waiting: Job) -> tuple[int, float | None]:
    """Return how many jobs are before `waiting`, and the seconds they will take, None where that is not known."""
    return _queue_for(role, waiting.task).ahead(waiting)


def typical_seconds(role: str, task: Task) -> float | None:
    """Return the seconds that tasks like this one took on this server, None where there were none."""
    return _queue_for(role, task).typical_seconds(task)


def worker_is_warm(role: str, current: Job) -> bool:
    """Return True where the worker of a job has started."""
    return _queue_for(role, current.task).warm.is_set()


def start(task: Task, role: str = SEARCHING) -> None:
    """Put a task to the worker of a role, or take over the job that lost its page.

    The session's job in that role is ended.
    """
    stop(role)
    queue = _queue_for(role, task)
    begun = queue.orphan(task) or queue.submit(task, browser(), place())
    _keep_known_run(role, begun)
    _take(role, begun)


def look_at(job: Job) -> None:
    """Remember that the page of this session shows a job."""
    job.seen, job.page = time.monotonic(), page()


def _take(role: str, job: Job) -> None:
    look_at(job)
    state(SessionJobs).last[role] = job
    jobs_of_pages().add(role, job)


def adopt_orphans() -> bool:
    """Take over the jobs of this browser whose page is gone; return True where there are any."""
    orphans = [(role, job) for role, job in _adoptable() if not is_open(job.page)]
    for role, orphan in orphans:
        stop(role)
        _take(role, orphan)
    return bool(orphans)


def may_adopt() -> bool:
    """Return True where other pages of this browser have jobs that this one would take over if they were gone."""
    return bool(_adoptable())


def _adoptable() -> list[tuple[str, Job]]:
    """Return the last job of this browser in every role that lasts and in which this session has none of its own.

    One that waits behind the same task is as none.
    """
    last = state(SessionJobs).last
    jobs = {role: job for role, job in reversed(jobs_of_pages().of_browser(browser())) if role != PREVIEWING}
    return [
        (role, job)
        for role, job in jobs.items()
        if (own := last.get(role)) is None or (own is not job and own.state == QUEUED and own.task == job.task)
    ]


def _keep_known_run(role: str, ended: Job) -> None:
    """Keep the result of a search that was known already, from a preview, as a run, unless it is one."""
    if _WORKERS[role] == LONG and ended.state == DONE and not ended.began:
        ended.warning = run_store.keep_run_or_explain(ended.task, ended.result, browser())


def stop(role: str = SEARCHING) -> None:
    """End this session's job in a role, and have its page see that at once; what is on the page stays."""
    if (current := job(role)) is not None and current.active:
        _queue_for(role, current.task).stop(current)
        state(SessionJobs).seen_to_end[role] = current
        jobs_of_pages().remove(current)


def search_task(config: SearchConfig) -> SearchTask:
    """Return the search that answers a question."""
    return SearchTask(config=config)


def preview_task(config: SearchConfig) -> SearchTask:
    """Return the preview of a question, in the closed form where it has one."""
    return SearchTask(config=closed_form(config))


def seeds_task(config: SearchConfig, seeds: int) -> SeedsTask:
    """Return the study of a question under the seeds 0 to `seeds` - 1."""
    return SeedsTask(config=closed_form(config).model_copy(update={"seed": 0}), seeds=seeds)


def failure(role: str, task: Task) -> str:
    """Return the error of this session's last job in a role, if it was `task` and ended in one; else nothing."""
    current = job(role)
    return current.error if current is not None and current.state == FAILED and current.task == task else ""


def was_stopped(role: str, task: Task) -> bool:
    """Return True where this session's last job in a role was `task`, and its page stopped it."""
    current = job(role)
    stopped = current is not None and current.state == STOPPED and current.task == task
    return stopped and role not in unwatched_jobs()


def warning(role: str, task: Task) -> str:
    """Return the warning of this session's last job in a role, if it was `task`; else nothing."""
    current = job(role)
    if current is None or current.task != task:
        return ""
    return run_store.pending_sentence(current.result) or current.warning


def known_answer(task: Task) -> Answer | None:
    """Return the answer to a task, if it is known."""
    return answer_cache().get(task)
