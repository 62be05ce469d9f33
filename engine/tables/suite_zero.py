"""NAS-Bench-Suite-Zero (Krishnakumar et al., NeurIPS 2022, arXiv 2210.03230): proxies and accuracies as JSON.

The files `zc_nasbench201.json` and `zc_nasbench301.json` of the branch `zerocost` of github.com/automl/NASLib hold
`{dataset: {architecture: {"val_accuracy": …, proxy: {"score": …, "time": …}, …}}}`. Architectures are written as in
NASLib (`engine.genotypes.notations.naslib`). By its graphs (`naslib/search_spaces/…/graph.py`) `val_accuracy` is that
of NAS-Bench-201 after 200 epochs on the validation split (for CIFAR-10 after training on `cifar10-valid`), or the
NAS-Bench-301 surrogate's prediction for 100 epochs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.common.errors import quoted
from engine.genotypes.notations.naslib import notation_of_key
from engine.genotypes.population import Population
from engine.networks.cost import edge_costs
from engine.spaces import SearchSpace, Size
from engine.tables.assembly import RawTable, RowReader, check_size
from engine.tables.metadata import dataset_name
from engine.tables.table import Column

_ACCURACY = "val_accuracy"
_EPOCHS = {"nas-bench-201": 200, "darts": 100}
_SIZES = {"nas-bench-201": Size(16, 5), "darts": Size(32, 8)}
"""The sizes of the networks whose parameters the files count."""
_LABELS = ("id", "idx", "arch")
_AGREEMENT = 0.999
"""Least correlation of the parameters in the file with ours; for DARTS the file leaves out the norms of operations."""


class _Entry(NamedTuple):
    dataset: str
    key: str
    metrics: Mapping[str, Any]


def is_suite(data: object) -> bool:
    """Return True for JSON laid out as a file of the suite: numbers by metric by architecture by dataset."""
    parts = list(data.values()) if isinstance(data, dict) else []
    return any(isinstance(part, dict) and any(isinstance(inner, dict) for inner in part.values()) for part in parts)


def has_keys(data: Mapping[str, Any]) -> bool:
    """Return True where the first architecture of a dataset is written as in the files of the suite."""
    try:
        return bool(notation_of_key(next(key for part in data.values() if isinstance(part, dict) for key in part)))
    except (StopIteration, ValueError):
        return False


def read_suite(data: object, space: SearchSpace | None) -> RawTable:
    """Read the content of a file of the suite; `ValueError` names the place of the first error."""
    if space is not None and space.name not in _EPOCHS:
        raise ValueError(f"NAS-Bench-Suite-Zero is read for {' and '.join(_EPOCHS)}, not for {space.title}")
    entries = list(_entries(data))
    architectures = RowReader(space)
    rows = {key: index for index, key in enumerate(_read_keys(entries, architectures))}
    population = architectures.population()
    names = list(dict.fromkeys((entry.dataset, name) for entry in entries for name in _metric_names(entry.metrics)))
    check_size(len(rows), len(names))
    places = {name: index for index, name in enumerate(names)}
    values = np.full((len(names), len(rows)), np.nan)
    for entry in (entry for entry in entries if entry.key in rows):
        for name in _metric_names(entry.metrics):
            values[places[entry.dataset, name], rows[entry.key]] = _number(entry, name)
    _check_parameters(names, values, population)
    columns = tuple(_column(population.space.name, *name) for name in names)
    return RawTable(architectures, columns, values, len({entry.key for entry in entries}))


def _column(space_name: str, dataset: str, name: str) -> Column:
    title = f"{dataset} {name}"
    if name != _ACCURACY:
        return Column(title, accuracy=False, dataset=dataset_name(dataset))
    return Column(title, True, dataset_name(dataset), "validation", _EPOCHS[space_name], space_name == "darts")


def _entries(data: object) -> Iterator[_Entry]:
    expected = '{"cifar10": {"(4, 0, 3, 1, 4, 3)": {"val_accuracy": …}}} is expected'
    if not isinstance(data, dict) or not data:
        raise ValueError(f"the JSON is not that of NAS-Bench-Suite-Zero; {expected}")
    for dataset, architectures in data.items():
        if not isinstance(architectures, dict):
            raise ValueError(f"{quoted(dataset)} holds {quoted(architectures)}; {expected}")
        for key, metrics in architectures.items():
            if not isinstance(metrics, dict):
                raise ValueError(f"{quoted(dataset)}, {quoted(key)} holds {quoted(metrics)}; {expected}")
            yield _Entry(dataset, key, metrics)


def _read_keys(entries: list[_Entry], architectures: RowReader) -> list[str]:
    """Read the architectures in `entries`, and return the keys of those of the space, every key once, in order."""
    keys = []
    for key in dict.fromkeys(entry.key for entry in entries):
        place = f"architecture {quoted(key)}"
        try:
            text = notation_of_key(key)
        except ValueError as error:
            architectures.skip(place, str(error))
            continue
        if architectures.add(place, text):
            keys.append(key)
    return keys


def _metric_names(metrics: Mapping[str, Any]) -> list[str]:
    return [name for name in metrics if name not in _LABELS]


def _number(entry: _Entry, name: str) -> float:
    """Return the number of a metric, nan where a proxy failed; `ValueError` for no number, or no finite accuracy."""
    value = entry.metrics[name]
    score: Any = value.get("score") if isinstance(value, dict) else value
    if type(score) not in (int, float) or (name == _ACCURACY and not np.isfinite(score)):
        place = f"architecture {quoted(entry.key)}, {quoted(entry.dataset)}, {quoted(name)}"
        raise ValueError(f'{place}: {quoted(value)} found; a number, or an object with a number "score", is expected')
    return score if np.isfinite(score) else np.nan


def _check_parameters(names: list[tuple[str, str]], values: NDArray[np.float64], population: Population) -> None:
    """Raise `ValueError` where the parameters in the file are not ours: keys of other spaces look alike."""
    counted = edge_costs(population.space, _SIZES[population.space.name])["params"].of(population)
    for (dataset, name), numbers in zip(names, values, strict=True):
        finite = np.isfinite(numbers)
        if name != "params" or len(np.unique(counted[finite])) < 3:
            continue
        agreement = 0.0 if np.ptp(numbers[finite]) == 0 else np.corrcoef(numbers[finite], counted[finite])[0, 1]
        if agreement < _AGREEMENT:
            raise ValueError(
                f"{quoted(dataset)}: the parameters in the file are not those of {population.space.title} "
                f"architectures (correlation {agreement:.3f}); the keys of TransNAS-Bench-101 and others look alike"
            )
