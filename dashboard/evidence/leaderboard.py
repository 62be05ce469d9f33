"""The leaderboard of scores as rows of text: the best ranking, the best searcher, and the prize of either."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from dashboard.evidence.words import is_cost
from dashboard.parts.table import Bar, TableCell, TextColumn
from engine.studies.evidence import FINDS, Evidence, Score
from engine.studies.report import time_text
from engine.studies.statistics import Interval
from engine.studies.text_tables import NOT_KNOWN
from engine.tables.numbers import amount, figure

SPEARMAN = "Spearman's rank correlation with the accuracy, and its 95 % interval: how well it orders all."


def ranked(scores: Iterable[Score]) -> list[Score]:
    """Return scores in the order of the board: the best ranking first, those that rank nothing last."""

    def height(score: Score) -> float:
        return -math.inf if math.isnan(score.spearman.value) else score.spearman.value

    return sorted(scores, key=height, reverse=True)


def board_columns(evidence: Evidence) -> list[TextColumn]:
    """Return the columns of the leaderboard."""
    noun = evidence.search_space.cell_noun
    return [
        TextColumn("Score"),
        TextColumn("Ranks (Spearman)", help=SPEARMAN, ends=bar_ends(score.spearman for score in evidence.scores)),
        TextColumn(f"Finds (best of its first {FINDS})", number=True, help=f"Train the {FINDS} that it ranks first."),
        TextColumn("First pick", number=True, help=f"Train only the {noun} that it ranks first."),
        TextColumn("Against random", number=True, help="Random trainings that are expected to do as well."),
        TextColumn("Against parameters", help="Its ranking beside that by the parameter count."),
        TextColumn("Time each", number=True, help=f"What the score of one {noun} took on this server."),
    ]


def board_rows(evidence: Evidence, pending: Sequence[str] = ()) -> list[list[str | TableCell]]:
    """Return the rows of the leaderboard, in the order of `ranked`, and of the titles that are still to come."""
    scores = ranked(evidence.scores)
    params = next((score for score in scores if score.name == "params" and not score.from_table), None)
    searchers = [score for score in scores if score in best_searchers(evidence)]
    best = max((score.spearman.value for score in scores if not math.isnan(score.spearman.value)), default=math.inf)
    rows = [
        _row(score, evidence, params, ranks=score.spearman.value == best, finds=score in searchers) for score in scores
    ]
    return rows + [[TableCell(title, "to come"), *[NOT_KNOWN] * 6] for title in pending]


def best_searchers(evidence: Evidence) -> list[Score]:
    """Return the scores whose first few hold the best that is found."""
    picks = [(pick, score) for score in evidence.scores if (pick := score.pick(FINDS)) is not None]
    least = min((evidence.regret(pick) for pick, _ in picks), default=0.0)
    return [score for pick, score in picks if evidence.regret(pick) == least]


def bar_ends(intervals: Iterable[Interval]) -> tuple[float, float]:
    """Return the scale of the bars: 0 to 1, and as far below as an interval goes, in tenths."""
    low = min([0.0, *(interval.low for interval in intervals if not math.isnan(interval.low))])
    return math.floor(10 * low) / 10, 1.0


def spearman_cell(interval: Interval, tone: str = "") -> TableCell:
    """Return a correlation as a cell, with its interval as a bar."""
    if math.isnan(interval.value):
        return TableCell("not defined")
    note = f"{interval.low:z.3f} to {interval.high:z.3f}"
    return TableCell(f"{interval.value:z.3f}", note, tone, Bar(interval.value, interval.low, interval.high))


def against_params(own: Interval, params: Interval) -> TableCell:
    """Compare a ranking with that by the parameter count; where the intervals overlap neither is clearly better."""
    note = f"parameters {params.value:z.3f}"
    if math.isnan(own.value) or math.isnan(params.value):
        return TableCell(NOT_KNOWN)
    if own.low <= params.high and params.low <= own.high:
        return TableCell("no clear difference", note)
    return TableCell("better", note, "good") if own.value > params.value else TableCell("worse", note, "weak")


def _row(score: Score, evidence: Evidence, params: Score | None, ranks: bool, finds: bool) -> list[str | TableCell]:
    marks = ["best ranking"] * ranks + ["best searcher"] * finds
    marks += ["from the table"] * score.from_table + ["baseline"] * is_cost(score)
    return [
        TableCell(score.title, ", ".join(marks)),
        spearman_cell(score.spearman, "strong" * ranks),
        _finds_cell(score, evidence, "strong" * finds),
        _first_cell(score, evidence),
        _random_cell(score, evidence),
        TableCell(NOT_KNOWN) if params is None or score is params else against_params(score.spearman, params.spearman),
        time_text(score.seconds),
    ]


def _finds_cell(score: Score, evidence: Evidence, tone: str) -> TableCell:
    pick = score.pick(FINDS)
    if pick is None:
        return TableCell(NOT_KNOWN)
    if pick.gain < 0:
        note = f"{FINDS} at random find {figure(evidence.at_random(pick), evidence.unit)}"
        return TableCell(amount(pick.best, evidence.unit), note, "weak")
    return TableCell(amount(pick.best, evidence.unit), _behind(evidence.regret(pick), evidence), tone)


def _first_cell(score: Score, evidence: Evidence) -> TableCell:
    if math.isnan(score.accuracy):
        return TableCell(NOT_KNOWN)
    return TableCell(amount(score.accuracy, evidence.unit), _behind(score.regret, evidence))


def _behind(distance: float, evidence: Evidence) -> str:
    return f"{figure(distance, evidence.unit)} {'above' if evidence.lower_is_better else 'below'} the best"


def _random_cell(score: Score, evidence: Evidence) -> TableCell:
    """Return the random trainings that do as well as the first pick; one that does better is worth a mark."""
    if not score.picks:
        return TableCell(NOT_KNOWN)
    first = score.picks[0]
    count, sign = first.random_trainings, "-" if evidence.lower_is_better else "+"
    sign = sign if first.gain >= 0 else {"+": "-", "-": "+"}[sign]
    note = f"{sign}{figure(abs(first.gain), evidence.unit)} on one"
    if first.gain < 0:
        return TableCell("worse than one", note, "weak")
    trainings = f"{count:,.0f} training{'s' * (count != 1)}" if math.isfinite(count) else "out of reach"
    return TableCell(trainings, note)
