"""What searches find: many seeds of every recipe, one study after the other, beside groups of the whole table."""

from __future__ import annotations

import streamlit as st

from dashboard.evidence import charts
from dashboard.evidence.words import found_sentences, place_sentence, spread
from dashboard.parts.accuracy_table import Chosen
from dashboard.parts.notices import explained
from dashboard.parts.text import plain
from dashboard.server import session
from dashboard.server.examples import example_of, shipped
from dashboard.server.jobs import FAILED, STOPPED
from engine import SearchResult
from engine.genotypes.population import Population
from engine.searches.config import default_questions
from engine.searches.diagnostics import COLLAPSE, ROUNDING
from engine.spaces import OwnSpace
from engine.spaces.fields import as_space_field
from engine.studies.evidence import Cells, FoundCells, found_cells
from engine.studies.seeds import SeedsTask, SeedStudy
from engine.studies.statistics import Summary, summary

SEEDS = 100
"""How many seeds of every recipe are run."""
_WANTED = "evidence seeds"


def tasks_of(space: str | OwnSpace) -> list[SeedsTask]:
    """The studies of a space, one for every recipe."""
    return [session.study_of(config, SEEDS) for config in default_questions(space)]


def found_view(chosen: Chosen) -> FoundCells:
    """The section; what it shows is also for the exports."""
    described = chosen.table.population.space
    space, cells = as_space_field(described), f"{described.cell_noun}s"
    st.markdown("##### What searches find")
    st.caption(
        f"The genotypes that {SEEDS} seeds of each recipe find, looked up in the table, beside random {cells} (all of "
        f"the table), its {cells} of convolutions only, and its {cells} with the most parameters."
    )
    studies = _studies(space)
    found = _found(chosen, studies)
    architectures = found.references[0].summary.count
    _last_search(chosen, architectures)
    for sentence in found_sentences(found, architectures):
        st.markdown(sentence)
    _warnings(space, studies)
    st.markdown(f"**{cells.capitalize()} found, beside {cells} of the table**")
    st.plotly_chart(
        charts.found_cells(found),
        config={"displayModeBar": False},
        alt=charts.found_alt(found),
        key="found cells",
    )
    st.caption(_legend(found, cells))
    _numbers(found, cells)
    st.caption(" ".join(map(_study_words, studies)))
    return found


def _numbers(found: FoundCells, noun: str) -> None:
    two_digits = ("median", "best", "worst", "mean regret")
    whole = ("number", "median rank")
    st.dataframe(
        [_row(noun, cells) for cells in found.groups],
        hide_index=True,
        placeholder="-",
        column_config={
            **{name: st.column_config.NumberColumn(format="%.2f") for name in two_digits},
            **{name: st.column_config.NumberColumn(format="localized") for name in whole},
        },
        alt=f"Accuracies of the {noun} that recipes found, and of groups of the table",
    )


def _studies(space: str | OwnSpace) -> tuple[SeedStudy, ...]:
    """The studies that are known, with the button that runs them."""
    tasks = tasks_of(space)
    known = [session.known(task) for task in tasks]
    missing = [task for task, answer in zip(tasks, known, strict=True) if answer is None]
    if missing and not _going_on(missing[0]):
        if failure := session.failure(session.STUDYING, missing[0]):
            st.error(plain(f"The seeds ended without a result: {failure}"), icon=":material/error:")
        if st.button(f"Run {SEEDS} seeds of each recipe", icon=":material/play_arrow:", key="run_evidence_seeds"):
            st.session_state[_WANTED] = space
            session.start(missing[0], session.STUDYING)
            st.rerun()
    return tuple(answer for answer in known if isinstance(answer, SeedStudy))


