"""Measured latency of derived networks: one by one, or from a lookup table of operations measured on a device.

The entries of a table are summed, which is an estimate. Each distinct stack of layers of a space, and each part that
all its networks share, is timed by itself, again and again; among others, in a network, the same layers take longer. A
few whole networks, drawn from the space, are therefore timed too, and everything is scaled by the median of measured
over summed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any, Literal, assert_never

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, PositiveFloat

from engine.common.files import write_whole
from engine.common.settings import cache_folder
from engine.common.work import Work
from engine.data.images import CLASSES, IMAGE_SIZE
from engine.genotypes.genotype import Genotype
from engine.genotypes.population import Population
from engine.networks.cost import EdgeCosts
from engine.networks.parts import (
    CandidateIndex,
    ClassifierHead,
    LayerStack,
    NetworkPart,
    NodeAggregation,
    network_parts,
)
from engine.networks.timing import Call, LatencySetup, TimeCall, time_prepared, time_repeatedly
from engine.spaces import SearchSpace, Size, get_space
from engine.spaces.plan import EdgeShape

Schema = Literal["freenas/latency-table@1"]
SCHEMA: Schema = "freenas/latency-table@1"
REFERENCES = 5
"""Whole networks that a table is scaled by."""
ROUNDS = 3
"""Rounds in which everything is timed for a table, so that no entry depends on a single moment."""
SHORT, LONG = 0.04, 0.1
"""Seconds a round that one entry of a table, and one whole network for it, are timed for."""


@dataclass(frozen=True)
class Latency:
    """The seconds that a network takes for one batch: median, least and largest of `repeats` timings.

    A timing is the mean of a few passes where one is too short to time.
    """

    median: float
    least: float
    largest: float
    repeats: int
    setup: LatencySetup


def measure_latency(
    genotype: Genotype,
    *,
    size: Size | None = None,
    image_size: int = IMAGE_SIZE,
    batch: int = 1,
    device: str = "auto",
    threads: int | None = None,
    seconds: float = 1.0,
    time_call: TimeCall = time_repeatedly,
) -> Latency:
    """Time the derived network of `genotype` at inference for about `seconds`, after a warm-up.

    `size` defaults to the space's evaluation size, `threads` to one; `time_call` times a call in another
    way. Raises `ValueError` for a value out of range, `DeviceMemoryExhausted` for a batch that does not fit.
    """
    setup = LatencySetup.of(genotype.space, size, image_size, batch, device, threads)
    times = time_prepared(lambda: _network_call(genotype, setup), setup, seconds, time_call)
    return Latency(median(times), min(times), max(times), len(times), setup)


@dataclass(frozen=True, eq=False)
class LatencyTable:
    """The latency of the networks of a space for one batch, in seconds, as a sum over their edges.

    `costs` are scaled already: by `scale`, measured over summed, the median of a few whole networks.
    """

    space: SearchSpace
    setup: LatencySetup
    costs: EdgeCosts
    scale: float

    @property
    def milliseconds(self) -> EdgeCosts:
        """Return the latencies of the table in milliseconds."""
        return EdgeCosts(1e3 * self.costs.base, 1e3 * self.costs.parts)

    def to_dict(self) -> dict[str, Any]:
        """Return the table as plain data."""
        fields = {"scale": self.scale, "base": self.costs.base, "parts": self.costs.parts.tolist()}
        document = {"schema": SCHEMA, "space": self.space.reference, "setup": self.setup, **fields}
        return _TableDocument.model_validate(document).model_dump(mode="json", by_alias=True)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> LatencyTable:
        """Read the table that `to_dict` wrote; `ValueError` if it is something else."""
        document = _TableDocument.model_validate(data)
        space = get_space(document.space)
        shape = (len(space.cell_types), len(space.edges), len(space.operations))
        parts = np.array(document.parts)
        if parts.shape != shape:
            raise ValueError(f"parts: a table of shape {shape} expected, {parts.shape} found")
        return cls(space, document.setup, EdgeCosts(document.base, parts), document.scale)


class _TableDocument(BaseModel):
    """The document of a table, as it is written and read."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    schema_: Schema = Field(alias="schema")
    space: Any
    setup: LatencySetup
    scale: PositiveFloat
    base: NonNegativeFloat
    parts: list[list[list[NonNegativeFloat]]]


