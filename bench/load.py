"""Many people at one server: `python -m bench.load [--sessions 25] [--minutes 5] [--searching] [--tabs 200]`.

Every session speaks Streamlit's own protocol to a real server: it opens the first page with everybody else, then other
pages, asks for other seeds (each of which the server answers with a preview), now and then searches, with `--searching`
as often as it asks for seeds, and thinks between two acts. Told are the seconds to the first page, for all other acts
those to the end of the script run that shows it (the page reacts) and to its answer, processor time of the server's own
process, messages and bytes, errors, and the memory of the server with its workers once everybody is there and at the
end.

Two servers more: at one, so many tabs open the first page at once; at the other, eight tabs of one browser ask for new
seeds in a loop, and another visitor waits for previews. A soak of searches in one worker follows.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.state.session_state import STREAMLIT_INTERNAL_KEY_PREFIX
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
SEARCHING_ACTS = {"seed": 40, "search": 40, "page": 20}
"""What a session does, and how often."""
PAGES = ("", "", "atlas", "viewer", "learn", "evidence", "compare", "runs")
FIRST = "first page"
FLOODING_TABS = 8
"""Tabs of one browser that ask for new seeds without a pause."""
_LARGEST_MESSAGE = 2**27
_PATIENCE = 60.0
_SETTLING = 60.0
"""Seconds until everybody is there and has seen some pages."""
_PROTOCOL = Subprotocol("streamlit")


@dataclass
class Measured:
    """What was measured: reactions and answers by kind of act, what came from the server, and what went wrong."""

    reactions: dict[str, list[float]] = field(default_factory=dict)
    answers: dict[str, list[float]] = field(default_factory=dict)
    messages: int = 0
    bytes: int = 0
    errors: list[str] = field(default_factory=list)

    def note(self, act: str, reaction: float, answer: float) -> None:
        """Remember one act."""
        self.reactions.setdefault(act, []).append(reaction)
        self.answers.setdefault(act, []).append(answer)


class _Clock(NamedTuple):
    """A clock that a fragment has drawn: the seconds after which it calls back, and the state that does."""

    seconds: float
    fragment: str
    state: WidgetState


class Session:
    """One browser tab: its widgets, the fragments that ask to be run again, the clock that was drawn, what it keeps.

    As a browser does, it names the messages that it keeps, which the server then only refers to.
    """

    def __init__(self, socket: ClientConnection, measured: Measured) -> None:
        self.socket, self.measured = socket, measured
        self.widgets: dict[str, str] = {}
        self.repeats: dict[str, float] = {}
        self.clock: _Clock | None = None
        self.states: dict[str, WidgetState] = {}
        self.pages: dict[str, str] = {}
        self.page = ""
        self.kept: dict[str, Delta] = {}

    async def act(self, name: str, *, page: str | None = None, **widgets: Any) -> None:
        """Change something, and wait for what the page shows of it and for the end of what it asked for."""
        if page is not None and page != self.page:
            self.page, self.widgets, self.states, self.kept = page, {}, {}, {}
        for key, value in widgets.items():
            state = WidgetState(id=self.widgets[key])
            setattr(state, "trigger_value" if value is True else "int_value", value)
            self.states[key] = state
        started = time.perf_counter()
        await self._run()
        reacted = time.perf_counter() - started
        self.states.pop(name, None)
        while (self.clock or self.repeats) and time.perf_counter() - started < _PATIENCE:
            await self._wait()
        self.measured.note(name, reacted, time.perf_counter() - started)

    async def _wait(self) -> None:
        """Wait for the clock or the fragment that is due first, and have its run."""
        fragment, seconds = min(self.repeats.items(), key=lambda pair: pair[1], default=("", _PATIENCE))
        if self.clock is not None and self.clock.seconds <= seconds:
            clock, self.clock = self.clock, None
            await asyncio.sleep(clock.seconds)
            await self._run(clock.fragment, clock.state)
        else:
            await asyncio.sleep(seconds)
            self.repeats[fragment] = self.repeats.pop(fragment)  # of those that are due as often, the others come first
            await self._run(fragment)

    async def _run(self, fragment: str = "", state: WidgetState | None = None) -> None:
        """One run of the page, or of a fragment of it, to its end; one that has the page run again ends with that."""
        message = BackMsg()
        client = message.rerun_script
        client.page_script_hash = self.pages.get(self.page, "")
        client.cached_message_hashes.extend(self.kept)
        client.widget_states.widgets.extend([*self.states.values(), *([state] if state is not None else [])])
        if fragment:
            client.fragment_id, client.is_auto_rerun = fragment, state is None
        else:
            self._forget()
        await self.socket.send(message.SerializeToString())
        while await self._receive() == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            self._forget()

    def _forget(self) -> None:
        """Let go of what the last run of the page asked for."""
        self.repeats.clear()
        self.clock = None

    async def _receive(self) -> int:
        """Read until a script run ends; how it ended."""
        while True:
            data = await asyncio.wait_for(self.socket.recv(), _PATIENCE)
            message = ForwardMsg.FromString(data if isinstance(data, bytes) else data.encode())
            self.measured.messages += 1
            self.measured.bytes += len(data)
            match message.WhichOneof("type"):
                case "navigation":
                    self.pages = {each.url_pathname: each.page_script_hash for each in message.navigation.app_pages}
                case "auto_rerun":
                    self.repeats[message.auto_rerun.fragment_id] = message.auto_rerun.interval
                case "stop_auto_rerun":
                    for fragment in message.stop_auto_rerun.fragment_ids:
                        self.repeats.pop(fragment, None)
                case "delta":
                    if message.metadata.cacheable:
                        self.kept[message.hash] = message.delta
                    self._look(message.delta)
                case "ref_hash":
                    self._look(self.kept[message.ref_hash])
                case "script_finished":
                    return int(message.script_finished)

    def _look(self, delta: Delta) -> None:
        element = delta.new_element
        match element.WhichOneof("type"):
            case "exception":
                self.measured.errors.append(element.exception.message[:200])
            case "number_input" | "button" as kind:
                identifier = getattr(element, kind).id
                self.widgets[identifier.rpartition("-")[2]] = identifier
            case "bidi_component" if element.bidi_component.component_name == "freenas_tick":
                trigger = f"{STREAMLIT_INTERNAL_KEY_PREFIX}_{element.bidi_component.id}__events"
                state = WidgetState(id=trigger, json_trigger_value='[{"event": "ticked", "value": true}]')
                seconds = json.loads(element.bidi_component.json)["milliseconds"] / 1000
                self.clock = _Clock(seconds, delta.fragment_id, state)


def _tab(server: Server, browser: str = "") -> connect:
    """The connection of a tab; those of one browser send the same cookie."""
    cookie = {"Cookie": f"_streamlit_xsrf=2|00000000|{browser.encode().hex()}|1"} if browser else {}
    url = f"ws://127.0.0.1:{server.port}/_stcore/stream"
    return connect(
        url, subprotocols=[_PROTOCOL], max_size=_LARGEST_MESSAGE, open_timeout=_PATIENCE, additional_headers=cookie
    )


async def _visit(
    server: Server, number: int, until: float, measured: Measured, seeds: Iterator[int], acts: Mapping[str, int]
) -> None:
    """What one person does until the time is over."""
    chance = random.Random(number)
    try:
        async with _tab(server) as socket:
            session = Session(socket, measured)
            await session.act(FIRST, page="")
            while time.perf_counter() < until:
                await asyncio.sleep(chance.uniform(*THINKING))
                (act,) = chance.choices(list(acts), list(acts.values()))
                if act == "page":
                    await session.act("page", page=chance.choice(PAGES))
                elif session.page:
                    await session.act("page", page="")
                elif act == "seed":
                    await session.act("seed", seed=next(seeds))
                else:
                    await session.act("search", search=True)
    except (OSError, TimeoutError, WebSocketException, KeyError) as error:
        measured.errors.append(f"session {number}: {type(error).__name__}: {error}")


def load(sessions: int, minutes: float, acts: Mapping[str, int]) -> Iterator[Row]:
    """Sessions at one server for some minutes."""
    measured, seeds = Measured(), itertools.count(1)
    with served() as server:
        asyncio.run(_warm(server))
        own = psutil.Process(server.process)
        begun = sum(own.cpu_times()[:2])
        before, after = asyncio.run(_crowd(server, sessions, 60 * minutes, measured, seeds, acts))
        processor = sum(own.cpu_times()[:2]) - begun
        _look_into_log(server, measured)
    first = measured.answers.pop(FIRST, [])
    measured.reactions.pop(FIRST, None)
    reactions = list(itertools.chain(*measured.reactions.values()))
    yield Row.of(f"first page, {sessions} at once", first, note=_tail(first))
    note = f"{sessions} sessions, {minutes:g} minutes, {len(reactions)} acts"
    yield Row.of("reaction of the page, all acts", reactions, note=f"{_tail(reactions)}; {note}")
    for act, values in measured.reactions.items():
        yield Row.of(f"reaction, {act}", values, note=_tail(values))
        yield Row.of(f"answer, {act}", measured.answers[act], note=_tail(measured.answers[act]))
    acts_and_pages = len(first) + len(reactions)
    yield Row.of("processor time of the server's process, an act", [processor / acts_and_pages], "ms", 1000)
    yield Row.of("messages to a browser, an act", [measured.messages / acts_and_pages], "")
    yield Row.of("sent to a browser, an act", [measured.bytes / acts_and_pages / 1000], "kB")
    yield Row.of("memory of server and workers, everybody there", [before], "MB")
    yield Row.of("memory of server and workers, at the end", [after], "MB", note=f"{after / before - 1:+.1%}")
    yield Row.of("errors", [len(measured.errors)], "", note="; ".join(measured.errors[:3]))


def _look_into_log(server: Server, measured: Measured) -> None:
    if "Traceback" in (log := server.log.read_text()):
        measured.errors.append(f"the server's log: {log[log.index('Traceback') :][:500]}")


async def _warm(server: Server) -> None:
    """Open a first page and ask for a preview and a search, so that the server and its workers are warm."""
    async with _tab(server) as socket:
        session = Session(socket, Measured())
        await session.act(FIRST, page="")
        await session.act("seed", seed=10**6)
        await session.act("search", search=True)


async def _crowd(
    server: Server,
    sessions: int,
    seconds: float,
    measured: Measured,
    seeds: Iterator[int],
    acts: Mapping[str, int],
) -> tuple[float, float]:
    """All sessions at once; the memory in megabytes when each has been there for a while, and at the end."""
    until = time.perf_counter() + seconds
    visits = [asyncio.create_task(_visit(server, number, until, measured, seeds, acts)) for number in range(sessions)]
    await asyncio.sleep(min(_SETTLING, seconds / 2))
    before = _memory(server.process)
    await asyncio.sleep(max(until - time.perf_counter(), 0))
    after = _memory(server.process)
    await asyncio.gather(*visits)
    return before, after


def tabs_at_once(tabs: int) -> Iterator[Row]:
    """So many tabs that open the first page of a warm server at once."""
    measured = Measured()
    with served() as server:
        asyncio.run(_warm(server))
        started = time.perf_counter()
        asyncio.run(_crowd(server, tabs, 0, measured, itertools.count(), ACTS))
        seconds = time.perf_counter() - started
        _look_into_log(server, measured)
    first = measured.answers.get(FIRST, [])
    yield Row.of(f"first page, {tabs} tabs at once", first, note=_tail(first))
    yield Row.of(f"all {len(first)} tabs served", [seconds], note="; ".join(measured.errors[:3]))


def flood(seconds: float) -> Iterator[Row]:
    """Eight tabs of one browser that ask for new seeds without a pause, and a visitor who thinks."""
    flooding, honest = Measured(), Measured()
    with served() as server:
        asyncio.run(_warm(server))
        asyncio.run(_flood(server, seconds, flooding, honest))
        _look_into_log(server, honest)
    asked, wait = len(flooding.answers["seed"]), honest.answers["seed"]
    errors = "; ".join([*flooding.errors, *honest.errors][:3])
    yield Row.of("flood: preview of another visitor", wait, note=f"{_tail(wait)}; {asked} flooding seeds; {errors}")
    yield Row.of("flood: preview of a tab of the flood", flooding.answers["seed"], note=_tail(flooding.answers["seed"]))


async def _flood(server: Server, seconds: float, flooding: Measured, honest: Measured) -> None:
    until, seeds = time.perf_counter() + seconds, itertools.count(1)

    async def ask(browser: str, measured: Measured, pause: float) -> None:
        async with _tab(server, browser) as socket:
            session = Session(socket, measured)
            await session.act(FIRST, page="")
            while time.perf_counter() < until:
                await asyncio.sleep(pause)
                await session.act("seed", seed=next(seeds))

    await asyncio.gather(*(ask("flood", flooding, 0) for _ in range(FLOODING_TABS)), ask("visitor", honest, 1.0))


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
    command.add_argument("--minutes", type=float, default=5, help="how long they stay (default 5, 0 for none)")
    command.add_argument("--searching", action="store_true", help="they search as often as they ask for seeds")
    command.add_argument("--tabs", type=int, default=200, help="tabs that open at once (default 200, 0 for none)")
    command.add_argument("--flood", type=float, default=30, help="seconds of the flood (default 30, 0 for none)")
    command.add_argument("--searches", type=int, default=1000, help="searches of the soak (default 1000, 0 for none)")
    options = command.parse_args(arguments)
    acts = SEARCHING_ACTS if options.searching else ACTS
    parts = [
        load(options.sessions, options.minutes, acts) if options.minutes else (),
        tabs_at_once(options.tabs) if options.tabs else (),
        flood(options.flood) if options.flood else (),
        soak(options.searches) if options.searches else (),
    ]
    report(itertools.chain(*parts), options.out)


if __name__ == "__main__":
    main()
