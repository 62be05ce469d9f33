"""The command `evidence` on tables that the tests write."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import spearmanr

from engine.__main__ import main
from engine.genotypes.population import Population
from engine.measures import MEASURES, MeasureSetting
from engine.networks.cost import network_cost
from engine.spaces import load_space
from engine.studies.evidence import Evidence
from tests.engine.documents import DARTS

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("FREENAS_CACHE", str(tmp_path / "cache"))

    def call(*arguments: str) -> tuple[int, str, str]:
        status = main(["evidence", "--threads", "1", *arguments])
        return status, *capsys.readouterr()

    return call


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Sixty cells whose accuracy rises with their parameters, and falls again for the largest."""
    cells = Population.sample("nas-bench-201", 60, seed=4)
    params = MEASURES["params"].of(cells, MeasureSetting())
    path = tmp_path / "cifar10_test_acc_200ep.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["arch", "accuracy", "other"])
        for genotype, value in zip(cells.genotypes(), params, strict=True):
            writer.writerow(
                [genotype.notation, f"{30 + 60 * min(value, 1.1e6) / 1.1e6 - value / 1e6:.3f}", f"{-value}"]
            )
    return path


def numbers(text: str) -> dict[tuple[str, str, str, str], float]:
    rows = csv.DictReader(io.StringIO(text))
    return {(row["part"], row["row"], row["quantity"], row["k"]): float(row["value"] or "nan") for row in rows}


@pytest.mark.slow
def test_a_table_of_ones_own_space_is_weighed(run: Run, tmp_path: Path):
    described = load_space(json.dumps(DARTS))
    drawn = Population.sample(described, 30, seed=1).genotypes()
    costs = [network_cost(genotype).params for genotype in drawn]
    table, document = tmp_path / "cifar10_test_acc_200ep.csv", tmp_path / "mine.json"
    rows = [f"{genotype.notation},{80 + cost / 1e6}" for genotype, cost in zip(drawn, costs, strict=True)]
    table.write_text("\n".join(["arch,acc", *rows]))
    document.write_text(json.dumps(DARTS))
    asked = ("--table", str(table), "--space", str(document), "--measures", "params")
    for form in ("text", "markdown", "latex", "csv"):
        status, out, err = run(*asked, "--form", form)
        assert (status, err) == (0, "")
        assert "ublished" not in out
    assert numbers(out)["measured", "params", "spearman", ""] == 1
    status, out, _ = run(*asked, "--form", "json")
    assert json.loads(out)["space"] == described.reference
    found = Evidence.from_json(out)
    assert (found.search_space, found.best_notation) == (described, drawn[int(np.argmax(costs))].notation)
    assert found.to_json() == out


@pytest.mark.slow
def test_scores_that_need_labels_take_images_that_have_some(run: Run, table: Path, tmp_path: Path):
    asked = ("--table", str(table), "--measures", "snip", "--sample", "4", "--form", "json")
    status, _, err = run(*asked)
    assert status != 0
    assert "Gaussian noise has no labels" in err
    status, out, _ = run(*asked, "--data", "digits")
    assert (status, json.loads(out)["data"]) == (0, "scikit-learn digits")
    generator = np.random.default_rng(0)
    images, labels = generator.integers(0, 255, (20, 8, 8, 3), dtype=np.uint8), np.arange(20) % 4
    np.savez(tmp_path / "mine.npz", images=images, labels=labels)
    status, out, _ = run(*asked, "--images", str(tmp_path / "mine.npz"))
    assert (status, json.loads(out)["data"]) == (0, "mine.npz")
    for wrong, said in (("--data", "cifar"), ("--images", str(tmp_path / "none.npz"))):
        status, _, err = run(*asked, wrong, said)
        assert status != 0
        assert len(err.strip().splitlines()) == 1