def latency_table(
    space: str | SearchSpace,
    *,
    size: Size | None = None,
    image_size: int = IMAGE_SIZE,
    batch: int = 1,
    device: str = "auto",
    threads: int | None = None,
    work: Work | None = None,
    cache: Path | None = None,
    time_call: TimeCall = time_repeatedly,
) -> LatencyTable:
    """Return the table of a space on this device: read from the folder `cache`, or measured and written there.

    `cache` is by default `FREENAS_CACHE` or the user's cache folder. `work` counts what is timed, and can be stopped
    between entries; `time_call` times calls in another way. Raises `ValueError` for a value out of range,
    `DeviceMemoryExhausted` for a batch that does not fit.
    """
    space = get_space(space)
    setup = LatencySetup.of(space, size, image_size, batch, device, threads)
    path = _cache_path(cache or cache_folder(), space, setup)
    table = _read_table(path, space, setup)
    if table is None:
        table = _Measurement(space, setup, work or Work(), time_call).table()
        _write_table(path, table)
    return table


@dataclass(frozen=True)
class _Measurement:
    """A table in the making."""

    space: SearchSpace
    setup: LatencySetup
    work: Work
    time_call: TimeCall

    def table(self) -> LatencyTable:
        """Time the parts of the space and a few whole networks; return the table, scaled by the networks."""
        space, setup = self.space, self.setup
        parts = list(network_parts(space, setup.size, setup.image_size, CLASSES))
        distinct = list(dict.fromkeys(part for part, _ in parts))
        sample = Population.sample(space, REFERENCES, seed=0)
        networks = [lambda genotype=genotype: _network_call(genotype, setup) for genotype in sample.genotypes()]
        tasks = [(lambda part=part: _part_call(part, setup), SHORT) for part in distinct]
        times = self._times([*tasks, *((network, LONG) for network in networks)])
        summed = _summed_seconds(space, parts, dict(zip(distinct, times, strict=False)))
        scale = float(np.median(np.array(times[len(distinct) :]) / summed.of(sample)))
        return LatencyTable(space, setup, EdgeCosts(scale * summed.base, scale * summed.parts), scale)

    def _times(self, tasks: Sequence[tuple[Callable[[], Call], float]]) -> list[float]:
        """Time all tasks in turn, each for its seconds a round; return the median seconds of each."""
        times = [list[float]() for _ in tasks]
        self.work.begin(ROUNDS * len(tasks))
        for turn in range(ROUNDS * len(tasks)):
            self.work.check()
            index = turn % len(tasks)
            prepare, seconds = tasks[index]
            times[index] += time_prepared(prepare, self.setup, seconds, self.time_call)
            self.work.step()
        return [median(seconds) for seconds in times]


def _summed_seconds(
    space: SearchSpace,
    parts: Sequence[tuple[NetworkPart, CandidateIndex | None]],
    seconds: Mapping[NetworkPart, float],
) -> EdgeCosts:
    base, table = 0.0, np.zeros((len(space.cell_types), len(space.edges), len(space.operations)))
    for part, candidate in parts:
        if candidate is None:
            base += seconds[part]
        else:
            table[candidate] += seconds[part]
    return EdgeCosts(base, table)


def _part_call(part: NetworkPart, setup: LatencySetup) -> Call:
    """Build a part on the device; return one pass of it as a call."""
    import torch
    from torch import nn

    from engine.networks.derived import edge, sequence

    match part:
        case LayerStack():
            stack = setup.place(edge(part.layers, EdgeShape(part.c_in, part.c_out, part.stride)))
            features = setup.features(part.c_in, part.size)
            return lambda: stack(features)
        case NodeAggregation():
            features = setup.features(part.channels, part.size)

            def aggregate() -> torch.Tensor:
                total = features
                for _ in range(part.sums):
                    total = total + features
                return torch.cat([total] * part.outputs, dim=1)

            return aggregate
        case ClassifierHead():
            head = setup.place(sequence(part.layers, part.channels, part.features))
            classifier = setup.place(nn.Linear(part.features, part.classes))
            features = setup.features(part.channels, part.size)
            return lambda: classifier(head(features).mean((2, 3)))
        case _:
            assert_never(part)


def _network_call(genotype: Genotype, setup: LatencySetup) -> Call:
    """Build a network on the device; return one pass of it as a call."""
    from engine.networks.derived import build

    network, images = setup.place(build(genotype, setup.size)), setup.features(3, setup.image_size)
    return lambda: network(images)


def _cache_path(folder: Path, space: SearchSpace, setup: LatencySetup) -> Path:
    text = json.dumps([space.reference, asdict(setup)], sort_keys=True)
    return folder / f"latency-{hashlib.sha256(text.encode()).hexdigest()[:24]}.json"


def _read_table(path: Path, space: SearchSpace, setup: LatencySetup) -> LatencyTable | None:
    """Read the table of a space and setup from a file; None where there is none or it is damaged."""
    try:
        table = LatencyTable.from_dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, RecursionError):
        return None
    return table if (table.space, table.setup) == (space, setup) else None


def _write_table(path: Path, table: LatencyTable) -> None:
    """Write the table to a file; nothing happens where it cannot be written."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps(table.to_dict(), allow_nan=False).encode())
