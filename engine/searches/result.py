"""The result of a search: plain numbers and strings, its JSON and its CSV."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.common.csv_text import csv_text
from engine.common.errors import quoted, unknown_name
from engine.exports.figure_sheet import CellPicture, FigureSheet, sheet_html
from engine.exports.svg import genotype_svg
from engine.genotypes.genotype import RESULT_SCHEMA, Genotype
from engine.proxies import get_proxy
from engine.searches.config import SearchConfig
from engine.searches.constraints import parse_edge_operation
from engine.searches.frame import Frame
from engine.searches.result_document import (
    BudgetDocument,
    CellScoresDocument,
    DerivedCostDocument,
    EnvironmentDocument,
    NoticeDocument,
    PassDocument,
    ResultDocument,
    StepDocument,
    TimingDocument,
    UnboundedDocument,
)
from engine.spaces import Edge, SearchSpace
from engine.spaces.masks import Mask

ScoreTable = NDArray[np.float64]
_DIGITS = 6
_LARGEST_LOG = 690.0
"""A logarithm whose exponential still fits a double, with room for the sums of the shares."""


@dataclass(frozen=True)
class Notice:
    """A warning that belongs to a result: a `code` for programs, a `message` for people."""

    code: str
    message: str


@dataclass(frozen=True)
class Step:
    """A pruned operation: its cell type and edge, the pass that condemned it (from 0) and its share in that pass."""

    cell: str
    edge: int
    operation: str
    at_pass: int
    share: float


@dataclass(frozen=True)
class Pass:
    """The shares of one pass, by cell type, `(edges, operations)`; 0 where an operation is not live."""

    shares: Mapping[str, ScoreTable]
    log_flow: float


@dataclass(frozen=True)
class BudgetReport:
    """The costs under a budget and without it.

    `costs` are those of the genotype, for every bound of the configuration; `log_flow` is its log R in closed
    form. `free` is the genotype of the same question without a budget, with its own numbers. `within` counts
    those of the `listed` architectures that keep the budget, where the space can be listed.
    """

    costs: Mapping[str, float]
    log_flow: float
    free: Genotype
    free_costs: Mapping[str, float]
    free_log_flow: float
    within: int | None = None
    listed: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain data."""
        return self.document.to_data()

    @property
    def document(self) -> BudgetDocument:
        """Return the report as a part of the document of a result."""
        free = UnboundedDocument(genotype=self.free.to_dict(), costs=dict(self.free_costs), log_flow=self.free_log_flow)
        return BudgetDocument(
            costs=dict(self.costs), log_flow=self.log_flow, free=free, within=self.within, listed=self.listed
        )

    @classmethod
    def of_document(cls, document: BudgetDocument) -> BudgetReport:
        """Return the report that a document holds; `ValueError` for a genotype that is none."""
        free = document.free
        return cls(
            document.costs,
            document.log_flow,
            _answer(free.genotype, "budget.free.genotype"),
            free.costs,
            free.log_flow,
            document.within,
            document.listed,
        )


