import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from engine.genotypes.population import Population
from engine.tables import AccuracyTable, Column, Report
from engine.tables.table import FACTS
from tests.engine.strategies import PARALLEL, genotypes

FULL = Column("acc", True, "CIFAR-10", "test", 200)


def table_of(population: Population, *columns: Column) -> AccuracyTable:
    columns = columns or (FULL, Column("params", False))
    values = np.random.default_rng(0).uniform(2, 100, size=(len(columns), len(population)))
    report = Report(7, 2, ("row 3: x", "row 4: y"), 1, (("acc", 3),), (("runs", "it holds text"),), ("A note.",))
    return AccuracyTable("some.csv", population, columns, values, report)


@pytest.mark.parametrize(
    ("column", "description", "missing"),
    [
        (FULL, "CIFAR-10 test accuracy (%), 200 epochs", ()),
        (replace(FULL, epochs=1), "CIFAR-10 test accuracy (%), 1 epoch", ()),
        (replace(FULL, epochs=None), "CIFAR-10 test accuracy (%), epochs not stated", ("epochs",)),
        (replace(FULL, dataset=None), "Test accuracy (%), dataset not stated, 200 epochs", ("dataset",)),
        (Column("a", True), "Accuracy (%), dataset not stated, split not stated, epochs not stated", FACTS),
        (
            Column("a", True, "CIFAR-10", "validation", 100, surrogate=True),
            "CIFAR-10 validation accuracy (%), 100 epochs, predicted by a surrogate",
            (),
        ),
        (Column("macs (M)", False), "macs (M)", ()),
        (replace(FULL, lower_is_better=True), "CIFAR-10 test error (%), 200 epochs, less is better", ()),
        (Column("ppl", False, "PTB", "test", 3, lower_is_better=True), "ppl, PTB, test, 3 epochs, less is better", ()),
    ],
)
def test_a_column_says_what_it_is(column: Column, description: str, missing: tuple[str, ...]):
    assert (column.description, column.missing) == (description, missing)


def test_columns_are_found_and_described():
    table = table_of(Population.sample("darts", 4, 0), Column("acc", True), Column("params", False))
    assert table.accuracies() == (table.column("acc"),)
    assert np.array_equal(table.of("params"), table.values[1])
    known = table.annotated("acc", dataset="my data", split="validation", epochs=50)
    assert known.column("acc") == Column("acc", True, "my data", "validation", 50)
    assert known.annotated("acc", epochs=12).column("acc").description == "my data validation accuracy (%), 12 epochs"
    assert known.column("params") == table.column("params")
    assert np.array_equal(known.values, table.values)
    assert table.column("acc").missing == FACTS


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("nope", {"epochs": 1}, "unknown column 'nope'; allowed: acc, params"),
        ("acc", {"split": "dev"}, "unknown split 'dev'; allowed: train, validation, test"),
        ("acc", {"dataset": "  "}, "'  ' cannot name a dataset"),
        ("acc", {"dataset": "x" * 61}, "cannot name a dataset"),
        ("acc", {"epochs": 0}, "column 'acc': 0 epochs; a whole number to 100,000 is expected"),
        ("acc", {"epochs": True}, "True epochs"),
        ("acc", {"epochs": 1.5}, "1.5 epochs"),
    ],
)
def test_a_description_is_checked(name: str, given: dict, message: str):
    table = table_of(Population.sample("darts", 2, 0))
    with pytest.raises(ValueError, match=message):
        table.annotated(name, **given)
    for method in (table.of, table.column):
        with pytest.raises(ValueError, match="unknown column 'x'; allowed: acc, params"):
            method("x")


def test_any_column_may_be_said_to_be_one_of_accuracies():
    population = Population.sample("darts", 3, 0)
    columns = Column("score", False), Column("big", False), Column("text", False)
    values = np.array([[0.5, 1.0, np.nan], [1.0, 2.0, 101.0], [90.0, 91.5, 0.0]])
    report = Report(3, ignored=(("acc", "row 2: 'x' found"),))
    table = AccuracyTable("t.csv", population, columns, values, report)
    told = table.annotated("score", accuracy=True, lower_is_better=True, dataset="CIFAR-10")
    np.testing.assert_array_equal(told.of("score"), [50, 100, np.nan])
    assert told.column("score").description.startswith("CIFAR-10 error (%), split not stated")
    assert table.of("score")[0] == 0.5
    np.testing.assert_array_equal(table.annotated("text", accuracy=True).of("text"), values[2])
    with pytest.raises(ValueError, match="column 'big' holds 101; an accuracy lies between 0 and 100 %"):
        table.annotated("big", accuracy=True)
    with pytest.raises(ValueError, match=r"column 'acc' of t\.csv is not read: row 2: 'x' found"):
        table.column("acc")


def test_the_worth_of_a_number_is_larger_for_the_better():
    numbers = np.array([3.0, 1.0, np.nan])
    np.testing.assert_array_equal(FULL.worth(numbers), numbers)
    np.testing.assert_array_equal(replace(FULL, lower_is_better=True).worth(numbers), [-3, -1, np.nan])


def test_lookup_is_by_architecture():
    population = Population.sample("darts", 50, 0)
    table = table_of(population)
    others = Population.of(
        "darts", [*reversed(population.genotypes()[::3]), *Population.sample("darts", 5, 1).genotypes()]
    )
    known = dict(zip(population.genotypes(), table.of("acc").tolist(), strict=True))
    expected = [known.get(genotype, np.nan) for genotype in others.genotypes()]
    np.testing.assert_array_equal(table.lookup(others, "acc"), expected)
    assert np.isnan(expected).sum() == 5
    with pytest.raises(
        ValueError, match=r"some\.csv holds architectures of DARTS, those looked up are of NAS-Bench-201"
    ):
        table.lookup(Population.sample("nas-bench-201", 2, 0), "acc")


