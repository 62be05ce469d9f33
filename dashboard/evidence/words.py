"""Evidence in sentences, made from its numbers alone; Markdown, with all that a user named escaped."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dashboard.parts.text import plain
from engine.measures import MEASURES
from engine.studies.evidence import Evidence, Score
from engine.studies.found_cells import CellGroup, RecipeCells
from engine.studies.statistics import LEVEL, Interval, Pick, Summary
from engine.tables.numbers import amount, figure

_DIFFERENT = 0.005
"""The least difference of two accuracies, in per cent, that are not shown as the same."""


def is_cost(score: Score) -> bool:
    """Return True where a score is a cost, and so a baseline that a proxy must beat."""
    return not score.from_table and score.name in MEASURES and MEASURES[score.name].cost


def evidence_provenance(evidence: Evidence) -> str:
    """Say where every number comes from."""
    space = evidence.search_space
    search, evaluation = evidence.search_size, evidence.evaluation_size
    left_out = f", {evidence.left_out:,} without a number left out" if evidence.left_out else ""
    return (
        f"{plain(evidence.description)}; "
        f"{evidence.architectures:,} architecture{'s' * (evidence.architectures != 1)} of "
        f"{plain(space.title)} in the table {plain(evidence.table)}{left_out}. Scores: computed here by engine "
        f"{evidence.engine} with the weights of seed {evidence.seed}; flow in the closed form at the search size "
        f"({search.channels} channels, {search.cells} {space.cells_meaning}), parameters and MACs counted at the "
        f"evaluation size ({evaluation.channels}, {evaluation.cells}). Images, where a score needs some: "
        f"{plain(evidence.data)}. In brackets: {LEVEL:.0%} intervals from {evidence.resamples:,} bootstrap resamples "
        "of the architectures."
    )


def score_paragraphs(score: Score, evidence: Evidence) -> list[str]:
    """Say what a score is worth as a searcher, what it is worth as a ranking, and where it loses the best."""
    baselines = [other for other in evidence.scores if is_cost(other) and other is not score]
    paragraphs = [
        _first(score, evidence),
        [_order(score, evidence), *([] if is_cost(score) else _beside(score, baselines)), *_sureness(score)],
        _lost(score, evidence),
    ]
    return [" ".join(sentences) for sentences in paragraphs if sentences]


def score_name(score: Score) -> str:
    """Return the name of a score, escaped; a column of the table is marked as one."""
    return plain(score.title) + (" (from the table)" if score.from_table else "")


def _interval(interval: Interval) -> str:
    return "not defined" if math.isnan(interval.value) else interval.text


def _order(score: Score, evidence: Evidence) -> str:
    title = plain(evidence.search_space.title)
    if math.isnan(score.spearman.value):
        return (
            f"**{score_name(score)}** orders nothing here: it, or the {evidence.quantity}, is the same for all that "
            "have a score."
        )
    left_out = f" ({score.left_out:,} have no score)" if score.left_out else ""
    return (
        f"**{score_name(score)}** orders the {score.architectures:,} architecture{'s' * (score.architectures != 1)} "
        f"of {title}{left_out} with Spearman "
        f"{_interval(score.spearman)} and Kendall {_interval(score.kendall)}."
    )


def _beside(score: Score, baselines: Sequence[Score]) -> list[str]:
    """Say how well the baselines order the same architectures."""
    if math.isnan(score.spearman.value):
        return []
    groups: dict[str, list[str]] = {}
    for other in baselines:
        if not math.isnan(other.spearman.value):
            sentence = _verdict(score.spearman, other.spearman)
            groups.setdefault(sentence, []).append(f"by {score_name(other)} ({other.spearman.value:z.3f})")
    return [sentence.format(enumeration(names)) for sentence, names in groups.items()]


def _verdict(own: Interval, other: Interval) -> str:
    if own.low <= other.high and other.low <= own.high:
        return "The order {} is not clearly another one, the intervals overlap."
    return ":orange[The order {} is better.]" if other.value > own.value else "The order {} is less good."


def _sureness(score: Score) -> list[str]:
    if math.isnan(score.spearman.value) or score.spearman.low > 0:
        return []
    if score.spearman.high < 0:
        return [":orange[What it ranks high is worse.]"]
    return [":orange[Its interval holds 0: it may order nothing at all.]"]


def _first(score: Score, evidence: Evidence) -> list[str]:
    """Say what training its first, and its first few, is worth."""
    if not score.picks:
        return []
    one, unit, noun = score.picks[0], evidence.unit, evidence.search_space.cell_noun
    sentences = [
        f"If you train only the {noun} it ranks first, you get {amount(one.best, unit)}, {_behind(one, evidence)}.",
        *_as_many(one, evidence),
    ]
    worse_side = "above" if evidence.lower_is_better else "below"
    for pick in (pick for pick in score.picks if pick.gain < 0):
        them = "its first" if pick.k == 1 else f"its first {pick.k:,}"
        sentences.append(
            f":orange[The best of {them} ({figure(pick.best, unit)}) is {worse_side} what {pick.k:,} random "
            f"{'training gives' if pick.k == 1 else 'trainings give'} ({figure(evidence.at_random(pick), unit)}).]"
        )
    return sentences


def _behind(pick: Pick, evidence: Evidence) -> str:
    """Say how far the best of some trainings is from the best of the table."""
    distance, unit = evidence.regret(pick), evidence.unit
    if figure(distance, unit) == figure(0.0, unit):
        return "the best of the table"
    side, points = "above" if evidence.lower_is_better else "below", "points " if unit else ""
    return f"{figure(distance, unit)} {points}{side} the best ({amount(evidence.best, unit)})"


def _as_many(pick: Pick, evidence: Evidence) -> list[str]:
    """Say how many random trainings are expected to do as well."""
    if not math.isfinite(pick.random_trainings) or pick.random_trainings <= 1:
        return []
    return [
        f"At random you would need about {pick.random_trainings:,.0f} trainings for that; one gives "
        f"{figure(evidence.at_random(pick), evidence.unit)} on average."
    ]


def _lost(score: Score, evidence: Evidence) -> list[str]:
    """Say where it ranks the best of all."""
    place = score.rank_of_best
    if math.isnan(place.expected):
        return ["The best of the table has no score."]
    best = amount(evidence.best, evidence.unit)
    rank = f"{place.best:,.0f}" + (f"–{place.worst:,.0f}, tied," if place.worst > place.best else "")
    return [f"The best of the table ({best}) stands at rank {rank} of {score.architectures:,}."]


def enumeration(names: Sequence[str]) -> str:
    """Join `names` as a sentence takes them."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def spread_text(summary: Summary, unit: str) -> str:
    """Return mean and standard deviation of some cells."""
    mean = figure(summary.mean, unit)
    return mean if math.isnan(summary.sd) else f"{mean} ± {figure(summary.sd, unit)}"


