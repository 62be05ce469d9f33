"""The cells that searches find: many seeds of every recipe, study by study, beside groups of the whole table."""

from __future__ import annotations

import streamlit as st

from dashboard.evidence.charts import recipe_alt, recipe_figure, recipe_window
from dashboard.evidence.state import EvidenceState
from dashboard.evidence.words import place_sentence, recipe_sentences, spread_text
from dashboard.parts.accuracy_table import TableColumn
from dashboard.parts.chart import chart
from dashboard.parts.notices import explained_notice
from dashboard.parts.table import TextColumn, text_table
from dashboard.parts.text import plain
from dashboard.server import session
from dashboard.server.examples import example_of, shipped
from dashboard.server.jobs import FAILED, STOPPED
from dashboard.server.results import LastResult
from dashboard.server.state import state
from engine import SearchResult
from engine.genotypes.population import Population
from engine.searches.config import default_questions
from engine.searches.diagnostics import COLLAPSE, PRECISION, ROUNDING
from engine.spaces import OwnSpace
from engine.spaces.fields import as_space_field
from engine.studies.found_cells import CellGroup, RecipeCells, column_summary, recipe_cells
from engine.studies.published import published_place
from engine.studies.seeds import SeedsTask, SeedStudy
from engine.studies.statistics import Summary
from engine.studies.text_tables import NOT_KNOWN
from engine.tables.numbers import amount, figure

SEEDS = 100
"""The number of seeds that are run of every recipe."""


def study_tasks(space: str | OwnSpace) -> list[SeedsTask]:
    """Return the studies of a space, one for every recipe."""
    return [session.seeds_task(config, SEEDS) for config in default_questions(space)]


def recipes_view(table_column: TableColumn) -> RecipeCells:
    """Draw the section of the cells that recipes find; return them, for the exports."""
    space = table_column.table.population.space
    field, nouns = as_space_field(space), f"{space.cell_noun}s"
    st.markdown("##### What searches find")
    st.caption(
        f"The genotypes that {SEEDS} seeds of each recipe find, looked up in the table, beside random {nouns} (all of "
        f"the table), its {nouns} of convolutions only, and its {nouns} with the most parameters."
    )
    studies = _studies(field)
    cells = _cells(table_column, studies)
    architectures = cells.references[0].summary.count
    _last_search(table_column, architectures)
    for sentence in recipe_sentences(cells, architectures):
        st.markdown(sentence)
    _warnings(field, studies)
    st.markdown(f"**{nouns.capitalize()} found, beside {nouns} of the table**")
    chart(recipe_figure(cells), "found cells", recipe_alt(cells))
    st.caption(_legend(cells, nouns))
    _group_table(cells, nouns)
    st.caption(" ".join(map(_study_sentence, studies)))
    return cells


def _group_table(cells: RecipeCells, nouns: str) -> None:
    mean = f"Mean ± sd ({cells.unit})" if cells.unit else "Mean ± sd"
    numbers = ("Number", "Not in the table", mean, "Median", "Best", "Worst", "Median rank", "Mean regret")
    text_table(
        f"Numbers of the {nouns} that recipes found, and of groups of the table",
        [TextColumn(nouns.capitalize()), *(TextColumn(title, number=True) for title in numbers)],
        [group_row(group, cells.unit) for group in cells.groups],
        "found groups",
    )


def _studies(space: str | OwnSpace) -> tuple[SeedStudy, ...]:
    """Draw the button that runs the studies; return those that are known."""
    tasks = study_tasks(space)
    answers = [session.known_answer(task) for task in tasks]
    missing = [task for task, answer in zip(tasks, answers, strict=True) if answer is None]
    if missing and not _continue_studies(missing[0]):
        if failure := session.failure(session.STUDYING, missing[0]):
            st.error(plain(f"The seeds ended without a result: {failure}"), icon=":material/error:")
        if st.button(f"Run {SEEDS} seeds of each recipe", icon=":material/play_arrow:", key="run_evidence_seeds"):
            state(EvidenceState).studied_space = space
            session.start(missing[0], session.STUDYING)
            st.rerun()
    return tuple(answer for answer in answers if isinstance(answer, SeedStudy))


def _continue_studies(missing: SeedsTask) -> bool:
    """Start the next study where one has ended with a result; return True while those of this space are being run."""
    memory = state(EvidenceState)
    if memory.studied_space != missing.config.space:
        return False
    last = session.job(session.STUDYING)
    if last is not None and last.task == missing and last.state in (FAILED, STOPPED):
        memory.studied_space = None
        return False
    if last is None or last.task != missing or not last.active:
        session.start(missing, session.STUDYING)
    return True


