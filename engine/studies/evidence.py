"""The evidence of a table of accuracies: the worth of every measure on it, and the accuracies of searched cells."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from engine.common.errors import explain, quoted
from engine.common.tasks import Answer, Task
from engine.common.version import __version__
from engine.common.work import Work
from engine.data.images import Data, load_data
from engine.genotypes.genotype import load_json, parse_genotype
from engine.genotypes.population import Population
from engine.measures import MEASURES, Measure, MeasureSetting, get_measure
from engine.networks.cost import edge_costs
from engine.operations.registry import get_operation
from engine.searches.config import CUSTOM
from engine.spaces import SearchSpace, Size, get_space
from engine.spaces.fields import SpaceField, as_space_field
from engine.studies.seeds import SeedStudy
from engine.studies.statistics import (
    RESAMPLES,
    FloatArray,
    Interval,
    Number,
    SelectionQuality,
    Summary,
    expected_best,
    kendall,
    selection_quality,
    spearman,
    summary,
)
from engine.tables.table import AccuracyTable
from engine.tables.task import TableTask

SCHEMA = "freenas/evidence@1"
SAMPLE_SEED = 0
"""The seed of every sample of a table, so that scores taken at different times are of the same architectures."""
BUDGETS = (1, 10, 100)
"""The numbers of trainings at which a score is set against random search."""


@dataclass(frozen=True)
class Score(SelectionQuality):
    """One measure, or one column of the table, as a score of architectures.

    `spearman` and `kendall` are its rank correlations with the accuracies; the rest is the worth of choosing by it.
    """

    name: str
    title: str
    summary: str
    source: str
    from_table: bool
    spearman: Interval
    kendall: Interval


@dataclass(frozen=True)
class Evidence:
    """Every score against one column of accuracies: the document `freenas/evidence@1`.

    `space` is the name of a registered space, or an own one. `description` is that of the column; `left_out` counts the
    table's architectures without an accuracy there, `notes` are sentences about all others that were left out. `random`
    is the expected best of k random architectures, for each k of `ks`. Measures were taken with the weights of `seed`,
    on `data` if they need images, at that of the two sizes of the space which their summary names (`search_size` where
    it names none); an interval rests on `resamples` resamples of the architectures, drawn from the same seed.
    """

    table: str
    space: SpaceField
    column: str
    description: Annotated[str, Field(alias="said")]
    architectures: int
    left_out: int
    notes: tuple[str, ...]
    best: Number
    best_notation: str
    seed: int
    data: str
    resamples: int
    search_size: Size
    evaluation_size: Size
    ks: tuple[int, ...]
    random: tuple[Number, ...]
    scores: tuple[Score, ...]
    engine: str = __version__

    @property
    def search_space(self) -> SearchSpace:
        """Return the search space itself."""
        return get_space(self.space)

    def to_json(self) -> str:
        """Return the evidence as JSON text, null for a number that is not defined or infinite."""
        data = {"schema": SCHEMA, **_EVIDENCE.dump_python(self, by_alias=True)}
        return json.dumps(data, separators=(",", ":"), allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Evidence:
        """Read the text that `to_json` wrote; `ValueError` names in one sentence the first error and its place."""
        data = load_json(text)
        schema = data.get("schema") if isinstance(data, dict) else data
        if schema != SCHEMA:
            raise ValueError(f"schema: {quoted(schema)} found, '{SCHEMA}' expected")
        try:
            return _EVIDENCE.validate_python(data)
        except ValidationError as error:
            raise ValueError(explain(error)) from None


_EVIDENCE = TypeAdapter(Evidence)


@dataclass(frozen=True, eq=False)
class CellGroup:
    """Cells of one origin, their accuracies `(cells,)`, nan where the table has none, and a summary of these."""

    name: str
    accuracies: FloatArray
    summary: Summary


@dataclass(frozen=True, eq=False)
class RecipeCells:
    """The cells that recipes found over many seeds, and groups of the whole table to set beside them.

    `description` is that of the column of accuracies.
    """

    description: str
    recipes: tuple[CellGroup, ...]
    references: tuple[CellGroup, ...]

    @property
    def groups(self) -> tuple[CellGroup, ...]:
        """Return all groups, the recipes first."""
        return self.recipes + self.references


class EvidenceQuestion(BaseModel):
    """The choice of scores that are weighed against the accuracies in `column` of a table: measures, other columns.

    Where `measures` is None, all are taken that the images allow; where `sample` is not None, so many architectures at
    most, drawn from `SAMPLE_SEED`, stand for all. Weights and resamples come from `seed`; `data` names the images.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: str
    measures: tuple[str, ...] | None = None
    columns: tuple[str, ...] = ()
    seed: int = 0
    resamples: int = RESAMPLES
    sample: int | None = None
    device: str = "auto"
    data: str = "gaussian"


