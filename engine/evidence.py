"""The evidence of a table of accuracies: what every measure is worth on it, and what searches found."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from engine.config import CUSTOM, explain
from engine.cost import edge_costs
from engine.errors import shown, unknown
from engine.genotype import load_json, parse_genotype
from engine.measures import MEASURES, Measure, Setting, measure
from engine.operations import operation
from engine.population import Population
from engine.progress import Progress
from engine.published import FORMS, NOT_KNOWN, Number, Table, numbers_written, published, tables_written
from engine.spaces import Size
from engine.statistics import (
    LEVEL,
    RESAMPLES,
    Interval,
    Pick,
    Rank,
    Selection,
    Summary,
    Values,
    expected_best,
    kendall,
    selection,
    spearman,
    summary,
)
from engine.version import __version__

if TYPE_CHECKING:
    from engine.data import Data
    from engine.study import SeedStudy
    from engine.tables.table import AccuracyTable

SCHEMA = "freenas/evidence@1"
SAMPLE_SEED = 0
"""The seed of every sample of a table, so that scores taken at different times are of the same architectures."""
BUDGETS = (1, 10, 100)
"""The numbers of trainings at which a score is set against random search."""


@dataclass(frozen=True)
class Score(Selection):
    """One measure, or one column of the table, as a score of architectures: how well it orders them by accuracy, and
    what choosing by it is worth."""

    name: str
    title: str
    summary: str
    source: str
    from_table: bool
    spearman: Interval
    kendall: Interval


@dataclass(frozen=True)
class Evidence:
    """Every score against one column of accuracies, as plain data.

    `said` is what the column holds; `left_out` counts the table's architectures without an accuracy there, `notes` say
    what else was left out and why. `random` is the expected best of k random architectures, for each k of `ks`.
    Measures were taken with the weights of `seed`, on `data` if they need images, at that of the two sizes of the space
    which their summary names (`search_size` where it names none); an interval rests on `resamples` resamples of the
    architectures, drawn from the same seed.
    """

    table: str
    space: str
    column: str
    said: str
    architectures: int
    left_out: int
    notes: tuple[str, ...]
    best: float
    best_notation: str
    seed: int
    data: str
    resamples: int
    search_size: Size
    evaluation_size: Size
    ks: tuple[int, ...]
    random: tuple[float, ...]
    scores: tuple[Score, ...]
    engine: str = __version__

    def to_dict(self) -> dict[str, Any]:
        """The evidence as plain data; None for what is not defined."""
        data = json.loads(json.dumps(asdict(self)), parse_constant=lambda name: None)
        return {"schema": SCHEMA, **data}

    def to_json(self) -> str:
        """The evidence as JSON text."""
        return json.dumps(self.to_dict(), separators=(",", ":"), allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Evidence:
        """Read what `to_json` wrote; `ValueError` says in one sentence what is wrong and where."""
        data = load_json(text)
        found = data.get("schema") if isinstance(data, dict) else data
        if found != SCHEMA:
            raise ValueError(f"schema: {shown(found)} found, '{SCHEMA}' expected")
        try:
            return TypeAdapter(cls).validate_python(_with_nan(data))
        except ValidationError as error:
            raise ValueError(explain(error)) from None

    def to_csv(self) -> str:
        """Every number in a row of its own, to six digits."""
        return numbers_written(_score_numbers(self))

    def to_markdown(self) -> str:
        """The tables in Markdown."""
        return tables_written(_score_tables(self), "markdown")

    def to_latex(self) -> str:
        """The tables in LaTeX, for the package booktabs."""
        return tables_written(_score_tables(self), "latex")


@dataclass(frozen=True, eq=False)
class Cells:
    """Cells of one origin: their accuracies `(cells,)`, nan where the table has none, and these in a few numbers."""

    name: str
    accuracies: Values
    summary: Summary


@dataclass(frozen=True, eq=False)
class FoundCells:
    """What recipes found over many seeds, and groups of the whole table to set beside it."""

    said: str
    recipes: tuple[Cells, ...]
    references: tuple[Cells, ...]

    @property
    def groups(self) -> tuple[Cells, ...]:
        """All groups, the recipes first."""
        return self.recipes + self.references


def evidence(
    table: AccuracyTable,
    column: str,
    *,
    measures: Sequence[str] | None = None,
    columns: Sequence[str] = (),
    seed: int = 0,
    resamples: int = RESAMPLES,
    sample: int | None = None,
    device: str = "auto",
    data: Data | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Evidence:
    """What `measures`, and other number `columns` of the table, are worth as scores of the accuracies in `column`.

    Where `measures` is None, all are taken that `data` (Gaussian noise without labels where it is None) allows; where
    `sample` is given, so many architectures at most, drawn from `SAMPLE_SEED`, stand for all.
    `on_progress` counts architectures measured and resamples drawn. Raises `ValueError` for an unknown name or a column
    without a number, `SearchStopped` when `should_stop` says so, and what a measure raises.
    """
    chosen = [measure(name) for name in (_takeable(data) if measures is None else measures)]
    population, accuracies = _known(table, column)
    notes = table.report.sentences
    if sample is not None and sample < len(population):
        notes = [*notes, f"A fixed sample of {sample:,} of {len(population):,} architectures stands for all."]
        rows = _sampled(len(population), sample)
        population, accuracies = population.take(rows), accuracies[rows]
    scorers = [(each, False) for each in chosen] + [(_column(table, name, population), True) for name in columns]
    ks = tuple(k for power in range(10) for k in (10**power, 3 * 10**power) if k <= len(population))
    parts = _Parts(on_progress, len(scorers) * (len(population) + 2 * resamples))
    judge = _Judge(population, accuracies, ks, resamples, Setting(seed, device, data, None, should_stop), parts)
    best = int(accuracies.argmax())
    return Evidence(
        table=table.name,
        space=population.space.name,
        column=column,
        said=table.column(column).said,
        architectures=len(population),
        left_out=int(np.isnan(table.of(column)).sum()),
        notes=tuple(notes),
        best=float(accuracies[best]),
        best_notation=population.genotype(best).notation,
        seed=seed,
        data="Gaussian noise" if data is None else data.name,
        resamples=resamples,
        search_size=population.space.search_size,
        evaluation_size=population.space.evaluation_size,
        ks=ks,
        random=tuple(expected_best(accuracies, ks).tolist()),
        scores=tuple(judge.score(scorer, from_table) for scorer, from_table in scorers),
    )


def found_cells(studies: Sequence[SeedStudy], table: AccuracyTable, column: str) -> FoundCells:
    """The accuracies of what each study found, beside those of random cells (the whole table), of the cells of
    convolutions only, and of the cells with the most parameters. `ValueError` for a study of another space."""
    population, accuracies = _known(table, column)
    params = edge_costs(population.space)["params"].of(population)
    references = [
        ("random cells", accuracies),
        ("convolutions only", accuracies[convolutional(population)]),
        ("most parameters", accuracies[params == params.max()]),
    ]
    recipes = []
    for study in studies:
        genotypes = Population.of(study.space, [parse_genotype(each, study.space) for each in study.notations])
        recipes.append((_recipe(study), table.lookup(genotypes, column)))
    described = [
        tuple(Cells(name, values, summary(values, accuracies)) for name, values in groups)
        for groups in (recipes, references)
    ]
    return FoundCells(table.column(column).said, *described)


def convolutional(population: Population) -> NDArray[np.bool_]:
    """Whether every edge that an architecture keeps has a convolution, `(architectures,)`."""
    has_weights = [operation(name).convolutional for name in population.space.operations]
    return np.asarray(np.array([*has_weights, True])[population.operations].all((0, 2)))  # ABSENT, -1, finds the True


def report_text(evidence: Evidence, found: FoundCells | None, form: str) -> str:
    """Everything there is to say, as `text`, `markdown`, `latex` or `csv`: what was measured on the table, what recipes
    found, and, clearly apart, what others published in the space. `ValueError` for another form."""
    if form not in (*FORMS, "csv"):
        raise unknown("form", form, (*FORMS, "csv"))
    peers = published(evidence.space)
    if form == "csv":
        return numbers_written([*_score_numbers(evidence), *_found_numbers(found), *peers.numbers()])
    return tables_written([*_score_tables(evidence), *_found_tables(found), *peers.tables()], form)


class _Parts:
    """The progress of a piece of work that is made of parts, one after the other."""

    def __init__(self, on_progress: Callable[[Progress], None] | None, total: int) -> None:
        self.on_progress, self.total, self.done, self.started = on_progress, total, 0, time.perf_counter()

    def following(self, units: int) -> Callable[[Progress], None] | None:
        """What the next part, of so many units, reports to."""
        before, tell = self.done, self.on_progress
        self.done += units
        if tell is None:
            return None
        return lambda part: tell(
            Progress(before + units * part.done // part.total, self.total, time.perf_counter() - self.started)
        )


@dataclass(frozen=True)
class _Judge:
    """The accuracies that scores are set against, and how."""

    population: Population
    accuracies: Values
    ks: tuple[int, ...]
    resamples: int
    setting: Setting
    parts: _Parts

    def score(self, scorer: Measure, from_table: bool) -> Score:
        """Take a measure and judge it."""
        told = self.parts.following(len(self.population))
        values = scorer.of(self.population, replace(self.setting, on_progress=told))
        seed, should_stop = self.setting.seed, self.setting.should_stop
        how: dict[str, Any] = {"resamples": self.resamples, "seed": seed, "should_stop": should_stop}
        return Score(
            name=scorer.name,
            title=scorer.title,
            summary=scorer.summary,
            source=scorer.source,
            from_table=from_table,
            spearman=spearman(values, self.accuracies, on_progress=self.parts.following(self.resamples), **how),
            kendall=kendall(values, self.accuracies, on_progress=self.parts.following(self.resamples), **how),
            **vars(selection(values, self.accuracies, self.ks, BUDGETS)),
        )


def _takeable(data: Data | None) -> list[str]:
    """The measures that can be taken of these images."""
    labelled = data is not None and data.labels is not None
    return [each.name for each in MEASURES.values() if labelled or not each.needs_labels]


def _known(table: AccuracyTable, column: str) -> tuple[Population, Values]:
    """The architectures with a number in `column`, and the numbers."""
    values = table.of(column)
    rows = np.flatnonzero(~np.isnan(values))
    if not len(rows):
        raise ValueError(f"column {shown(column)} of {table.name} holds no number")
    return table.population.take(rows), values[rows]


def _sampled(count: int, sample: int) -> NDArray[np.int64]:
    """The rows of a fixed sample, in order; `ValueError` for one too small to rank."""
    if sample < 2:
        raise ValueError(f"a sample of {sample} given; at least 2 architectures can be ranked")
    return np.sort(np.random.default_rng(SAMPLE_SEED).choice(count, sample, replace=False))


def _column(table: AccuracyTable, name: str, population: Population) -> Measure:
    """A column of the table as a measure of `population`."""
    values = table.lookup(population, name)
    said = table.column(name).said
    return Measure(name, name, "", said, f"from the table {table.name}", lambda population, setting: values)


def _recipe(study: SeedStudy) -> str:
    config, count = study.config, len(study.seeds)
    parts = f"{config.normalisation}, {config.alpha}, {config.method}"
    name = f"{config.recipe} ({parts})" if config.recipe == CUSTOM else config.recipe
    marked = f", {study.rounding} of them rounding error" if study.rounding else ""
    return f"{name}, {count} seed{'s' * (count != 1)}{marked}"


def _with_nan(data: Any) -> Any:
    """What JSON holds, nan in place of null."""
    if isinstance(data, dict):
        return {name: _with_nan(value) for name, value in data.items()}
    if isinstance(data, list):
        return [_with_nan(value) for value in data]
    return math.nan if data is None else data


def _score_tables(evidence: Evidence) -> list[Table]:
    notes = [
        f"{evidence.table}: {evidence.architectures:,} architectures with a number in column {shown(evidence.column)}, "
        f"{evidence.left_out:,} without. {' '.join(evidence.notes)}",
        f"Seed {evidence.seed}; search size {_size(evidence.search_size)}, evaluation size "
        f"{_size(evidence.evaluation_size)}; images, for measures that need some: {evidence.data}.",
        f"In brackets: {LEVEL:.0%} intervals, percentiles of {evidence.resamples:,} resamples of the architectures.",
        *(f"{score.title}: {score.summary}; {score.source}." for score in evidence.scores if not score.from_table),
    ]
    agreement = [
        (
            _title(score),
            _interval(score.spearman),
            _interval(score.kendall),
            _number(score.accuracy),
            _number(score.regret),
            _places(score.rank_of_best),
            f"{score.architectures:,}",
        )
        for score in evidence.scores
    ]
    headers = ("Score", "Spearman", "Kendall", "Accuracy of its first", "Regret", "Rank of the best", "Scored")
    lists = [("Random search", evidence.random), *((_title(score), score.curve) for score in evidence.scores)]
    curves = [[name, *_filled(map(_number, curve), len(evidence.ks))] for name, curve in lists]
    budgets = [k for k in BUDGETS if k <= evidence.architectures]
    gains = [[_title(score), *_filled(map(_gain, score.picks), len(budgets))] for score in evidence.scores]
    gain = "Measured: gain over as many random trainings (in brackets: how many of them do as well)"
    return [
        Table(f"Measured: how well each score orders {evidence.said}", headers, agreement, notes),
        Table("Measured: best among the first k by each score", ["k =", *(f"{k:,}" for k in evidence.ks)], curves),
        Table(gain, ["Trainings =", *(f"{k:,}" for k in budgets)], gains),
    ]


def _found_tables(found: FoundCells | None) -> list[Table]:
    if found is None:
        return []
    headers = ("Cells", "Number", "Not in table", "Mean", "Median", "Best", "Worst", "Median rank", "Mean regret")
    rows = []
    for name, said in ((cells.name, cells.summary) for cells in found.groups):
        mean = _number(said.mean) if math.isnan(said.sd) else f"{said.mean:.2f} ± {said.sd:.2f}"
        others = [_number(value) for value in (said.median, said.best, said.worst)]
        rank_and_regret = _number(said.median_rank, 0), _number(said.regret)
        rows.append((name, f"{said.count:,}", f"{said.missing:,}", mean, *others, *rank_and_regret))
    return [Table(f"Found by the recipes, beside cells of the table: {found.said}", headers, rows)]


def _title(score: Score) -> str:
    return score.title + " (from the table)" * score.from_table


def _number(value: float, digits: int = 2) -> str:
    return NOT_KNOWN if math.isnan(value) else f"{value:z,.{digits}f}"


def _gain(pick: Pick) -> str:
    return f"{pick.gain:+z.2f} ({pick.random_trainings:,.0f})"


def _filled(cells: Iterable[str], count: int) -> list[str]:
    given = list(cells)
    return given + [NOT_KNOWN] * (count - len(given))


def _interval(found: Interval) -> str:
    return NOT_KNOWN if math.isnan(found.value) else f"{found.value:z.3f} [{found.low:z.3f}, {found.high:z.3f}]"


def _places(found: Rank) -> str:
    """A rank, or the ranks between which ties leave it open."""
    return _number(found.best, 0) + f" to {found.worst:,.0f}" * (found.worst > found.best)


def _size(size: Size) -> str:
    return f"{size.channels} channels and {size.cells} cells"


def _score_numbers(evidence: Evidence) -> list[Number]:
    table = evidence.table
    numbers = [
        Number("measured", "all", "architectures", None, evidence.architectures, table),
        Number("measured", "all", "best", None, evidence.best, table),
    ]
    for k, best in zip(evidence.ks, evidence.random, strict=True):
        numbers.append(Number("measured", "random search", "best_of_first", k, best, table))
    for score in evidence.scores:
        row, source, place = ("table" if score.from_table else "measured", score.name), score.source, score.rank_of_best
        numbers.append(Number(*row, "architectures", None, score.architectures, source))
        for name, found in (("spearman", score.spearman), ("kendall", score.kendall)):
            numbers.append(Number(*row, name, None, found.value, source, found.low, found.high))
        numbers.append(Number(*row, "accuracy_of_first", None, score.accuracy, source))
        numbers.append(Number(*row, "regret", None, score.regret, source))
        numbers.append(Number(*row, "rank_of_best", None, place.expected, source, place.best, place.worst))
        for k, best in zip(evidence.ks, score.curve, strict=False):
            numbers.append(Number(*row, "best_of_first", k, best, source))
        for pick in score.picks:
            numbers.append(Number(*row, "gain_over_random", pick.k, pick.gain, source))
            numbers.append(Number(*row, "random_trainings", pick.k, pick.random_trainings, source))
    return numbers


def _found_numbers(found: FoundCells | None) -> list[Number]:
    groups = [] if found is None else [(cells, found.said) for cells in found.groups]
    return [
        Number("found", cells.name, name, None, value, said)
        for cells, said in groups
        for name, value in asdict(cells.summary).items()
    ]
