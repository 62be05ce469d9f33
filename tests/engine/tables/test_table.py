import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from engine.genotypes.population import Population
from engine.spaces import OwnSpace, load_space
from engine.tables import AccuracyTable, Column, Report, find_tables, load_table, read_table
from engine.tables import cache as cache_module
from engine.tables.metadata import guess_column
from tests.engine.documents import NAS_BENCH_201
from tests.engine.strategies import genotypes

FULL = Column("acc", True, "CIFAR-10", "test", 200)


def table_of(population: Population, *columns: Column) -> AccuracyTable:
    columns = columns or (FULL, Column("params", False))
    values = np.random.default_rng(0).uniform(2, 100, size=(len(columns), len(population)))
    report = Report(7, 2, ("row 3: x", "row 4: y"), 1, (("acc", 3),), (("runs", "it holds text"),), ("A note.",))
    return AccuracyTable("some.csv", population, columns, values, report)


@pytest.mark.parametrize(
    ("column", "said", "complete"),
    [
        (FULL, "CIFAR-10 test accuracy (%), 200 epochs", True),
        (replace(FULL, epochs=1), "CIFAR-10 test accuracy (%), 1 epoch", True),
        (replace(FULL, epochs=None), "CIFAR-10 test accuracy (%), epochs not known", False),
        (replace(FULL, dataset=None), "Test accuracy (%), dataset not known, 200 epochs", False),
        (Column("a", True), "Accuracy (%), dataset not known, split not known, epochs not known", False),
        (
            Column("a", True, "CIFAR-10", "validation", 100, surrogate=True),
            "CIFAR-10 validation accuracy (%), 100 epochs, predicted by a surrogate",
            True,
        ),
        (Column("macs (M)", False), "macs (M)", True),
    ],
)
def test_a_column_says_what_it_is(column: Column, said: str, complete: bool):
    assert (column.description, column.complete) == (said, complete)


@pytest.mark.parametrize(
    ("name", "file", "expected"),
    [
        ("test_accuracy", "nas-bench-201-cifar10-200ep.csv", (True, "CIFAR-10", "test", 200)),
        ("cifar100_valid_acc", "x.csv", (True, "CIFAR-100", "validation", None)),
        ("cifar100 val acc 12 epochs", "cifar10_e200.csv", (True, "CIFAR-100", "validation", 12)),
        ("ImageNet16-120-x-valid", "hp200.csv", (True, "ImageNet16-120", "validation", 200)),
        ("testacc", "CIFAR-10_12epochs.csv", (True, "CIFAR-10", "test", 12)),
        ("cifar10-valid ori-test accuracy", "t.csv", (True, "CIFAR-10", "test", None)),
        ("cifar10-valid acc", "t.csv", (True, "CIFAR-10", "validation", None)),
        ("acc", "cifar10-and-cifar100-test-12ep-200ep.csv", (True, None, "test", None)),
        ("train_acc1es", "t.csv", (True, None, "train", None)),
        ("top-1", "imagenet.csv", (True, "ImageNet", None, None)),
        ("Accuracy (%)", "t.csv", (True, None, None, None)),
        ("test", "t.csv", (True, None, "test", None)),
        ("cifar10", "t.csv", (True, "CIFAR-10", None, None)),
        ("maccs", "t.csv", (False, None, None, None)),
        ("acceleration", "t.csv", (False, None, None, None)),
        ("test_loss", "cifar10.csv", (False, "CIFAR-10", None, None)),
        ("test_acc_std", "t.csv", (False, None, None, None)),
        ("value", "t.csv", (False, None, None, None)),
        ("latest", "t.csv", (False, None, None, None)),
        ("cifar10_synflow", "t.csv", (False, "CIFAR-10", None, None)),
        ("valuable_acc", "nas-bench-201.csv", (True, None, None, None)),
    ],
)
def test_names_say_dataset_split_and_epochs(name: str, file: str, expected: tuple):
    column = guess_column(name, file)
    assert (column.accuracy, column.dataset, column.split, column.epochs) == expected
    assert column.name == name


def test_a_surrogate_is_said_to_be_one():
    assert guess_column("surrogate_val_accuracy", "darts.csv").surrogate
    assert guess_column("acc", "nb301-surrogate.csv").surrogate
    assert not guess_column("val_accuracy", "darts.csv").surrogate


def test_columns_are_found_and_described():
    table = table_of(Population.sample("darts", 4, 0), Column("acc", True), Column("params", False))
    assert table.accuracies() == (table.column("acc"),)
    assert np.array_equal(table.of("params"), table.values[1])
    known = table.annotated("acc", dataset="my data", split="validation", epochs=50)
    assert known.column("acc") == Column("acc", True, "my data", "validation", 50)
    assert known.annotated("acc", epochs=12).column("acc").description == "my data validation accuracy (%), 12 epochs"
    assert known.column("params") == table.column("params")
    assert np.array_equal(known.values, table.values)
    assert not table.column("acc").complete


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


CELL = "|none~0|+|none~0|none~1|+|none~0|none~1|{}~2|"


