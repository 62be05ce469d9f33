"""The two sections on a supernet of NAS-Bench-201: looked at, and pruned by the reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from dashboard.learn import words
from dashboard.learn.pruning import CANDIDATES, KIND, SPACE, ReaderPruning, agreement
from dashboard.learn.state import LearnState
from dashboard.learn.supernet import SUPERNET_FIGURE, field_data, scored, supernet_data, wait_for
from dashboard.parts.accuracy_table import TableColumn
from dashboard.parts.refusal import show_refusal
from dashboard.parts.text import plain
from dashboard.server import limits
from dashboard.server.state import state, widget_value
from engine import SearchResult
from engine.genotypes.population import Population
from engine.tables.numbers import amount

_KEY = "learn_pruned"
_SEED, _MODE = "learn_seed", "learn_mode"
_MODES = {"drop": "drops it", "keep": "keeps it alone"}
_STEPS = {"drop": ReaderPruning.drop, "keep": ReaderPruning.keep}
_LARGEST_SEED = 9_999
_PROMPT = "Point at a line for its numbers. Lines are as wide as flow shares."


@st.fragment
def supernet_view(column: TableColumn | None) -> None:
    """Draw the supernet, and below it the one that the reader prunes; both are scored by the engine in a worker."""
    learn = state(LearnState)
    st.header("The same on NAS-Bench-201", anchor="the-same-on-nas-bench-201")
    st.markdown(words.SUPERNET_PICTURE)
    whole, free, current = _whole_view()
    learn.pruning = replace(learn.pruning, seed=whole.seed)
    st.header("Prune it yourself", anchor="prune-it-yourself")
    st.markdown(words.PRUNE)
    if show_refusal(whole.task):
        return
    own, scored_now = (free, current) if learn.pruning == whole or not current else scored(learn.pruning.task, "pruned")
    _pruning_view(own, free, scored_now, column)
    if not (current and scored_now):
        wait_for(learn.pruning.task if current else whole.task)


def _whole_view() -> tuple[ReaderPruning, SearchResult, bool]:
    """Draw the supernet of a seed; return it, its result or the last one, and True for its own.

    A server that computes nothing shows what ships.
    """
    refused = bool(limits.refusal(ReaderPruning().task))
    left, right = st.columns([3, 2], gap="large")
    with right:
        st.markdown(words.SUPERNET_READING)
        seed = st.number_input("Seed", 0, _LARGEST_SEED, key=_SEED, width=130, disabled=refused)
    whole = ReaderPruning(0 if refused else int(seed))
    result, current = scored(whole.task, "whole")
    with left:
        data = supernet_data(result.shares[KIND], ReaderPruning()) | {"waiting": not current and not refused}
        SUPERNET_FIGURE(key="learn_whole", data=data | {"prompt": _PROMPT, "serial": 0})
    return whole, result, current


def _pruning_view(own: SearchResult, free: SearchResult, current: bool, column: TableColumn | None) -> None:
    learn = state(LearnState)
    finished = learn.pruning.finished and current
    _buttons(own, current)
    data = supernet_data(own.shares[KIND], learn.pruning)
    data |= {"prompt": _PROMPT, "waiting": not current, "serial": learn.answers}
    data["pruning"] = field_data(own, learn.pruning, widget_value(_MODE, "drop"), free if finished else None)
    SUPERNET_FIGURE(key=_KEY, data=data, on_clicked_change=_adopt_click)
    if learn.complaint:
        st.warning(plain(learn.complaint), icon=":material/block:")
    if finished:
        st.success(plain(comparison(own, free, column)), icon=":material/flag:")
    else:
        st.caption(f"{int(learn.pruning.live.sum()) - len(SPACE.edges)} operations to drop.")


def _buttons(own: SearchResult, current: bool) -> None:
    """Draw what a click does, and the buttons that take steps or take them back."""
    learn = state(LearnState)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            "A click on an operation",
            list(_MODES),
            default="drop",
            required=True,
            key=_MODE,
            format_func=_MODES.__getitem__,
        )
        ready = current and bool(own.steps)
        _step_button("Drop the weakest", "weakest", ready, lambda pruning: pruning.follow(own, 1))
        _step_button("Let FreeNAS finish", "finish", ready, lambda pruning: pruning.follow(own))
        _step_button("Undo", "undo", bool(learn.pruning.steps), ReaderPruning.undo)
        _step_button("Start again", "restart", bool(learn.pruning.steps), lambda pruning: replace(pruning, steps=()))


def _step_button(label: str, name: str, enabled: bool, step: Callable[[ReaderPruning], ReaderPruning]) -> None:
    st.button(label, key=f"learn_{name}", disabled=not enabled, on_click=_take, args=[step])


def _take(step: Callable[[ReaderPruning], ReaderPruning]) -> None:
    """Take a step, or keep the reason why it cannot be taken."""
    learn = state(LearnState)
    learn.answers += 1
    learn.complaint = ""
    try:
        learn.pruning = step(learn.pruning)
    except ValueError as error:
        learn.complaint = f"{error}."


def _adopt_click() -> None:
    place = CANDIDATES.get(str(widget_value(_KEY).clicked))
    if place is not None:
        step = _STEPS[widget_value(_MODE, "drop")]
        _take(lambda pruning: step(pruning, place))


def comparison(own: SearchResult, free: SearchResult, column: TableColumn | None) -> str:
    """Compare the reader's cell with that of FreeNAS, in sentences."""
    same = agreement(own, free)
    if same == len(SPACE.edges):
        return "You pruned to the very cell that FreeNAS finds." + _accuracies([free], column)
    more = own.passes[-1].log_flow - free.passes[-1].log_flow
    params = [result.cost["params"] / 1e6 for result in (own, free)]
    return (
        f"Your cell and that of FreeNAS (underlined) agree on {same} of {len(SPACE.edges)} connections. Yours has "
        f"{abs(more):.1f} {'more' if more > 0 else 'less'} log-flow and {params[0]:.2f} M parameters, that of FreeNAS "
        f"{params[1]:.2f} M.{_accuracies([own, free], column)}"
    )


def _accuracies(results: list[SearchResult], column: TableColumn | None) -> str:
    """Return the numbers that the table has for these results, yours first, as a sentence; nothing without any."""
    if column is None or column.table.population.space != SPACE:
        return ""
    values = column.values(Population.of(SPACE, [result.genotype for result in results]))
    written = [amount(float(value), column.column.unit) if value == value else "nothing" for value in values]
    return f" The table has {' for yours and '.join(written)} for that of FreeNAS ({column.description})."
