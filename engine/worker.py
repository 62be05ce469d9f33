"""A process that searches: JSON lines in, JSON lines out, torch warm.

In, one object a line: `{"run": ID, "config": {…}}` asks for a search, with `"seeds": N` for a study of the seeds 0 to
N - 1; `{"stop": ID}` ends it. Out: `{"ready": true}` once, then `{"id": ID, "progress": [done, total, seconds]}`, and
last `{"id": ID, "result": "…"}` (JSON text), `{"id": ID, "stopped": true}` or `{"id": ID, "error": "one sentence"}`.
The process ends when its input does.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, NoReturn, TextIO

from engine import DeviceMemoryExhausted, NonFiniteScores, Progress, SearchConfig, SearchStopped, explain, search
from engine.environment import default_threads
from engine.study import study_seeds


def serve(lines: TextIO, emit: Callable[[dict[str, Any]], None]) -> NoReturn:
    """Answer the requests in `lines`, one after the other; the process ends when they do."""
    requests: SimpleQueue[dict[str, Any]] = SimpleQueue()
    stopped: set[int] = set()

    def read() -> None:
        for line in lines:
            message = json.loads(line)
            if "stop" in message:
                stopped.add(message["stop"])
            else:
                requests.put(message)
        os._exit(0)  # who asked is gone: a search under way is for nobody

    threading.Thread(target=read, daemon=True).start()
    while True:
        request = requests.get()
        identifier = request["run"]
        emit({"id": identifier, **answer(request, stopped, emit)})
        stopped.discard(identifier)


def answer(request: dict[str, Any], stopped: set[int], emit: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """What one request ends in; nothing that happens in it ends the process."""
    identifier = request["run"]

    def report(progress: Progress) -> None:
        emit({"id": identifier, "progress": [progress.done, progress.total, progress.elapsed]})

    try:
        config = SearchConfig.model_validate(request["config"])
        hooks: dict[str, Any] = {"on_progress": report, "should_stop": lambda: identifier in stopped}
        if "seeds" in request:
            return {"result": study_seeds(config, range(request["seeds"]), **hooks).to_json()}
        return {"result": search(config, **hooks).to_json()}
    except SearchStopped:
        return {"stopped": True}
    except ValueError as error:
        return {"error": explain(error)}
    except (NonFiniteScores, DeviceMemoryExhausted) as error:
        return {"error": str(error)}
    except Exception as error:  # the page must hear of it, whatever it was
        return {"error": f"the search failed: {type(error).__name__}: {error}"}


def main() -> None:
    """Serve standard input on standard output; whatever else prints goes to standard error."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def emit(message: dict[str, Any]) -> None:
        out.write(json.dumps(message, separators=(",", ":")) + "\n")
        out.flush()

    import torch

    import engine.supernet  # noqa: F401  (imported here, so that the first search does not wait for it)

    torch.set_num_threads(default_threads())
    emit({"ready": True})
    serve(sys.stdin, emit)


if __name__ == "__main__":
    main()
