"""Archives and folders of images, and what is refused."""

from __future__ import annotations

import io
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from engine.data import images as data
from engine.data.files import images_at, npz
from engine.data.images import MAX_IMAGES
from tests.engine.data.reference import standardised

GENERATOR = np.random.default_rng(0)


def write_archive(path: Path, **arrays: np.ndarray) -> Path:
    np.savez(path, **arrays)
    return path


@pytest.mark.parametrize("layout", ["NHWC", "NCHW", "NHW"])
def test_an_archive_is_standardised_whatever_its_layout(layout: str, tmp_path: Path):
    images = GENERATOR.integers(0, 256, (6, 32, 32, 1 if layout == "NHW" else 3), dtype=np.uint8)
    stored = {"NHWC": images, "NCHW": images.transpose(0, 3, 1, 2), "NHW": images[..., 0]}[layout]
    found = npz(write_archive(tmp_path / "mine.npz", images=stored, labels=np.array([5, 9, 5, 9, 7, 7])))
    expected = np.broadcast_to(standardised(images), (6, 3, 32, 32))
    np.testing.assert_allclose(found.images, expected, atol=1e-5)
    assert found.labels.tolist() == [0, 2, 0, 2, 1, 1]
    assert (found.name, found.classes) == ("mine.npz", 3)


def test_other_sizes_are_brought_to_one(tmp_path: Path):
    images = GENERATOR.normal(size=(4, 8, 64))
    found = npz(write_archive(tmp_path / "mine.npz", images=images))
    assert found.labels is None
    assert found.images.shape == (4, 3, 32, 32)
    means = images.repeat(4, axis=1).reshape(4, 32, 32, 2).mean(axis=3)[..., None]
    np.testing.assert_allclose(found.images[:, :1], standardised(means), atol=1e-5)


def test_of_a_large_archive_some_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(data, "MAX_IMAGES", 3)
    images = np.arange(7.0)[:, None, None] * np.ones((7, 4, 4))
    found = npz(write_archive(tmp_path / "mine.npz", images=images, labels=np.arange(7)))
    assert len(found) == found.classes == 3
    kept = found.images[:, 0, 0, 0]
    np.testing.assert_allclose(kept / kept[-1], [-1, 0, 1], atol=0.2)  # 0, 2 and 4 of 6
    assert MAX_IMAGES > 128
    assert found.notes == ("'mine.npz' holds 7 images, of which 3 are taken, of 7 classes",)


def archive_with(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


def header(shape: tuple[int, ...], descr: str = "<f4") -> bytes:
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(buffer, {"shape": shape, "fortran_order": False, "descr": descr})
    return buffer.getvalue()


GOOD = np.ones((2, 4, 4)) * np.arange(2)[:, None, None]


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"pictures": GOOD}, "holds no array called 'images'"),
        ({"images": np.array([{}, {}])}, "'images' holds 'object'"),
        ({"images": GOOD, "labels": np.array(["a", "b"])}, "'labels' holds '<U1'"),
        ({"images": GOOD, "labels": np.array([0, 1, 2])}, r"'labels' has the shape \(3,\)"),
        ({"images": GOOD, "labels": np.array([0.0, 1.0])}, "2 whole numbers expected"),
        ({"images": GOOD, "labels": np.array([4, 4])}, "has 1 class;"),
        ({"images": np.ones((2, 4, 4, 4))}, r"\(2, 4, 4, 4\)"),
        ({"images": np.ones(3)}, r"'images' has the shape \(3,\)"),
        ({"images": GOOD[:1]}, "holds 1 image;"),
        ({"images": GOOD[:, :0]}, "0x4"),
        ({"images": GOOD * 0}, "the same everywhere"),
        ({"images": GOOD * [np.nan, 1, 1, 1]}, "not finite"),
        ({"images": GOOD * 1e300}, "not finite"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_archives_that_do_not_fit_are_refused(arrays: dict, message: str, tmp_path: Path):
    with pytest.raises(ValueError, match=message):
        npz(write_archive(tmp_path / "mine.npz", **arrays))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"no archive", "is not a NumPy archive"),
        (archive_with("images.npy", b"no array"), "'images' is not an array"),
        (archive_with("images.npy", header((10**6, 10**6))), "'images' has the shape"),
        (archive_with("images.npy", header((-1, 4, 4))), "'images'"),
        (archive_with("images.npy", header((2, 4, 4))), "'images' ends too early"),
        (archive_with("images.npy", header((2, 4, 4), "|O")), "'images' holds 'object'"),
        (archive_with("images.npy", b"\x93NUMPY\x09\x00"), "'images' is not an array"),
    ],
    ids=["text", "no array", "huge", "negative", "short", "objects", "version"],
)
def test_files_that_are_no_archive_are_refused(content: bytes, message: str, tmp_path: Path):
    path = tmp_path / "mine.npz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        npz(path)


def test_a_broken_archive_is_refused(tmp_path: Path):
    path = write_archive(tmp_path / "mine.npz", images=np.arange(20_000.0).reshape(2, 100, 100))
    content = path.read_bytes()
    for place, message in [(150, "not an array of NumPy, or is damaged"), (99_999, "ends too early or is damaged")]:
        path.write_bytes(content[:place] + bytes([content[place] ^ 255]) + content[place + 1 :])
        with pytest.raises(ValueError, match=f"'images' (is )?{message}"):
            npz(path)
    with pytest.raises(ValueError, match=r"nowhere.npz' cannot be read"):
        npz(tmp_path / "nowhere.npz")
    with pytest.raises(ValueError, match="cannot be read"):
        npz(tmp_path)


@pytest.mark.parametrize("name", ["data_batch_1", "train_data_batch_3", "batches.meta", "weights.pkl", "mine.npz"])
def test_what_is_pickled_is_not_unpickled(name: str, tmp_path: Path):
    """The version of CIFAR that has no pickles is named."""
    (tmp_path / name).write_bytes(pickle.dumps({b"data": [1, 2]}, protocol=2))
    with pytest.raises(ValueError, match=rf"^'{name}' is not a NumPy archive .* pickled, .*'cifar-10-binary.tar.gz'"):
        images_at(tmp_path / name)


def test_of_a_packed_folder_the_unpacked_one_is_asked_for(tmp_path: Path):
    for name, content in (("a.zip", archive_with("cat/1.png", b"x")), ("a.tar.gz", b"\x1f\x8b\x08")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ValueError, match=r"of pictures name their folder$"):
            images_at(tmp_path / name)
