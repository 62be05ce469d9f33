"""Tables keyed by bare indices of NAS-Bench-201: read where name, range and count say so, else told the form."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import parse_genotype
from engine.tables.indices import names_index
from tests.engine.tables.files import read

NAMED = ["arch_index", "ArchIndex", "cell idx", "nb201_index", "nas-bench-201 index", "NATS-Bench index", "model_idx"]
INDICES = st.lists(st.integers(0, 15_624), min_size=1, max_size=20, unique=True)


def accuracy(index: int) -> float:
    return 50 + index % 97 / 2


@pytest.mark.parametrize("name", NAMED)
@given(indices=INDICES, delimiter=st.sampled_from(",;\t"), as_float=st.booleans(), last=st.booleans())
def test_a_column_that_is_called_so_is_read(name, indices, delimiter, as_float, last, tmp_path_factory):
    rows = [(f"{index}{'.0' * as_float}", str(accuracy(index))) for index in indices]
    order = slice(None, None, -1 if last else 1)
    lines = [delimiter.join(row[order]) for row in [(name, "test_acc"), *rows]]
    table = read(tmp_path_factory.mktemp("indices"), "\n".join(lines))
    assert table.population.genotypes() == [parse_genotype(f"nas-bench-201#{index}") for index in indices]
    assert table.of("test_acc").tolist() == [accuracy(index) for index in indices]
    assert f"Column {name!r} was read as indices of NAS-Bench-201, 0 to 15,624." in table.report.notes


def test_indices_as_json_are_read(tmp_path: Path):
    records = [{"index": index, "test_acc": accuracy(index)} for index in (5, 1462, 3)]
    table = read(tmp_path, json.dumps(records), "t.json")
    assert table.population.genotype(1) == parse_genotype("nas-bench-201#1462")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["number", "id", "index"])
def test_all_indices_are_read_whatever_they_are_called(name: str, tmp_path: Path):
    table = read(tmp_path, "\n".join([f"{name},acc", *(f"{index},{accuracy(index)}" for index in range(15_625))]))
    assert len(table.population) == 15_625
    assert table.population.genotype(9930) == parse_genotype("nas-bench-201#9930")


@pytest.mark.parametrize(
    "text",
    [
        "index,acc\n" + "".join(f"{row},9{row}.5\n" for row in range(5)),
        "index,acc\n" + "".join(f"{row + 1},9{row}.5\n" for row in range(5)),
        "id,acc\n7,91.5\n3,92.5\n",
        "arch_index,acc\n7,91.5\n15625,92.5\n",
        "arch_index,acc\n-1,91.5\n1,92.5\n",
        "number,acc\n" + "".join(f"{row},91.5\n" for row in range(1, 15_625)),
    ],
    ids=["count from 0", "count from 1", "any id", "beyond the range", "negative", "one fewer than all"],
)
def test_numbers_that_may_be_anything_are_told_the_form(text: str, tmp_path: Path):
    with pytest.raises(ValueError, match="no column holds genotypes in the first 200 rows"):
        read(tmp_path, text)


@pytest.mark.parametrize("name", ["acc", "id", "reindex", "index error", "seed index", "", "indices"])
def test_other_names_are_none_of_indices(name: str):
    assert not names_index(name)
