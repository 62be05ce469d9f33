"""Scores of any list of architectures, in parts that work goes on from where it was stopped.

The values are those of an atlas with the same architectures and seed. Measures that run networks score every
architecture by itself, so their architectures come in parts; the others take all of them at once. Values that differ by
rounding alone are tied, and measures joined, when all are there: both rest on the whole list.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.common.environment import environment, resolve_device
from engine.common.parts import PartFolder
from engine.common.threads import computing_threads
from engine.common.ties import tie
from engine.common.version import __version__
from engine.common.work import OnProgress, Phase, ShouldStop, Work
from engine.data.images import Data, load_data
from engine.genotypes.genotype import Genotype, parse_genotype
from engine.genotypes.population import Population
from engine.measures import MEASURES, Measure, MeasureSetting, get_measure
from engine.measures.base import NetSize
from engine.measures.joined import log_rank_sum
from engine.measures.live import effective_operations
from engine.networks.cost import edge_costs
from engine.spaces import SearchSpace, get_space

_FIRST_NETWORKS = 32
"""Networks of the first part, which tells how long one takes."""
_PART_SECONDS = 60.0
"""Seconds that a part should take: those that are lost where work is ended."""
_SEARCH_MACS = replace(
    MEASURES["macs"],
    name="macs at search size",
    of=lambda population, _: edge_costs(population.space, population.space.search_size)["macs"].of(population),
)
_RANKED = {
    "az-nas": (*(MEASURES[name] for name in ("expressivity", "progressivity", "trainability")), _SEARCH_MACS),
}
"""Measures that are ranks of others among the architectures, and these others."""


@dataclass(frozen=True, eq=False)
class ArchitectureScores(Mapping[str, NDArray[np.float64]]):
    """Scores of architectures: the names of measures, and the values of each `(architectures,)`.

    The architectures are those of `population`, in its order. Measures were taken with the weights of `seed`, with
    networks of `net_size` and on the images called `data`, where they look at some; `environment` is the machine.
    """

    population: Population
    values_by_name: Mapping[str, NDArray[np.float64]]
    seed: int
    net_size: NetSize
    data: str
    environment: Mapping[str, Any]

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        return self.values_by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_by_name)

    def __len__(self) -> int:
        return len(self.values_by_name)


def score(
    space: str | SearchSpace,
    genotypes: Sequence[Genotype | str] | Population | None,
    measures: Sequence[str] | str,
    *,
    seed: int = 0,
    device: str = "auto",
    data: str | Data = "gaussian",
    net_size: NetSize = "small",
    parts: Path | None = None,
    fresh: bool = False,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
    threads: int | None = None,
) -> ArchitectureScores:
    """Return the values of `measures` for genotypes of a space, or for the whole of it where they are None.

    Genotypes may be texts in any notation, measures joined as in `flow+expressivity`. With a folder of `parts` work
    goes on where it was stopped, unless it shall be `fresh`; the folder stays, for the same question to be answered at
    once. Raises `ValueError` for a text that is no genotype of the space, an unknown measure, and parts of another
    question, and `SearchStopped`.
    """
    population = _population(get_space(space), genotypes)
    images = load_data(data) if isinstance(data, str) else data
    setting = MeasureSetting(seed, device, images, Work(on_progress, should_stop), threads, net_size)
    names = [measures] if isinstance(measures, str) else measures
    if parts is None:
        return score_population(population, names, setting)
    with PartFolder(parts, score_question(population, names, setting), fresh=fresh) as folder:
        return score_population(population, names, setting, folder)


def _population(space: SearchSpace, genotypes: Sequence[Genotype | str] | Population | None) -> Population:
    if genotypes is None:
        return Population.whole(space)
    if isinstance(genotypes, Population):
        if genotypes.space != space:
            raise ValueError(f"architectures of {genotypes.space.title} given; {space.title} expected")
        return genotypes
    parsed = [parse_genotype(item, space) if isinstance(item, str) else item for item in genotypes]
    return Population.of(space, parsed)


def score_question(population: Population, measures: Sequence[str], setting: MeasureSetting) -> dict[str, Any]:
    """Return the question that parts of scores answer, as plain data: all that the numbers rest on."""
    digest = hashlib.sha256(json.dumps([population.space.reference, population.operations.shape]).encode())
    digest.update(np.ascontiguousarray(population.operations).tobytes())
    return {
        "space": population.space.name,
        "architectures": f"{len(population):,}, digest {digest.hexdigest()[:16]}",
        "measures": [part.name for part in _score_parts(measures)],
        "seed": setting.seed,
        "net_size": setting.net_size,
        "data": _data_name(setting.data, digest=True),
        "device": resolve_device(setting.device),
        "engine": __version__,
    }


def _data_name(data: Data | None, *, digest: bool = False) -> str:
    if data is None:
        return "Gaussian noise"
    if not digest:
        return data.name
    content = hashlib.sha256(data.images.tobytes())
    content.update(b"" if data.labels is None else data.labels.tobytes())
    return f"{data.name}, digest {content.hexdigest()[:16]}"


def score_population(
    population: Population, measures: Sequence[str], setting: MeasureSetting, folder: PartFolder | None = None
) -> ArchitectureScores:
    """Return the values of measures for a population, as the work of `setting`, which counts scores.

    Parts that stand in `folder` are not computed again, and new ones are written there.
    """
    parts = _score_parts(measures)
    for part in parts:
        part.check_fits(population.space)
    with computing_threads(setting.threads):
        values = _Scoring(population, parts, setting, folder).values()
    tied = {part.name: tie(values[part.name], part.rounding) for part in parts}
    return ArchitectureScores(
        population=population,
        values_by_name={name: _joined(name, tied) for name in dict.fromkeys(measures)},
        seed=setting.seed,
        net_size=setting.net_size,
        data=_data_name(setting.data) if any(part.needs_data for part in parts) else "",
        environment=environment(resolve_device(setting.device)),
    )


def _score_parts(names: Sequence[str]) -> list[Measure]:
    """Return the measures that those called `names` are made of, each once."""
    parts: dict[str, Measure] = {}
    for name in names:
        get_measure(name)
        for part in name.split("+"):
            parts |= {measure.name: measure for measure in _RANKED.get(part, (MEASURES[part],))}
    return list(parts.values())


def _joined(name: str, values: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return the values of the measure called `name` from the tied ones of its parts."""
    if "+" in name:
        return tie(log_rank_sum([_joined(part, values) for part in name.split("+")]), get_measure(name).rounding)
    if name in _RANKED:
        return tie(log_rank_sum([values[part.name] for part in _RANKED[name]]), MEASURES[name].rounding)
    return values[name]


