"""What the evidence says, in sentences made from its numbers alone; Markdown, with all that a user named escaped."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dashboard.parts.text import plain
from engine.measures import MEASURES
from engine.studies.evidence import Cells, Evidence, FoundCells, Score
from engine.studies.statistics import LEVEL, Interval, Summary

_DIFFERENT = 0.005
"""Accuracies in per cent that are nearer to each other are shown as the same."""


def is_cost(score: Score) -> bool:
    """Whether a score is a cost, and so a baseline that a proxy must beat."""
    return not score.from_table and score.name in MEASURES and MEASURES[score.name].cost


def provenance(evidence: Evidence) -> str:
    """Where every number comes from."""
    described = evidence.search_space
    search, at_end = evidence.search_size, evidence.evaluation_size
    left_out = f", {evidence.left_out:,} without a number left out" if evidence.left_out else ""
    return (
        f"Accuracies: {plain(evidence.said)}; "
        f"{evidence.architectures:,} architecture{'s' * (evidence.architectures != 1)} of "
        f"{plain(described.title)} in the table {plain(evidence.table)}{left_out}. Scores: computed here by engine "
        f"{evidence.engine} with the weights of seed {evidence.seed}; flow in the closed form at the search size "
        f"({search.channels} channels, {search.cells} {described.cells_meaning}), parameters and MACs counted at the "
        f"evaluation size ({at_end.channels}, {at_end.cells}). Images, where a score needs some: "
        f"{plain(evidence.data)}. In brackets: {LEVEL:.0%} intervals from {evidence.resamples:,} bootstrap resamples "
        "of the architectures."
    )


def findings(evidence: Evidence) -> list[str]:
    """What each score is worth, and where it is weak, a paragraph for each that is no baseline.

    With baselines alone there is one paragraph for all of them.
    """
    baselines = [score for score in evidence.scores if is_cost(score)]
    scores = [score for score in evidence.scores if not is_cost(score)]
    if not scores:
        return [_order(score, evidence) for score in baselines]
    return [
        " ".join(
            [
                _order(score, evidence),
                *_beside(score, baselines),
                *_sureness(score),
                *_first(score, evidence),
                *_lost(score, evidence),
            ]
        )
        for score in scores
    ]


def name_of(score: Score) -> str:
    """What a score is called, escaped; a column of the table is marked as one."""
    return plain(score.title) + (" (from the table)" if score.from_table else "")


def interval(found: Interval) -> str:
    """A number with its interval."""
    if math.isnan(found.value):
        return "not defined"
    return f"{found.value:z.3f} [{found.low:z.3f}, {found.high:z.3f}]"


def _order(score: Score, evidence: Evidence) -> str:
    title = plain(evidence.search_space.title)
    if math.isnan(score.spearman.value):
        return f"**{name_of(score)}** orders nothing here: it, or the accuracy, is the same for all that have a score."
    left_out = f" ({score.left_out:,} have no score)" if score.left_out else ""
    return (
        f"**{name_of(score)}** orders the {score.architectures:,} architecture{'s' * (score.architectures != 1)} "
        f"of {title}{left_out} with Spearman "
        f"{interval(score.spearman)} and Kendall {interval(score.kendall)}."
    )


def _beside(score: Score, baselines: Sequence[Score]) -> list[str]:
    """How well the baselines order the same architectures."""
    if math.isnan(score.spearman.value):
        return []
    groups: dict[str, list[str]] = {}
    for other in baselines:
        if not math.isnan(other.spearman.value):
            sentence = _verdict(score.spearman, other.spearman)
            groups.setdefault(sentence, []).append(f"by {name_of(other)} ({other.spearman.value:z.3f})")
    return [sentence.format(listed(names)) for sentence, names in groups.items()]


def _verdict(own: Interval, other: Interval) -> str:
    if own.low <= other.high and other.low <= own.high:
        return "The order {} is not clearly another one, the intervals overlap."
    return ":orange[The order {} is better.]" if other.value > own.value else "The order {} is less good."


def _sureness(score: Score) -> list[str]:
    if math.isnan(score.spearman.value) or score.spearman.low > 0:
        return []
    if score.spearman.high < 0:
        return [":orange[What it ranks high is less accurate.]"]
    return [":orange[Its interval holds 0: it may order nothing at all.]"]


def _first(score: Score, evidence: Evidence) -> list[str]:
    """What training its first, and its first few, is worth."""
    if not score.picks:
        return []
    one = score.picks[0]
    said = [
        f"Its first has {one.best:.2f} %, {score.regret:.2f} below the best of the table; a random one has "
        f"{one.best - one.gain:.2f} on average{_as_many(one.random_trainings, evidence)}."
    ]
    worse = [pick for pick in score.picks if pick.gain < 0]
    for pick in worse:
        them = "its first" if pick.k == 1 else f"its first {pick.k:,}"
        said.append(
            f":orange[The best of {them} ({pick.best:.2f}) is below what {pick.k:,} random "
            f"{'training gives' if pick.k == 1 else 'trainings give'} ({pick.best - pick.gain:.2f}).]"
        )
    return said


def _as_many(trainings: float, evidence: Evidence) -> str:
    if not math.isfinite(trainings) or trainings <= 1:
        return ""
    return f", and it takes {trainings:,.0f} random trainings to expect as much"


def _lost(score: Score, evidence: Evidence) -> list[str]:
    """Where it ranks the best of all."""
    place = score.rank_of_best
    if math.isnan(place.expected):
        return ["The best of the table has no score."]
    ties = f" to {place.worst:,.0f}, tied," if place.worst > place.best else ""
    return [f"The best of the table ({evidence.best:.2f} %) ranks {place.best:,.0f}{ties} of {score.architectures:,}."]


def listed(names: Sequence[str]) -> str:
    """`names` as a sentence takes them."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def spread(said: Summary) -> str:
    """Mean and standard deviation of some cells."""
    return f"{said.mean:.2f}" if math.isnan(said.sd) else f"{said.mean:.2f} ± {said.sd:.2f}"


