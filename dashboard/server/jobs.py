"""The queue of jobs before a worker process, shared by all sessions of the server.

A job is queued, runs, and ends done, failed or stopped; pages only look at it. Places take turns, and owners at each of
them: who has many jobs does not keep another waiting for all of them. A worker that dies takes the job that ran with
it, and a fresh one takes the queue. A job that no page looks at any more is stopped.
"""

from __future__ import annotations

import atexit
import contextlib
import itertools
import json
import logging
import subprocess
import sys
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import fmean, median
from typing import Any

from dashboard.server import limits
from dashboard.server.browser import is_open
from dashboard.server.installation import PACKAGE
from engine import Progress
from engine.common.memory import resident_memory, size_text
from engine.common.tasks import Answer, Task

QUEUED, RUNNING, DONE, FAILED, STOPPED = "queued", "running", "done", "failed", "stopped"
_KEPT_ANSWERS = 128
_MAX_QUEUE, _MAX_PLACE, _MAX_OWN = 64, 32, 8
"""Jobs that may wait in all, those of one place, and those of one owner."""
_REMEMBERED = 1024
"""Owners whose last turn is remembered."""
_TIMED = 16
"""Jobs of a kind whose seconds are remembered."""
_GRACE = 0.8
"""Seconds that a stopped search may take to notice; then its worker is replaced."""
_LOOK = 0.2
"""Seconds between two looks at the memory of a worker and at the clock."""
_ALLOWED = "that this server lets a search or other work take"
_ABANDONED = 60.0
"""Seconds without a page after which a job is stopped: it was closed."""
_ORPHANED = 1.5
"""Seconds without a page after which anybody who asks for the same may take a job over."""


@dataclass
class Job:
    """One task under way: its owner, state and progress, its result or error, and the page that last looked at it.

    The owner is at a `place`, as all browsers of one address are; a login is its own. `warning` is of what went wrong
    besides the task itself. `began` and `seen` are seconds of `time.monotonic`.
    """

    number: int
    task: Task
    owner: str = ""
    place: str = ""
    state: str = QUEUED
    progress: Progress | None = None
    result: Answer | None = None
    error: str = ""
    warning: str = ""
    began: float = 0.0
    page: str = ""
    seen: float = field(default_factory=time.monotonic)

    @property
    def active(self) -> bool:
        """Return True where it is still to end."""
        return self.state in (QUEUED, RUNNING)

    @property
    def unwatched(self) -> float:
        """Return the seconds since a page looked; one that is open does, though its browser lets a hidden tab sleep."""
        if is_open(self.page):
            self.seen = time.monotonic()
        return time.monotonic() - self.seen

    @property
    def abandoned(self) -> bool:
        """Return True where no page looks at it any more."""
        return self.unwatched > _ABANDONED


