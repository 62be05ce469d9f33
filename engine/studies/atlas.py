"""An atlas, which is the architectures of a space with their measures, and the Pareto front of two measures."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import PlainSerializer, PlainValidator, TypeAdapter

from engine.common.documents import read_as
from engine.common.environment import environment, resolve_device
from engine.common.tasks import Answer, Task
from engine.common.work import Work
from engine.data.images import Data, load_data
from engine.genotypes.genotype import parse_genotype
from engine.genotypes.population import Population
from engine.measures import MeasureSetting, get_measure
from engine.measures.base import NetSize, plan_of
from engine.spaces import SearchSpace
from engine.spaces.fields import SpaceField

SCHEMA = "freenas/atlas@1"


MeasureValues = Annotated[
    NDArray[np.float64],
    PlainValidator(lambda values: np.asarray(values, dtype=np.float64)),
    PlainSerializer(lambda values: [_ten_digits(value) for value in values.tolist()]),
]
"""A measure of many architectures, `(architectures,)`; in JSON with ten digits, counts as they are."""


@dataclass(frozen=True, eq=False)
class Atlas:
    """Architectures and their measures: the document `freenas/atlas@1`.

    `space` is the name of a registered space, or an own one. `count` is None for the whole of it, else the number of
    draws from it with `sample_seed`; the architectures written in `also` come after those. `values` holds the measures
    by name, taken with `seed`, those equal that differ by rounding alone; `environment` is the machine they were taken
    on, `data` names the images, where a measure looks at some, and `net_size` is that of the networks that were run.
    """

    space: SpaceField
    count: int | None
    sample_seed: int
    seed: int
    values: Mapping[str, MeasureValues]
    seconds: float
    environment: Mapping[str, Any]
    also: tuple[str, ...] = ()
    data: str = ""
    net_size: NetSize = "full"

    @cached_property
    def population(self) -> Population:
        """Draw the architectures, in the order of the values."""
        return draw_population(self.space, self.count, self.sample_seed, self.also)

    def to_json(self) -> str:
        """Return the atlas as JSON text, which holds the way to draw its population again."""
        return json.dumps({"schema": SCHEMA, **_ATLAS.dump_python(self)})

    @classmethod
    def from_json(cls, text: str) -> Atlas:
        """Read the text that `to_json` wrote; `ValueError` for any other."""
        return read_as(_ATLAS, SCHEMA, text, most=None)


_ATLAS = TypeAdapter(Atlas)


def draw_population(
    space: str | SearchSpace, count: int | None, sample_seed: int = 0, also: Sequence[str] = ()
) -> Population:
    """Return the whole space where `count` is None, else `count` draws from it, and the architectures in `also`.

    Each stands there once, though draws from a small space repeat some.
    """
    drawn = Population.whole(space) if count is None else Population.sample(space, count, sample_seed)
    added = Population.of(space, [parse_genotype(text, space) for text in also])
    return Population.joined([drawn, added]).distinct()


class AtlasTask(Task):
    """The task of taking `measures` of a space, or of `count` draws from it, and of the architectures in `also`.

    `count` is None for the whole space; draws come from `sample_seed`, weights and images from `seed`. `data` names the
    images of measures that need some, `net_size` the networks of those that run some.
    """

    kind: Literal["atlas"] = "atlas"
    space: SpaceField
    count: int | None
    measures: tuple[str, ...]
    seed: int = 0
    sample_seed: int = 0
    also: tuple[str, ...] = ()
    device: str = "auto"
    data: str = "gaussian"
    net_size: NetSize = "small"
    unit: ClassVar[str] = "part"
    answer: ClassVar[type[Answer]] = Atlas

    def run(self, work: Work) -> Atlas:
        """Compute the atlas."""
        return compute_atlas(self, work)

    @property
    def title(self) -> str:
        """Name the atlas by its seed."""
        return f"atlas, seed {self.seed}"


_STEPS = 1000
"""Steps of an atlas, over all measures."""


def compute_atlas(task: AtlasTask, work: Work | None = None, images: Data | None = None) -> Atlas:
    """Draw architectures and take their measures, as `work`, whose steps are thousandths over all measures.

    `images` take the place of those that the task names. Raises `SearchStopped` when `work` is not wanted any more, and
    `ValueError` for an unknown measure, a text that is no architecture of the space, or a space too large to list.
    """
    work = work or Work()
    population = draw_population(task.space, task.count, task.sample_seed, task.also)
    measures = [get_measure(name) for name in task.measures]
    data = load_data(task.data) if images is None else images
    values = {}
    setting = MeasureSetting(task.seed, task.device, data, work, net_size=task.net_size)
    steps = _STEPS / max(1, len(measures))
    in_turn = sorted(measures, key=lambda measure: measure.turn)
    work.plan(plan_of(in_turn, population, setting, steps))
    for measure in in_turn:
        work.check()
        values[measure.name] = measure.scores(population, replace(setting, work=work.part(steps)))
        work.report()
    images_name = "Gaussian noise" if data is None else data.name
    return Atlas(
        space=task.space,
        count=task.count,
        sample_seed=task.sample_seed,
        seed=task.seed,
        values={measure.name: values[measure.name] for measure in measures},
        seconds=round(work.elapsed, 3),
        environment=environment(resolve_device(task.device)),
        also=task.also,
        data=images_name if any(measure.needs_data for measure in measures) else "",
        net_size=task.net_size,
    )


def _ten_digits(value: float) -> float:
    """Return a number rounded to ten digits, a count as it is."""
    return value if value.is_integer() else float(f"{value:.10g}")


def pareto_front(x: NDArray[np.float64], y: NDArray[np.float64], *, less_x: bool, less_y: bool) -> NDArray[np.int64]:
    """Return the indices of the points that no other dominates, by rising `x`; of equal points the first.

    A point dominates another if it is at least as good in both and better in one; `less_x` and `less_y` are true where
    less is better. Points that are not finite take no part.
    """
    worth_x, worth_y = (-x if less_x else x), (-y if less_y else y)
    finite = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    order = finite[np.lexsort((-worth_y[finite], -worth_x[finite]))]
    if not len(order):
        return order
    best_before = np.concatenate([[-np.inf], np.maximum.accumulate(worth_y[order])[:-1]])
    undominated = order[worth_y[order] > best_before]
    return undominated[x[undominated].argsort(kind="stable")]
