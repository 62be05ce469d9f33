"""The headline of an atlas, and where its numbers come from, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.atlas.request import AtlasRequest
from dashboard.parts.accuracy_table import TableColumn
from dashboard.parts.text import plain
from engine.measures import MEASURES
from engine.studies.atlas import Atlas

_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_LARGE = 1_000_000


def count_text(count: int) -> str:
    """Return a count in full, or roughly as a power of ten where it is large."""
    if count < _LARGE:
        return f"{count:,}"
    digits, power = f"{count:.1e}".split("e+")
    return f"{digits} · 10{str(int(power)).translate(_RAISED)}"


def headline(request: AtlasRequest, size: int, drawn: int) -> str:
    """Name what is on the page: the population of `size` architectures, the seed, and how many are `drawn`."""
    space = request.search_space
    title = plain(space.title)
    population = f"{size:,} {space.cell_noun}s of {title}"
    if request.count is not None:
        population = f"{size:,} of the {count_text(space.architectures())} genotypes of {title}"
    return f"{population} · seed {request.seed} · {drawn:,} shown"


def atlas_provenance(
    request: AtlasRequest, atlases: Sequence[Atlas], table_column: TableColumn | None, accuracies: int
) -> str:
    """Say where every number comes from; the table holds the accuracies of `accuracies` architectures."""
    sentences = [] if table_column is None else [_table_sentence(table_column, accuracies)]
    sentences += [_atlas_sentence(atlas) for atlas in atlases]
    sentences += [] if request.count is None else [_sample_sentence(request)]
    return " ".join(sentences)


def _table_sentence(table_column: TableColumn, accuracies: int) -> str:
    count = f"{accuracies:,}" if accuracies else "none"
    return f"{table_column.title}: {table_column.description}; known of {count} of these architectures."


def _atlas_sentence(atlas: Atlas) -> str:
    machine = atlas.environment
    threads = f"{machine['threads']} thread{'s' if machine['threads'] > 1 else ''}"
    names = ", ".join(MEASURES[name].title for name in atlas.values)
    images = f" of {atlas.data}" if atlas.data else ""
    return (
        f"{names}{images}: computed here in {atlas.seconds:.3g} s with the weights of seed {atlas.seed} on "
        f"{machine['device'].upper()} (engine {machine['engine']}, torch {machine['torch']}, "
        f"{machine['device_name']}, {threads})."
    )


def _sample_sentence(request: AtlasRequest) -> str:
    references = ", and joined by known architectures, those found by search and those of the table"
    return (
        f"Drawn uniformly with the sample seed {request.sample_seed}, {request.count:,} times; each architecture "
        f"stands there once{references if request.also else ''}."
    )