class AnswerCache:
    """The answers computed on this server, the least recently used ones forgotten."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: OrderedDict[Task, Answer] = OrderedDict()

    def get(self, task: Task) -> Answer | None:
        """Return the answer to `task`, if it is known."""
        with self._lock:
            if task in self._answers:
                self._answers.move_to_end(task)
            return self._answers.get(task)

    def put(self, task: Task, answer: Answer) -> None:
        """Keep the answer to `task`."""
        with self._lock:
            self._answers[task] = answer
            while len(self._answers) > _KEPT_ANSWERS:
                self._answers.popitem(last=False)


class JobQueue:
    """One worker process and the queue of jobs before it.

    `on_answer` is called with every task, answer and owner before the job is done: what it raises becomes a warning.
    `devices` are those that the worker has, the one that `auto` means first, and what they are; none before it is warm.
    """

    def __init__(self, answers: AnswerCache, on_answer: Callable[[Task, Answer, str], None] | None = None) -> None:
        self._lock = threading.RLock()
        self._numbers, self._turns = itertools.count(1), itertools.count(1)
        self._queue: list[Job] = []
        self._running: Job | None = None
        self._served: OrderedDict[str, int] = OrderedDict()
        self._seconds: dict[str, deque[float]] = {}
        self._answers, self._on_answer = answers, on_answer
        self._process: subprocess.Popen[str] | None = None
        self.warm = threading.Event()
        self.devices: Mapping[str, str] = {}
        self._start()
        atexit.register(self.close)

    def submit(self, task: Task, owner: str = "", place: str = "") -> Job:
        """Return a job for `task`: done if its answer is known, failed with the reason if it is refused, or queued."""
        with self._lock:
            job = Job(next(self._numbers), task, owner, place)
            if (answer := self._answers.get(task)) is not None:
                job.state, job.result = DONE, answer
            elif refusal := limits.refusal(task) or self._fullness(owner, place):
                job.state, job.error = FAILED, refusal
            else:
                self._queue.append(job)
                if self._process is None:
                    self._start()
                self._next()
            return job

    def _fullness(self, owner: str, place: str) -> str:
        """Return the reason why no more jobs can wait; nothing if more can."""
        if len(self._queue) >= _MAX_QUEUE:
            return f"{_MAX_QUEUE} others are waiting already; try again in a while."
        if sum(job.owner == owner for job in self._queue) >= _MAX_OWN:
            return f"{_MAX_OWN} of yours are waiting already, which is the most for one browser."
        if sum(job.place == place for job in self._queue) >= _MAX_PLACE:
            return (
                f"{_MAX_PLACE} from your address are waiting already, which is the most for one; try again in a while."
            )
        return ""

    def orphan(self, task: Task) -> Job | None:
        """Return a job for `task` that is still to end and that no page has looked at for a while."""
        with self._lock:
            jobs = [job for job in (self._running, *self._queue) if job is not None and job.task == task]
        return next((job for job in jobs if job.active and job.unwatched > _ORPHANED), None)

    def ahead(self, job: Job) -> tuple[int, float | None]:
        """Return how many jobs are before `job`, the running one included, and their seconds, None if not known."""
        with self._lock:
            if job not in self._queue:
                return 0, None
            ordered = self._order()
            before = ordered[: ordered.index(job)]
            seconds = [self.typical_seconds(earlier.task) for earlier in before]
            if (running := self._running) is not None:
                left = running.progress.left if running.progress is not None else None
                seconds.append(self.typical_seconds(running.task) if left is None else left)
        timed = [typical for typical in seconds if typical is not None]
        return len(seconds), fmean(timed) * len(seconds) if timed else None

    def _order(self) -> list[Job]:
        """Return the queue as it will run: places in turn, the one whose last turn is longest ago first; owners too."""
        served, turn = dict(self._served), max(self._served.values(), default=0)
        ordered, waiting = [], list(self._queue)
        while waiting:
            job = min(waiting, key=lambda job: (served.get(job.place, 0), served.get(job.owner, 0), job.number))
            waiting.remove(job)
            ordered.append(job)
            served[job.place] = served[job.owner] = turn = turn + 1
        return ordered

    def typical_seconds(self, task: Task) -> float | None:
        """Return the median of the seconds that tasks of the same class took, None where there were none."""
        return median(self._seconds[task.duration_class]) if task.duration_class in self._seconds else None

    def stop(self, job: Job) -> None:
        """End `job`; one that runs is sent a stop, and its worker is replaced where it does not notice."""
        with self._lock:
            if job in self._queue:
                self._queue.remove(job)
            elif job is self._running:
                self._send({"stop": job.number})
                self._replace_later(job)
            if job.active:
                job.state = STOPPED

    def close(self) -> None:
        """End the worker process."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            process.kill()
            self._listener.join()
        atexit.unregister(self.close)

    def _start(self) -> None:
        self.warm.clear()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "engine.worker.process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            cwd=PACKAGE.parent,  # where the engine is found, too
            start_new_session=True,  # Ctrl-C is for the server, which ends its workers
        )
        self._listener = threading.Thread(target=self._listen, args=[self._process], daemon=True)
        self._listener.start()

    def _next(self) -> None:
        while self._running is None and self._queue and self._process is not None:
            job = self._order()[0]
            self._queue.remove(job)
            if job.abandoned:
                job.state = STOPPED
            elif (answer := self._answers.get(job.task)) is not None:
                job.state, job.result = DONE, answer
            else:
                self._run(job)

    def _run(self, job: Job) -> None:
        self._running, job.state, job.began = job, RUNNING, time.monotonic()
        turn = next(self._turns)
        for name in (job.place, job.owner):
            self._served[name] = turn
            self._served.move_to_end(name)
        while len(self._served) > _REMEMBERED:
            self._served.popitem(last=False)
        self._send({"run": job.number, "task": job.task.model_dump()})
        threading.Thread(target=self._guard, args=[job, self._process], daemon=True).start()

    def _guard(self, job: Job, process: subprocess.Popen[str]) -> None:
        """End a job that takes longer, or whose worker takes more memory, than the server allows."""
        longest, most = limits.longest_search(), limits.most_memory()
        while job is self._running and job.active:
            if resident_memory(process.pid) > most:
                reached = f"at {size_text(most)} of memory, the most {_ALLOWED} (FREENAS_MAX_MEMORY)"
                self._fail(job, reached, at_once=True)
            elif time.monotonic() - job.began > longest:
                self._fail(job, f"after {longest:g} seconds, the most {_ALLOWED} (FREENAS_MAX_SECONDS)")
            time.sleep(_LOOK)

    def _fail(self, job: Job, reached: str, *, at_once: bool = False) -> None:
        """End a job, if it still runs, for the bound that it reached, `at_once` with its worker."""
        with self._lock:
            if job is self._running and job.active:
                job.error, job.state = f"it was ended {reached}.", FAILED
                if at_once:
                    self._replace()
                else:
                    self.stop(job)

    def _send(self, message: dict[str, Any]) -> None:
        if self._process is not None and self._process.stdin is not None:
            with contextlib.suppress(OSError):  # the worker has died; the thread that listens to it deals with that
                self._process.stdin.write(json.dumps(message) + "\n")
                self._process.stdin.flush()

    def _listen(self, process: subprocess.Popen[str]) -> None:
        with process:  # closes its pipes and waits for its end
            try:
                for line in process.stdout or ():
                    self._receive(json.loads(line))
            except (ValueError, KeyError, TypeError):  # a message cut short by the end of its process, or no message
                logging.getLogger(__name__).exception("the worker process sent what cannot be read")
            process.kill()
        self._ended(process, process.returncode)

    def _receive(self, message: dict[str, Any]) -> None:
        if "ready" in message:
            self.devices = message["devices"]
            self.warm.set()
            return
        with self._lock:
            job = self._running
        if job is None or job.number != message["id"]:
            return
        if "progress" in message:
            job.progress = Progress(*message["progress"])
            if job.abandoned:
                self.stop(job)
            return
        result = job.task.answer.from_json(message["result"]) if "result" in message else None
        if result is not None:
            self._keep(job, result)
        with self._lock:
            if result is not None:
                self._answers.put(job.task, result)
                seconds = self._seconds.setdefault(job.task.duration_class, deque(maxlen=_TIMED))
                seconds.append(time.monotonic() - job.began)
            if job.active:
                job.result, job.error = result, message.get("error", "")
                job.state = DONE if result is not None else FAILED if job.error else STOPPED
            if job is self._running:
                self._running = None
                self._next()

    def _keep(self, job: Job, result: Answer) -> None:
        """Hand an answer on before its job is done, so that nobody hears of one that could still be lost."""
        if self._on_answer is not None:
            try:
                self._on_answer(job.task, result, job.owner)
            except Exception as error:  # whatever it was, the answer is there
                logging.getLogger(__name__).exception("an answer could not be kept")
                job.warning = str(error)

    def _ended(self, process: subprocess.Popen[str], code: int) -> None:
        """Fail the job of a worker that is gone; a fresh one takes the queue, unless a worker cannot even start."""
        with self._lock:
            if process is not self._process:
                return
            lost = [self._running] if self._running is not None else []
            reason = f"the worker process ended unexpectedly (exit status {code}; often: out of memory)."
            if not self.warm.is_set():
                lost += self._queue
                self._queue.clear()
                reason = f"the worker process does not start (exit status {code}); see the server's log."
            for job in lost:
                if job.active:
                    job.state, job.error = FAILED, reason
            self._running = self._process = None
            if self.warm.is_set():
                self._start()
                self._next()

    def _replace_later(self, job: Job) -> None:
        _later(_GRACE, self._replace_if_running, job)

    def _replace_if_running(self, job: Job) -> None:
        with self._lock:
            if self._running is not job or self._process is None:
                return
            if self.warm.is_set():
                self._replace()
            else:  # it is still starting, and will hear of the stop then
                self._replace_later(job)

    def _replace(self) -> None:
        """End the worker, and have a fresh one take the queue; what the old one still says is of no job."""
        if self._process is not None:
            self._process.kill()
        self._running = None
        self._start()
        self._next()


def _later(seconds: float, call: Callable[..., None], *arguments: Any) -> threading.Timer:
    timer = threading.Timer(seconds, call, arguments)
    timer.daemon = True
    timer.start()
    return timer
