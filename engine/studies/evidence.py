"""The evidence of a table of accuracies: the worth of every measure on it, and the accuracies of searched cells."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from engine.common.documents import read_as
from engine.common.errors import quoted
from engine.common.tasks import Answer, Task
from engine.common.version import __version__
from engine.common.work import Phase, Work
from engine.data.images import Data, load_data
from engine.genotypes.population import Population
from engine.measures import MEASURES, Measure, MeasureSetting, get_measure
from engine.measures.base import NetSize, plan_of
from engine.spaces import SearchSpace, Size, get_space
from engine.spaces.fields import SpaceField, as_space_field
from engine.studies.statistics import (
    RESAMPLES,
    FloatArray,
    Interval,
    Number,
    Pick,
    SelectionQuality,
    expected_best,
    kendall,
    selection_quality,
    spearman,
)
from engine.tables.metadata import names_direction, names_less
from engine.tables.table import AccuracyTable, Column
from engine.tables.task import TableTask

SCHEMA = "freenas/evidence@1"
SAMPLE_SEED = 0
"""The seed of every sample of a table, so that scores taken at different times are of the same architectures."""
LEAST = 3
"""The fewest architectures whose order says anything."""
_CORRELATIONS = {"spearman": spearman, "kendall": kendall}
_TRIED = 8
"""Resamples of each correlation that tell how long one takes."""
BUDGETS = (1, 10, 100)
"""The numbers of trainings at which a score is set against random search."""
FINDS = 10
"""The number of trainings, one of `BUDGETS`, whose best tells the worth of a score as a searcher."""


@dataclass(frozen=True)
class Score(SelectionQuality):
    """One measure, or one column of the table, as a score of architectures.

    `spearman` and `kendall` are its rank correlations with the accuracies; the rest is the worth of choosing by it. An
    architecture took `seconds` here, nan where that is not known: in a column, or a pass that other scores share.
    """

    name: str
    title: str
    summary: str
    source: str
    from_table: bool
    spearman: Interval
    kendall: Interval
    seconds: Number = field(default=math.nan, compare=False)

    def pick(self, trainings: int) -> Pick | None:
        """Return the outcome of so many trainings by the score, None where it has not so many architectures."""
        return next((pick for pick in self.picks if pick.k == trainings), None)


@dataclass(frozen=True)
class Evidence:
    """Every score against one column of accuracies: the document `freenas/evidence@1`.

    `space` is the name of a registered space, or an own one. `description` is that of the column, whose numbers are a
    `quantity` in a `unit`; all of them, in the scores as well, stand here as in the table, and where `lower_is_better`
    the best is the least. A gain is positive where it is one. `left_out` counts the table's architectures without a
    number there, `notes` are sentences about all others that were left out. `random` is the expected best of k random
    architectures, for each k of `ks`. Measures were taken with the weights of `seed`, on `data` if they need images, at
    that of the two sizes of the space which their summary names (`search_size` where it names none); an interval rests
    on `resamples` resamples of the architectures, drawn from the same seed. Measures that run networks ran those of
    `net_size`, small ones or those of the search size. `dataset` and `split` are those of the
    column, None where they are not known, or where its numbers are predictions.
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
    quantity: str = "accuracy"
    unit: str = "%"
    lower_is_better: bool = False
    dataset: str | None = None
    split: str | None = None
    net_size: NetSize = "full"

    def at_random(self, pick: Pick) -> float:
        """Return the expected best of as many random trainings as those of `pick`."""
        return pick.best + pick.gain if self.lower_is_better else pick.best - pick.gain

    def regret(self, pick: Pick) -> float:
        """Return the distance from the best of `pick` to the best of the table."""
        return abs(self.best - pick.best)

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
        return read_as(_EVIDENCE, SCHEMA, text)


_EVIDENCE = TypeAdapter(Evidence)


