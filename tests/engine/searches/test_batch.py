"""The images that proxies look at: noise, digits, a user's own, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine import SearchConfig, explain, search
from engine.__main__ import main
from engine.data import images as engine_data
from engine.data.files import npz
from engine.data.images import Data, gaussian
from engine.searches.batch import draw_batch, own_data_name
from tests.conftest import tiny


def pictures(labels: bool = True, name: str = "pictures.npz") -> Data:
    """Forty images of 32 x 32 pixels, each pixel its own number, and the labels 0 to 3."""
    images = np.arange(40 * 3 * 32 * 32, dtype=np.float32).reshape(40, 3, 32, 32)
    return Data(name, images, np.arange(40) % 4 if labels else None, 4)


@pytest.mark.parametrize("name", ["freeflow", "params", "zero-cost-pt-flow"])
def test_proxies_without_data_get_none(name: str):
    assert draw_batch(SearchConfig(proxy=name)) is None
    with pytest.raises(ValueError, match=f"^proxy '{name}' looks at no images, and some were given$"):
        draw_batch(SearchConfig(proxy=name), pictures())


def test_noise_is_labelled_at_random():
    config = SearchConfig(proxy="snip", seed=5, batch=200, image_size=12)
    found = draw_batch(config)
    np.testing.assert_array_equal(found.images, gaussian(5, 200, 12).images)
    assert found.labels.shape == (200,)
    assert set(found.labels) == set(range(10))
    np.testing.assert_array_equal(found.labels, draw_batch(config).labels)
    assert (found.labels != draw_batch(SearchConfig(proxy="snip", seed=6, batch=200)).labels).any()


def test_digits_come_from_scikit_learn(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(engine_data, "digits", lambda: pictures(name="scikit-learn digits"))
    config = tiny("nas-bench-201", proxy="snip", data="digits", batch=8)
    found = draw_batch(config)
    expected = pictures().batch(8, 0)
    np.testing.assert_array_equal(found.images, expected.images[:, :, ::4, ::4])
    np.testing.assert_array_equal(found.labels, expected.labels)
    result = search(config)
    assert not result.has("labels")
    assert result.config.data == "digits"


@pytest.mark.slow
def test_images_of_ones_own_have_a_name_in_the_result_and_are_not_in_it():
    config = tiny("nas-bench-201", proxy="snip", batch=8)
    result = search(config, images=pictures())
    assert result.config.data == "own:pictures.npz"
    assert not result.has("labels")
    assert result.shares["cell"].sum() == pytest.approx(1, rel=1e-4)
    again = search(result.config, images=pictures())
    assert again.passes[0].log_flow == result.passes[0].log_flow
    with pytest.raises(ValueError, match=r"^data 'own:pictures.npz' stands for images that must be given"):
        search(result.config)


def test_a_path_in_a_configuration_is_never_opened(tmp_path: Path):
    np.savez(tmp_path / "x.npz", images=np.random.default_rng(0).random((4, 8, 8)))
    for name in (str(tmp_path / "x.npz"), str(tmp_path), "cifar10", "", "Gaussian"):
        with pytest.raises(ValueError) as caught:  # noqa: PT011
            SearchConfig(proxy="snip", data=name)
        assert explain(caught.value).startswith("unknown data ")
        assert explain(caught.value).endswith("allowed: gaussian, smooth, digits, or images given to the search")
    with pytest.raises(ValueError, match="must be given to the search itself"):
        search(SearchConfig(proxy="snip", data=f"own:{tmp_path / 'x.npz'}"))


def test_odd_names_are_made_fit():
    for name in ("a\nb\x1b[1m.npz", "x" * 300, "", "日本.npz"):
        config = SearchConfig(proxy="snip", data=own_data_name(pictures(name=name)))
        assert config.data.startswith("own:")
        assert config.data.isprintable()
    assert own_data_name(pictures(name="日本.npz")) == "own:日本.npz"


@pytest.mark.slow
def test_labels_are_asked_for_where_they_are_needed():
    bare = pictures(labels=False)
    with pytest.raises(ValueError, match=r"^'pictures.npz' has no labels, and proxy 'grasp' needs some$"):
        search(tiny("nas-bench-201", proxy="grasp"), images=bare)
    result = search(tiny("nas-bench-201", proxy="zero-cost-pt-naswot", batch=8), images=bare)
    assert not result.has("data")


@pytest.mark.slow
def test_the_classifier_has_as_many_classes_as_the_images():
    found = search(tiny("nas-bench-201", proxy="snip", batch=40), images=pictures())
    ten = Data("pictures.npz", pictures().images, pictures().labels, 10)
    assert found.passes[0].log_flow != search(found.config, images=ten).passes[0].log_flow


@pytest.mark.slow
def test_the_command_line_reads_images(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path, out = tmp_path / "mine.npz", tmp_path / "result.json"
    generator = np.random.default_rng(0)
    np.savez(path, images=generator.random((6, 8, 8)), labels=np.arange(6) % 2)
    arguments = ["search", "--proxy", "snip", "--channels", "4", "--cells", "1", "--image-size", "8", "--quiet"]
    assert main([*arguments, "--images", str(path), "--batch", "5", "--out", str(out)]) == 0
    text = out.read_text()
    assert '"data":"own:mine.npz"' in text
    assert '"batch":5' in text
    expected = search(tiny("nas-bench-201", proxy="snip", batch=5), images=npz(path))
    assert f'"log_flow":{expected.passes[0].log_flow}' in text
    capsys.readouterr()
    for given, message in (
        ((*arguments, "--images", str(tmp_path / "no.npz")), "No such file or directory"),
        ((*arguments, "--images", str(tmp_path)), "holds no image"),
        ((*arguments, "--data", str(path)), "allowed: gaussian, smooth, digits, or images given to the search"),
        (("search", "--images", str(path)), "proxy 'freeflow' looks at no images"),
    ):
        assert main(given) == 2
        error = capsys.readouterr().err
        assert message in error
        assert error.count("\n") == 1


@pytest.mark.slow
def test_the_command_line_says_what_it_reads_of_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    generator = np.random.default_rng(0)
    for part in ("train", "test"):
        for index, name in enumerate(("cat/1", "cat/2", "dog/1", "dog/2", ".ipynb_checkpoints/1")):
            path = tmp_path / "mine" / part / f"{name}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(generator.integers(0, 256, (8 + index, 8, 3), dtype=np.uint8)).save(path)
    images = str(tmp_path / "mine")
    arguments = ["search", "--channels", "4", "--cells", "1", "--image-size", "8", "--batch", "4"]
    assert main([*arguments, "--proxy", "snip", "--images", images]) == 0
    out, err = capsys.readouterr()
    assert '"data":"own:mine/train"' in out
    assert "'mine/train' holds 4 images of 2 classes: 'cat, dog'\n'test' beside it is left out" in err
    assert main([*arguments, "--proxy", "snip", "--quiet", "--images", images]) == 0
    assert "left out" not in capsys.readouterr().err
    assert main([*arguments, "--proxy", "zero-cost-pt-naswot", "--images", f"{images}/train/cat"]) == 0
    assert "'cat' holds 2 images without labels" in capsys.readouterr().err
    assert main([*arguments, "--proxy", "snip", "--quiet", "--images", f"{images}/train/cat"]) == 2
    assert capsys.readouterr().err == "error: 'cat' has no labels, and proxy 'snip' needs some\n"
