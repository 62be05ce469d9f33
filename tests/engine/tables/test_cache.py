import json
from pathlib import Path

import numpy as np
import pytest

from engine.genotypes.population import Population
from engine.spaces import OwnSpace, load_space
from engine.tables import AccuracyTable, find_tables, load_table, read_table
from engine.tables import cache as cache_module
from tests.engine.documents import NAS_BENCH_201
from tests.engine.tables.files import write_csv


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
    path, cache = write_csv(tmp_path / "t.csv"), tmp_path / "cache"
    first, second = load_table(path, cache=cache), load_table(path, cache=cache)
    assert (counted, second.columns, second.report) == ([path], first.columns, first.report)
    np.testing.assert_array_equal(second.values, [[90.5, 91.25]])
    load_table(path, space="nas-bench-201", cache=cache)
    assert len(counted) == 2
    assert load_table(write_csv(path, 80), cache=cache).values[0, 0] == 80  # other content
    assert load_table(write_csv(tmp_path / "test-cifar10.csv"), cache=cache).columns[0].split == "test"  # another name
    path.with_name("t.csv.json").write_text('{"columns": {"acc": {"epochs": 12}}}')
    assert load_table(path, cache=cache).columns[0].epochs == 12
    assert len(counted) == 5


def test_a_damaged_cache_is_parsed_again(tmp_path: Path, counted: list[Path]):
    path, cache = write_csv(tmp_path / "t.csv"), tmp_path / "cache"
    load_table(path, cache=cache)
    (entry,) = cache.iterdir()
    entry.write_bytes(b"\x80\x04garbage")
    assert len(load_table(path, cache=cache).population) == 2
    load_table(path, cache=cache)
    assert len(counted) == 2


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path):
    (tmp_path / "file").write_text("")
    assert load_table(write_csv(tmp_path / "t.csv"), cache=tmp_path / "file").values.shape == (1, 2)


def test_the_cache_is_bounded_and_where_the_user_wants_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FREENAS_CACHE", str(tmp_path / "here"))
    monkeypatch.setattr(cache_module, "_MAX_ENTRIES", 2)
    for accuracy in (50, 60, 70, 80):
        load_table(write_csv(tmp_path / "t.csv", accuracy))
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
