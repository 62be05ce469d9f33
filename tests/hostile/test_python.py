"""The corpus through the Python API: one good sentence for each case, and nothing run or written."""

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dashboard.atlas import controls as atlas_controls
from dashboard.evidence import controls as evidence_controls
from dashboard.explore.question_link import link_complaints
from dashboard.parts import links
from engine import SearchConfig, SearchResult, explain, load_space, parse_genotype
from engine.data.files import images_at, npz
from engine.runs.exchange import read_runs
from engine.tables import AccuracyTable, read_table
from tests.hostile.corpus import HERE, MARKER, bytes_of, cases, filled, made, plain, text_of, trouble


def _every(door: str):
    return pytest.mark.parametrize("case", cases(door), ids=lambda case: case["name"])


def _refused(case: dict[str, Any], read: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        read()
    assert not trouble(explain(caught.value), case["says"])


def _is_text(send: Any) -> bool:
    found = made(send)
    if isinstance(found, bytes):
        try:
            found.decode()
        except UnicodeDecodeError:
            return False
    return True


@pytest.mark.usefixtures("folder")
@_every("genotype")
def test_a_genotype(case):
    if _is_text(case["send"]):
        _refused(case, lambda: parse_genotype(text_of(case["send"])))


@pytest.mark.usefixtures("folder")
@_every("result")
def test_a_result(case):
    _refused(case, lambda: SearchResult.from_json(text_of(case["send"])))


@pytest.mark.usefixtures("folder")
@_every("runs")
def test_runs(case):
    _refused(case, lambda: read_runs(text_of(case["send"])))


@pytest.mark.usefixtures("folder")
@_every("space")
def test_a_space(case):
    if _is_text(case["send"]):
        _refused(case, lambda: load_space(text_of(case["send"])))


@pytest.mark.usefixtures("folder")
@_every("place")
@pytest.mark.parametrize("field", ["pinned", "banned"])
def test_a_constraint(case, field):
    _refused(case, lambda: SearchConfig(**{field: [text_of(case["send"])]}))


@pytest.mark.usefixtures("folder")
@_every("config")
def test_a_configuration(case):
    _refused(case, lambda: SearchConfig(**{name: plain(value) for name, value in case["config"].items()}))


def table_file(folder: Path, case: dict[str, Any]) -> Path:
    """The file of a table, with what stands beside it."""
    path = folder / case["file"]
    path.write_bytes(bytes_of(case["send"]))
    if "beside" in case:
        path.with_name(f"{path.name}.json").write_bytes(bytes_of(case["beside"]))
    return path


@_every("table")
def test_a_table(folder, case):
    path = table_file(folder, case)
    _refused(case, lambda: read_table(path))


@_every("kept")
def test_a_kept_table(folder, case):
    path = folder / "kept.npz"
    path.write_bytes(bytes_of(case["send"]))
    _refused(case, lambda: AccuracyTable.load(path))


@_every("images")
def test_images(folder, case):
    path = folder / "images.npz"
    path.write_bytes(bytes_of(case["send"]))
    _refused(case, lambda: npz(path))


@_every("folder")
def test_a_folder_of_images(folder, case):
    filled(folder / "images", case["files"])
    if "takes" in case:
        found = images_at(folder / case.get("at", "images"))
        assert (len(found), 0 if found.labels is None else found.classes) == tuple(case["takes"])
        assert np.isfinite(found.images).all()
    else:
        _refused(case, lambda: images_at(folder / case.get("at", "images")))


FOUND_WRONG = {
    "explore": link_complaints,
    "atlas": links.checker(atlas_controls.ATLAS_RULES),
    "evidence": links.checker(evidence_controls.EVIDENCE_RULES),
}
"""What each page finds wrong with its link before it draws its controls."""


@pytest.mark.parametrize(
    "case",
    [case for case in cases("link") if case["page"] in FOUND_WRONG and "run" not in case["query"]],
    ids=lambda case: case["name"],
)
def test_a_link(case):
    wrong = FOUND_WRONG[case["page"]](case["query"])
    assert wrong
    for name, sentence in wrong.items():
        assert name in case["query"]
        assert not trouble(sentence, case["says"] if len(wrong) == 1 else "")


@pytest.mark.parametrize("kind", ["0", "2", "4"])
def test_the_bait_would_write_a_file_if_it_were_unpickled(tmp_path, monkeypatch, kind):
    monkeypatch.setenv(MARKER, str(tmp_path / "marker"))
    pickle.loads(made({"pickle": kind}))  # type: ignore[arg-type]
    assert os.path.exists(tmp_path / "marker")


def test_the_corpus_is_large_and_every_door_has_its_part():
    sizes = {path.stem: len(cases(path.stem)) for path in HERE.glob("*.json")}
    assert len(sizes) == 12
    assert sum(sizes.values()) > 1000
    assert min(sizes.values()) >= 15