@pytest.mark.slow
@given(data=st.data())
def test_a_table_survives_npz(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory):
    kind = data.draw(st.sampled_from(["darts", "nas-bench-201"]))
    some = [each for each in data.draw(st.lists(genotypes(), max_size=6, unique=True)) if each.space_name == kind]
    values = data.draw(st.lists(st.floats(), min_size=len(some), max_size=len(some)))
    name = data.draw(st.text(min_size=1, max_size=9).filter(lambda text: text.isprintable() and text.strip()))
    table = AccuracyTable(
        name,
        Population.of(kind, some),
        (Column(name, True, data.draw(st.none() | st.just(name + "x")), "test", 3, True),),
        np.array([values], dtype=float),
        Report(3, 1, (name,), 2, ((name, 1),), ((name, name),), (name,)),
    )
    path = tmp_path_factory.mktemp("npz") / "deep" / "table.npz"
    table.save(path)
    again = AccuracyTable.load(path)
    assert (again.name, again.columns, again.report) == (table.name, table.columns, table.report)
    assert again.population.genotypes() == some
    np.testing.assert_array_equal(again.values, table.values)
    assert [each.name for each in path.parent.iterdir()] == ["table.npz"]


@settings(max_examples=10)
@given(data=st.data())
@pytest.mark.parametrize("name", sorted(PARALLEL.keys() - {"threefold"}))
def test_a_table_of_architectures_that_no_search_answers_with(
    name: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
):
    some = data.draw(st.lists(genotypes(PARALLEL[name], derivable=False), min_size=1, max_size=5, unique=True))
    others = data.draw(st.lists(genotypes(PARALLEL[name]), max_size=3))
    table = table_of(Population.of(name, some))
    path = tmp_path_factory.mktemp("npz") / "table.npz"
    table.save(path)
    again = AccuracyTable.load(path)
    assert again.population.genotypes() == some
    numbers = dict(zip(some, table.of("acc").tolist(), strict=True))
    asked = [*others, *reversed(some)]
    expected = [numbers.get(genotype, np.nan) for genotype in asked]
    np.testing.assert_array_equal(again.lookup(Population.of(name, asked), "acc"), expected)


@given(at=st.floats(0, 1, exclude_max=True), flip=st.integers(0, 255))
def test_a_damaged_table_is_an_error_and_never_other_numbers(at, flip, tmp_path_factory):
    folder = tmp_path_factory.mktemp("damaged")
    table = table_of(Population.sample("nas-bench-201", 5, 0))
    table.save(folder / "t.npz")
    content = bytearray((folder / "t.npz").read_bytes())
    place = int(at * len(content))
    content[place] ^= flip
    (folder / "t.npz").write_bytes(content if flip else content[:place])
    try:
        again = AccuracyTable.load(folder / "t.npz")
    except ValueError:
        event("an error")
    else:
        event("no harm done")
        np.testing.assert_array_equal(again.values, table.values)
        np.testing.assert_array_equal(again.population.operations, table.population.operations)
        assert (again.columns, again.report) == (table.columns, table.report)


def _npz(path: Path, **changed: object) -> Path:
    table = table_of(Population.sample("nas-bench-201", 3, 0))
    table.save(path)
    with np.load(path, allow_pickle=False) as arrays:
        parts = dict(arrays)
    about = json.loads(parts["about"].tobytes()) | changed.pop("about", {})
    np.savez(path, **(parts | {"about": np.frombuffer(json.dumps(about).encode(), np.uint8)} | changed))
    return path


@pytest.mark.parametrize(
    "changed",
    [
        {"operations": np.full((1, 3, 6), 5, dtype=np.int8)},
        {"operations": np.full((1, 3, 6), -2, dtype=np.int8)},
        {"operations": np.zeros((1, 3, 5), dtype=np.int8)},
        {"operations": np.zeros((1, 4, 6), dtype=np.int8)},
        {"operations": np.zeros((1, 3, 6))},
        {"values": np.zeros((2, 3), dtype=np.float32)},
        {"values": np.array([object()])},
        {"about": {"space": "other"}},
        {"about": {"schema": "freenas/accuracy-table@0"}},
        {"about": {"columns": [{"name": "acc", "accuracy": True, "split": "dev"}] * 2}},
        {"about": {"columns": [{"name": "acc", "accuracy": True}] * 2}},
        {"about": {"report": {}}},
    ],
)
def test_an_npz_of_something_else_is_an_error(changed: dict, tmp_path: Path):
    AccuracyTable.load(_npz(tmp_path / "good.npz"))
    with pytest.raises(ValueError, match=r"bad\.npz is damaged or no table of this program"):
        AccuracyTable.load(_npz(tmp_path / "bad.npz", **changed))


def test_the_report_is_told_in_sentences():
    lines = table_of(Population.sample("darts", 2, 0)).report.sentences
    assert lines == [
        "Rows read: 7.",
        "Rows left out, not of this space: 2 (row 3: x; row 4: y).",
        "Rows that repeat an architecture with the same numbers: 1.",
        "Numbers missing in column 'acc': 3.",
        "Column 'runs' ignored: it holds text.",
        "A note.",
    ]
