"""A request for an atlas: its population and its measures, and the tasks that answer it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from dashboard.atlas.marks import PUBLISHED_CELLS
from dashboard.parts.accuracy_table import TableColumn
from engine.genotypes.population import Population
from engine.measures import MEASURES
from engine.searches.result import SearchResult
from engine.spaces import OwnSpace, SearchSpace, get_space
from engine.studies.atlas import AtlasTask
from engine.tables.task import TableTask

FAST_MEASURES = ("flow", "params", "macs")
"""The measures of every atlas, flow where it has a closed form; the others are taken when they are chosen."""
MOST_OF_TABLE = 1_000
"""The most architectures of a table that join a sample."""
PopulationKey = tuple[str | OwnSpace, int | None, int]
"""Space, size of the sample and its seed: together they settle which architectures are drawn."""


@dataclass(frozen=True)
class AtlasRequest:
    """A request for an atlas: of the whole space where `count` is None, else of a sample and those written in `also`.

    `more` measures are taken besides the fast ones.
    """

    space: str | OwnSpace
    count: int | None
    sample_seed: int
    seed: int
    more: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    data: str = "gaussian"

    @property
    def search_space(self) -> SearchSpace:
        """Return the search space itself."""
        return get_space(self.space)

    @property
    def tasks(self) -> list[AtlasTask]:
        """Return the work that answers the request: the fast measures first, then every other by itself."""
        fields = {name: getattr(self, name) for name in ("space", "count", "sample_seed", "seed", "also")}
        fast = AtlasTask.model_validate({**fields, "measures": self._fast})
        images = {name: self.data if MEASURES[name].needs_data else "gaussian" for name in self.more}
        others = [{**fields, "measures": (name,), "data": data} for name, data in images.items()]
        return [fast, *map(AtlasTask.model_validate, others)]

    @property
    def _fast(self) -> tuple[str, ...]:
        closed = self.search_space.no_closed_form is None
        return tuple(name for name in FAST_MEASURES if closed or name != "flow")

    @property
    def population_key(self) -> PopulationKey:
        """Return what settles which architectures are drawn."""
        return self.space, self.count, self.sample_seed


def with_references(
    request: AtlasRequest, table_column: TableColumn | None, results: Sequence[SearchResult]
) -> AtlasRequest:
    """Add what no sample is likely to hold: published cells, those found by search, the first of a table."""
    if request.count is None:
        return request
    space = request.search_space
    also = [*PUBLISHED_CELLS.get(space.name, {}).values(), *(result.genotype.notation for result in results)]
    if table_column is not None and table_column.table.population.space == space:
        also += _notations(table_column.task, table_column.table.population)
    return replace(request, also=tuple(dict.fromkeys(also)))


@st.cache_resource(show_spinner=False, max_entries=8)
def _notations(task: TableTask, _population: Population) -> list[str]:
    return [genotype.notation for genotype in _population.take(slice(0, MOST_OF_TABLE)).genotypes()]
