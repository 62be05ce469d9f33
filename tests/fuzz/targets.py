"""What is fuzzed: each target takes bytes, and may answer with a value or with `ValueError` in one good sentence."""

from __future__ import annotations

import atexit
import io
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlencode

import numpy as np

from dashboard.atlas import controls as atlas_controls
from dashboard.evidence import controls as evidence_controls
from dashboard.explore.question_link import link_complaints
from dashboard.parts import links
from engine import SPACES, SearchConfig, SearchResult, explain, load_space, parse_genotype
from engine.data.files import npz
from engine.runs.exchange import read_runs
from engine.searches.constraints import live_operations, parse_edge_operation
from engine.spaces import own_document as _document  # noqa: F401  (imported late otherwise, and not watched)
from engine.tables import AccuracyTable, read_table
from tests.hostile.corpus import bytes_of, cases, text_of, valid

Target = Callable[[bytes], None]
_LONGEST = 500
_SCRATCH = Path(tempfile.gettempdir()) / f"freenas-fuzz-{os.getpid()}"
atexit.register(shutil.rmtree, _SCRATCH, ignore_errors=True)


def _text(data: bytes) -> str:
    """The text that a file of these bytes, or a link, may become; bytes that are no UTF-8 become lone surrogates."""
    return data.decode("utf-8", "surrogateescape")


def _file(name: str, data: bytes) -> Path:
    _SCRATCH.mkdir(exist_ok=True)
    path = _SCRATCH / name
    path.write_bytes(data)
    return path


def genotype(data: bytes) -> None:
    """Any notation; what is read is read again from what is written of it."""
    found = parse_genotype(_text(data))
    assert parse_genotype(found.to_json()) == found
    assert parse_genotype(found.notation, found.space) == found


def result(data: bytes) -> None:
    """The JSON of a result."""
    found = SearchResult.from_json(_text(data))
    assert SearchResult.from_json(found.to_json()).to_json() == found.to_json()
    found.to_csv()


def space(data: bytes) -> None:
    """The document of a space; what is read has a plan, and is read again from its document."""
    found = load_space(_text(data))
    assert load_space(json.dumps(found.reference)) == found
    found.plan(found.search_size)


def table(data: bytes) -> None:
    """A table as CSV."""
    _read_table("t.csv", data)


def suite_zero(data: bytes) -> None:
    """A table as JSON."""
    _read_table("t.json", data)


def _read_table(name: str, data: bytes) -> None:
    found = read_table(_file(name, data))
    assert len(found.population)
    assert found.values.shape == (len(found.columns), len(found.population))


def sidecar(data: bytes) -> None:
    """What stands beside a table."""
    path = _file("beside.csv", f"arch,acc\n{_CELL},10\n".encode())
    _file("beside.csv.json", data)
    read_table(path)


def kept(data: bytes) -> None:
    """A table that was kept."""
    AccuracyTable.load(_file("kept.npz", _archive(data, ("about", "operations", "values"))))


def images(data: bytes) -> None:
    """Images in a NumPy archive."""
    npz(_file("images.npz", _archive(data, ("images", "labels"))))


def _archive(data: bytes, names: tuple[str, ...]) -> bytes:
    """An archive as it is, or of the arrays between the `_NEXT`, for what is changed in one has no right check sum."""
    if data.startswith(b"PK"):
        return data
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, part in zip(names, data.split(_NEXT), strict=False):
            archive.writestr(f"{name}.npy", part)
    return packed.getvalue()