def recipe_sentences(cells: RecipeCells, architectures: int) -> list[str]:
    """Say what every recipe found, beside the groups of the table, which has this many `architectures`."""
    return [_recipe_sentence(group, cells, architectures) for group in cells.recipes]


def _recipe_sentence(group: CellGroup, cells: RecipeCells, architectures: int) -> str:
    summary, name = group.summary, f"**{plain(group.name)}**"
    if summary.count == summary.missing:
        return f"{name}: none of the genotypes found is in the table, so nothing can be said of them."
    missing = f" ({summary.missing:,} of {summary.count:,} are not in the table)" if summary.missing else ""
    spread = f"{spread_text(summary, cells.unit)} {cells.unit}".strip()
    sentence = (
        f"{name}: {spread}{missing}, median rank {summary.median_rank:,.0f} of {architectures:,}, "
        f"mean regret {figure(summary.regret, cells.unit)}."
    )
    least, side = _DIFFERENT if cells.unit else 1e-9, "below" if cells.lower_is_better else "above"
    gains = {reference.name: reference.summary.regret - summary.regret for reference in cells.references}
    better = [name for name, gain in gains.items() if gain >= least]
    others = [name for name, gain in gains.items() if gain < least]
    return " ".join(
        [
            sentence,
            *([f"Its mean is {side} that of {_emphasised(better)}."] if better else []),
            *([f":orange[Its mean is not {side} that of {_emphasised(others)}.]"] if others else []),
        ]
    )


def _emphasised(names: Sequence[str]) -> str:
    return enumeration([f"*{plain(name)}*" for name in names])


def place_sentence(subject: str, summary: Summary, architectures: int, unit: str) -> str:
    """Say rank and regret of one cell; `subject` begins the sentence."""
    if summary.missing:
        return f"{subject}: its genotype is not in the table."
    trainings = summary.random_trainings
    as_many = (
        f"; at random you would need about {trainings:,.0f} trainings for that" if 1 < trainings < math.inf else ""
    )
    rank = f"rank {summary.median_rank:,.0f} of {architectures:,}"
    return f"{subject}: {amount(summary.mean, unit)}, {rank}, {figure(summary.regret, unit)} from the best{as_many}."