@dataclass(frozen=True, eq=False)
class SearchResult:
    """The genotype that a search found, and the course of the search; results are told apart as objects.

    `passes` holds the scores of every pass in order, the first with all operations live; `steps` the pruned operations
    in order. `cost` is that of the derived network, `timing` in seconds, `environment` says where it was computed.
    """

    config: SearchConfig
    genotype: Genotype
    passes: tuple[Pass, ...]
    steps: tuple[Step, ...]
    notices: tuple[Notice, ...]
    cost: Mapping[str, Any]
    timing: Mapping[str, float]
    environment: Mapping[str, Any]
    budget: BudgetReport | None = None

    @property
    def space(self) -> SearchSpace:
        """Return the search space."""
        return self.config.search_space

    @property
    def shares(self) -> Mapping[str, ScoreTable]:
        """Return the flow shares of the whole supernet, by cell type, `(edges, operations)`."""
        return self.passes[0].shares

    @property
    def scores(self) -> Mapping[str, ScoreTable]:
        """Return the raw saliencies of the whole supernet by cell type, `(edges, operations)`, in `exp(log_scale)`."""
        factor = math.exp(self.passes[0].log_flow - self.log_scale)
        return {kind: table * factor for kind, table in self.shares.items()}

    @property
    def log_scale(self) -> float:
        """Return the logarithm of the unit of the raw saliencies: 0, unless the flow is beyond a double."""
        log_flow = self.passes[0].log_flow
        return 0.0 if abs(log_flow) < _LARGEST_LOG else log_flow

    def chosen(self, kind: str) -> dict[int, str]:
        """Return the operation that pruning left on every edge of a cell type, by the index of the edge."""
        left = self.live(kind, len(self.steps))
        return {edge: self.space.operations[index] for edge, index in np.argwhere(left).tolist()}

    def live(self, kind: str, steps: int) -> Mask:
        """Return the mask of the operations of a cell type that are live after so many steps, `(edges, operations)`."""
        live: Mask = self.config.live[self.space.cell_types.index(kind)]
        for step in self.steps[:steps]:
            if step.cell == kind:
                live[step.edge, self.space.operations.index(step.operation)] = False
        return live

    def frame(self, kind: str, step: int | None = None) -> Frame:
        """Return one cell type after so many pruning steps; without a `step` the whole supernet with what was chosen.

        `ValueError` for an unknown cell type, and for a step that there is none of.
        """
        if kind not in self.space.cell_types:
            raise unknown_name("cell type", kind, self.space.cell_types)
        count = len(self.steps)
        if step is not None and not (isinstance(step, int | np.integer) and 0 <= step <= count):
            raise ValueError(f"step {quoted(step)} is out of range; this search has the steps 0 to {count}")
        live, chosen = self.live(kind, step or 0), self.chosen(kind)
        finished = step is None or step == count
        scored = self.passes[self._pass_at(step)]
        edges = {edge: index for index, edge in enumerate(self.space.edges)}
        return Frame(
            space=self.space,
            kind=kind,
            proxy=get_proxy(self.config.proxy),
            shares=np.where(live, scored.shares[kind], 0.0),
            live=live,
            log_flow=scored.log_flow,
            decided={edge: name for edge, name in chosen.items() if finished or live[edge].sum() == 1},
            kept=frozenset(edges[Edge(*gene[:2])] for gene in self.genotype.cells[kind]),
            signs=self._signs(kind),
            finished=finished,
        )

    def _pass_at(self, step: int | None) -> int:
        """Return the pass whose scores stand after so many steps: the one that condemns the next operation."""
        if step is None or not self.steps:
            return 0
        return self.steps[step].at_pass if step < len(self.steps) else len(self.passes) - 1

    def _signs(self, kind: str) -> dict[tuple[int, int], str]:
        """Return the words on constraints, by edge and operation."""
        constraints = {"banned": self.config.banned, "pinned": self.config.pinned}
        places = [
            (parse_edge_operation(text, self.space), sign) for sign, texts in constraints.items() for text in texts
        ]
        return {place.index_in(self.space)[1:]: sign for place, sign in places if place.cell == kind}

    def picture(self, kind: str, step: int | None = None) -> CellPicture:
        """Return the picture of a cell after so many steps; without a `step` that of the genotype.

        Its arrows are as wide as what passes them in the last pass by then.
        """
        frame = self.frame(kind, len(self.steps) if step is None else step)
        return CellPicture(self.space, kind, tuple(frame.arrows(dropped=step is not None)))

    def __repr__(self) -> str:
        config = self.config
        question = f"space={config.search_space.name!r}, proxy={config.proxy!r}, seed={config.seed}"
        return f"SearchResult({question}, genotype={self.genotype.notation!r}, passes={len(self.passes)})"

    def _repr_html_(self) -> str:
        """Return the heatmap and the cell of every cell type, for notebooks."""
        rows = ((self.frame(kind).heatmap(), self.picture(kind)) for kind in self.space.cell_types)
        return sheet_html(FigureSheet(tuple(rows)))

    def _repr_svg_(self) -> str:
        """Return the picture of the cells, for notebooks."""
        return genotype_svg(self.genotype)

    def has(self, code: str) -> bool:
        """Return True where a notice with this code belongs to the result."""
        return any(notice.code == code for notice in self.notices)

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain data, as in `assets/search-result.schema.json`; numbers have six digits."""
        return self.document.to_data()

    def to_json(self) -> str:
        """Return the result as JSON text."""
        return json.dumps(self.to_dict(), separators=(",", ":"), allow_nan=False) + "\n"

    @property
    def document(self) -> ResultDocument:
        """Return the document of the result; its numbers have six digits."""
        return ResultDocument(
            schema_=RESULT_SCHEMA,
            config=self.config,
            environment=EnvironmentDocument(**self.environment),
            log_scale=self.log_scale,
            cells={kind: self._cell_scores(kind) for kind in self.space.cell_types},
            genotype=self.genotype.to_dict(),
            passes=[
                PassDocument(log_flow=one.log_flow, shares={kind: rounded(table) for kind, table in one.shares.items()})
                for one in self.passes
            ],
            steps=[
                StepDocument(
                    cell=step.cell,
                    edge=list(self.space.edges[step.edge]),
                    operation=step.operation,
                    at_pass=step.at_pass,
                    share=_digits(step.share),
                )
                for step in self.steps
            ],
            warnings=[NoticeDocument(code=notice.code, message=notice.message) for notice in self.notices],
            cost=DerivedCostDocument(**self.cost),
            timing=TimingDocument(**self.timing),
            budget=self.budget.document if self.budget is not None else None,
        )

    def _cell_scores(self, kind: str) -> CellScoresDocument:
        return CellScoresDocument(
            edges=[list(edge) for edge in self.space.edges],
            operations=list(self.space.operations),
            scores=rounded(self.scores[kind]),
            shares=rounded(self.shares[kind]),
        )

    @classmethod
    def from_json(cls, text: str) -> SearchResult:
        """Read what `to_json` wrote; `ValueError` says in one sentence what is wrong and where."""
        document = ResultDocument.read(text)
        edges = {edge: index for index, edge in enumerate(document.config.search_space.edges)}
        result = cls(
            config=document.config,
            genotype=_answer(document.genotype, "genotype"),
            passes=tuple(
                Pass({kind: np.asarray(table) for kind, table in one.shares.items()}, one.log_flow)
                for one in document.passes
            ),
            steps=tuple(
                Step(step.cell, edges[Edge(*step.edge)], step.operation, step.at_pass, step.share)
                for step in document.steps
            ),
            notices=tuple(Notice(notice.code, notice.message) for notice in document.warnings),
            cost=document.cost.to_data(),
            timing=document.timing.to_data(),
            environment=document.environment.to_data(),
            budget=BudgetReport.of_document(document.budget) if document.budget is not None else None,
        )
        result._check_genotype()
        return result

    def _check_genotype(self) -> None:
        """Raise `ValueError` unless the genotype has operations that pruning left."""
        edges = {edge: index for index, edge in enumerate(self.space.edges)}
        for kind, genes in self.genotype.genes:
            chosen = self.chosen(kind)
            for gene in genes:
                if chosen[edges[Edge(*gene[:2])]] != gene.operation:
                    raise ValueError(f"genotype: {gene.operation} on {kind} {gene[:2]} was pruned in the steps")

    def to_csv(self) -> str:
        """Write the scores as CSV: a row for every operation on every edge, and when it was pruned (pass, or empty)."""
        fell = {(step.cell, step.edge, step.operation): step.at_pass for step in self.steps}
        chosen = {(kind, *gene) for kind, genes in self.genotype.genes for gene in genes}
        header = ("cell", "from", "to", "operation", "share", "score", "log_scale", "pruned_at_pass", "in_genotype")
        rows: list[tuple[object, ...]] = [header]
        for kind in self.space.cell_types:
            for index, edge in enumerate(self.space.edges):
                for column, name in enumerate(self.space.operations):
                    numbers = [_digits(table[kind][index, column]) for table in (self.shares, self.scores)]
                    place = (kind, edge.source, edge.target, name)
                    when = (fell.get((kind, index, name)), int((kind, *edge, name) in chosen))
                    rows.append((*place, *numbers, self.log_scale, *when))
        return csv_text(rows)

    def rounded(self) -> SearchResult:
        """Return the result with the digits of its JSON, so that one that was stored equals one that was not."""
        passes = tuple(
            replace(one, shares={kind: np.asarray(rounded(table)) for kind, table in one.shares.items()})
            for one in self.passes
        )
        steps = tuple(replace(step, share=_digits(step.share)) for step in self.steps)
        return replace(self, passes=passes, steps=steps)


def _answer(data: object, place: str) -> Genotype:
    """Read the genotype at `place` of a document; `ValueError` for one that a search does not answer with."""
    genotype = Genotype.from_dict(data, place)
    if not genotype.derivable:
        raise ValueError(f"{place}: an edge stands twice, or has 'none'; no search answers with such a genotype")
    return genotype


def _digits(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


def rounded(table: ScoreTable) -> list[list[float]]:
    """Return a table as lists of numbers with six significant digits, as in every JSON text."""
    return [[_digits(value) for value in row] for row in table.tolist()]