def _csv(path: Path, accuracy: float = 90.5) -> Path:
    path.write_text(f"arch,acc\n{CELL.format('none')},{accuracy}\n{CELL.format('skip_connect')},91.25\n")
    return path


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that were parsed and not found in the cache."""
    parsed = []

    def read(path: Path, **options: object) -> AccuracyTable:
        parsed.append(path)
        return read_table(path, **options)

    monkeypatch.setattr(cache_module, "read_table", read)
    return parsed


def test_a_table_is_parsed_once(tmp_path: Path, counted: list[Path]):
    path, cache = _csv(tmp_path / "t.csv"), tmp_path / "cache"
    first, second = load_table(path, cache=cache), load_table(path, cache=cache)
    assert (counted, second.columns, second.report) == ([path], first.columns, first.report)
    np.testing.assert_array_equal(second.values, [[90.5, 91.25]])
    load_table(path, space="nas-bench-201", cache=cache)
    assert len(counted) == 2
    assert load_table(_csv(path, 80), cache=cache).values[0, 0] == 80  # other content
    assert load_table(_csv(tmp_path / "test-cifar10.csv"), cache=cache).columns[0].split == "test"  # another name
    path.with_name("t.csv.json").write_text('{"columns": {"acc": {"epochs": 12}}}')
    assert load_table(path, cache=cache).columns[0].epochs == 12
    assert len(counted) == 5


def test_a_damaged_cache_is_parsed_again(tmp_path: Path, counted: list[Path]):
    path, cache = _csv(tmp_path / "t.csv"), tmp_path / "cache"
    load_table(path, cache=cache)
    (entry,) = cache.iterdir()
    entry.write_bytes(b"\x80\x04garbage")
    assert len(load_table(path, cache=cache).population) == 2
    load_table(path, cache=cache)
    assert len(counted) == 2


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path):
    (tmp_path / "file").write_text("")
    assert load_table(_csv(tmp_path / "t.csv"), cache=tmp_path / "file").values.shape == (1, 2)


def test_the_cache_is_bounded_and_where_the_user_wants_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FREENAS_CACHE", str(tmp_path / "here"))
    monkeypatch.setattr(cache_module, "_MAX_ENTRIES", 2)
    for accuracy in (50, 60, 70, 80):
        load_table(_csv(tmp_path / "t.csv", accuracy))
    assert len(list((tmp_path / "here" / "tables").iterdir())) == 2


def test_a_folder_offers_its_tables(tmp_path: Path):
    for name in ("b.csv", "a.tsv", "b.csv.json", "zc.json", "c.pth", "d.pickle.pbz2", "README.md", "x.pkl", ".e.csv"):
        (tmp_path / name).write_text("")
    (tmp_path / "NATS-tss-v1_0-3ffb9-simple").mkdir()
    (tmp_path / "other").mkdir()
    names = ["NATS-tss-v1_0-3ffb9-simple", "a.tsv", "b.csv", "c.pth", "d.pickle.pbz2", "zc.json"]
    assert [path.name for path in find_tables(tmp_path)] == names
    with pytest.raises(ValueError, match="nowhere' is no folder"):
        find_tables(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"columns": {"acc": {"split": "dev"}}}', r"t\.csv\.json: columns\.acc\.split: .*'dev' given"),
        ('{"columns": {"acc": {"epochs": "12"}}}', r"columns\.acc\.epochs: .*'12' given"),
        ('{"columns": {"acc": {"epochs": -1}}}', r"t\.csv\.json: column 'acc': -1 epochs"),
        ('{"columns": {"other": {}}}', r"t\.csv\.json: unknown column 'other'; allowed: acc"),
        ('{"columns": {"acc": {"kind": "x"}}}', "kind"),
        ("[]", r"t\.csv\.json: "),
        ("{", r"t\.csv\.json: "),
        ("{" + " " * 1_000_000 + "}", r"t\.csv\.json says too much"),
    ],
)
def test_a_wrong_sidecar_is_an_error(text: str, message: str, tmp_path: Path):
    path = _csv(tmp_path / "t.csv")
    path.with_name("t.csv.json").write_text(text)
    with pytest.raises(ValueError, match=message):
        read_table(path)


def test_a_sidecar_says_what_the_file_does_not(tmp_path: Path):
    path = _csv(tmp_path / "t-12ep.csv")
    said = {"columns": {"acc": {"dataset": "my own data", "split": "validation"}}}
    path.with_name("t-12ep.csv.json").write_text(json.dumps(said))
    assert read_table(path).columns == (Column("acc", True, "my own data", "validation", 12),)


@pytest.mark.parametrize("described", ["robust-darts-s4", load_space(json.dumps(NAS_BENCH_201))], ids=str)
def test_a_table_is_read_in_the_notation_of_a_space_that_is_given(tmp_path: Path, described: str | OwnSpace):
    """Texts that mean another space, or none, without it; the table that is kept knows its space."""
    drawn = Population.sample(described, 5, 2)
    path = tmp_path / "cifar10_test_acc_200ep.csv"
    rows = [f'"{each.notation}",{80 + row}\n' for row, each in enumerate(drawn.genotypes())]
    path.write_text("".join(["arch,acc\n", *rows]))
    for _ in range(2):  # read, and from what was kept
        table = load_table(path, space=described, cache=tmp_path / "kept")
        assert table.population.space == drawn.space
        np.testing.assert_array_equal(table.lookup(drawn, "acc"), [80, 81, 82, 83, 84])
    if described == "robust-darts-s4":
        with pytest.raises(ValueError, match="no column holds genotypes"):
            load_table(path, cache=tmp_path / "kept")
