"""An atlas: the architectures of a space, each with its measures; and the front of those that nothing dominates."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from engine.common.environment import environment, resolve_device
from engine.common.errors import quoted
from engine.common.tasks import Answer, Task
from engine.common.work import Work
from engine.data.images import Data, load_data
from engine.genotypes.genotype import parse_genotype
from engine.genotypes.population import Population
from engine.measures import MeasureSetting, get_measure
from engine.spaces import OwnSpace, SearchSpace
from engine.spaces.fields import SpaceField, as_space_field

SCHEMA = "freenas/atlas@1"


@dataclass(frozen=True, eq=False)
class Atlas:
    """Architectures and their measures.

    `space` is the name of a registered space, or one of one's own. `count` is None for the whole of it, else how often
    it was drawn from with `sample_seed`; the architectures written in `also` come after those. `values` holds the
    measures by name, `(architectures,)` each, taken with `seed`; `environment` says where, and `data` of which images,
    where a measure looks at some.
    """

    space: str | OwnSpace
    count: int | None
    sample_seed: int
    seed: int
    population: Population
    values: Mapping[str, NDArray[np.float64]]
    seconds: float
    environment: Mapping[str, Any]
    also: tuple[str, ...] = ()
    data: str = ""

    def to_json(self) -> str:
        """The atlas as JSON text, its population as the way to draw it again."""
        values = {name: [_rounded(value) for value in found.tolist()] for name, found in self.values.items()}
        fields = {name: getattr(self, name) for name in ("count", "sample_seed", "seed", "seconds", "also", "data")}
        fields["space"] = self.population.space.reference
        return json.dumps({"schema": SCHEMA, **fields, "environment": dict(self.environment), "values": values})

    @classmethod
    def from_json(cls, text: str) -> Atlas:
        """Read what `to_json` wrote; `ValueError` if it is something else."""
        data = json.loads(text)
        if not isinstance(data, dict) or data.pop("schema", None) != SCHEMA:
            raise ValueError(f"not an atlas: schema '{SCHEMA}' expected, {quoted(text[:40])} found")
        values = {name: np.asarray(found, dtype=float) for name, found in data.pop("values").items()}
        data |= {"space": as_space_field(data["space"]), "also": tuple(data["also"])}
        population = draw(*(data[name] for name in ("space", "count", "sample_seed", "also")))
        return cls(**data, values=values, population=population)


def draw(space: str | SearchSpace, count: int | None, sample_seed: int = 0, also: Sequence[str] = ()) -> Population:
    """The whole space where `count` is None, else what so many draws from it find; then those written in `also`.

    Each stands there once, though a small space has it drawn several times.
    """
    drawn = Population.whole(space) if count is None else Population.sample(space, count, sample_seed)
    more = Population.of(space, [parse_genotype(text, space) for text in also])
    return Population(drawn.space, np.concatenate([drawn.operations, more.operations], axis=1)).distinct()


class AtlasTask(Task):
    """Take `measures` of a space, or of `count` draws from it, and of the architectures written in `also`.

    `count` is None for the whole space; draws come from `sample_seed`, weights and images from `seed`. `data` names the
    images of measures that need some.
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
    unit: ClassVar[str] = "part"
    answer: ClassVar[type[Answer]] = Atlas

    def run(self, work: Work) -> Atlas:
        """Chart the space."""
        return chart(self, work)

    @property
    def title(self) -> str:
        """Name the atlas by its seed."""
        return f"atlas, seed {self.seed}"


_PARTS = 1000
"""Steps of an atlas, over all measures."""


def chart(task: AtlasTask, work: Work | None = None, images: Data | None = None) -> Atlas:
    """Draw architectures and take their measures, as `work`, in thousandths over all measures.

    `images` take the place of those that the task names. Raises `SearchStopped` when `work` is not wanted any more, and
    `ValueError` for an unknown measure, a text that is no architecture of the space, or a space too large to list.
    """
    work = work or Work()
    population = draw(task.space, task.count, task.sample_seed, task.also)
    measures = [get_measure(name) for name in task.measures]
    data = load_data(task.data) if images is None else images
    values = {}
    work.begin(_PARTS)
    for measure in measures:
        work.check()
        part = work.part(_PARTS / len(measures))
        values[measure.name] = measure.of(population, MeasureSetting(task.seed, task.device, data, part))
        work.report()
    looked_at = "Gaussian noise" if data is None else data.name
    return Atlas(
        space=task.space,
        count=task.count,
        sample_seed=task.sample_seed,
        seed=task.seed,
        population=population,
        values=values,
        seconds=round(work.elapsed, 3),
        environment=environment(resolve_device(task.device)),
        also=task.also,
        data=looked_at if any(measure.needs_data for measure in measures) else "",
    )


def _rounded(value: float) -> float:
    """`value` as it travels: counts as they are, else seven digits."""
    return value if value.is_integer() else float(f"{value:.7g}")


def front(x: NDArray[np.float64], y: NDArray[np.float64], *, less_x: bool, less_y: bool) -> NDArray[np.int64]:
    """The places of the points that no other dominates, by rising `x`; where points are equal, the first of them.

    A point dominates another if it is at least as good in both and better in one; `less_x` and `less_y` say whether
    less is better. Points that are not numbers take no part.
    """
    worth_x, worth_y = (-x if less_x else x), (-y if less_y else y)
    there = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    order = there[np.lexsort((-worth_y[there], -worth_x[there]))]
    if not len(order):
        return order
    best_before = np.concatenate([[-np.inf], np.maximum.accumulate(worth_y[order])[:-1]])
    found = order[worth_y[order] > best_before]
    return found[x[found].argsort(kind="stable")]
