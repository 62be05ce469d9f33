"""What the evidence is asked: scores, the seed of their weights; and what is known of the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from dashboard.parts import links, measure_picker
from dashboard.parts.accuracy_table import Chosen
from dashboard.parts.text import plain
from dashboard.server import limits, session
from dashboard.server.jobs import FAILED, STOPPED
from engine.data.images import DATA
from engine.measures import MEASURES, get_measure
from engine.studies.evidence import Evidence, EvidenceQuestion, EvidenceTask

ALWAYS = tuple(name for name in ("flow", "params", "macs") if name in MEASURES)
"""The scores that always stand on the page: the method, where the space has a closed form, and the baselines that it
must beat; seconds in all."""
_LAST_SEED = 2**32 - 1
_SAMPLES = ("all", "1,000 of them", "300 of them")


@dataclass(frozen=True)
class Question:
    """Which evidence is asked for: of a column of a table, by more measures and other columns as scores."""

    chosen: Chosen
    seed: int
    measures: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    sample: int | None = None
    data: str = "gaussian"

    @property
    def tasks(self) -> list[EvidenceTask]:
        """The work that answers it: what is always there, then columns and measures, each by itself."""
        parts: list[tuple[tuple[str, ...], tuple[str, ...]]] = [(always(self.chosen), ())]
        parts += [((), (name,)) for name in self.columns] + [((name,), ()) for name in self.measures]
        column = self.chosen.column
        return [
            EvidenceTask(
                table=self.chosen.task,
                dataset=column.dataset,
                split=column.split,
                epochs=column.epochs,
                question=EvidenceQuestion(
                    column=column.name,
                    measures=measures,
                    columns=columns,
                    seed=self.seed,
                    sample=self.sample,
                    data=self.data,
                ),
            )
            for measures, columns in parts
        ]


def always(chosen: Chosen) -> tuple[str, ...]:
    """The scores that always stand on the page of a table."""
    closed = chosen.table.population.space.no_closed_form is None
    return tuple(name for name in ALWAYS if closed or name != "flow")


_OFFERED = [name for name in MEASURES if name not in ALWAYS]
RULES = {
    "scores": links.some_of(_OFFERED),
    "join": links.some_of([*ALWAYS, *_OFFERED]),
    "data": links.one_of(DATA),
    "sample": links.one_of(_SAMPLES),
    "seed": links.whole(0, _LAST_SEED),
}
"""What a link may ask of this page, but for what depends on the table."""


def asked(chosen: Chosen | None) -> Question | None:
    """Draw the controls of the scores where a table is chosen; the question they ask, if there is one."""
    links.check("evidence", links.broken(RULES), measure_picker.titles("scores", "join"))
    found = question(chosen) if chosen is not None and chosen.settled else None
    links.warn("evidence", found)
    return found


def question(chosen: Chosen) -> Question | None:
    """Draw the controls of the scores; None, with an error shown, if they ask for what there is not."""
    with st.expander("Scores", icon=":material/leaderboard:", expanded=True):
        st.caption(f"Always there: {', '.join(MEASURES[name].title for name in always(chosen))}.")
        measures = measure_picker.measures(
            "More proxies",
            _OFFERED,
            "scores",
            "Computed when chosen, for every architecture of the table: those that run networks take from minutes to "
            "hours; progress says how long.",
        )
        joining = st.multiselect(
            "Join",
            [*ALWAYS, *_OFFERED],
            key="join",
            bind="query-params",
            format_func=lambda name: MEASURES[name].title,
            placeholder="two or more",
            help="One more score: the ranks of these, joined by the sum of log(rank / N).",
        )
        data = measure_picker.images([*measures, *joining])
        sample = st.selectbox(
            "Architectures",
            _SAMPLES,
            key="sample",
            bind="query-params",
            help="All of the table, or a fixed sample of it for scores that take long.",
        )
        columns = _columns(chosen)
        seed = st.number_input(
            "Seed",
            0,
            _LAST_SEED,
            0,
            1,
            key="seed",
            bind="query-params",
            help="Draws the weights of the networks that are scored, and the resamples of the intervals.",
        )
    if seed is None or not 0 <= seed <= _LAST_SEED:
        st.error(f"Seeds go from 0 to {_LAST_SEED:,}.")
        return None
    return Question(
        chosen,
        int(seed),
        (*(name for name in _OFFERED if name in measures), *(["+".join(joining)] if len(joining) > 1 else [])),
        tuple(column.name for column in chosen.table.columns if column.name in columns),
        None if sample == _SAMPLES[0] else int(sample.split()[0].replace(",", "")),
        data,
    )


def _columns(chosen: Chosen) -> list[str]:
    others = [column.name for column in chosen.table.columns if column.name != chosen.name]
    if not others:
        return []
    links.check("columns", links.broken({"score_columns": links.some_of(others)}))
    found = st.multiselect(
        "Columns of the table as scores",
        others,
        key="score_columns",
        bind="query-params",
        placeholder="none",
        help="Numbers that stand in the file, such as a proxy of another program. More is taken as better.",
    )
    links.warn("columns", found)
    return found


def answered(question: Question) -> Evidence | None:
    """What is known of a question; asks for the first part that is missing.

    What failed or was stopped is said, and asked for again by a button.
    """
    found = [(task, session.known(task)) for task in question.tasks]
    missing = [task for task, answer in found if answer is None]
    ended = _ended(missing)
    still_to_ask = [task for task in missing if task not in ended]
    last = session.job(session.WEIGHING)
    busy = last is not None and last.active and last.task in missing
    if still_to_ask and not busy and not limits.refuses(still_to_ask[0]):
        session.start(still_to_ask[0], session.WEIGHING)
    _say_ended([task for task in missing if task in ended], ended)
    return joined([answer for _, answer in found if isinstance(answer, Evidence)])


def joined(parts: Sequence[Evidence]) -> Evidence | None:
    """The scores of several parts of one evidence together: they share table, column, seed and resamples."""
    if not parts:
        return None
    return replace(parts[0], scores=tuple(score for part in parts for score in part.scores))


def _ended(missing: Sequence[EvidenceTask]) -> dict[EvidenceTask, str]:
    """What ended without an answer and is not asked for again by itself, and why; whoever stops one stops all."""
    ended: dict[EvidenceTask, str] = st.session_state.setdefault("evidence ended", {})
    last = session.job(session.WEIGHING)
    if last is not None and isinstance(last.task, EvidenceTask) and last.task in missing:
        if last.state == FAILED:
            ended[last.task] = last.error
        elif last.state == STOPPED:
            ended.update({task: "" for task in missing if task not in ended})
    return ended


def _say_ended(tasks: Sequence[EvidenceTask], ended: dict[EvidenceTask, str]) -> None:
    if not tasks:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        for task in tasks:
            measures = [get_measure(name).title for name in task.question.measures or ()]
            names = ", ".join([*measures, *task.question.columns])
            if ended[task]:
                st.error(
                    plain(f"{names}: ended without a result: {ended[task]}"), icon=":material/error:", width="stretch"
                )
            else:
                st.info(plain(f"{names}: stopped."), icon=":material/stop_circle:", width="stretch")
        if st.button("Compute", icon=":material/refresh:", key="evidence_again"):
            for task in tasks:
                del ended[task]
            session.start(tasks[0], session.WEIGHING)
            st.rerun()
