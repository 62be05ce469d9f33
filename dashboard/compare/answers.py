"""Several answers side by side: what they are called, where they agree, how two of them differ."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

from engine import SearchConfig, SearchResult
from engine.exports.drawing import Arrow
from engine.operations.registry import get_operation
from engine.proxies import PROXIES
from engine.runs import Run
from engine.spaces import Edge, Gene, SearchSpace

MOST = 6
"""The most questions on one page."""
NOTHING = "—"
_MAIN = ("recipe", "proxy", "seed")
_DIFFERS, _SAME = "#E5484D", "#8B95A1"


def questions(
    space: str | SearchSpace, recipes: Sequence[str], proxies: Sequence[str], seeds: Sequence[int]
) -> list[SearchConfig]:
    """Every combination, at most `MOST`; `ValueError` for one that cannot be asked.

    A proxy is asked by those of the `recipes` that it has, or else by its own default.
    """
    return [
        SearchConfig.model_validate({"space": space, "recipe": recipe, "proxy": each, "seed": seed})
        for each in proxies
        for recipe, seed in product(_recipes_of(each, recipes), seeds)
    ][:MOST]


def _recipes_of(name: str, recipes: Sequence[str]) -> list[str]:
    had = PROXIES[name].recipes
    return [recipe for recipe in recipes if recipe in had] or list(had)[:1]


def names(configs: Sequence[SearchConfig]) -> list[str]:
    """What tells the questions apart, for each of them: recipe, proxy, seed, or what else is needed for it.

    Where nothing tells them apart, recipe, proxy and seed.
    """
    parts = [_parts(config) for config in configs]
    differing = [part for part in (parts[0] if parts else ()) if len({each[part] for each in parts}) > 1]
    told = [part for part in differing if part in _MAIN]
    if len({tuple(each[part] for part in told) for each in parts}) < len(parts):
        told = differing
    return [", ".join(each[part] for part in told or _MAIN) for each in parts]


def _parts(config: SearchConfig) -> dict[str, str]:
    """Every part of a question but its space, in words."""
    values = config.model_dump(exclude={"space", "seed", "proxy"})
    words = {name: f"{name.replace('_', ' ')} {_value(value)}" for name, value in values.items()}
    return {"recipe": config.recipe, "proxy": config.proxy, "seed": f"seed {config.seed}"} | words


def _value(value: Any) -> str:
    if isinstance(value, tuple):
        return " ".join(value) or NOTHING
    return NOTHING if value is None else str(value)


def complaint(found: Sequence[Run]) -> str:
    """Why these runs cannot stand side by side, or nothing."""
    if not 2 <= len(found) <= MOST:
        return f"Choose 2 to {MOST} runs in one space."
    if any(run.cell.space != found[0].cell.space for run in found):
        return f"These runs are in different spaces: {', '.join(dict.fromkeys(run.space for run in found))}."
    return ""


def titles(found: Sequence[Run], results: Sequence[SearchResult]) -> list[str]:
    """What runs are called side by side: by their names, or by what tells their questions apart."""
    told = names([result.config for result in results])
    titles = [run.name or name for run, name in zip(found, told, strict=True)]
    return [
        title if titles.count(title) == 1 else f"{title} ({run.id[:6]})"
        for title, run in zip(titles, found, strict=True)
    ]


def kept(result: SearchResult, kind: str) -> dict[Edge, str]:
    """The operations of the genotype on the edges that it keeps."""
    return {Edge(gene.source, gene.target): gene.operation for gene in result.genotype.cells[kind]}


def agreement(results: Sequence[SearchResult], labels: Sequence[str], kind: str) -> list[dict[str, Any]]:
    """A row for every edge that any genotype keeps: the operation that each has there, and whether they agree."""
    space, cells = results[0].space, [kept(result, kind) for result in results]
    rows = []
    for edge in space.edges:
        chosen = [cell.get(edge, NOTHING) for cell in cells]
        if any(cell.get(edge) for cell in cells):
            agree = {"agree": len(set(chosen)) == 1}
            rows.append({space.edge_noun: space.edge_name(edge)} | dict(zip(labels, chosen, strict=True)) | agree)
    return rows


def shared_edges(results: Sequence[SearchResult]) -> tuple[int, int]:
    """On how many edges of all cell types the genotypes agree, and how many any of them keeps."""
    agreed = total = 0
    for kind in results[0].space.cell_types:
        cells = [kept(result, kind) for result in results]
        for edge in {edge for cell in cells for edge in cell}:
            total += 1
            agreed += len({cell.get(edge) for cell in cells}) == 1
    return agreed, total


def difference(first: SearchResult, second: SearchResult, kind: str) -> list[Arrow]:
    """The edges of two genotypes: grey where they agree, red with both operations where they do not."""
    one, two = kept(first, kind), kept(second, kind)
    drawn = []
    for edge in (edge for edge in first.space.edges if edge in one or edge in two):
        here, there = one.get(edge), two.get(edge)
        gene = Gene(*edge, here or there or "")
        if here == there:
            drawn.append(Arrow(gene, colour=_SAME))
        elif here is not None:
            drawn.append(
                Arrow(gene, 0.6, note=f"| {get_operation(there).short if there else NOTHING}", colour=_DIFFERS)
            )
        else:
            drawn.append(Arrow(gene, 0.6, faint=True, note="(second)", colour=_DIFFERS))
    return drawn
