"""Several answers side by side: their labels, the edges on which they agree, the difference of two of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

from dashboard.parts.comparison import MOST_COMPARED
from engine import SearchConfig, SearchResult
from engine.common.csv_text import spreadsheet_text
from engine.exports.drawing import Arrow
from engine.operations.registry import get_operation
from engine.proxies import PROXIES
from engine.runs import Run
from engine.spaces import Edge, Gene, SearchSpace

DASH = "—"
"""The sign for no operation, or no value."""
_MAIN_PARTS = ("recipe", "proxy", "seed")
_DIFFERENT, _SAME = "#E5484D", "#8B95A1"


def compared_questions(
    space: str | SearchSpace, recipes: Sequence[str], proxies: Sequence[str], seeds: Sequence[int]
) -> list[SearchConfig]:
    """Return every combination, at most `MOST_COMPARED`; `ValueError` for one that cannot be asked.

    A proxy is asked by those of the `recipes` that it has, or else by its own default.
    """
    return [
        SearchConfig.model_validate({"space": space, "recipe": recipe, "proxy": proxy, "seed": seed})
        for proxy in proxies
        for recipe, seed in product(_recipes_of(proxy, recipes), seeds)
    ][:MOST_COMPARED]


def _recipes_of(proxy: str, recipes: Sequence[str]) -> list[str]:
    own = PROXIES[proxy].recipes
    return [recipe for recipe in recipes if recipe in own] or list(own)[:1]


def question_labels(configs: Sequence[SearchConfig]) -> list[str]:
    """Return a label for each question: the parts that tell them apart, of recipe, proxy and seed where these do.

    Where nothing tells them apart, recipe, proxy and seed.
    """
    questions = [_part_words(config) for config in configs]
    differing = [part for part in (questions[0] if questions else ()) if len({words[part] for words in questions}) > 1]
    telling = [part for part in differing if part in _MAIN_PARTS]
    if len({tuple(words[part] for part in telling) for words in questions}) < len(questions):
        telling = differing
    return [", ".join(words[part] for part in telling or _MAIN_PARTS) for words in questions]


def _part_words(config: SearchConfig) -> dict[str, str]:
    """Return every part of a question but its space, in words."""
    values = config.model_dump(exclude={"space", "seed", "proxy"})
    words = {name: f"{name.replace('_', ' ')} {_value_words(value)}" for name, value in values.items()}
    return {"recipe": config.recipe, "proxy": config.proxy, "seed": f"seed {config.seed}"} | words


def _value_words(value: Any) -> str:
    if isinstance(value, tuple):
        return " ".join(value) or DASH
    return DASH if value is None else str(value)


def run_labels(runs: Sequence[Run], results: Sequence[SearchResult]) -> list[str]:
    """Return a label for each run: its name, or what tells its question apart; with its id where two are the same."""
    questions = question_labels([result.config for result in results])
    labels = [spreadsheet_text(run.name) or question for run, question in zip(runs, questions, strict=True)]
    return [
        label if labels.count(label) == 1 else f"{label} ({run.id[:6]})"
        for label, run in zip(labels, runs, strict=True)
    ]


def kept_operations(result: SearchResult, kind: str) -> dict[Edge, str]:
    """Return the operations of the genotype on the edges that it keeps."""
    return {Edge(gene.source, gene.target): gene.operation for gene in result.genotype.cells[kind]}


def agreement_rows(results: Sequence[SearchResult], labels: Sequence[str], kind: str) -> list[dict[str, Any]]:
    """Return a row for every edge that any genotype keeps: the operation of each on it, and whether they agree."""
    space, cells = results[0].space, [kept_operations(result, kind) for result in results]
    rows = []
    for edge in space.edges:
        operations = [cell.get(edge, DASH) for cell in cells]
        if any(cell.get(edge) for cell in cells):
            agree = {"agree": len(set(operations)) == 1}
            rows.append({space.edge_noun: space.edge_name(edge)} | dict(zip(labels, operations, strict=True)) | agree)
    return rows


def shared_edges(results: Sequence[SearchResult]) -> tuple[int, int]:
    """Return the number of edges of all cells on which the genotypes agree, and of those that any of them keeps."""
    agreed = total = 0
    for kind in results[0].space.cell_types:
        cells = [kept_operations(result, kind) for result in results]
        for edge in {edge for cell in cells for edge in cell}:
            total += 1
            agreed += len({cell.get(edge) for cell in cells}) == 1
    return agreed, total


def difference(first: SearchResult, second: SearchResult, kind: str) -> list[Arrow]:
    """Return the edges of two genotypes as arrows: grey where they agree, else red with both operations."""
    one, two = kept_operations(first, kind), kept_operations(second, kind)
    return [
        _difference_arrow(edge, one.get(edge), two.get(edge))
        for edge in first.space.edges
        if edge in one or edge in two
    ]


def _difference_arrow(edge: Edge, first: str | None, second: str | None) -> Arrow:
    gene = Gene(*edge, first or second or "")
    if first == second:
        return Arrow(gene, colour=_SAME)
    if first is not None:
        return Arrow(gene, 0.6, note=f"| {get_operation(second).short if second else DASH}", colour=_DIFFERENT)
    return Arrow(gene, 0.6, faint=True, note="(second)", colour=_DIFFERENT)
