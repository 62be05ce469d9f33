"""Many people at one server for a while: `python -m bench.load [--sessions 25] [--minutes 5] [--searches 1000]`.

Every session speaks Streamlit's own protocol to a real server: it opens pages, asks for other seeds (each of which the
server answers with a preview), now and then searches, and thinks between two acts. Told are the seconds from an act to
the end of the script run that shows it (the page reacts), those from the act to its answer, errors, and the memory of
the server with its workers once everybody is there and at the end. A soak of searches in one worker follows.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from bench.server import Server, served
from bench.table import Row, parser, report
from dashboard.server.jobs import DONE, AnswerCache, JobQueue
from engine import SearchConfig
from engine.searches.search import SearchTask

THINKING = (5.0, 11.0)
"""Seconds between two acts of a session."""
ACTS = {"seed": 70, "search": 10, "page": 20}
"""What a session does, and how often."""
PAGES = ("", "", "atlas", "viewer", "how_it_works", "evidence", "compare", "runs")
_LARGEST_MESSAGE = 2**27
_PATIENCE = 60.0
_SETTLING = 60.0
"""Seconds until everybody is there and has seen some pages."""
_PROTOCOL = Subprotocol("streamlit")


@dataclass
class Seconds:
    """What was measured: reactions and answers by kind of act, and what went wrong."""

    reactions: dict[str, list[float]] = field(default_factory=dict)
    answers: dict[str, list[float]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def note(self, act: str, reaction: float, answer: float) -> None:
        """Remember one act."""
        self.reactions.setdefault(act, []).append(reaction)
        self.answers.setdefault(act, []).append(answer)


class Session:
    """One browser tab: its widgets, and the fragments that ask to be run again."""

    def __init__(self, socket: ClientConnection, seconds: Seconds) -> None:
        self.socket, self.seconds = socket, seconds
        self.widgets: dict[str, str] = {}
        self.repeats: dict[str, float] = {}
        self.states: dict[str, WidgetState] = {}
        self.pages: dict[str, str] = {}
        self.page, self.query = "", ""

    async def act(self, name: str, *, page: str | None = None, query: str | None = None, **widgets: Any) -> None:
        """Change something, and wait for what the page shows of it and for the end of what it asked for."""
        if page is not None and page != self.page:
            self.page, self.widgets, self.states = page, {}, {}
        self.query = self.query if query is None else query
        for key, value in widgets.items():
            state = WidgetState(id=self.widgets[key])
            setattr(state, "trigger_value" if value is True else "int_value", value)
            self.states[key] = state
        started = time.perf_counter()
        await self._run()
        reacted = time.perf_counter() - started
        self.states.pop(name, None)
        while self.repeats and time.perf_counter() - started < _PATIENCE:
            fragment, interval = min(self.repeats.items(), key=lambda each: each[1])
            await asyncio.sleep(interval)
            await self._run(fragment)
        self.seconds.note(name, reacted, time.perf_counter() - started)

    async def _run(self, fragment: str = "") -> None:
        """One run of the page, or of a fragment of it, to its end; one that has the page run again ends with that."""
        message = BackMsg()
        client = message.rerun_script
        client.query_string, client.page_script_hash = self.query, self.pages.get(self.page, "")
        client.widget_states.widgets.extend(self.states.values())
        if fragment:
            client.fragment_id, client.is_auto_rerun = fragment, True
        else:
            self.repeats.clear()
        await self.socket.send(message.SerializeToString())
        while await self._receive() == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            self.repeats.clear()

    async def _receive(self) -> int:
        """Read until a script run ends; how it ended."""
        while True:
            data = await asyncio.wait_for(self.socket.recv(), _PATIENCE)
            message = ForwardMsg.FromString(data if isinstance(data, bytes) else data.encode())
            match message.WhichOneof("type"):
                case "navigation":
                    self.pages = {each.url_pathname: each.page_script_hash for each in message.navigation.app_pages}
                case "auto_rerun":
                    self.repeats[message.auto_rerun.fragment_id] = message.auto_rerun.interval
                case "delta":
                    self._look(message.delta)
                case "script_finished":
                    return int(message.script_finished)

    def _look(self, delta: Delta) -> None:
        element = delta.new_element
        match element.WhichOneof("type"):
            case "exception":
                self.seconds.errors.append(element.exception.message[:200])
            case "number_input" | "button" as kind:
                identifier = getattr(element, kind).id
                self.widgets[identifier.rpartition("-")[2]] = identifier


async def _visit(server: Server, number: int, until: float, seconds: Seconds, seeds: Iterator[int]) -> None:
    """What one person does until the time is over."""
    chance = random.Random(number)
    url = f"ws://127.0.0.1:{server.port}/_stcore/stream"
    try:
        async with connect(url, subprotocols=[_PROTOCOL], max_size=_LARGEST_MESSAGE) as socket:
            session = Session(socket, seconds)
            await session.act("first page", page="")
            while time.perf_counter() < until:
                await asyncio.sleep(chance.uniform(*THINKING))
                (act,) = chance.choices(list(ACTS), list(ACTS.values()))
                if act == "page":
                    await session.act("page", page=chance.choice(PAGES))
                elif session.page:
                    await session.act("page", page="")
                elif act == "seed":
                    await session.act("seed", seed=next(seeds))
                else:
                    await session.act("search", search=True)
    except (OSError, TimeoutError, WebSocketException, KeyError) as error:
        seconds.errors.append(f"session {number}: {type(error).__name__}: {error}")


def load(sessions: int, minutes: float) -> Iterator[Row]:
    """Sessions at one server for some minutes."""
    seconds, seeds = Seconds(), itertools.count(1)
    with served() as server:
        before, after = asyncio.run(_crowd(server, sessions, 60 * minutes, seconds, seeds))
        if "Traceback" in (log := server.log.read_text()):
            seconds.errors.append(f"the server's log: {log[log.index('Traceback') :][:500]}")
    reactions = list(itertools.chain(*seconds.reactions.values()))
    note = f"{sessions} sessions, {minutes:g} minutes, {len(reactions)} acts"
    yield Row.of("reaction of the page, all acts", reactions, note=f"{_tail(reactions)}; {note}")
    for act, values in seconds.reactions.items():
        yield Row.of(f"reaction, {act}", values, note=_tail(values))
        yield Row.of(f"answer, {act}", seconds.answers[act], note=_tail(seconds.answers[act]))
    yield Row.of("memory of server and workers, everybody there", [before], "MB")
    yield Row.of("memory of server and workers, at the end", [after], "MB", note=f"{after / before - 1:+.1%}")
    yield Row.of("errors", [len(seconds.errors)], "", note="; ".join(seconds.errors[:3]))


async def _crowd(
    server: Server, sessions: int, seconds: float, measured: Seconds, seeds: Iterator[int]
) -> tuple[float, float]:
    """All sessions at once; the memory in megabytes when each has been there for a while, and at the end."""
    until = time.perf_counter() + seconds
    visits = [asyncio.create_task(_visit(server, number, until, measured, seeds)) for number in range(sessions)]
    await asyncio.sleep(min(_SETTLING, seconds / 2))
    before = _memory(server.process)
    await asyncio.sleep(max(until - time.perf_counter(), 0))
    after = _memory(server.process)
    await asyncio.gather(*visits)
    return before, after


def _memory(process: int) -> float:
    """Megabytes that a process and its children hold for themselves."""
    own = psutil.Process(process)
    return float(sum(each.memory_full_info().uss for each in (own, *own.children(recursive=True)))) / 1e6


def _tail(values: Sequence[float]) -> str:
    return (
        f"95th percentile {statistics.quantiles(values, n=20, method='inclusive')[-1]:.3f} s" if len(values) > 1 else ""
    )


def soak(searches: int) -> Iterator[Row]:
    """Searches, one after the other, in one worker."""
    jobs, memory, failed = JobQueue(AnswerCache()), list[float](), 0
    jobs.warm.wait()
    (worker,) = psutil.Process().children()
    started = time.perf_counter()
    for seed in range(searches):
        job = jobs.submit(SearchTask(config=SearchConfig.model_validate({"seed": seed})))
        while job.active:
            time.sleep(0.002)
            job.seen = time.monotonic()
        failed += job.state != DONE
        memory.append(worker.memory_full_info().uss / 1e6)
    each = (time.perf_counter() - started) / searches
    same = "one worker throughout" if worker.is_running() else "the worker was replaced"
    jobs.close()
    begin, end = (statistics.median(part) for part in (memory[9:60] or memory, memory[-50:]))
    yield Row.of(f"soak: {searches:,} searches, each", [each], note=f"{failed} failed, {same}")
    yield Row.of("soak: memory of the worker, 10th to 60th search", [begin], "MB")
    yield Row.of("soak: memory of the worker, last 50 searches", [end], "MB", note=f"{end / begin - 1:+.1%}")


def main(arguments: Sequence[str] | None = None) -> None:
    command = parser(__doc__)
    command.add_argument("--sessions", type=int, default=25, help="people at once (default 25)")
    command.add_argument("--minutes", type=float, default=5, help="how long they stay (default 5)")
    command.add_argument("--searches", type=int, default=1000, help="searches of the soak (default 1000)")
    options = command.parse_args(arguments)
    report(itertools.chain(load(options.sessions, options.minutes), soak(options.searches)), options.out)


if __name__ == "__main__":
    main()
