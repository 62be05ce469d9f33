import os
from collections import OrderedDict
from pathlib import Path

import pytest
import torch

from engine.tables import read_table
from tests.engine.tables.benchmark import CELLS, accuracy, assert_all_numbers


def results(index: int, hp: str) -> dict[str, object]:
    """The state of an `ArchResults`: two runs for each dataset, whose mean is `accuracy`."""
    epochs, seeds, runs = int(hp), {}, {}
    sets = {"cifar10-valid": {"x-valid": "valid-accuracy"}, "cifar10": {"ori-test": "test-accuracy"}}
    both = {"x-valid": "valid-accuracy", "x-test": "test-accuracy"}
    for dataset in ("cifar10-valid", "cifar10", "cifar100", "ImageNet16-120"):
        if (dataset, index) == ("cifar10", 2):
            continue
        seeds[dataset] = [777, 888]
        for seed, shift in ((777, -1.0), (888, 1.0)):
            last = {
                f"{name}@{epochs - 1}": accuracy(index, dataset, metric, hp) + shift
                for name, metric in sets.get(dataset, both).items()
            }
            runs[dataset, seed] = {"epochs": epochs, "eval_acc1es": OrderedDict(last | {"ori-test@0": 1.0})}
    return {"arch_index": index, "all_results": runs, "dataset_seed": seeds}


def test_a_pth_file_is_read_as_plain_data(tmp_path: Path):
    infos = OrderedDict((index, {"less": results(index, "12"), "full": results(index, "200")}) for index in range(3))
    data = {"meta_archs": [*CELLS, CELLS[0]], "arch2infos": infos, "evaluated_indexes": set(range(3))}
    torch.save(data, tmp_path / "NAS-Bench-201.pth")
    assert_all_numbers(read_table(tmp_path / "NAS-Bench-201.pth", trusted=True))


def test_an_upload_is_refused_before_any_of_its_members_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Of a tensor of zeros an archive keeps a thousandth."""
    monkeypatch.setattr(torch, "load", None)
    (tmp_path / "NAS-Bench-201.pth").touch()
    with pytest.raises(ValueError, match=r"is an archive of tensors, which may unpack to any size; .* from an upload"):
        read_table(tmp_path / "NAS-Bench-201.pth")


class Attack:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (os.environ["FREENAS_TEST_MARKER"],)


def test_a_pth_file_with_code_in_it_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FREENAS_TEST_MARKER", str(tmp_path / "marker"))
    torch.save({"meta_archs": Attack(), "arch2infos": {}}, tmp_path / "x.pth")
    message = r"x\.pth cannot be read as plain data \(weights_only\): .* CSV file"
    with pytest.raises(ValueError, match=message) as caught:
        read_table(tmp_path / "x.pth", trusted=True)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "marker").exists()


@pytest.mark.parametrize(
    "data", [{}, [], {"meta_archs": CELLS}, {"meta_archs": CELLS, "arch2infos": {0: {"full": 3}}}, 3]
)
def test_a_pth_file_of_something_else_ends_in_a_sentence(data: object, tmp_path: Path):
    torch.save(data, tmp_path / "x.pth")
    with pytest.raises(ValueError, match=r"x\.pth is not laid out as NAS-Bench-201"):
        read_table(tmp_path / "x.pth", trusted=True)
    (tmp_path / "x.pth").write_bytes(b"garbage")
    with pytest.raises(ValueError, match=r"x\.pth cannot be read as plain data"):
        read_table(tmp_path / "x.pth", trusted=True)