class _Scoring:
    """The scores of a population in the making, part by part.

    A part holds the values of one measure for all architectures, or those of all measures that run networks for some,
    `(architectures, measures)`.
    """

    def __init__(
        self, population: Population, measures: Sequence[Measure], setting: MeasureSetting, folder: PartFolder | None
    ) -> None:
        self.population, self.setting, self.folder = population, setting, folder
        self.at_once = sorted((part for part in measures if not part.one_by_one), key=lambda part: part.turn)
        self.one_by_one = sorted((part for part in measures if part.one_by_one), key=lambda part: not part.needs_labels)
        self.parts = [] if folder is None else folder.read()
        self._check_parts()

    def values(self) -> dict[str, NDArray[np.float64]]:
        """Compute the parts that are missing, and return the values of every measure, before ties."""
        count, work = len(self.population), self.setting.work
        phases = [Phase(measure.name, count) for measure in self.at_once]
        work.plan([*phases, Phase("networks", count * len(self.one_by_one))])
        if finished := sum(part.size for part in self.parts):
            work.step(finished)
        for measure in self.at_once[len(self.parts) :]:
            self._add(self._part([measure], self.population))
        order = self._score_networks()
        values = {measure.name: part[:, 0] for measure, part in zip(self.at_once, self.parts, strict=False)}
        if self.one_by_one:
            table = np.empty((count, len(self.one_by_one)))
            table[order] = np.concatenate(self.parts[len(self.at_once) :] or [table[:0]])
            values |= {measure.name: table[:, place] for place, measure in enumerate(self.one_by_one)}
        return values

    def _score_networks(self) -> NDArray[np.intp]:
        """Compute the parts of measures that run networks; return the rows in the order that parts have them in."""
        if not self.one_by_one:
            return np.arange(len(self.population))
        networks = _network_numbers(self.population)
        order = networks.argsort(kind="stable")
        networks, done = networks[order], sum(len(part) for part in self.parts[len(self.at_once) :])
        size = _FIRST_NETWORKS if self.folder else len(order)
        while done < len(order):
            end = int(np.searchsorted(networks, networks[done] + size))
            seconds = self.setting.work.elapsed
            self._add(self._part(self.one_by_one, self.population.take(order[done:end])))
            seconds = self.setting.work.elapsed - seconds
            size, done = max(1, min(8 * size, int(size * _PART_SECONDS / max(seconds, 1e-3)))), end
        return order

    def _part(self, measures: Sequence[Measure], population: Population) -> NDArray[np.float64]:
        """Return the values of measures for some architectures, `(architectures, measures)`."""
        self.setting.work.check()
        work = self.setting.work.part(len(population) * len(measures))
        work.plan([Phase(measure.name, len(population)) for measure in measures])
        columns = []
        for measure in measures:
            columns.append(measure.of(population, replace(self.setting, work=work.part(len(population)))))
            work.report()
        return np.stack(columns, axis=1)

    def _add(self, part: NDArray[np.float64]) -> None:
        if self.folder is not None:
            self.folder.write(len(self.parts), part)
        self.parts.append(part)
        self.setting.work.report()

    def _check_parts(self) -> None:
        """Raise `ValueError` for parts that are not those of this question."""
        count, first = len(self.population), self.parts[: len(self.at_once)]
        others = self.parts[len(self.at_once) :]
        fitting = all(part.shape == (count, 1) for part in first) and all(
            part.ndim == 2 and part.shape[1] == len(self.one_by_one) for part in others
        )
        if not fitting or sum(len(part) for part in others) > count:
            assert self.folder is not None
            raise ValueError(f"the parts in {self.folder.path} are damaged; begin anew (--fresh)")


def _network_numbers(population: Population) -> NDArray[np.intp]:
    """Number the networks of a population in an order without rule, `(architectures,)`; equal ones have one number.

    Parts are as long as each other then, and no network is scored in two of them.
    """
    live = Population(population.space, effective_operations(population))
    networks, inverse = np.unique(live.keys(), return_inverse=True)
    return np.asarray(np.random.default_rng(0).permutation(len(networks))[inverse], dtype=np.intp)
