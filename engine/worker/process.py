"""The worker process, which does tasks with torch loaded: JSON lines in, JSON lines out.

In, one object a line: `{"run": ID, "task": {…}}` asks for a task (see `engine.worker.tasks`), `{"stop": ID}` ends it.
Out: `{"ready": true, "devices": {DEVICE: NAME}}` once, with the devices of this machine and what they are, then
`{"id": ID, "progress": [done, total, seconds, seconds left]}`, and last `{"id": ID, "result": "…"}` (JSON text),
`{"id": ID, "stopped": true}` or `{"id": ID, "error": "one sentence"}`. The process ends when its input does.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import astuple
from queue import SimpleQueue
from typing import Any, NoReturn, TextIO

from engine.common.environment import device_name, devices
from engine.common.errors import DeviceMemoryExhausted, NonFiniteScores, ProcessDied, SearchStopped, explain
from engine.common.processes import computing_processes, default_processes
from engine.common.threads import computing_threads, cores
from engine.common.work import Progress, Work
from engine.worker.tasks import read_task


def serve(lines: TextIO, emit: Callable[[dict[str, Any]], None]) -> NoReturn:
    """Answer the requests in `lines`, one after the other, and end the process when they end."""
    requests: SimpleQueue[dict[str, Any]] = SimpleQueue()
    stopped: set[int] = set()

    def read() -> None:
        for line in lines:
            message = json.loads(line)
            if "stop" in message:
                stopped.add(message["stop"])
            else:
                requests.put(message)
        os._exit(0)  # the other side is gone: a search under way is for nobody

    threading.Thread(target=read, daemon=True).start()
    while True:
        request = requests.get()
        identifier = request["run"]
        emit({"id": identifier, **respond(request, stopped, emit)})
        stopped.discard(identifier)


def respond(request: dict[str, Any], stopped: set[int], emit: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Do the task of a request and return the last message on it; no error in it ends the process.

    Independent work takes half of the cores, since two workers of the dashboard compute.
    """
    identifier = request["run"]

    def report(progress: Progress) -> None:
        emit({"id": identifier, "progress": astuple(progress)})

    try:
        task = read_task(request["task"])
        with computing_threads(), computing_processes(default_processes(cores() // 2)):
            return {"result": task.run(Work(report, lambda: identifier in stopped)).to_json()}
    except SearchStopped:
        return {"stopped": True}
    except ValueError as error:
        return {"error": explain(error)}
    except (NonFiniteScores, DeviceMemoryExhausted, ProcessDied) as error:
        return {"error": str(error)}
    except MemoryError:
        return {"error": "the work needs more memory than there is"}
    except Exception as error:  # the page must hear of it, whatever it was
        return {"error": f"the work failed: {type(error).__name__}: {error}"}


def main() -> None:
    """Serve standard input on standard output; everything else that prints goes to standard error."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def emit(message: dict[str, Any]) -> None:
        try:
            out.write(json.dumps(message, separators=(",", ":")) + "\n")
            out.flush()
        except BrokenPipeError:  # the other side is gone
            os._exit(0)

    import engine.supernets.supernet  # noqa: F401  (so that the first search does not wait for it)

    emit({"ready": True, "devices": {device: device_name(device) for device in devices()}})
    serve(sys.stdin, emit)


if __name__ == "__main__":
    main()
