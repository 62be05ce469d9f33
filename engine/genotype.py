"""Genotypes: the frozen value that a search ends in, and every text it parses from and prints to."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from engine.errors import shown
from engine.spaces import SPACES, Edge, Gene, SearchSpace, space

SCHEMA = "freenas/genotype@1"
RESULT_SCHEMA = "freenas/search-result@1"
MAX_TEXT = 4_000_000
"""Longest text, in characters, that is read as a genotype (a search result with all its passes fits in it)."""
_MAX_NOTATION = 20_000


@dataclass(frozen=True)
class Genotype:
    """One architecture of a search space: for each cell type its edges, each with the chosen operation.

    `genes` is a tuple of (cell type, genes) in the order of the space. Construction checks everything and raises
    `ValueError` with the place of the error.
    """

    space_name: str
    genes: tuple[tuple[str, tuple[Gene, ...]], ...]

    def __post_init__(self) -> None:
        described = space(self.space_name)
        kinds = tuple(kind for kind, _ in self.genes)
        if kinds != described.cell_types:
            raise ValueError(
                f"{described.title} has the cell types {', '.join(described.cell_types)}; found {shown(list(kinds))}"
            )
        for kind, genes in self.genes:
            _check_cell(described, kind, genes)

    @classmethod
    def of(cls, space_name: str, cells: Mapping[str, Sequence[Gene]]) -> Genotype:
        """The genotype with these `cells`, given in any order; checked."""
        described = space(space_name)
        order = [*described.cell_types, *(kind for kind in cells if kind not in described.cell_types)]
        return cls(space_name, tuple((kind, tuple(cells[kind])) for kind in order if kind in cells))

    @property
    def space(self) -> SearchSpace:
        """The search space of this genotype."""
        return space(self.space_name)

    @property
    def cells(self) -> Mapping[str, tuple[Gene, ...]]:
        """The genes of every cell type."""
        return MappingProxyType(dict(self.genes))

    @property
    def notation(self) -> str:
        """The field's own text: the NAS-Bench-201 string, or DARTS's `Genotype(...)`."""
        return self.space.notation(self)

    def to_dict(self) -> dict[str, Any]:
        """The genotype as plain data, as in `assets/genotype.schema.json`."""
        cells: dict[str, Any] = {}
        for kind, genes in self.genes:
            edges = [{"from": gene.source, "to": gene.target, "operation": gene.operation} for gene in genes]
            cells[kind] = {"edges": edges}
            if self.space.concatenated:
                cells[kind]["concat"] = list(self.space.concatenated)
        return {"schema": SCHEMA, "space": self.space_name, "cells": cells, "notation": self.notation}

    def to_json(self) -> str:
        """The genotype as JSON text."""
        return json.dumps(self.to_dict(), indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Genotype:
        """Read what `to_json` wrote, or a search result with a genotype in it; `ValueError` names the place."""
        data = load_json(text)
        if isinstance(data, dict) and data.get("schema") == RESULT_SCHEMA:
            return cls.from_dict(data.get("genotype"), "genotype")
        return cls.from_dict(data)

    @classmethod
    def from_dict(cls, data: object, place: str = "") -> Genotype:
        """Read what `to_dict` gave; `ValueError` names the place, below `place`."""
        fields = _object(data, place or "the JSON text")
        prefix = f"{place}." if place else ""
        if fields.get("schema") != SCHEMA:
            raise ValueError(f"{prefix}schema: {shown(fields.get('schema'))} found, '{SCHEMA}' expected")
        name = fields.get("space")
        if not isinstance(name, str) or name not in SPACES:
            raise ValueError(f"{prefix}space: {shown(name)} is not a search space; allowed: {', '.join(SPACES)}")
        cells = _object(fields.get("cells"), f"{prefix}cells")
        found = {kind: _read_cell(cell, f"{prefix}cells.{shown(kind)[1:-1]}", name) for kind, cell in cells.items()}
        return cls.of(name, found)


def parse_genotype(text: str) -> Genotype:
    """Read a genotype in any notation: NAS-Bench-201 string, DARTS `Genotype(...)`, our JSON, or a search result.

    Nothing in the text is evaluated. `ValueError` says in one sentence what is wrong and where.
    """
    if not isinstance(text, str):
        raise ValueError(f"a genotype is text, {type(text).__name__} found")
    stripped = text.lstrip("\ufeff").strip()
    if not stripped:
        raise ValueError("empty text; give a NAS-Bench-201 string, a DARTS Genotype(...) text, or genotype JSON")
    if stripped.startswith("{"):
        return Genotype.from_json(stripped)
    if len(stripped) > _MAX_NOTATION:
        raise ValueError(f"the text has {len(stripped):,} characters; a notation has at most {_MAX_NOTATION:,}")
    if stripped.startswith("|"):
        name = "nas-bench-201"
    elif "Genotype" in stripped[:200]:
        name = "darts"
    else:
        raise ValueError(
            f"{shown(stripped)} is no known notation: a NAS-Bench-201 string begins with '|', "
            "a DARTS text with 'Genotype(', JSON with '{'"
        )
    return Genotype.of(name, SPACES[name].parse(stripped))


def _check_cell(described: SearchSpace, kind: str, genes: tuple[Gene, ...]) -> None:
    allowed = described.genotype_operations
    seen = set()
    for index, gene in enumerate(genes):
        place = f"{kind}, edge {index + 1}"
        if Edge(gene.source, gene.target) not in described.edges:
            raise ValueError(f"{place}: no edge from node {shown(gene.source)} to node {shown(gene.target)}")
        if gene.operation not in allowed:
            raise ValueError(f"{place}: unknown operation {shown(gene.operation)}; allowed: {', '.join(allowed)}")
        if (gene.source, gene.target) in seen:
            raise ValueError(f"{place}: the edge from node {gene.source} to node {gene.target} stands twice")
        seen.add((gene.source, gene.target))
    for node in range(described.inputs, described.nodes):
        incoming = sum(edge.target == node for edge in described.edges)
        expected = described.kept_edges or incoming
        found = sum(gene.target == node for gene in genes)
        if found != expected:
            raise ValueError(f"{kind}, node {node}: {found} incoming edges found, {expected} expected")
    if [gene.target for gene in genes] != sorted(gene.target for gene in genes):
        raise ValueError(f"{kind}: edges must be listed by the node they lead to")
    if described.kept_edges is None and [gene[:2] for gene in genes] != list(described.edges):
        raise ValueError(f"{kind}: edges must be listed by the nodes they lead to and come from")


def load_json(text: str) -> object:
    """What a bounded JSON text holds; `ValueError` says in one sentence why it cannot be read, and where."""
    if len(text) > MAX_TEXT:
        raise ValueError(f"the JSON text has {len(text):,} characters; at most {MAX_TEXT:,} are read")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: line {error.lineno}, column {error.colno}: {error.msg}") from None
    except (RecursionError, ValueError):
        raise ValueError("not JSON that can be read: nested too deeply, or a number too long") from None


def _object(value: object, place: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{place}: an object expected, {shown(value)} found")
    return value


def _read_cell(cell: object, place: str, space_name: str) -> list[Gene]:
    fields = _object(cell, place)
    edges = fields.get("edges")
    if not isinstance(edges, list):
        raise ValueError(f"{place}.edges: a list expected, {shown(edges)} found")
    concat = list(SPACES[space_name].concatenated)
    if fields.get("concat", concat) != concat:
        raise ValueError(f"{place}.concat: {shown(fields['concat'])} found, {concat} expected")
    genes = []
    for index, edge in enumerate(edges):
        where = f"{place}.edges[{index}]"
        source, target, operation = (_object(edge, where).get(name) for name in ("from", "to", "operation"))
        if type(source) is not int or type(target) is not int or not isinstance(operation, str):
            raise ValueError(f"{where}: from and to must be node numbers and operation a name, {shown(edge)} found")
        genes.append(Gene(source, target, operation))
    return genes