def _cells(table_column: TableColumn, studies: tuple[SeedStudy, ...]) -> RecipeCells:
    seeds = tuple((study.config, study.seeds) for study in studies)
    return _cached_cells(table_column.task, table_column.column, seeds, table_column, studies)


@st.cache_resource(max_entries=16, show_spinner=False)
def _cached_cells(
    task: object, column: object, seeds: object, _table_column: TableColumn, _studies: tuple[SeedStudy, ...]
) -> RecipeCells:
    return recipe_cells(_studies, _table_column.table, _table_column.name)


def searched_place(table_column: TableColumn) -> str:
    """Say where the cell of the search that ships stands among published methods, by its accuracy in the table."""
    field, column = as_space_field(table_column.table.population.space), table_column.column
    result = example_of(field)
    if result.config.space != field or column.surrogate or column.quantity != "accuracy":
        return ""
    accuracy = _cached_summary(table_column.task, column, result.genotype.notation, table_column, result).mean
    return published_place(field, column.dataset, column.split, accuracy)


def _last_search(table_column: TableColumn, architectures: int) -> None:
    """Say rank and regret of the cell that the last search of this session found, or the shipped one."""
    space = table_column.table.population.space
    field, last = as_space_field(space), state(LastResult).shown
    result = last.result if last is not None and last.result.config.space == field else example_of(field)
    if result.config.space != field:
        return
    config = result.config
    origin = "shipped with the project" if config in shipped() else "last on Explore"
    form = ", closed form" if config.field == "interior" else ""
    subject = f"The {space.cell_noun} of the search {origin} ({config.recipe}, seed {config.seed}{form})"
    accuracy = _cached_summary(table_column.task, table_column.column, result.genotype.notation, table_column, result)
    st.markdown(place_sentence(subject, accuracy, architectures, table_column.column.unit))


@st.cache_resource(max_entries=64, show_spinner=False)
def _cached_summary(
    task: object, column: object, notation: str, _table_column: TableColumn, _result: SearchResult
) -> Summary:
    population = Population.of(_result.config.space, [_result.genotype])
    return column_summary(_table_column.table, _table_column.name, _table_column.values(population))


def _warnings(space: str | OwnSpace, studies: tuple[SeedStudy, ...]) -> None:
    """Draw what must be known of a recipe before its cells are read as a finding."""
    questions = {config.recipe: config for config in default_questions(space)}
    for study in studies:
        recipe = study.config.recipe
        result = shipped().get(questions[recipe])
        for notice in result.notices if result is not None else ():
            if notice.code in (ROUNDING, PRECISION, COLLAPSE):
                sentence = f"{recipe}, as the shipped search of seed 0 says: {explained_notice(notice)}"
                st.warning(sentence, icon=":material/warning:")


def _legend(cells: RecipeCells, nouns: str) -> str:
    low, high = recipe_window(cells)
    side = "right" if cells.lower_is_better else "left"
    sentences = [
        f"Boxes: quartiles, median and (dashed) mean; whiskers: the least and the most; dots: {nouns}, spread in a row."
    ]
    for group in cells.references:
        hidden = int(((group.accuracies < low) | (group.accuracies > high)).sum())
        if hidden:
            worst = amount(group.summary.worst, cells.unit)
            sentences.append(f"{hidden:,} {group.name} lie {side} of the picture, the worst at {worst}.")
    return " ".join(sentences)


def group_row(group: CellGroup, unit: str) -> list[str]:
    """Return the numbers of a group of cells as a row of text."""
    summary = group.summary
    counts = [group.name, f"{summary.count:,}", f"{summary.missing:,}"]
    if summary.count == summary.missing:
        return counts + [NOT_KNOWN] * 6
    middle = (figure(value, unit) for value in (summary.median, summary.best, summary.worst))
    rank = f"{summary.median_rank:,.0f}"
    return [*counts, spread_text(summary, unit), *middle, rank, figure(summary.regret, unit)]


def _study_sentence(study: SeedStudy) -> str:
    config = study.config
    how = "in the closed form" if config.field == "interior" else "in full, for batch norm has no closed form"
    different = len(study.genotype_counts())
    return (
        f"{config.recipe}: seeds {study.seeds[0]} to {study.seeds[-1]} {how}, {config.channels} channels and "
        f"{config.cells} {study.space.cells_meaning}, computed here in {study.seconds:.3g} s; "
        f"{different} different genotype{'s' * (different != 1)}."
    )
