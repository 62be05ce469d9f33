"""What the atlas is asked: a population and its measures, axes and colour, filters; each bound to the address bar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dashboard.atlas.marks import KNOWN
from dashboard.atlas.quantities import Mask, Quantity, Span, moved, passing, span
from dashboard.parts import links, measure_picker, space_picker
from dashboard.parts.accuracy_table import Chosen
from dashboard.parts.text import plain
from dashboard.server import limits
from dashboard.server import session as state
from dashboard.server.jobs import DONE
from engine.data.images import DATA
from engine.genotypes.population import Population, listable
from engine.measures import MEASURES
from engine.operations.registry import OPERATIONS
from engine.searches.result import SearchResult
from engine.spaces import OwnSpace, SearchSpace, get_space
from engine.spaces.fields import as_space_field
from engine.studies.atlas import Atlas, AtlasTask
from engine.tables.task import TableTask

FAST = ("flow", "params", "macs")
"""The measures that every atlas has, flow where it has a closed form; the others are taken when they are chosen."""
ACCURACY = "accuracy"
_BOUNDED = (ACCURACY, *FAST, "latency")
"""What can be filtered by its size."""
FEWEST, DEFAULT, MOST = 1_000, 10_000, 100_000
"""Sizes of a sample; a space that is no larger than the largest is drawn whole where it can be listed."""
MOST_OF_TABLE = 1_000
"""So many architectures of a table join a sample."""
_LAST_SEED = 2**32 - 1


@dataclass(frozen=True)
class Question:
    """Which atlas is asked for: the whole space where `count` is None, else a sample and those written in `also`.

    `more` measures are taken besides the fast ones.
    """

    space: str | OwnSpace
    count: int | None
    sample_seed: int
    seed: int
    more: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    data: str = "gaussian"

    @property
    def search_space(self) -> SearchSpace:
        """The search space itself."""
        return get_space(self.space)

    @property
    def tasks(self) -> list[AtlasTask]:
        """The work that answers it: the fast measures first, then every other by itself."""
        asked = {name: getattr(self, name) for name in ("space", "count", "sample_seed", "seed", "also")}
        fast = AtlasTask.model_validate({**asked, "measures": self._fast})
        looking = {name: self.data if MEASURES[name].needs_data else "gaussian" for name in self.more}
        others = [{**asked, "measures": (name,), "data": data} for name, data in looking.items()]
        return [fast, *map(AtlasTask.model_validate, others)]

    @property
    def _fast(self) -> tuple[str, ...]:
        closed = self.search_space.no_closed_form is None
        return tuple(name for name in FAST if closed or name != "flow")

    @property
    def population(self) -> tuple[str | OwnSpace, int | None, int]:
        """What settles which architectures were drawn."""
        return self.space, self.count, self.sample_seed


class _Kept(NamedTuple):
    """A slider as it was: in which space, its ends, what was chosen between them."""

    space: str | OwnSpace
    whole: Span
    chosen: tuple[float, float]


class Axes(NamedTuple):
    """What is drawn on either axis and as colour, and whether the Pareto front is drawn."""

    x: Quantity
    y: Quantity
    colour: Quantity
    with_front: bool


_TITLES = {ACCURACY: "Accuracy", **{name: each.title for name, each in MEASURES.items()}}
_AXES = ("x", "y", "colour")
RULES = {
    "space": space_picker.known,
    "sample": links.whole(FEWEST, MOST),
    "sample_seed": links.whole(0, _LAST_SEED),
    "seed": links.whole(0, _LAST_SEED),
    "measures": links.some_of([name for name in MEASURES if name not in FAST]),
    "data": links.one_of(DATA),
    **dict.fromkeys(_AXES, links.one_of(_TITLES)),
    "front": links.one_of(["true", "false"]),
    **{f"only_{name}": links.two_ends for name in _BOUNDED},
    **{f"count_{name}": links.two_ends for name in OPERATIONS},
    **dict.fromkeys(("row", "pin"), links.whole(0, MOST + MOST_OF_TABLE + 999)),
}
"""What a link may ask of this page."""


def complaints(parameters: links.Parameters) -> dict[str, str]:
    """What is wrong with the parameters of a link, by name; rows are those of its space, which must be there."""
    found = links.broken(RULES)(parameters)
    lost = parameters.keys() & {"row", "pin"} if "space" in found else ()
    return found | {name: f"{name} stands for an architecture of that space" for name in sorted(lost)}


def question() -> Question | None:
    """Draw the controls of the population; None, with an error shown, if they ask for what there is not."""
    links.check("atlas", complaints, {**measure_picker.titles("measures"), **dict.fromkeys(_AXES, _TITLES)})
    described = space_picker.choose()
    whole = listable(described) and described.architectures() <= MOST
    count, sample_seed = (None, 0) if whole else _sample()
    seed = _whole("seed", "Seed", 0, _LAST_SEED, 0, "Draws the weights of the networks that are measured.")
    more = measure_picker.measures(
        "More measures",
        [name for name in MEASURES if name not in FAST],
        "measures",
        "Computed when chosen; they may take long.",
    )
    data = measure_picker.images(more)
    seeds_fit = all(0 <= each <= _LAST_SEED for each in (seed, sample_seed))
    if not seeds_fit or (count is not None and not FEWEST <= count <= MOST):
        st.error(f"Seeds go from 0 to {_LAST_SEED:,}; a sample has {FEWEST:,} to {MOST:,} architectures.")
        links.warn("atlas", None)
        return None
    asked = Question(as_space_field(described), count, sample_seed, seed, tuple(more), data=data)
    links.warn("atlas", asked)
    return asked


def _sample() -> tuple[int, int]:
    count = _whole("sample", "Sample size", FEWEST, MOST, DEFAULT, "Architectures drawn uniformly from the space.")
    return count, _whole("sample_seed", "Seed of the sample", 0, _LAST_SEED, 0, "Draws the architectures.")


def _whole(key: str, label: str, low: int, high: int, value: int, text: str) -> int:
    found = st.number_input(label, low, high, value, 1, key=key, bind="query-params", help=text)
    return -1 if found is None else int(found)


def besides(question: Question, table: Chosen | None, results: Sequence[SearchResult]) -> Question:
    """`question` with what no sample is likely to hold: known cells, those found by search, the first of a table."""
    if question.count is None:
        return question
    described = question.search_space
    also = [*KNOWN.get(described.name, {}).values(), *(result.genotype.notation for result in results)]
    if table is not None and table.table.population.space == described:
        also += _notations(table.task, table.table.population)
    return replace(question, also=tuple(dict.fromkeys(also)))


@st.cache_resource(show_spinner=False, max_entries=8)
def _notations(task: TableTask, _population: Population) -> list[str]:
    return [genotype.notation for genotype in _population.take(slice(0, MOST_OF_TABLE)).genotypes()]


def answered(question: Question) -> list[Atlas]:
    """What is known of a question, the fast measures first; asks for the first that is missing, once.

    What failed or was stopped is said, and asked for again by a button.
    """
    found = [state.known(task) for task in question.tasks]
    missing = next((task for task, answer in zip(question.tasks, found, strict=True) if answer is None), None)
    if missing is not None and not limits.refuses(missing):
        last = state.job(state.CHARTING)
        if last is None or last.task != missing:
            state.start(missing, state.CHARTING)
        elif not last.active and last.state != DONE:
            _say_ended(missing)
    return [answer for answer in found if isinstance(answer, Atlas)] if found[0] is not None else []


def _say_ended(task: AtlasTask) -> None:
    names = ", ".join(MEASURES[name].title for name in task.measures)
    failure = state.failure(state.CHARTING, task)
    with st.container(horizontal=True, vertical_alignment="center"):
        if failure:
            st.error(plain(f"{names}: ended without a result: {failure}"), icon=":material/error:", width="stretch")
        else:
            st.info(f"{names}: stopped.", icon=":material/stop_circle:", width="stretch")
        if st.button("Compute", icon=":material/refresh:", key="atlas again"):
            state.start(task, state.CHARTING)
            st.rerun()


def quantities(atlases: Sequence[Atlas], table: Chosen | None) -> dict[str, Quantity]:
    """Every number there is for the architectures of `atlases`, which share their population, by name.

    Accuracy is there if `table` holds any of them.
    """
    found = {name: _quantity(name, values) for atlas in atlases for name, values in atlas.values.items()}
    if table is not None:
        accuracy = Quantity(ACCURACY, _TITLES[ACCURACY], "%", table.values(atlases[0].population))
        if accuracy.there.any():
            return {ACCURACY: accuracy, **found}
    return found


def _quantity(name: str, values: NDArray[np.float64]) -> Quantity:
    measure = MEASURES[name]
    if not measure.unit and values.max(initial=0) >= 1e5:
        return Quantity(name, measure.title, "M", values / 1e6, measure.cost)
    return Quantity(name, measure.title, measure.unit, values, measure.cost)


def axes(there: Mapping[str, Quantity]) -> Axes:
    """Draw the choice of axes and colour."""
    y = next(name for name in (ACCURACY, "flow", "params") if name in there)
    return Axes(
        _axis(there, "x", "Across", "flow" if y == ACCURACY and "flow" in there else "macs"),
        _axis(there, "y", "Up", y),
        _axis(there, "colour", "Colour", "params"),
        st.toggle("Pareto front", True, key="front", bind="query-params", help="Needs a cost on an axis."),
    )


def _axis(there: Mapping[str, Quantity], key: str, label: str, default: str) -> Quantity:
    names, known = list(there), [MEASURES[name] for name in there if name in MEASURES]
    chosen = st.selectbox(
        label,
        names,
        names.index(default),
        key=key,
        bind="query-params",
        format_func=lambda name: there[name].title,
        help="\n".join(f"- **{measure.title}**: {measure.summary}" for measure in known),
    )
    return there[chosen if chosen in there else default]


def filters(question: Question, there: Mapping[str, Quantity], population: Population) -> Mask:
    """Draw the filters; which architectures pass them."""
    space = question.space
    ranges = {name: chosen for name in _BOUNDED if name in there and (chosen := _range(space, there[name]))}
    counts = operation_counts(*question.population, question.also, population)
    with st.expander("Operations", icon=":material/tag:"):
        st.caption("How often each may stand in an architecture.")
        bounds = {
            column: _slider(space, f"count_{name}", name, Span(0, most, 1))
            for column, name in enumerate(population.space.operations)
            if (most := int(counts[:, column].max(initial=0)))
        }
    return passing(there, ranges, counts, bounds)


def _range(space: str | OwnSpace, quantity: Quantity) -> tuple[float, float] | None:
    whole = span(quantity.values)
    return None if whole is None else _slider(space, f"only_{quantity.name}", quantity.label, whole)


def _slider(space: str | OwnSpace, key: str, label: str, whole: Span) -> tuple[float, float]:
    """A slider for a range, which its link and the session keep.

    Where its ends move, with another seed, what was set is kept as far as it goes; another space begins afresh.
    """
    kept: _Kept | None = st.session_state.get(f"{key} kept")
    begun = kept is not None and key in st.session_state
    before = kept if kept is not None else _Kept(space, whole, _range_in_link(key) or whole[:2])
    chosen = st.session_state[key] if begun else before.chosen
    if not begun or before[:2] != (space, whole):
        ends = moved(chosen, before.whole, whole) if before.space == space else whole[:2]
        st.session_state[key] = tuple(type(whole.low)(end) for end in ends)
    found: tuple[float, float] = st.slider(label, whole.low, whole.high, whole[:2], whole.step, key=key)
    st.session_state[f"{key} kept"] = _Kept(space, whole, found)
    keep_in_link(key, [] if found == whole[:2] else [f"{end:.6g}" for end in found])
    return found


def _range_in_link(key: str) -> tuple[float, float] | None:
    try:
        low, high = (float(text) for text in st.query_params.get_all(key))
    except ValueError:
        return None
    return (low, high) if low <= high else None


def keep_in_link(name: str, texts: list[str]) -> None:
    """Have the link say `texts` under `name`, or nothing of it."""
    if st.query_params.get_all(name) != texts:
        if texts:
            st.query_params[name] = texts
        else:
            del st.query_params[name]


@st.cache_resource(show_spinner=False, max_entries=8)
def operation_counts(
    space: str | OwnSpace, count: int | None, sample_seed: int, also: tuple[str, ...], _population: Population
) -> NDArray[np.int64]:
    """How often every operation stands in every architecture, `(architectures, operations)`."""
    return _population.counts()
