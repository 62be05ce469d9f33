"""The script that trains a network: it learns, and goes on where it stopped."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
import torch

from engine import parse_genotype
from engine.exports import training_script
from engine.exports.formats import export
from engine.exports.training_script import augment, main, read_split
from tests.engine.conftest import CELL

SMALL = ["--batch", "16", "--channels", "4", "--cells", "1", "--device", "cpu"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a network, the script, and 64 images whose brightness is their label."""
    genotype = parse_genotype(CELL)
    (tmp_path / "network.py").write_text(export(genotype, "pytorch"))
    (tmp_path / "train.py").write_text(export(genotype, "train", note='from "table.csv"\\'))
    labels = np.arange(64) % 4
    noise = np.random.default_rng(0).integers(0, 64, (64, 16, 16, 3))
    images = (noise + 60 * labels[:, None, None, None]).astype(np.uint8)
    np.savez(tmp_path / "images.npz", images=images, labels=labels, test_images=images, test_labels=labels)
    return tmp_path


def words(folder: Path, *more: str, data: str = "images.npz") -> list[str]:
    """The arguments of a small training."""
    return [str(folder / "network.py"), str(folder / data), *SMALL, "--out", str(folder / "out"), *more]


@pytest.mark.slow
def test_it_runs_alone_and_writes_its_accuracy(folder: Path):
    command = [sys.executable, "-I", "-W", "error", "train.py", "network.py", "images.npz", *SMALL, "--epochs", "1"]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("epoch 1 of 1: loss ")
    report = json.loads((folder / "training" / "accuracy.json").read_text())
    assert (report["epochs"], report["seed"], report["network"]) == (1, 0, "network.py")
    assert report["accuracy"] == report["history"][0]["test"]
    tree = ast.parse((folder / "train.py").read_text())
    assert "Worth     from 'table.csv'\\" in ast.get_docstring(tree)
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)} - {"torchvision.datasets"}
    assert {name.split(".")[0] for name in modules} <= {"torch", "numpy", *sys.stdlib_module_names}


@pytest.mark.slow
def test_a_training_that_is_resumed_goes_on_as_it_would_have(folder: Path, monkeypatch: pytest.MonkeyPatch):
    recipe = ("--epochs", "4", "--cutout", "4", "--clip", "5")
    main(words(folder, *recipe))
    whole = json.loads((folder / "out" / "accuracy.json").read_text())["history"]
    assert whole[-1]["loss"] < whole[0]["loss"]
    (folder / "out" / "checkpoint.pt").unlink()
    train_epoch = training_script.Training.train_epoch

    def interrupted(training: training_script.Training, epoch: int) -> tuple[float, float]:
        if epoch == 3:
            raise KeyboardInterrupt
        return train_epoch(training, epoch)

    with monkeypatch.context() as patch:
        patch.setattr(training_script.Training, "train_epoch", interrupted)
        with pytest.raises(KeyboardInterrupt):
            main(words(folder, *recipe))
    with pytest.raises(SystemExit, match="go on from it with --resume, or name another --out"):
        main(words(folder, *recipe))
    with pytest.raises(SystemExit, match=r"--lr was 0\.1 for the checkpoint, 0\.2 given"):
        main(words(folder, *recipe, "--resume", "--lr", "0.2"))
    main(words(folder, *recipe, "--resume"))
    assert json.loads((folder / "out" / "accuracy.json").read_text())["history"] == whole


def test_images_are_flipped_shifted_and_blanked():
    images = torch.arange(1.0, 1 + 3 * 8 * 8).reshape(1, 3, 8, 8).repeat(64, 1, 1, 1)
    padded = torch.nn.functional.pad(torch.stack([images[0], images[0].flip(2)]), [4] * 4)
    windows = padded.unfold(2, 8, 1).unfold(3, 8, 1).movedim(1, 3).reshape(-1, 3, 8, 8)
    crops = {window.numpy().tobytes() for window in windows}
    drawn = augment(images, 0)
    assert {crop.contiguous().numpy().tobytes() for crop in drawn} <= crops
    assert len(drawn.unique(dim=0)) > 16
    blanked = augment(torch.ones(64, 3, 32, 32), 8)[:, :, 4:-4, 4:-4] == 0
    assert blanked.sum((1, 2, 3)).max() == 3 * 8 * 8
    assert torch.equal(blanked[:, 0], blanked[:, 2])


def data(path: Path) -> training_script.Split:
    """What the script reads at a path."""
    return read_split(training_script.argument_parser().parse_args(["network.py", str(path)]))


def test_cifar_is_read_in_its_binary_version(tmp_path: Path):
    records = np.arange(12 * 3073).reshape(12, 3073).astype(np.uint8)
    records[:, 0] = np.arange(12) % 10
    for index, name in enumerate([*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"]):
        records[2 * index : 2 * index + 2].tofile(tmp_path / f"{name}.bin")
    split = data(tmp_path)
    assert (split.images.shape, split.test_images.shape) == ((10, 3, 32, 32), (2, 3, 32, 32))
    assert split.test_labels.tolist() == [0, 1]
    assert split.images[3].flatten().tolist() == records[3, 1:].tolist()
    (tmp_path / "data_batch_4.bin").unlink()
    with pytest.raises(ValueError, match=r"holds no data_batch_4\.bin; CIFAR in its binary version"):
        data(tmp_path)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"images": np.zeros((4, 8, 8))}, "holds no array called labels"),
        ({"images": np.zeros((4, 9, 9)), "labels": np.zeros(4, int)}, r"\(3, 9, 9\) is no shape of N images"),
        ({"images": np.zeros((4, 8, 8)), "labels": np.zeros(4)}, "type float64"),
        ({"images": np.array([None]), "labels": np.zeros(4)}, "allow_pickle=False"),
    ],
    ids=["labels", "side", "type", "objects"],
)
def test_what_is_no_data_is_named(tmp_path: Path, arrays: dict[str, np.ndarray], message: str):
    np.savez(tmp_path / "images.npz", **arrays)
    with pytest.raises(ValueError, match=message):
        data(tmp_path / "images.npz")


def test_without_images_to_test_on_a_tenth_is_held_out(tmp_path: Path):
    np.savez(tmp_path / "images.npz", images=np.arange(20 * 16).reshape(20, 4, 4), labels=np.arange(20))
    split = data(tmp_path / "images.npz")
    assert len(split.test_labels) == 2
    assert sorted([*split.labels.tolist(), *split.test_labels.tolist()]) == list(range(20))
    assert torch.equal(split.images[:, 0, 0, 0], 16 * split.labels)


def test_torchvision_reads_cifar_where_it_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def cifar(folder: Path, train: bool, download: bool) -> SimpleNamespace:
        assert (folder, download) == (tmp_path, True)
        return SimpleNamespace(data=np.full((2 + train, 32, 32, 3), train, np.uint8), targets=[4] * (2 + train))

    arguments = training_script.argument_parser().parse_args(["network.py", str(tmp_path), "--torchvision"])
    monkeypatch.setitem(sys.modules, "torchvision", ModuleType("torchvision"))
    monkeypatch.setitem(sys.modules, "torchvision.datasets", SimpleNamespace(CIFAR10=cifar))
    split = read_split(arguments)
    assert (split.images.shape, split.test_images.shape) == ((3, 3, 32, 32), (2, 3, 32, 32))
    assert (split.images.unique().tolist(), split.test_labels.tolist()) == ([1], [4, 4])
    monkeypatch.setitem(sys.modules, "torchvision.datasets", None)
    with pytest.raises(ValueError, match="needs torchvision, which is not installed"):
        read_split(arguments)
