import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from engine.tables import read_table
from tests.engine.tables.benchmark import CELLS, accuracy, assert_all_numbers


class FakeApi:
    """The part of `nats_bench.NATStopology` that is used, with three cells; the last was not trained for CIFAR-10."""

    def __init__(self) -> None:
        self.arch2infos_dict: dict[int, object] = {}

    def __len__(self) -> int:
        return len(CELLS)

    def arch(self, index: int) -> str:
        return CELLS[index]

    def get_more_info(self, index: int, dataset: str, iepoch=None, hp: str = "12", is_random: object = True) -> dict:
        assert is_random is False  # the mean over runs
        self.arch2infos_dict[index] = object()
        if dataset == "cifar10" and index == 2:
            raise KeyError(dataset)
        metrics = {"cifar10-valid": ["valid-accuracy", "test-accuracy"], "cifar10": ["test-accuracy"]}
        found = metrics.get(dataset, ["valid-accuracy", "test-accuracy", "valtest-accuracy"])
        return {"train-accuracy": 99.0} | {metric: accuracy(index, dataset, metric, hp) for metric in found}


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    made = SimpleNamespace(calls=[], api=FakeApi())

    def create(file_path_or_dict, search_space, fast_mode=False, verbose=True):
        made.calls.append((file_path_or_dict, search_space, fast_mode, verbose))
        return made.api

    monkeypatch.setitem(sys.modules, "nats_bench", SimpleNamespace(create=create))
    return made


def nats_folder(folder: Path, name: str = "NATS-tss-v1_0-3ffb9-simple") -> Path:
    (folder / name).mkdir()
    (folder / name / "meta.pickle.pbz2").write_bytes(b"")
    return folder / name


def test_nats_bench_is_read_through_its_package(fake: SimpleNamespace, tmp_path: Path):
    folder = nats_folder(tmp_path)
    assert_all_numbers(read_table(folder, trusted=True))
    assert fake.calls == [(str(folder), "tss", True, False)]
    assert not fake.api.arch2infos_dict  # nothing is kept in memory
    (tmp_path / "NATS-tss-v1_0-3ffb9.pickle.pbz2").write_bytes(b"")
    assert_all_numbers(read_table(tmp_path / "NATS-tss-v1_0-3ffb9.pickle.pbz2", trusted=True))
    assert fake.calls[1][2] is False


def test_nats_bench_is_never_read_from_an_upload(fake: SimpleNamespace, tmp_path: Path):
    (tmp_path / "x.pickle.pbz2").write_bytes(b"")
    for path in (nats_folder(tmp_path), tmp_path / "x.pickle.pbz2"):
        with pytest.raises(
            ValueError, match=r"is a pickle, which may run code when it is read; .* never from an upload"
        ):
            read_table(path)
    assert not fake.calls


def test_what_nats_bench_cannot_read_is_said(fake: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(ValueError, match="holds NATS-Bench's size space; its topology space"):
        read_table(nats_folder(tmp_path, "NATS-sss-v1_0-50262-simple"), trusted=True)
    (tmp_path / "NATS-tss-empty").mkdir()
    with pytest.raises(ValueError, match=r"the folder NATS-tss-empty has no meta\.pickle\.pbz2"):
        read_table(tmp_path / "NATS-tss-empty", trusted=True)
    folder = nats_folder(tmp_path)

    def broken(*_: object, **__: object) -> None:
        raise EOFError("Compressed file ended")

    monkeypatch.setattr(FakeApi, "get_more_info", broken)
    with pytest.raises(ValueError, match="nats_bench cannot read architecture 0: 'Compressed file ended'"):
        read_table(folder, trusted=True)
    monkeypatch.setattr(sys.modules["nats_bench"], "create", broken)
    with pytest.raises(ValueError, match=r"nats_bench cannot read NATS-tss-v1_0-3ffb9-simple: 'Compressed file ended'"):
        read_table(folder, trusted=True)
    monkeypatch.setitem(sys.modules, "nats_bench", None)
    with pytest.raises(ValueError, match="is read through the package nats_bench: pip install nats_bench"):
        read_table(folder, trusted=True)