def _going_on(missing: SeedsTask) -> bool:
    """Whether the studies of this space are being run; starts the next one when one has ended with a result."""
    if st.session_state.get(_WANTED) != missing.config.space:
        return False
    last = session.job(session.STUDYING)
    if last is not None and last.task == missing and last.state in (FAILED, STOPPED):
        del st.session_state[_WANTED]
        return False
    if last is None or last.task != missing or not last.active:
        session.start(missing, session.STUDYING)
    return True


def _found(chosen: Chosen, studies: tuple[SeedStudy, ...]) -> FoundCells:
    seeds = tuple((study.config, study.seeds) for study in studies)
    return _looked_up(chosen.task, chosen.column, seeds, chosen, studies)


@st.cache_resource(max_entries=16, show_spinner=False)
def _looked_up(
    task: object, column: object, seeds: object, _chosen: Chosen, _studies: tuple[SeedStudy, ...]
) -> FoundCells:
    return found_cells(_studies, _chosen.table, _chosen.name)


def _last_search(chosen: Chosen, architectures: int) -> None:
    """Rank and regret of the cell that the last search of this session found, or the shipped one."""
    described = chosen.table.population.space
    space = as_space_field(described)
    last = st.session_state.get("shown")
    result = last.result if last is not None and last.result.config.space == space else example_of(space)
    if result.config.space != space:
        return
    config = result.config
    where = "shipped with the project" if config in shipped() else "last on Explore"
    form = ", closed form" if config.field == "interior" else ""
    what = f"The {described.cell_noun} of the search {where} ({config.recipe}, seed {config.seed}{form})"
    said = _placed(chosen.task, chosen.column, result.genotype.notation, chosen, result)
    st.markdown(place_sentence(what, said, architectures))


@st.cache_resource(max_entries=64, show_spinner=False)
def _placed(task: object, column: object, notation: str, _chosen: Chosen, _result: SearchResult) -> Summary:
    population = Population.of(_result.config.space, [_result.genotype])
    return summary(_chosen.values(population), _chosen.table.of(_chosen.name))


def _warnings(space: str | OwnSpace, studies: tuple[SeedStudy, ...]) -> None:
    """What must be known of a recipe before its cells are read as a finding."""
    asked = {config.recipe: config for config in default_questions(space)}
    for study in studies:
        result = shipped().get(asked[study.config.recipe])
        for notice in result.notices if result is not None else ():
            if notice.code in (ROUNDING, COLLAPSE):
                said = f"{study.config.recipe}, as the shipped search of seed 0 says: {explained(notice)}"
                st.warning(said, icon=":material/warning:")


def _legend(found: FoundCells, noun: str) -> str:
    low, _ = charts.window(found)
    said = [
        f"Boxes: quartiles, median and (dashed) mean; whiskers: the least and the most; dots: {noun}, spread in a row."
    ]
    for cells in found.references:
        hidden = int((cells.accuracies < low).sum())
        if hidden:
            said.append(f"{hidden:,} {cells.name} lie left of the picture, the worst at {cells.summary.worst:.2f} %.")
    return " ".join(said)


def _row(noun: str, cells: Cells) -> dict[str, str | int | float | None]:
    said = cells.summary
    known = said.count > said.missing
    return {
        noun: cells.name,
        "number": said.count,
        "not in the table": said.missing,
        "mean ± sd (%)": spread(said) if known else None,
        "median": said.median if known else None,
        "best": said.best if known else None,
        "worst": said.worst if known else None,
        "median rank": said.median_rank if known else None,
        "mean regret": said.regret if known else None,
    }


def _study_words(study: SeedStudy) -> str:
    config = study.config
    how = "in the closed form" if config.field == "interior" else "in full, for batch norm has no closed form"
    different = len(study.genotypes())
    return (
        f"{config.recipe}: seeds {study.seeds[0]} to {study.seeds[-1]} {how}, {config.channels} channels and "
        f"{config.cells} {study.space.cells_meaning}, computed here in {study.seconds:.3g} s; "
        f"{different} different genotype{'s' * (different != 1)}."
    )
