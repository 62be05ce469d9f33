"""The headline of an atlas, and where its numbers come from, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from dashboard.atlas.quantities import ACCURACY, Quantity, QuantityValues, RowMask
from dashboard.atlas.request import AtlasRequest
from dashboard.parts.accuracy_table import TableColumn
from dashboard.parts.text import raised
from engine.measures import MEASURES
from engine.studies.atlas import Atlas
from engine.tables.numbers import amount, figure

_LARGE = 1_000_000


def count_text(count: int) -> str:
    """Return a count in full, or roughly as a power of ten where it is large."""
    if count < _LARGE:
        return f"{count:,}"
    digits, power = f"{count:.1e}".split("e+")
    return f"{digits} · 10{raised(int(power))}"


def population_words(request: AtlasRequest, quantities: Mapping[str, Quantity], passing: RowMask) -> str:
    """Return the heading of an atlas: its population, and what the architecture is worth that flow ranks first."""
    space, count = request.search_space, int(passing.sum())
    every = f"{len(passing):,}" if request.count is None else count_text(space.architectures())
    some = f"{count:,} of " if str(every) != f"{count:,}" else ""
    noun = f"{space.cell_noun}s" if request.count is None else "genotypes"
    population = f"{some}{every} {noun}"
    if "flow" not in quantities or not (passing & quantities["flow"].finite).any():
        return f"{population} of {space.title}"
    flow = quantities["flow"].values
    if ACCURACY in quantities and (passing & quantities[ACCURACY].finite).any():
        return f"{population}: {_worth_words(flow, quantities[ACCURACY], passing)}"
    first = np.where(passing, flow, -np.inf).argmax()
    params = quantities["params"].values
    more = int((params[passing] > params[first]).sum())
    rank = f"is number {more + 1:,} by parameters" if more else "has the most parameters"
    return f"{population}: the one that flow ranks first {rank}"


def _worth_words(flow: QuantityValues, accuracy: Quantity, passing: RowMask) -> str:
    """Say what the architectures have that flow ranks first among those whose accuracy is known."""
    measured = passing & accuracy.finite
    scores = np.where(measured, flow, -np.inf)
    values = accuracy.values[measured & (flow == scores.max())]
    what = "" if accuracy.title == "Accuracy" else f"{accuracy.title.lower()} "
    unit = accuracy.unit
    among = "" if measured.sum() == passing.sum() else f"of {int(measured.sum()):,} with {accuracy.title.lower()}, "
    if len(values) == 1:
        return f"{among}the one that flow ranks first has {what}{amount(values[0], unit)}"
    return (
        f"{among}the {len(values):,} that flow ranks first have {what}{figure(values.min(), unit)} to "
        f"{amount(values.max(), unit)}"
    )


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