def found_sentences(found: FoundCells, architectures: int) -> list[str]:
    """What every recipe found, beside the groups of the table."""
    return [_recipe(cells, found.references, architectures) for cells in found.recipes]


def _recipe(cells: Cells, references: Sequence[Cells], architectures: int) -> str:
    said, name = cells.summary, f"**{plain(cells.name)}**"
    known = said.count - said.missing
    if not known:
        return f"{name}: none of the genotypes found is in the table, so nothing can be said of them."
    missing = f" ({said.missing:,} of {said.count:,} are not in the table)" if said.missing else ""
    sentence = (
        f"{name}: {spread(said)} %{missing}, median rank {said.median_rank:,.0f} of {architectures:,}, "
        f"mean regret {said.regret:.2f}."
    )
    better = [each.name for each in references if said.mean - each.summary.mean >= _DIFFERENT]
    others = [each.name for each in references if said.mean - each.summary.mean < _DIFFERENT]
    return " ".join(
        [
            sentence,
            *([f"Its mean is above that of {_quoted(better)}."] if better else []),
            *([f":orange[Its mean is not above that of {_quoted(others)}.]"] if others else []),
        ]
    )


def _quoted(names: Sequence[str]) -> str:
    return listed([f"*{plain(name)}*" for name in names])


def place_sentence(what: str, said: Summary, architectures: int) -> str:
    """Rank and regret of one cell that was found."""
    if said.missing:
        return f"{what}: its genotype is not in the table."
    trainings = said.random_trainings
    as_many = f", what {trainings:,.0f} random trainings are expected to reach" if 1 < trainings < math.inf else ""
    rank = f"rank {said.median_rank:,.0f} of {architectures:,}"
    return f"{what}: {said.mean:.2f} %, {rank}, regret {said.regret:.2f}{as_many}."
