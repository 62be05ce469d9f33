"""Atlas: every architecture of a space, or a sample of it, as points; any number on either axis and as colour."""

import streamlit as st

from dashboard.atlas import controls
from dashboard.atlas.controls import Question
from dashboard.atlas.view import atlas_view
from dashboard.parts import accuracy_table
from dashboard.parts.text import plain
from dashboard.server.examples import example_of
from engine import SearchResult
from engine.measures import MEASURES
from engine.spaces import OwnSpace
from engine.studies.atlas import Atlas

_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_LARGE = 1_000_000


def number(count: int) -> str:
    """A count in full, or roughly as a power of ten where it is large."""
    if count < _LARGE:
        return f"{count:,}"
    digits, power = f"{count:.1e}".split("e+")
    return f"{digits} · 10{str(int(power)).translate(_RAISED)}"


def headline(asked: Question, size: int, drawn: int) -> str:
    """What is on the page, and how much of it."""
    described = asked.search_space
    title = plain(described.title)
    what = f"{size:,} {described.cell_noun}s of {title}"
    if asked.count is not None:
        what = f"{size:,} of the {number(described.architectures())} genotypes of {title}"
    return f"{what} · seed {asked.seed} · {drawn:,} shown"


def provenance(asked: Question, found: list[Atlas], table: accuracy_table.Chosen | None, known: int) -> str:
    """Where every number comes from; the table holds the accuracies of `known` architectures."""
    said = []
    if table is not None:
        there = f"known of {known:,} of these architectures" if known else "known of none of these architectures"
        said.append(f"Accuracy: {table.said}; {there}.")
    for atlas in found:
        where = atlas.environment
        threads = f"{where['threads']} thread{'s' if where['threads'] > 1 else ''}"
        names = ", ".join(MEASURES[name].title for name in atlas.values)
        looked_at = f" of {atlas.data}" if atlas.data else ""
        said.append(
            f"{names}{looked_at}: computed here in {atlas.seconds:.3g} s with the weights of seed {atlas.seed} on "
            f"{where['device'].upper()} (engine {where['engine']}, torch {where['torch']}, {where['device_name']}, "
            f"{threads})."
        )
    if asked.count is not None:
        more = ", and joined by known architectures, those found by search and those of the table" if asked.also else ""
        drawn = f"Drawn uniformly with the sample seed {asked.sample_seed}, {asked.count:,} times"
        said.append(f"{drawn}; each architecture stands there once{more}.")
    return " ".join(said)


def results_of(space: str | OwnSpace) -> list[SearchResult]:
    """The last result on Explore, and the shipped one, where they are of this space."""
    last = st.session_state.get("shown")
    candidates = [example_of(space), *([last.result] if last is not None else [])]
    return [result for result in candidates if result.config.space == space]


with st.sidebar:
    question = controls.question()
    chosen_table = accuracy_table.chosen(question.space) if question is not None else None
    if question is not None:
        question = controls.besides(question, chosen_table, results_of(question.space))

if trouble := accuracy_table.trouble():
    st.error(plain(trouble), icon=":material/error:")
if question is not None and (known := controls.answered(question)):
    st.session_state["atlas shown"] = question, known

if shown := st.session_state.get("atlas shown"):
    question, atlases = shown
    population = atlases[0].population
    if chosen_table is not None and chosen_table.table.population.space != population.space:
        chosen_table = None
    with st.sidebar:
        there = controls.quantities(atlases, chosen_table)
        axes = controls.axes(there)
        st.markdown("**Filters**")
        passing = controls.filters(question, there, population)
    drawn = passing & axes.x.there & axes.y.there
    st.markdown(f"#### {headline(question, len(population), int(drawn.sum()))}")
    accurate = int(there["accuracy"].there.sum()) if "accuracy" in there else 0
    st.caption(plain(provenance(question, atlases, chosen_table, accurate)))
    atlas_view(question, population, there, axes, passing, results_of(question.space))
else:
    st.markdown("#### Atlas")