@pytest.mark.slow
def test_the_numbers_are_those_of_scipy_and_of_each_form(run: Run, table: Path):
    status, out, err = run("--table", str(table), "--form", "csv", "--columns", "other", "--measures", "params,flow")
    assert (status, err) == (0, "")
    found = numbers(out)
    with table.open() as file:
        rows = list(csv.DictReader(file))
    expected = spearmanr([-float(row["other"]) for row in rows], [float(row["accuracy"]) for row in rows]).statistic
    assert found["measured", "params", "spearman", ""] == pytest.approx(expected, abs=1e-5)
    assert found["table", "other", "spearman", ""] == pytest.approx(-expected, abs=1e-5)
    assert found["measured", "all", "architectures", ""] == 60
    assert ("published", "REA", "CIFAR-10 test accuracy, %", "") in found
    _, text, _ = run("--table", str(table), "--measures", "params")
    assert f"{expected:.3f} [" in text
    assert "CIFAR-10 test accuracy (%), 200 epochs" in text
    _, out, _ = run("--table", str(table), "--measures", "params", "--net-size", "full", "--form", "json")
    assert Evidence.from_json(out).scores[0].spearman.value == pytest.approx(expected)
    assert Evidence.from_json(out).net_size == "full"
    assert json.loads(out)["schema"] == "freenas/evidence@1"
    for form, sign in (("markdown", "|--"), ("latex", "\\toprule")):
        assert sign in run("--table", str(table), "--measures", "params", "--form", form)[1]


@pytest.mark.slow
def test_it_writes_a_file_and_names_what_was_found(run: Run, table: Path, tmp_path: Path):
    out = tmp_path / "evidence.csv"
    arguments = ["--table", str(table), "--measures", "params", "--form", "csv", "--seeds", "1", "--out", str(out)]
    assert run(*arguments) == (0, "", "")
    found = numbers(out.read_text())
    assert found["found", "synaptic, 1 seed", "count", ""] == 1
    assert found["found", "random cells", "count", ""] == 60


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--form", "pdf"], "unknown format 'pdf'; allowed: text, markdown, latex, csv, json"),
        (["--measures", "magic"], "unknown measure 'magic'; allowed: flow, params, live-params"),
        (["--column", "nothing"], "unknown column 'nothing'; allowed: 'accuracy'"),
        (["--columns", "nothing"], "unknown column 'nothing'"),
        (["--net-size", "tiny"], "unknown net size 'tiny'; allowed: small, full"),
        (["--space", "darts"], "no row is an architecture of DARTS; the rows are of NAS-Bench-201"),
        (["--space", "mars"], "unknown search space 'mars'"),
        (["--seed", "-1"], "seed"),
        (["--seeds", "9999"], "argument --seeds: 9999 is out of range; 0 to 1,024"),
        (["--split", "half"], "unknown split 'half'; allowed: train, validation, test"),
        (["--epochs", "many"], "'many' is not a whole number"),
        (["--device", "abacus"], "unknown device 'abacus'"),
        (["--table", "/nowhere.csv"], "argument --table: '/nowhere.csv' is not there"),
        (["--out", "/nowhere/x"], "its directory is not there"),
    ],
)
def test_a_wrong_argument_is_one_line(run: Run, table: Path, arguments: list[str], words: str):
    status, out, err = run("--table", str(table), *arguments)
    assert status in (1, 2)
    assert out == ""
    assert words.replace("'accuracy'", "accuracy") in err
    assert err.count("\n") == 1
    assert "Traceback" not in err


def test_what_the_file_does_not_say_is_marked_and_may_be_said(run: Run, table: Path):
    silent = table.rename(table.with_name("results.csv"))
    status, out, _ = run("--table", str(silent), "--measures", "params")
    assert status == 0
    assert "Accuracy (%), dataset not stated, split not stated, epochs not stated" in out
    assert "Not stated of column 'accuracy': dataset, split, epochs." in out
    said = ["--dataset", "CIFAR-100", "--split", "validation", "--epochs", "12"]
    _, out, _ = run("--table", str(silent), "--measures", "params", *said)
    assert "CIFAR-100 validation accuracy (%), 12 epochs" in out


