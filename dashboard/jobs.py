"""Work is done in worker processes of its own; this is their client, shared by all sessions of the server.

A job is queued, runs, and ends done, failed or stopped; pages only look at it. A worker that dies takes the job that
ran with it, and a fresh one takes the queue. A job that no page looks at any more is stopped.
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
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine import Progress
from engine.tasks import Answer, Task

QUEUED, RUNNING, DONE, FAILED, STOPPED = "queued", "running", "done", "failed", "stopped"
_KEPT_ANSWERS = 128
_MAX_QUEUE = 32
_GRACE = 1.0
"""Seconds that a stopped search may take to notice; then its worker is replaced."""
_ABANDONED = 60.0
"""Seconds without a look after which a job is stopped: its page was closed or loaded again."""
_ORPHANED = 1.5
"""Seconds without a look after which another page may take a job over."""
_ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Job:
    """One task under way: `state`, how far it is, what it ended in, and when a page last looked at it."""

    number: int
    task: Task
    state: str = QUEUED
    progress: Progress | None = None
    result: Answer | None = None
    error: str = ""
    seen: float = field(default_factory=time.monotonic)

    @property
    def active(self) -> bool:
        """Whether it is still to end."""
        return self.state in (QUEUED, RUNNING)

    @property
    def abandoned(self) -> bool:
        """Whether no page looks at it any more."""
        return time.monotonic() - self.seen > _ABANDONED


class Answers:
    """The answers computed on this server, the least recently used ones forgotten."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[Task, Answer] = OrderedDict()

    def get(self, task: Task) -> Answer | None:
        """The answer to `task`, if it is known."""
        with self._lock:
            if task in self._known:
                self._known.move_to_end(task)
            return self._known.get(task)

    def put(self, task: Task, answer: Answer) -> None:
        """Keep the answer to `task`."""
        with self._lock:
            self._known[task] = answer
            while len(self._known) > _KEPT_ANSWERS:
                self._known.popitem(last=False)


class Jobs:
    """One worker process and the queue before it."""

    def __init__(self, answers: Answers) -> None:
        self._lock = threading.RLock()
        self._numbers = itertools.count(1)
        self._queue: deque[Job] = deque()
        self._running: Job | None = None
        self._answers = answers
        self._process: subprocess.Popen[str] | None = None
        self.warm = threading.Event()
        self._start()
        atexit.register(self.close)

    def submit(self, task: Task) -> Job:
        """A job for `task`, done at once if its answer is known."""
        with self._lock:
            job = Job(next(self._numbers), task)
            if (known := self._answers.get(task)) is not None:
                job.state, job.result = DONE, known
            elif len(self._queue) >= _MAX_QUEUE:
                job.state, job.error = FAILED, f"{_MAX_QUEUE} others are waiting already; try again in a while."
            else:
                self._queue.append(job)
                if self._process is None:
                    self._start()
                self._next()
            return job

    def orphan(self, task: Task) -> Job | None:
        """A job for `task` that is still to end and that no page has looked at for a while."""
        with self._lock:
            found = [job for job in (self._running, *self._queue) if job is not None and job.task == task]
        return next((job for job in found if job.active and time.monotonic() - job.seen > _ORPHANED), None)

    def position(self, job: Job) -> int:
        """How many jobs are before `job`, the running one included."""
        with self._lock:
            return list(self._queue).index(job) + (self._running is not None) if job in self._queue else 0

    def stop(self, job: Job) -> None:
        """End `job`; one that runs is told to, and if it does not notice its worker is replaced."""
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
            [sys.executable, "-m", "engine.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            cwd=_ROOT,
            start_new_session=True,  # Ctrl-C is for the server, which ends its workers
        )
        self._listener = threading.Thread(target=self._listen, args=[self._process], daemon=True)
        self._listener.start()

    def _next(self) -> None:
        while self._running is None and self._queue and self._process is not None:
            job = self._queue.popleft()
            if job.abandoned:
                job.state = STOPPED
            elif (known := self._answers.get(job.task)) is not None:
                job.state, job.result = DONE, known
            else:
                self._running, job.state = job, RUNNING
                self._send({"run": job.number, "task": job.task.model_dump()})

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
        with self._lock:
            if result is not None:
                self._answers.put(job.task, result)
            if job.active:
                job.result, job.error = result, message.get("error", "")
                job.state = DONE if result is not None else FAILED if job.error else STOPPED
            self._running = None
            self._next()

    def _ended(self, process: subprocess.Popen[str], code: int) -> None:
        """The worker is gone: the job it had fails, a fresh one takes the queue, unless it cannot even start."""
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
        timer = threading.Timer(_GRACE, self._replace_if_running, [job])
        timer.daemon = True
        timer.start()

    def _replace_if_running(self, job: Job) -> None:
        with self._lock:
            if self._running is not job or self._process is None:
                return
            if self.warm.is_set():
                self._process.kill()
            else:  # it is still starting, and will hear of the stop then
                self._replace_later(job)
