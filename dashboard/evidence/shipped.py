"""The evidence that ships: our own figures on tables that do not, for spaces without a table of the user's."""

from __future__ import annotations

import streamlit as st

from dashboard.evidence.leaderboard import SPEARMAN, against_params, bar_ends, spearman_cell
from dashboard.parts.measure_picker import IMAGE_TITLES
from dashboard.parts.table import TableCell, TextColumn, text_table
from dashboard.parts.text import plain
from engine.measures import get_measure
from engine.proxies import get_proxy
from engine.spaces import SPACES
from engine.studies.published import published_place
from engine.studies.text_tables import NOT_KNOWN
from engine.studies.worth_document import Finding, Ranking, SpaceFigures, space_figures


def shipped_view() -> None:
    """Draw the rankings and the cells found of every space that figures ship for."""
    for name, space in SPACES.items():
        if (figures := space_figures(name)) is None:
            continue
        st.markdown(f"##### {plain(space.title)}")
        if place := shipped_place(figures):
            st.markdown(plain(place))
        rankings = ranking_rows(figures.rankings)
        text_table(f"Scores in {space.title}", _ranking_columns(figures), rankings, f"shipped rankings {name}")
        if figures.findings:
            columns = [TextColumn("Search"), *(TextColumn(title, number=True) for title in ("Finds", "Rank", "Seeds"))]
            ranked = sorted(figures.findings, key=lambda finding: -finding.mean)
            rows = [finding_row(finding, figures) for finding in ranked]
            text_table(f"What searches find in {space.title}", columns, rows, f"shipped findings {name}")
        st.caption(plain(_basis(figures)))


def shipped_place(figures: SpaceFigures) -> str:
    """Say where the cell that FreeNAS finds without limits stands among published methods, if every seed finds it."""
    table = figures.table
    finding = _unlimited(figures)
    if finding is None or not finding.certain or table.surrogate:
        return ""
    return published_place(figures.space, table.dataset, table.split, finding.mean)


def ranking_rows(rankings: list[Ranking]) -> list[list[str | TableCell]]:
    """Return a row for every ranking, the best first."""
    rows: list[list[str | TableCell]] = []
    for ranking in sorted(rankings, key=lambda ranking: -ranking.spearman.value):
        images = "" if ranking.data is None else IMAGE_TITLES[ranking.data]
        spearman, params = ranking.spearman.interval, ranking.params.interval
        rows.append(
            [
                TableCell(get_measure(ranking.measure).title, images),
                spearman_cell(spearman),
                TableCell(NOT_KNOWN) if ranking.measure == "params" else against_params(spearman, params),
                f"{ranking.architectures:,}",
            ]
        )
    return rows


def finding_row(finding: Finding, figures: SpaceFigures) -> list[str | TableCell]:
    """Return what the searches of a recipe find: its accuracy, and how far that is off the best."""
    limit = "" if finding.max_params is None else f"at most {finding.max_params / 1e6:g} M parameters"
    accuracy = f"{finding.mean:.2f} ± {finding.sd:.2f} %" if finding.sd else f"{finding.mean:.2f} %"
    return [
        TableCell(f"{get_proxy(finding.proxy).title}, {finding.recipe}", limit),
        TableCell(accuracy, f"{figures.table.best - finding.mean:.2f} below the best"),
        TableCell(f"{finding.rank:,.0f}", f"of {figures.table.architectures:,}"),
        f"{finding.seeds:,}",
    ]


def _unlimited(figures: SpaceFigures) -> Finding | None:
    """Return the figure of the first recipe of FreeNAS without a limit."""
    return next((one for one in figures.findings if one.proxy == "freeflow" and one.max_params is None), None)


def _ranking_columns(figures: SpaceFigures) -> list[TextColumn]:
    ends = bar_ends(ranking.spearman.interval for ranking in figures.rankings)
    return [
        TextColumn("Score"),
        TextColumn("Ranks (Spearman)", help=SPEARMAN, ends=ends),
        TextColumn("Against parameters", help="On the same architectures."),
        TextColumn("Weighed on", number=True, help="Architectures, of which the order is."),
    ]


def _basis(figures: SpaceFigures) -> str:
    """Say whose numbers these are."""
    table = figures.table
    dates = sorted({ranking.date for ranking in figures.rankings})
    meaning = ": ".join(dict.fromkeys((table.title, table.description)))
    return (
        f"Measured by us, {' to '.join(dict.fromkeys((dates[0], dates[-1])))}, on {meaning}, {table.architectures:,} "
        f"architectures, the best with {table.best:.2f} %; their accuracies: {table.source}."
    )