class EvidenceQuestion(BaseModel):
    """The choice of scores that are weighed against the accuracies in `column` of a table: measures, other columns.

    Where `measures` is None, all are taken that the images allow; where `sample` is not None, so many architectures at
    most, drawn from `SAMPLE_SEED`, stand for all. Weights and resamples come from `seed`; `data` names the
    images, `net_size` the networks of the measures that run some.
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
    net_size: NetSize = "small"


def evidence(
    table: AccuracyTable,
    question: EvidenceQuestion,
    work: Work | None = None,
    images: Data | None = None,
    threads: int | None = None,
) -> Evidence:
    """Weigh scores against accuracies, as `work`: its steps are architectures measured and resamples drawn.

    `images` take the place of those that the question names; `threads` of the CPU are taken, one where None.
    Raises `ValueError` for an unknown name or a column with fewer than `LEAST` numbers, `SearchStopped` when `work` is
    not wanted any more, and what a measure raises.
    """
    column, seed, resamples = question.column, question.seed, question.resamples
    data = load_data(question.data) if images is None else images
    names = _measures_for(data, table.population.space) if question.measures is None else question.measures
    measures = [get_measure(name) for name in names]
    target = table.column(column)
    population, numbers, sampling = _weighed(table, question)
    columns = [_column_measure(table, name, population) for name in question.columns]
    scorers = [*((measure, False) for measure in measures), *((measure, True) for measure in columns)]
    ks = tuple(k for power in range(10) for k in (10**power, 3 * 10**power) if k <= len(population))
    worths = target.worth(numbers)
    setting = MeasureSetting(seed, question.device, data, work or Work(), threads, question.net_size)
    judge = _Judge(population, target, worths, ks, resamples, setting)
    scores = judge.scores(scorers)
    best = int(worths.argmax())
    return Evidence(
        table=table.name,
        space=as_space_field(population.space),
        column=column,
        description=target.description,
        quantity=target.quantity,
        unit=target.unit,
        lower_is_better=target.lower_is_better,
        architectures=len(population),
        left_out=int(np.isnan(table.of(column)).sum()),
        notes=(*table.report.sentences, *_open_facts(target), *sampling),
        best=float(numbers[best]),
        best_notation=population.genotype(best).notation,
        seed=seed,
        data="Gaussian noise" if data is None else data.name,
        resamples=resamples,
        search_size=population.space.search_size,
        evaluation_size=population.space.evaluation_size,
        ks=ks,
        random=tuple(target.worth(expected_best(worths, ks)).tolist()),
        scores=scores,
        dataset=None if target.surrogate else target.dataset,
        split=None if target.surrogate else target.split,
        net_size=question.net_size,
    )


def _weighed(table: AccuracyTable, question: EvidenceQuestion) -> tuple[Population, FloatArray, list[str]]:
    """Return the architectures that scores are weighed on, their numbers, and a note where they are a sample."""
    population, numbers = measured_architectures(table, question.column)
    if question.sample is None or question.sample >= len(population):
        return population, numbers, []
    rows = _sample_rows(len(population), question.sample)
    note = f"A fixed sample of {question.sample:,} of {len(population):,} architectures stands for all."
    return population.take(rows), numbers[rows], [note]


class EvidenceTask(Task):
    """The task of weighing scores against a column of a table that is read first.

    `dataset`, `split`, `epochs`, `accuracy` and `lower_is_better` complete the description of the column.
    """

    kind: Literal["evidence"] = "evidence"
    table: TableTask
    dataset: str | None
    split: str | None
    epochs: int | None
    accuracy: bool | None = None
    lower_is_better: bool | None = None
    question: EvidenceQuestion
    unit: ClassVar[str] = "part"
    answer: ClassVar[type[Answer]] = Evidence

    def run(self, work: Work) -> Evidence:
        """Read the table and weigh the scores."""
        table = self.table.load().annotated(
            self.question.column,
            dataset=self.dataset,
            split=self.split,
            epochs=self.epochs,
            accuracy=self.accuracy,
            lower_is_better=self.lower_is_better,
        )
        return evidence(table, self.question, work)

    @property
    def title(self) -> str:
        """Name the scores and the seed."""
        names = (*(self.question.measures or ()), *self.question.columns)
        return f"evidence for {', '.join(names)}, seed {self.question.seed}"


@dataclass(frozen=True)
class _Judge:
    """The numbers of a column that scores are set against, so that more is better, and the setting of measures."""

    population: Population
    target: Column
    worths: FloatArray
    ks: tuple[int, ...]
    resamples: int
    setting: MeasureSetting

    def scores(self, scorers: Sequence[tuple[Measure, bool]]) -> tuple[Score, ...]:
        """Take all measures in turn, and set them against the numbers; the scores stand in the order of `scorers`."""
        in_turn = sorted(range(len(scorers)), key=lambda place: (scorers[place][1], scorers[place][0].turn))
        measures = [scorers[place][0] for place in in_turn if not scorers[place][1]]
        measured = plan_of(measures, self.population, self.setting, len(self.worths))
        measured += [Phase("column", len(self.worths), 0.0)] * (len(scorers) - len(measures))
        resampled = [Phase(name, self.resamples, self._pace(name)) for name in _CORRELATIONS]
        self.setting.work.plan([phase for measure in measured for phase in (measure, *resampled)])
        scores = {place: self.score(*scorers[place]) for place in in_turn}
        return tuple(scores[place] for place in range(len(scorers)))

    def _pace(self, name: str) -> float | None:
        """Return the seconds of a resample of a correlation, by a trial on the numbers themselves."""
        trial = self.setting.work.quiet()
        _CORRELATIONS[name](self.worths, self.worths, resamples=min(_TRIED, self.resamples), seed=0, work=trial)
        return trial.pace

    def score(self, scorer: Measure, from_table: bool) -> Score:
        """Take a measure, and set it against the numbers."""
        work, resampled = self.setting.work, {"resamples": self.resamples, "seed": self.setting.seed}
        measuring = work.part(len(self.population))
        values = scorer.scores(self.population, replace(self.setting, work=measuring))
        remembered = scorer.one_by_one and measuring.pace is None  # all networks in one step
        timed = not from_table and scorer.name in MEASURES and not remembered
        seconds = measuring.elapsed / len(self.population) if timed else math.nan
        return Score(
            name=scorer.name,
            title=scorer.title,
            summary=scorer.summary,
            source=scorer.source,
            from_table=from_table,
            spearman=spearman(values, self.worths, work=work.part(self.resamples), **resampled),
            kendall=kendall(values, self.worths, work=work.part(self.resamples), **resampled),
            seconds=seconds,
            **vars(self._quality(values)),
        )

    def _quality(self, values: FloatArray) -> SelectionQuality:
        """Return the worth of choosing by a score, with the numbers as they stand in the column."""
        quality = selection_quality(values, self.worths, self.ks, BUDGETS)
        if not self.target.lower_is_better:
            return quality
        return replace(
            quality,
            accuracy=-quality.accuracy,
            curve=tuple(-best for best in quality.curve),
            picks=tuple(replace(pick, best=-pick.best) for pick in quality.picks),
        )


def _measures_for(data: Data | None, space: SearchSpace) -> list[str]:
    """Return the names of the measures that can be taken of these images and of a space."""
    labelled = data is not None and data.labels is not None
    fitting = (measure for measure in MEASURES.values() if measure.fits(space))
    return [measure.name for measure in fitting if labelled or not measure.needs_labels]


def measured_architectures(table: AccuracyTable, column: str, least: int = LEAST) -> tuple[Population, FloatArray]:
    """Return the architectures with a number in `column`, and the numbers; `ValueError` for fewer than `least`."""
    values = table.of(column)
    rows = np.flatnonzero(~np.isnan(values))
    if len(rows) < least:
        raise ValueError(
            f"column {quoted(column)} of {table.name} has a number for {len(rows)} architecture"
            f"{'s' * (len(rows) != 1)}; at least {least} are needed"
        )
    return table.population.take(rows), values[rows]


def _open_facts(column: Column) -> list[str]:
    """Return sentences about what neither the file nor anyone says of a column."""
    sentences = []
    if column.missing:
        sentences.append(f"Not stated of column {quoted(column.name)}: {', '.join(column.missing)}.")
    if not (column.accuracy or column.lower_is_better or names_direction(column.name)):
        sentences.append(f"Column {quoted(column.name)} does not say its better direction: more is taken as better.")
    if names_less(column.name) and not column.lower_is_better:
        sentences.append(f"Column {quoted(column.name)} was declared, against its name: more is better.")
    return sentences


def _sample_rows(count: int, sample: int) -> NDArray[np.int64]:
    """Return the rows of a fixed sample, in order; `ValueError` for one too small to rank."""
    if sample < LEAST:
        raise ValueError(f"a sample of {sample} given; at least {LEAST} architectures are needed")
    return np.sort(np.random.default_rng(SAMPLE_SEED).choice(count, sample, replace=False))


def _column_measure(table: AccuracyTable, name: str, population: Population) -> Measure:
    """Return a column of the table as a measure of `population`, of which more is better."""
    column = table.column(name)
    values = column.worth(table.lookup(population, name))
    title = f"{name}, less is better" if column.lower_is_better else name
    return Measure(
        name, title, "", column.description, f"from the table {table.name}", lambda population, setting: values
    )
