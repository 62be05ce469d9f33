"""The report of evidence as text, Markdown, LaTeX or CSV, the published results of others clearly apart."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict

from engine.common.errors import quoted, unknown_name
from engine.spaces import SearchSpace, Size
from engine.studies.evidence import BUDGETS, FINDS, Evidence, Score
from engine.studies.found_cells import RecipeCells
from engine.studies.published import published, published_place
from engine.studies.statistics import LEVEL, Interval, Pick, RankRange
from engine.studies.text_tables import NOT_KNOWN, TABLE_FORMS, ReportNumber, TextTable, write_numbers, write_tables


def report_text(evidence: Evidence, cells: RecipeCells | None, form: str) -> str:
    """Write the report as `text`, `markdown`, `latex` or `csv`; `ValueError` for another form.

    It holds the scores measured on the table, the cells that recipes found, and, clearly apart, the results that others
    published in the space.
    """
    if form not in (*TABLE_FORMS, "csv"):
        raise unknown_name("format", form, (*TABLE_FORMS, "csv"))
    peers = published(evidence.space)
    if form == "csv":
        return write_numbers([*_score_numbers(evidence), *_cell_numbers(cells), *peers.numbers()])
    return write_tables([*_score_tables(evidence), *_cell_tables(cells), *peers.tables()], form)


def weighed_place(evidence: Evidence) -> str:
    """Say where the architecture that flow ranks first stands among published methods, if a whole space was weighed."""
    flow = next((score for score in evidence.scores if score.name == "flow"), None)
    if flow is None or flow.architectures != evidence.search_space.architectures():
        return ""
    return published_place(evidence.space, evidence.dataset, evidence.split, flow.accuracy)


def time_text(seconds: float) -> str:
    """Write a time in the unit that it is read in, to two digits: `8 µs`, `1.2 ms`, `2 min`."""
    for unit, size in (("h", 3600), ("min", 60), ("s", 1), ("ms", 1e-3)):
        if seconds >= size:
            return f"{_two_digits(seconds / size)} {unit}"
    if math.isnan(seconds):
        return NOT_KNOWN
    return f"{_two_digits(seconds / 1e-6)} µs" if seconds >= 1e-6 else "under 1 µs"


def _two_digits(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{float(f'{value:.2g}'):g}"


def _score_tables(evidence: Evidence) -> list[TextTable]:
    return [_leaderboard(evidence), _curves(evidence), _gains(evidence)]


def _leaderboard(evidence: Evidence) -> TextTable:
    digits = _digits(evidence.unit)
    headers = (
        *("Score", "Ranks: Spearman", f"Finds: best of its first {FINDS}", "Kendall"),
        *(f"{evidence.quantity.capitalize()} of its first", "Regret", "Rank of the best", "Scored", "Time each"),
    )
    rows = [
        (
            _title(score),
            _interval(score.spearman),
            _finds(score, evidence, digits),
            _interval(score.kendall),
            _number(score.accuracy, digits),
            _number(score.regret, digits),
            _rank(score.rank_of_best),
            f"{score.architectures:,}",
            time_text(score.seconds),
        )
        for score in evidence.scores
    ]
    title = f"Measured: how well each score orders {evidence.description}"
    return TextTable(title, headers, rows, _provenance(evidence))


def _provenance(evidence: Evidence) -> list[str]:
    """Return notes on where the numbers come from, and on what they rest."""
    space, place = evidence.search_space, weighed_place(evidence)
    return [
        *[place] * bool(place),
        f"{evidence.table}: {evidence.architectures:,} architecture{'s' * (evidence.architectures != 1)} with a number "
        f"in column {quoted(evidence.column)}, {evidence.left_out:,} without. {' '.join(evidence.notes)}",
        f"Seed {evidence.seed}; search size {_size(evidence.search_size, space)}, evaluation size "
        f"{_size(evidence.evaluation_size, space)}; images, for measures that need some: {evidence.data}.",
        f"In brackets: {LEVEL:.0%} intervals, percentiles of {evidence.resamples:,} resamples of the architectures.",
        *(f"{score.title}: {score.summary}; {score.source}." for score in evidence.scores if not score.from_table),
    ]


def _curves(evidence: Evidence) -> TextTable:
    digits = _digits(evidence.unit)
    curves = [("Random search", evidence.random), *((_title(score), score.curve) for score in evidence.scores)]
    rows = [[name, *_filled((_number(best, digits) for best in curve), len(evidence.ks))] for name, curve in curves]
    return TextTable("Measured: best among the first k by each score", ["k =", *(f"{k:,}" for k in evidence.ks)], rows)


def _gains(evidence: Evidence) -> TextTable:
    digits = _digits(evidence.unit)
    budgets = [k for k in BUDGETS if k <= evidence.architectures]
    rows = [
        [_title(score), *_filled((_gain(pick, digits) for pick in score.picks), len(budgets))]
        for score in evidence.scores
    ]
    fall = ", which is by how much less" * evidence.lower_is_better
    title = f"Measured: gain over as many random trainings{fall} (in brackets: how many of them do as well)"
    return TextTable(title, ["Trainings =", *(f"{k:,}" for k in budgets)], rows)


def _cell_tables(cells: RecipeCells | None) -> list[TextTable]:
    if cells is None:
        return []
    digits = _digits(cells.unit)
    headers = ("Cells", "Number", "Not in table", "Mean", "Median", "Best", "Worst", "Median rank", "Mean regret")
    rows = []
    for name, summary in ((group.name, group.summary) for group in cells.groups):
        mean = _number(summary.mean, digits)
        mean += "" if math.isnan(summary.sd) else f" ± {summary.sd:.{digits}f}"
        others = [_number(value, digits) for value in (summary.median, summary.best, summary.worst)]
        rank_and_regret = _number(summary.median_rank, 0), _number(summary.regret, digits)
        rows.append((name, f"{summary.count:,}", f"{summary.missing:,}", mean, *others, *rank_and_regret))
    return [TextTable(f"Found by the recipes, beside cells of the table: {cells.description}", headers, rows)]


def _finds(score: Score, evidence: Evidence, digits: int) -> str:
    """Write the best of the first few by a score, and how far that is from the best of all."""
    pick = score.pick(FINDS)
    return NOT_KNOWN if pick is None else f"{_number(pick.best, digits)} ({_number(evidence.regret(pick), digits)} off)"


def _title(score: Score) -> str:
    return score.title + " (from the table)" * score.from_table


def _number(value: float, digits: int = 2) -> str:
    return NOT_KNOWN if math.isnan(value) else f"{value:z,.{digits}f}"


def _digits(unit: str) -> int:
    """Return the decimals of a number: two of per cents, four of losses and the like."""
    return 2 if unit else 4


def _gain(pick: Pick, digits: int) -> str:
    return f"{pick.gain:+z.{digits}f} ({pick.random_trainings:,.0f})"


def _filled(texts: Iterable[str], count: int) -> list[str]:
    """Return `count` texts, those that are missing at the end as not known."""
    filled = list(texts)
    return filled + [NOT_KNOWN] * (count - len(filled))


def _interval(interval: Interval) -> str:
    return NOT_KNOWN if math.isnan(interval.value) else interval.text


def _rank(ranks: RankRange) -> str:
    """Write a rank, or the first and last that ties leave open."""
    return _number(ranks.best, 0) + f" to {ranks.worst:,.0f}" * (ranks.worst > ranks.best)


def _size(size: Size, space: SearchSpace) -> str:
    return f"{size.channels} channels and {size.cells} {space.cells_meaning}"


def _score_numbers(evidence: Evidence) -> list[ReportNumber]:
    table = evidence.table
    numbers = [
        ReportNumber("measured", "all", "architectures", None, evidence.architectures, table),
        ReportNumber("measured", "all", "lower_is_better", None, int(evidence.lower_is_better), table),
        ReportNumber("measured", "all", "best", None, evidence.best, table),
    ]
    for k, best in zip(evidence.ks, evidence.random, strict=True):
        numbers.append(ReportNumber("measured", "random search", "best_of_first", k, best, table))
    for score in evidence.scores:
        row, source, rank = ("table" if score.from_table else "measured", score.name), score.source, score.rank_of_best
        numbers.append(ReportNumber(*row, "architectures", None, score.architectures, source))
        for name, interval in (("spearman", score.spearman), ("kendall", score.kendall)):
            numbers.append(ReportNumber(*row, name, None, interval.value, source, interval.low, interval.high))
        numbers.append(ReportNumber(*row, f"{evidence.quantity}_of_first", None, score.accuracy, source))
        numbers.append(ReportNumber(*row, "regret", None, score.regret, source))
        numbers.append(ReportNumber(*row, "rank_of_best", None, rank.expected, source, rank.best, rank.worst))
        for k, best in zip(evidence.ks, score.curve, strict=False):
            numbers.append(ReportNumber(*row, "best_of_first", k, best, source))
        for pick in score.picks:
            numbers.append(ReportNumber(*row, "gain_over_random", pick.k, pick.gain, source))
            numbers.append(ReportNumber(*row, "random_trainings", pick.k, pick.random_trainings, source))
    return numbers


def _cell_numbers(cells: RecipeCells | None) -> list[ReportNumber]:
    if cells is None:
        return []
    return [
        ReportNumber("found", group.name, name, None, value, cells.description)
        for group in cells.groups
        for name, value in asdict(group.summary).items()
    ]
