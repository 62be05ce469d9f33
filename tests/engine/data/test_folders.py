"""Folders of pictures: classes, parts, what is hidden, published layouts, and what is refused."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from engine.data import folders
from engine.data.files import images_at, npz
from engine.data.folders import image_folder, is_hidden
from tests.engine.data.reference import standardised

GENERATOR = np.random.default_rng(0)
PIXELS = GENERATOR.integers(0, 256, (8, 9, 7, 3), dtype=np.uint8)
"""Eight pictures, of which a folder takes as many as it needs."""
CLASSES = ("airplane", "cat", "dog")


def pictures(root: Path, names: list[str]) -> Path:
    """Write the pictures in turn under these names, and return the folder."""
    for index, name in enumerate(names):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(PIXELS[index % len(PIXELS)]).save(path)
    return root


def below(*tops: str, classes: tuple[str, ...] = CLASSES, each: int = 2) -> list[str]:
    """Names of pictures in classes below each of the folders `tops`."""
    return [f"{top}/{name}/{index}.png" for top in tops for name in classes for index in range(each)]


def test_subfolders_are_labels(tmp_path: Path):
    found = image_folder(pictures(tmp_path, ["cat/2.png", "cat/1.PNG", "dog/1.bmp", "ant/x.webp"]))
    assert found.images.shape == (4, 3, 32, 32)
    assert found.labels.tolist() == [0, 1, 1, 2]  # ant, cat, cat, dog
    assert found.name == tmp_path.name
    assert found.images.std() == pytest.approx(1, abs=1e-4)
    assert found.notes == (f"'{tmp_path.name}' holds 4 images of 3 classes: 'ant, cat, dog'",)


@pytest.mark.parametrize("names", [["a.png", "b.png"], ["images/a.png", "images/b.png"], ["x/y/a.png", "x/y/b.png"]])
def test_one_folder_of_images_has_no_labels_and_says_so(names: list[str], tmp_path: Path):
    found = image_folder(str(pictures(tmp_path, names)))
    assert found.labels is None
    (note,) = found.notes
    assert note.endswith(" holds 2 images without labels")


@pytest.mark.parametrize(
    "hidden",
    [
        ".ipynb_checkpoints/0-checkpoint.png",
        "cat/.ipynb_checkpoints/0-checkpoint.png",
        "cat/._0.png",
        "._cat/0.png",
        ".DS_Store",
        "cat/Thumbs.db",
        "Thumbs.db/0.png",
        "dog/desktop.ini",
        "__MACOSX/cat/._0.png",
        "__MACOSX/cat/0.png",
        "@eaDir/0.png",
        ".git/0.png",
        "$RECYCLE.BIN/0.png",
    ],
)
def test_what_is_hidden_is_no_class_and_no_image(hidden: str, tmp_path: Path):
    names = [f"{name}/{index}.png" for name in CLASSES for index in range(2)]
    plain, littered = (pictures(tmp_path / folder / "mine", names) for folder in "ab")
    (littered / hidden).parent.mkdir(parents=True, exist_ok=True)
    (littered / hidden).write_bytes(b"no image")
    expected, found = image_folder(plain), image_folder(littered)
    np.testing.assert_array_equal(found.images, expected.images)
    assert found.labels.tolist() == expected.labels.tolist() == [0, 0, 1, 1, 2, 2]
    assert found.notes == expected.notes


@given(st.text(min_size=1))
def test_every_name_that_begins_with_a_dot_is_hidden(name: str):
    assert is_hidden(f".{name}")
    assert not is_hidden("cat")


@pytest.mark.parametrize(
    ("tops", "taken"),
    [
        (("train", "test"), "train"),
        (("test", "val"), "val"),
        (("Validation", "Training", "Testing"), "Training"),
        (("valid", "test_set"), "valid"),
        (("train",), "train"),
        (("val2017", "train2017", "test_2017"), "train2017"),
        (("test",), "test"),
        (("train", "extra"), "train"),
        (("cifar/train", "cifar/test"), "cifar/train"),
    ],
)
def test_of_parts_one_is_taken_and_the_others_are_named(tops: tuple[str, ...], taken: str, tmp_path: Path):
    found = image_folder(pictures(tmp_path / "mine", below(*tops)))
    again = image_folder(tmp_path / "mine" / taken)
    np.testing.assert_array_equal(found.images, again.images)
    assert found.labels.tolist() == again.labels.tolist() == [0, 0, 1, 1, 2, 2]
    assert found.name == f"mine/{taken}"
    left = ", ".join(sorted(Path(top).name for top in tops if top != taken))
    assert found.notes[1:] == ((f"'{left}' beside it is left out; name it to take it",) if left else ())


def test_parts_without_classes_have_no_labels(tmp_path: Path):
    found = image_folder(pictures(tmp_path, ["train/1.png", "train/2.png", "test/1.png"]))
    assert (len(found), found.labels) == (2, None)
    assert "'test' beside it is left out" in found.notes[1]


def test_a_class_may_be_called_train(tmp_path: Path):
    found = image_folder(pictures(tmp_path, ["airplane/1.png", "bus/1.png", "train/1.png"]))
    assert found.labels.tolist() == [0, 1, 2]
    assert found.notes[0].endswith("of 3 classes: 'airplane, bus, train'")


@pytest.fixture
def tiny_imagenet(tmp_path: Path) -> Path:
    root, classes = tmp_path / "tiny-imagenet-200", ("n01443537", "n01629819")
    train = [f"train/{name}/images/{name}_{index}.JPEG" for name in classes for index in range(2)]
    held_out = [f"{part}/images/{part}_{index}.JPEG" for part in ("val", "test") for index in range(3)]
    pictures(root, [*train, *held_out])
    for name in classes:
        (root / "train" / name / f"{name}_boxes.txt").write_text(f"{name}_0.JPEG\t0\t10\t63\t58\n")
    lines = [f"val_{index}.JPEG\t{classes[index != 1]}\t0\t32\t44\t62\n" for index in range(3)]
    (root / "val" / "val_annotations.txt").write_text("".join(lines))
    (root / "wnids.txt").write_text("n01629819\nn01443537\n")
    (root / "words.txt").write_text("n01443537\tgoldfish, Carassius auratus\n")
    return root


def test_tiny_imagenet_is_read_as_it_is_published(tiny_imagenet: Path):
    found = image_folder(tiny_imagenet)
    assert (found.name, found.labels.tolist()) == ("tiny-imagenet-200/train", [0, 0, 1, 1])
    assert found.notes[1] == "'test, val' beside it is left out; name it to take it"
    for folder in (tiny_imagenet / "val", tiny_imagenet / "val" / "images"):
        assert image_folder(folder).labels.tolist() == [1, 0, 1]
    assert image_folder(tiny_imagenet / "test").labels is None


def test_annotations_must_name_every_image(tiny_imagenet: Path):
    (tiny_imagenet / "val" / "val_annotations.txt").write_text("val_0.JPEG\tn01443537\nval_1.JPEG\n\t\n")
    with pytest.raises(ValueError, match=r"^'val_annotations.txt' names no class of 'val_1.JPEG'$"):
        image_folder(tiny_imagenet / "val")


@pytest.mark.slow
@given(
    st.dictionaries(
        st.text("ab1 _-Z", min_size=1, max_size=3).filter(lambda name: name.strip() == name),
        st.integers(1, 3),
        min_size=2,
        max_size=4,
    ),
    st.sampled_from([(32, 32), (9, 40), (64, 64), (5, 3), (33, 31)]),
    st.sampled_from(["RGB", "L", "I;16"]),
)
def test_a_folder_and_an_archive_of_the_same_pictures_are_the_same(
    tmp_path_factory: pytest.TempPathFactory, sizes: Mapping[str, int], shape: tuple[int, int], mode: str
):
    root = tmp_path_factory.mktemp("images")
    generator = np.random.default_rng(len(sizes))
    top, channels = 2**16 if mode == "I;16" else 2**8, (3,) if mode == "RGB" else ()
    images, labels = [], []
    for label, name in enumerate(sorted(sizes)):
        for index in range(sizes[name]):
            image = generator.integers(0, top, (*shape, *channels)).astype(np.uint16 if top > 256 else np.uint8)
            (root / name).mkdir(exist_ok=True)
            Image.fromarray(image).save(root / name / f"{index}.png")
            images.append(image)
            labels.append(label)
    np.savez(root.parent / "mine.npz", images=np.stack(images), labels=np.array(labels))
    folder, archive = image_folder(root), npz(root.parent / "mine.npz")
    np.testing.assert_allclose(folder.images, archive.images, atol=1e-5)
    assert folder.labels.tolist() == archive.labels.tolist() == labels
    assert folder.classes == archive.classes == len(sizes)
    one, other = folder.batch(4, seed=1), archive.batch(4, seed=1)
    np.testing.assert_allclose(one.images, other.images, atol=1e-5)
    assert one.labels.tolist() == other.labels.tolist()


def test_grey_images_of_16_bits_keep_all_of_them(tmp_path: Path):
    wide = GENERATOR.integers(0, 2**16, (3, 32, 32), dtype=np.uint16)
    for index, image in enumerate(wide):
        Image.fromarray(image).save(tmp_path / f"{index}.png")
    expected = standardised(np.broadcast_to(wide[..., None], (3, 32, 32, 3)))
    np.testing.assert_allclose(image_folder(tmp_path).images, expected, atol=1e-5)


def test_a_picture_of_8_bits_and_one_of_16_have_one_scale(tmp_path: Path):
    grey = GENERATOR.integers(0, 256, (32, 32), dtype=np.uint8)
    Image.fromarray(grey).save(tmp_path / "a.png")
    Image.fromarray(grey.astype(np.uint16) * 257).save(tmp_path / "b.png")
    first, second = image_folder(tmp_path).images
    np.testing.assert_allclose(first, second, atol=1e-5)


def test_a_folder_may_be_the_one_that_is_worked_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    pictures(tmp_path, ["a.png", "b.png"])
    (tmp_path / "inner").mkdir()
    monkeypatch.chdir(tmp_path / "inner")
    assert images_at("..").name == tmp_path.name


def test_a_folder_that_a_link_leads_to_is_read_once(tmp_path: Path):
    pictures(tmp_path / "elsewhere", ["1.png"])
    mine = pictures(tmp_path / "mine", ["dog/1.png"])
    (mine / "cat").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    (mine / "dog" / "up").symlink_to(mine, target_is_directory=True)
    assert image_folder(mine).labels.tolist() == [0, 1]


def test_folders_that_do_not_fit_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(ValueError, match="nowhere' is not a folder"):
        image_folder(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="holds no image"):
        image_folder(tmp_path)
    pictures(tmp_path, ["a.png"])
    with pytest.raises(ValueError, match="holds 1 image;"):
        image_folder(tmp_path)
    pictures(tmp_path, ["a.png", "cat/b.png"])
    with pytest.raises(ValueError, match="both in subfolders and beside them"):
        image_folder(tmp_path)
    (tmp_path / "a.png").unlink()
    (tmp_path / "cat" / "c.png").write_bytes(b"no image")
    with pytest.raises(ValueError, match=r"'cat/c.png' is not an image"):
        image_folder(tmp_path)
    monkeypatch.setattr(folders, "MAX_PIXELS", 62)
    with pytest.raises(ValueError, match=r"'cat/b.png' has 7x9 pixels; at most 62"):
        image_folder(tmp_path)
    monkeypatch.setattr(folders, "MAX_FILES", 2)
    with pytest.raises(ValueError, match="more than 2 files"):
        image_folder(tmp_path)


@pytest.mark.parametrize("names", [["a/cat/1.png", "a/dog/2.png", "b/cat/1.png"], ["a/1.png", "a/b/2.png", "b/1.png"]])
def test_folders_in_classes_are_no_classes(names: list[str], tmp_path: Path):
    first, second = (str(Path(name).parent) for name in names[:2])
    with pytest.raises(
        ValueError, match=f"holds images in '{first}' and in '{second}'; name a folder whose subfolders"
    ):
        image_folder(pictures(tmp_path, names))


@pytest.mark.parametrize(
    "names", [("data_batch_1", "batches.meta", "readme.html"), ("train", "test", "meta"), ("mine.pkl",)]
)
def test_the_python_version_of_cifar_is_refused_and_nothing_is_unpickled(names: tuple[str, ...], tmp_path: Path):
    for name in names:
        (tmp_path / name).write_bytes(pickle.dumps({b"data": 1}, protocol=2))
    with pytest.raises(ValueError, match=r"is pickled, and nothing is unpickled here; .* 'cifar-10-binary.tar.gz'"):
        images_at(tmp_path)


def test_without_pillow_a_folder_says_what_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    pictures(tmp_path, ["a.png"])
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ValueError, match="pip install pillow"):
        image_folder(tmp_path)
