"""The binary version of CIFAR, with records written here by its published description."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from engine.data import cifar
from engine.data.cifar import MAX_BATCH_BYTES
from engine.data.files import images_at
from tests.engine.data.reference import standardised

GENERATOR = np.random.default_rng(0)
IMAGES = GENERATOR.integers(0, 256, (12, 32, 32, 3), dtype=np.uint8)
LABELS = np.arange(12) % 4


def batch(path: Path, first: int, last: int, coarse: bool) -> None:
    """Write some of the images: labels, then 1,024 bytes of red, of green and of blue, row by row."""
    path.parent.mkdir(exist_ok=True)
    content = b""
    for image, label in zip(IMAGES[first:last], LABELS[first:last].tolist(), strict=True):
        content += bytes([7, label] if coarse else [label])
        content += b"".join(image[:, :, channel].tobytes() for channel in range(3))
    path.write_bytes(content)


@pytest.fixture
def ten(tmp_path: Path) -> Path:
    folder = tmp_path / "cifar-10-batches-bin"
    for name, first, last in (("data_batch_1", 0, 5), ("data_batch_2", 5, 8), ("test_batch", 8, 12)):
        batch(folder / f"{name}.bin", first, last, coarse=False)
    (folder / "batches.meta.txt").write_text("airplane\nautomobile\nbird\ncat\n\n")
    (folder / "readme.html").write_text("<a>")
    return folder


@pytest.fixture
def hundred(tmp_path: Path) -> Path:
    folder = tmp_path / "cifar-100-binary"
    for name, first, last in (("train", 0, 8), ("test", 8, 12)):
        batch(folder / f"{name}.bin", first, last, coarse=True)
    (folder / "coarse_label_names.txt").write_text("fish\n")
    (folder / "fine_label_names.txt").write_text("apple\naquarium_fish\n")
    return folder


@pytest.mark.parametrize("version", ["ten", "hundred"])
def test_the_batches_for_training_are_taken(version: str, request: pytest.FixtureRequest):
    folder = request.getfixturevalue(version)
    found = images_at(folder)
    np.testing.assert_allclose(found.images, standardised(IMAGES[:8]), atol=1e-5)
    assert found.labels.tolist() == LABELS[:8].tolist()
    assert found.name == folder.name
    names = {
        "ten": "8 images of 10 classes: 'airplane, automobile, bird, cat'",
        "hundred": "8 images of 100 classes: 'apple, aquarium_fish'",
    }
    left = {"ten": "test_batch.bin", "hundred": "test.bin"}[version]
    assert found.notes == (
        f"'{folder.name}' holds {names[version]}",
        f"'{left}' beside it is left out; name it to take it",
    )
    assert images_at(folder.parent).name == f"{folder.parent.name}/{folder.name}"


@pytest.mark.parametrize(
    ("version", "name", "rows"),
    [
        ("ten", "data_batch_2.bin", slice(5, 8)),
        ("ten", "test_batch.bin", slice(8, 12)),
        ("hundred", "test.bin", slice(8, 12)),
    ],
)
def test_one_batch_can_be_named(version: str, name: str, rows: slice, request: pytest.FixtureRequest, tmp_path: Path):
    folder = request.getfixturevalue(version)
    renamed = tmp_path / "mine.BIN"
    renamed.write_bytes((folder / name).read_bytes())
    for path in (folder / name, renamed):
        found = images_at(path)
        np.testing.assert_allclose(found.images, standardised(IMAGES[rows]), atol=1e-5)
        assert found.labels.tolist() == np.unique(LABELS[rows], return_inverse=True)[1].tolist()


def test_without_batches_for_training_the_test_is_taken(ten: Path):
    for path in ten.glob("data_batch_*"):
        path.unlink()
    assert len(images_at(ten)) == 4


def test_a_batch_and_an_archive_of_the_same_images_are_the_same(ten: Path, tmp_path: Path):
    np.savez(tmp_path / "mine.npz", images=IMAGES[:8], labels=LABELS[:8])
    one, other = images_at(ten), images_at(tmp_path / "mine.npz")
    np.testing.assert_allclose(one.batch(4, 3).images, other.batch(4, 3).images, atol=1e-5)
    assert one.batch(4, 3).labels.tolist() == other.batch(4, 3).labels.tolist()


@pytest.mark.parametrize("content", [b"", b"\0" * 3072, b"\0" * (2 * 3073 - 1)])
def test_a_batch_that_ends_too_early_is_refused(content: bytes, ten: Path):
    (ten / "data_batch_2.bin").write_bytes(content)
    message = f"'data_batch_2.bin' has {len(content):,} bytes, no multiple of 3,073: it is no batch of CIFAR-10"
    with pytest.raises(ValueError, match=re.escape(message)):
        images_at(ten)


def test_a_label_that_there_is_not_is_refused(ten: Path):
    (ten / "test_batch.bin").write_bytes(bytes([10]) + bytes(3072))
    with pytest.raises(ValueError, match=r"^'test_batch.bin' has a label 10; CIFAR-10 has 10 classes$"):
        images_at(ten / "test_batch.bin")


def test_too_many_bytes_are_refused_unread(ten: Path, monkeypatch: pytest.MonkeyPatch):
    assert MAX_BATCH_BYTES > 50_000 * 3074
    monkeypatch.setattr(cifar, "MAX_BATCH_BYTES", 8 * 3073 - 1)
    with pytest.raises(ValueError, match=r"24,584 bytes, 24,583 are allowed; name one of its files$"):
        images_at(ten)


@pytest.mark.usefixtures("ten", "hundred")
def test_two_versions_in_one_folder_are_not_mixed(tmp_path: Path):
    with pytest.raises(ValueError, match=r"holds CIFAR in 'cifar-10-batches-bin' and in 'cifar-100-binary'; name one"):
        images_at(tmp_path)


def test_other_binary_files_are_no_images(tmp_path: Path):
    (tmp_path / "model.bin").write_bytes(b"\0" * 3073)
    with pytest.raises(ValueError, match="holds no image"):
        images_at(tmp_path)