def _arrays(data: bytes) -> bytes:
    """The arrays of an archive with `_NEXT` between them."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return _NEXT.join(archive.read(name) for name in archive.namelist())


def runs(data: bytes) -> None:
    """Runs that were exported."""
    for found in read_runs(_text(data)):
        json.dumps(found.run.to_dict())


def place(data: bytes) -> None:
    """Constraints, one a line, in every space."""
    texts = _text(data).split("\n")
    for described in SPACES.values():
        try:
            assert parse_edge_operation(texts[0], described).text(described)
            live_operations(described, texts[:3], texts[3:])
        except ValueError as error:
            _check(error)


def link(data: bytes) -> None:
    """The parameters of a link."""
    query = parse_qs(_text(data), keep_blank_values=True, max_num_fields=None)
    for find in (
        link_complaints,
        links.checker(atlas_controls.ATLAS_RULES),
        links.checker(evidence_controls.EVIDENCE_RULES),
    ):
        for sentence in find(query).values():
            _check(ValueError(sentence))


def config(data: bytes) -> None:
    """A configuration as JSON."""
    found = json.loads(data)
    if isinstance(found, dict):
        made = SearchConfig.model_validate(found)
        assert SearchConfig.model_validate(made.to_dict()) == made


def _kept_table() -> bytes:
    """A table as it is kept."""
    path = _SCRATCH / "saved.npz"
    read_table(_file("t.csv", f"arch,acc\n{_CELL},10\n".encode())).save(path)
    return _arrays(path.read_bytes())


def _some_images() -> bytes:
    packed = io.BytesIO()
    np.savez(packed, images=np.arange(32.0).reshape(2, 4, 4), labels=np.arange(2))
    return _arrays(packed.getvalue())


_NEXT = b"NEXT"
_CELL = "|none~0|+|none~0|none~1|+|none~0|none~1|nor_conv_3x3~2|"
DOCUMENTS = ("genotype", "result", "runs", "space", "suite_zero", "sidecar", "config")
"""Targets that read JSON."""
TARGETS: dict[str, Target] = {
    each.__name__: each
    for each in (genotype, result, runs, space, table, suite_zero, sidecar, kept, images, place, link, config)
}


def run(target: Target, data: bytes) -> None:
    """One input; any exception but `ValueError`, and any sentence that is none, is a finding."""
    try:
        target(data)
    except ValueError as error:
        _check(error)


def _check(error: ValueError) -> None:
    if isinstance(error, json.JSONDecodeError | UnicodeError):  # of the target's own reading
        return
    sentence = explain(error)
    assert sentence.strip(), "nothing is said"
    assert sentence.isprintable(), f"not printable: {sentence!r}"
    assert len(sentence) <= _LONGEST, f"{len(sentence)} characters: {sentence!r}"


def seeds(name: str) -> list[bytes]:
    """What the fuzzer begins with: the corpus of the door, and good documents."""
    found = {
        "genotype": [valid("genotype").encode(), _CELL.encode()],
        "result": [valid("result").encode()],
        "runs": [valid("runs").encode()],
        "kept": [_kept_table()],
        "images": [_some_images()],
        "space": [valid("space").encode()],
        "table": [f"arch,acc\n{_CELL},10\n".encode()],
        "suite_zero": [b'{"cifar10": {"(4, 0, 3, 1, 4, 3)": {"val_accuracy": 90, "params": {"score": 1}}}}'],
        "sidecar": [b'{"columns": {"acc": {"dataset": "CIFAR-10", "split": "test", "epochs": 200}}}'],
        "place": [b"0-1:none\nnormal:0-2:sep_conv_3x3\n"],
        "config": [json.dumps(SearchConfig().to_dict()).encode()],
    }.get(name, [])
    return [*found, *_SEEDS.get(name, lambda: [bytes_of(case["send"]) for case in cases(name)])()]


_SEEDS: dict[str, Callable[[], list[bytes]]] = {
    "table": lambda: [bytes_of(each["send"]) for each in cases("table") if each["file"].endswith(".csv")],
    "suite_zero": lambda: [bytes_of(each["send"]) for each in cases("table") if each["file"].endswith(".json")],
    "sidecar": lambda: [bytes_of(each["beside"]) for each in cases("table") if "beside" in each],
    "place": lambda: [text_of(each["send"]).encode("utf-8", "surrogatepass") for each in cases("place")],
    "link": lambda: [urlencode(each["query"], doseq=True, errors="surrogatepass").encode() for each in cases("link")],
    "config": lambda: [json.dumps(each["config"]).encode() for each in cases("config")],
}