def evidence(
    table: AccuracyTable, question: EvidenceQuestion, work: Work | None = None, images: Data | None = None
) -> Evidence:
    """Weigh scores against accuracies, as `work`: its steps are architectures measured and resamples drawn.

    `images` take the place of those that the question names. Raises `ValueError` for an unknown name or a column
    without a number, `SearchStopped` when `work` is not wanted any more, and what a measure raises.
    """
    column, seed, resamples = question.column, question.seed, question.resamples
    data = load_data(question.data) if images is None else images
    measures = [get_measure(name) for name in (_measures_for(data) if question.measures is None else question.measures)]
    population, accuracies = _measured(table, column)
    notes = table.report.sentences
    if question.sample is not None and question.sample < len(population):
        notes = [*notes, f"A fixed sample of {question.sample:,} of {len(population):,} architectures stands for all."]
        rows = _sample_rows(len(population), question.sample)
        population, accuracies = population.take(rows), accuracies[rows]
    columns = [_column_measure(table, name, population) for name in question.columns]
    scorers = [*((measure, False) for measure in measures), *((measure, True) for measure in columns)]
    ks = tuple(k for power in range(10) for k in (10**power, 3 * 10**power) if k <= len(population))
    work = work or Work()
    work.begin(len(scorers) * (len(population) + 2 * resamples))
    judge = _Judge(population, accuracies, ks, resamples, MeasureSetting(seed, question.device, data, work))
    best = int(accuracies.argmax())
    return Evidence(
        table=table.name,
        space=as_space_field(population.space),
        column=column,
        description=table.column(column).description,
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


class EvidenceTask(Task):
    """The task of weighing scores against a column of a table that is read first.

    `dataset`, `split` and `epochs` complete the description of the column.
    """

    kind: Literal["evidence"] = "evidence"
    table: TableTask
    dataset: str | None
    split: str | None
    epochs: int | None
    question: EvidenceQuestion
    unit: ClassVar[str] = "part"
    answer: ClassVar[type[Answer]] = Evidence

    def run(self, work: Work) -> Evidence:
        """Read the table and weigh the scores."""
        column = self.question.column
        table = self.table.load().annotated(column, dataset=self.dataset, split=self.split, epochs=self.epochs)
        return evidence(table, self.question, work)

    @property
    def title(self) -> str:
        """Name the scores and the seed."""
        names = (*(self.question.measures or ()), *self.question.columns)
        return f"evidence for {', '.join(names)}, seed {self.question.seed}"


def recipe_cells(studies: Sequence[SeedStudy], table: AccuracyTable, column: str) -> RecipeCells:
    """Look up the accuracies of the cells that each study found.

    Beside them stand those of random cells (the whole table), of the cells of convolutions only, and of the cells with
    the most parameters. `ValueError` for a study of another space.
    """
    population, accuracies = _measured(table, column)
    params = edge_costs(population.space)["params"].of(population)
    references = [
        (f"random {population.space.cell_noun}s", accuracies),
        ("convolutions only", accuracies[all_convolutional(population)]),
        ("most parameters", accuracies[params == params.max()]),
    ]
    recipes = []
    for study in studies:
        genotypes = Population.of(study.space, [parse_genotype(text, study.space) for text in study.notations])
        recipes.append((_recipe_title(study), table.lookup(genotypes, column)))
    groups = [
        tuple(CellGroup(name, values, summary(values, accuracies)) for name, values in group)
        for group in (recipes, references)
    ]
    return RecipeCells(table.column(column).description, *groups)


def all_convolutional(population: Population) -> NDArray[np.bool_]:
    """Return True for architectures with a convolution on every edge that they keep, `(architectures,)`."""
    has_weights = [get_operation(name).convolutional for name in population.space.operations]
    return np.asarray(np.array([*has_weights, True])[population.operations].all((0, 2)))  # ABSENT, -1, finds the True


@dataclass(frozen=True)
class _Judge:
    """The accuracies that scores are set against, and the setting in which measures are taken."""

    population: Population
    accuracies: FloatArray
    ks: tuple[int, ...]
    resamples: int
    setting: MeasureSetting

    def score(self, scorer: Measure, from_table: bool) -> Score:
        """Take a measure, and set it against the accuracies."""
        work, resampled = self.setting.work, {"resamples": self.resamples, "seed": self.setting.seed}
        values = scorer.scores(self.population, replace(self.setting, work=work.part(len(self.population))))
        return Score(
            name=scorer.name,
            title=scorer.title,
            summary=scorer.summary,
            source=scorer.source,
            from_table=from_table,
            spearman=spearman(values, self.accuracies, work=work.part(self.resamples), **resampled),
            kendall=kendall(values, self.accuracies, work=work.part(self.resamples), **resampled),
            **vars(selection_quality(values, self.accuracies, self.ks, BUDGETS)),
        )


def _measures_for(data: Data | None) -> list[str]:
    """Return the names of the measures that can be taken of these images."""
    labelled = data is not None and data.labels is not None
    return [measure.name for measure in MEASURES.values() if labelled or not measure.needs_labels]


def _measured(table: AccuracyTable, column: str) -> tuple[Population, FloatArray]:
    """Return the architectures with a number in `column`, and the numbers; `ValueError` where there is none."""
    values = table.of(column)
    rows = np.flatnonzero(~np.isnan(values))
    if not len(rows):
        raise ValueError(f"column {quoted(column)} of {table.name} holds no number")
    return table.population.take(rows), values[rows]


def _sample_rows(count: int, sample: int) -> NDArray[np.int64]:
    """Return the rows of a fixed sample, in order; `ValueError` for one too small to rank."""
    if sample < 2:
        raise ValueError(f"a sample of {sample} given; at least 2 architectures can be ranked")
    return np.sort(np.random.default_rng(SAMPLE_SEED).choice(count, sample, replace=False))


def _column_measure(table: AccuracyTable, name: str, population: Population) -> Measure:
    """Return a column of the table as a measure of `population`."""
    values = table.lookup(population, name)
    summary = table.column(name).description
    return Measure(name, name, "", summary, f"from the table {table.name}", lambda population, setting: values)


def _recipe_title(study: SeedStudy) -> str:
    config, count = study.config, len(study.seeds)
    parts = f"{config.normalisation}, {config.alpha}, {config.method}"
    name = f"{config.recipe} ({parts})" if config.recipe == CUSTOM else config.recipe
    marked = f", {study.rounding} of them rounding error" if study.rounding else ""
    return f"{name}, {count} seed{'s' * (count != 1)}{marked}"