@pytest.mark.slow
def test_a_sample_and_a_joined_score_are_asked_for_by_name(run: Run, table: Path):
    arguments = ["--table", str(table), "--form", "csv", "--sample", "20", "--measures", "params,flow,flow+params"]
    found = numbers(run(*arguments)[1])
    assert found["measured", "all", "architectures", ""] == 20
    assert ("measured", "flow+params", "spearman", "") in found
    assert numbers(run(*arguments)[1]) == found
    _, _, err = run("--table", str(table), "--sample", "1")
    assert "a sample of 1 given; at least 3 architectures are needed" in err


@pytest.mark.slow
def test_the_lowest_error_is_the_best(run: Run, table: Path):
    """Errors by their name, or said to be: as the accuracies that they are the rest of."""
    with table.open() as file:
        rows = [(row["arch"], float(row["accuracy"])) for row in csv.DictReader(file)]
    best = max(accuracy for _, accuracy in rows)
    right = numbers(run("--table", str(table), "--measures", "params", "--form", "csv")[1])
    for name, options in (("test_err", []), ("q", ["--column", "q", "--lower-is-better", "--accuracy"])):
        errors = table.with_name(f"{name}.csv")
        errors.write_text("".join([f"arch,{name}\n", *(f"{arch},{100 - value:.3f}\n" for arch, value in rows)]))
        status, out, _ = run("--table", str(errors), "--measures", "params", "--form", "csv", *options)
        found = numbers(out)
        assert status == 0
        assert found["measured", "all", "best", ""] == pytest.approx(100 - best)
        for quantity in ("spearman", "kendall", "regret", "rank_of_best"):
            assert found["measured", "params", quantity, ""] == pytest.approx(right["measured", "params", quantity, ""])
        first = found["measured", "params", "error_of_first", ""]
        assert first == pytest.approx(100 - right["measured", "params", "accuracy_of_first", ""], abs=1e-3)
        text = run("--table", str(errors), "--measures", "params", *options)[1]
        assert "Error of its first" in text
        assert "less is better" in text


def test_a_name_that_says_less_may_be_wrong(run: Run, table: Path):
    column = table.with_name("losses.csv")
    column.write_text(table.read_text().replace("accuracy", "lossless"))
    loss = table.with_name("loss.csv")
    loss.write_text(table.read_text().replace("accuracy", "my loss"))
    for path, name, options, less in (
        (column, "lossless", [], False),
        (loss, "my loss", [], True),
        (loss, "my loss", ["--no-lower-is-better"], False),
    ):
        out = run("--table", str(path), "--column", name, "--measures", "params", *options)[1]
        assert ("less is better\n" in out) is less
        assert "Value of its first" in out


def test_any_column_of_numbers_may_be_chosen(run: Run, table: Path):
    plain = table.with_name("t.csv")
    plain.write_text(table.read_text().replace("accuracy", "score"))
    status, _, err = run("--table", str(plain), "--measures", "params")
    assert status == 2
    assert err == (
        "error: argument --column: one must be named; none is called an accuracy; columns of numbers in t.csv: "
        "'score', 'other'\n"
    )
    said = ["--accuracy", "--dataset", "SVHN", "--split", "test", "--epochs", "3"]
    status, out, _ = run("--table", str(plain), "--column", "score", "--measures", "params", *said)
    assert status == 0
    assert "SVHN test accuracy (%), 3 epochs" in out
    assert run("--table", str(plain), "--column", "score", "--measures", "params")[0] == 0


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_too_few_architectures_are_one_line(run: Run, table: Path, rows: int):
    few = table.with_name("test_acc.csv")
    few.write_text("".join(table.read_text().splitlines(keepends=True)[: 1 + rows]))
    status, out, err = run("--table", str(few), "--measures", "params")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "no rows; a header and a row" in err if rows == 0 else "at least 3 are needed" in err
