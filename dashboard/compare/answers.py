"""Several answers side by side: their labels, the edges on which they agree, the difference of two of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import count, product
from typing import Any, NamedTuple

from dashboard.parts.comparison import ComparedItem
from engine import SearchConfig, SearchResult
from engine.common.csv_text import spreadsheet_text
from engine.exports.drawing import Arrow
from engine.genotypes.genotype import Genotype
from engine.operations.registry import get_operation
from engine.proxies import PROXIES
from engine.runs import Run
from engine.spaces import Edge, Gene, SearchSpace

DASH = "—"
"""The sign for no operation, or no value."""
_MAIN_PARTS = ("recipe", "proxy", "seed")
_SETTLED_PARTS = ("normalisation", "alpha", "method")
_SECOND_ALONE = "(second)"
_DIFFERENT, _SAME = "#E5484D", "#8B95A1"


class ComparedAnswer(NamedTuple):
    """An architecture that stands beside others, and the result of the search that found it, if one did."""

    genotype: Genotype
    result: SearchResult | None = None


Answers = Mapping[str, ComparedAnswer]
"""Answers of one space by their labels."""


def asked_parts(
    space: str | dict[str, Any] | SearchSpace, recipes: Sequence[str], proxies: Sequence[str], seeds: Sequence[int]
) -> list[dict[str, Any]]:
    """Return the parts of every question that combines these.

    A proxy is asked by those of the `recipes` that it has, or else by its own default.
    """
    return [
        {"space": space, "recipe": recipe, "proxy": proxy, "seed": seed}
        for proxy in proxies
        for recipe, seed in product(_recipes_of(proxy, recipes), seeds)
    ]


def _recipes_of(proxy: str, recipes: Sequence[str]) -> list[str]:
    own = PROXIES[proxy].recipes
    return [recipe for recipe in recipes if recipe in own] or list(own)[:1]


def question_labels(configs: Sequence[SearchConfig]) -> list[str]:
    """Return a label for each question: the parts that tell them apart, of recipe, proxy and seed where these do.

    Else all that differ, those that a recipe settles aside where its name is enough. What is not set has no words; a
    question of which nothing is left is called by recipe, proxy and seed.
    """
    questions = [_part_words(config) for config in configs]
    differing = [part for part in (questions[0] if questions else ()) if len({words[part] for words in questions}) > 1]
    main = [part for part in differing if part in _MAIN_PARTS]
    settled = [part for part in differing if part not in _SETTLED_PARTS]
    telling = next((parts for parts in (main, settled) if _tell_apart(questions, parts)), differing)
    return [_label(words, telling) or _label(words, _MAIN_PARTS) for words in questions]


def _tell_apart(questions: Sequence[Mapping[str, str]], parts: Sequence[str]) -> bool:
    return len({_label(words, parts) for words in questions}) == len(questions)


def _label(words: Mapping[str, str], parts: Sequence[str]) -> str:
    return ", ".join(words[part] for part in parts if words[part])


def _part_words(config: SearchConfig) -> dict[str, str]:
    """Return every part of a question but its space, in words; nothing for a part that is not set."""
    values = config.model_dump(exclude={"space", "seed", "proxy"})
    words = {name: _value_words(name, value) for name, value in values.items()}
    return {"recipe": config.recipe, "proxy": PROXIES[config.proxy].title, "seed": f"seed {config.seed}"} | words


def _value_words(name: str, value: Any) -> str:
    if value in (None, ()):
        return ""
    match name:
        case "max_params":
            return f"at most {value / 1e6:g} M parameters"
        case "max_macs":
            return f"at most {value / 1e6:g} M MACs"
        case "max_latency":
            return f"at most {value:g} ms"
    return f"{name.replace('_', ' ')} {' '.join(value) if isinstance(value, tuple) else value}"


def item_labels(items: Sequence[ComparedItem], configs: Sequence[SearchConfig | None]) -> list[str]:
    """Return a label for each item, `configs` being their questions: a name, or what tells its question apart.

    Architectures alone are numbered. Where two labels are the same, a run has the beginning of its id behind it.
    """
    questions = iter(question_labels([config for config in configs if config is not None]))
    numbers = count(1)
    labels: list[str] = []
    for item, config in zip(items, configs, strict=True):
        label = next(questions) if config is not None else f"architecture {next(numbers)}"
        labels.append((spreadsheet_text(item.name) or label) if isinstance(item, Run) else label)
    return distinct_labels(
        f"{label} ({item.id[:6] if isinstance(item, Run) else place})" if labels.count(label) > 1 else label
        for place, (label, item) in enumerate(zip(labels, items, strict=True), start=1)
    )


def distinct_labels(labels: Iterable[str]) -> list[str]:
    """Return labels as they are, but for a prime behind one that stood before, since users give names twice."""
    seen: dict[str, None] = {}
    for label in labels:
        while label in seen:
            label += "′"
        seen[label] = None
    return [*seen]


def kept_operations(genotype: Genotype, kind: str) -> dict[Edge, str]:
    """Return the operations of a genotype on the edges that it keeps."""
    return {Edge(gene.source, gene.target): gene.operation for gene in genotype.cells[kind]}


def agreement_rows(genotypes: Sequence[Genotype], kind: str) -> list[tuple[Edge, list[str]]]:
    """Return every edge that any genotype keeps, with the operation of each on it, `DASH` where it has none."""
    space, cells = genotypes[0].space, [kept_operations(genotype, kind) for genotype in genotypes]
    return [
        (edge, [cell.get(edge, DASH) for cell in cells])
        for edge in space.edges
        if any(cell.get(edge) for cell in cells)
    ]


def shared_edges(genotypes: Sequence[Genotype]) -> tuple[int, int]:
    """Return the number of edges of all cells on which the genotypes agree, and of those that any of them keeps."""
    rows = [row for kind in genotypes[0].space.cell_types for _, row in agreement_rows(genotypes, kind)]
    return sum(len(set(row)) == 1 for row in rows), len(rows)


def difference(first: Genotype, second: Genotype, kind: str) -> list[Arrow]:
    """Return the edges of two genotypes as arrows: grey where they agree, else red with both operations."""
    one, two = kept_operations(first, kind), kept_operations(second, kind)
    return [
        _difference_arrow(edge, one.get(edge), two.get(edge))
        for edge in first.space.edges
        if edge in one or edge in two
    ]


def difference_room(space: SearchSpace) -> str:
    """Return the longest note that a difference of genotypes of a space may have, for which its labels need room."""
    notes = (_second_words(name) for name in space.genotype_operations)
    return max((*notes, _SECOND_ALONE), key=len)


def _second_words(name: str | None) -> str:
    return f"| {get_operation(name).short if name else DASH}"


def _difference_arrow(edge: Edge, first: str | None, second: str | None) -> Arrow:
    gene = Gene(*edge, first or second or "")
    if first == second:
        return Arrow(gene, colour=_SAME)
    if first is not None:
        return Arrow(gene, 0.6, note=_second_words(second), colour=_DIFFERENT)
    return Arrow(gene, 0.6, faint=True, note=_SECOND_ALONE, colour=_DIFFERENT)
