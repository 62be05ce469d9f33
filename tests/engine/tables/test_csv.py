import csv
import io
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.genotypes.population import Population
from tests.engine.strategies import named_by_their_text
from tests.engine.tables.files import GOOD, A, B, C, read


@pytest.mark.slow
@given(
    rows=st.lists(
        st.tuples(named_by_their_text, st.none() | st.floats(2, 100), st.floats(allow_nan=False, allow_infinity=False)),
        min_size=1,
        unique_by=lambda row: row[0],
    ),
    delimiter=st.sampled_from(",;\t"),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    mark=st.sampled_from(["", "\ufeff"]),
    blank=st.integers(0, 3),
    as_json=st.booleans(),
    order=st.permutations(["genotype", "cifar10 test accuracy 200 epochs", "score"]),
)
def test_what_was_written_is_read(rows, delimiter, end, quoting, mark, blank, as_json, order, tmp_path_factory):
    space = rows[0][0].space
    file = io.StringIO()
    writer = csv.DictWriter(file, order, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writeheader()
    for genotype, accuracy, score in rows:
        text = genotype.to_json() if as_json else genotype.notation
        writer.writerow(dict(zip(sorted(order, reverse=True), (score, text, accuracy), strict=True)))
    table = read(tmp_path_factory.mktemp("csv"), mark + file.getvalue() + blank * end)
    mine = [row for row in rows if row[0].space == space]
    assert table.population.genotypes() == [row[0] for row in mine]
    np.testing.assert_array_equal(table.of("score"), [row[2] for row in mine])
    assert (table.report.rows, table.report.foreign) == (len(rows), len(rows) - len(mine))
    assert table.column("score").description == "score"
    accuracies = [math.nan if row[1] is None else row[1] for row in mine]
    if all(map(math.isnan, accuracies)):
        assert [name for name, _ in table.report.ignored] == ["cifar10 test accuracy 200 epochs"]
        return
    (column,) = table.accuracies()
    assert column.description == "CIFAR-10 test accuracy (%), 200 epochs"
    np.testing.assert_array_equal(table.of(column.name), accuracies)
    assert dict(table.report.empty).get(column.name, 0) == sum(map(math.isnan, accuracies))


CASES = [
    ("", "no rows; a header and a row for each architecture are expected"),
    ("\n\n\r\n", "no rows"),
    ("arch,acc\n", "no rows"),
    ("arch,acc", "no rows"),
    ("hello", "no rows"),
    ("a,b\n1,2\n", "no column holds genotypes in the first 200 rows, the first of which begins with '1'"),
    ("id,acc\n1462,93.8\n", "an index of NAS-Bench-201 is written nas-bench-201#1462"),
    ("a,b\n1,2\n", "a genotype begins with '|' (NAS-Bench-201), "),
    (f"{A},10\n{B},20\n", "row 1 holds a genotype; a header with the names of the columns is expected"),
    (f"arch\n{A}\n", "no column of numbers beside the architectures"),
    (f"arch,runs\n{A},10;10\n", "no column of numbers; column 'runs': it holds text such as '10;10'"),
    (f"arch,acc\n{A},\n", "column 'acc': it is empty in the first 1 rows"),
    (f"arch,acc,acc\n{A},1,2\n", "column 'acc': several columns have this name"),
    (f"arch,{'x' * 201}\n{A},1\n", "it cannot name a column; a text of at most 200 printable letters can"),
    (f"arch,acc\n{A},10\n{B}\n", "row 3: 1 found where the header has 2 fields"),
    (f"arch,acc\n{A},10\n\n{B},20,30\n", "row 4: 3 found where the header has 2 fields"),
    (f"arch,acc\n{A},10\n{B},20\n{C},ten\n", "column 'acc': row 4: 'ten' found; a finite number, or nothing"),
    (f"arch,acc\n{A},10\n{B},20\n{C},1_0\n", "column 'acc': row 4: '1_0' found"),
    (f"arch,acc\n{A},nan\n", "column 'acc': it is empty in the first 1 rows"),
    (f"arch,score\n{A},1\n{B},2\n{C},-Infinity\n", "column 'score': row 4: '-Infinity' found"),
    (f"arch,score\n{A},1\n{B},2\n{C},1e999\n", "column 'score': row 4: '1e999' found"),
    (f"arch,acc\n{A},10\n{B},-3\n", "column 'acc': row 3: -3 found; an accuracy lies between 0 and 100 %"),
    (f"arch,acc\n{A},10\n{B},934\n", "column 'acc': row 3: 934 found; an accuracy lies between 0 and 100 %"),
    (f"arch,acc\n{A},93\n{B},0.92\n{C},91\n", "column 'acc': row 3: 0.92 found; it stands among per cents"),
    (f"arch,acc\n{A},0.93\n{B},92\n{C},0.91\n", "column 'acc': row 3: 92 found; it stands among fractions"),
    (f"arch,cifar10 acc\n{A},10\n{B},0.95\n{C},20\n", "column 'cifar10 acc': row 3: 0.95 found"),
    (f"arch,ImageNet16-120 acc\n{A},40\n{B},0.31\n{C},20\n", "row 3: 0.31 found; it stands among per cents"),
    (
        f"arch,acc\n{A},10\n{B},20\n{A},11\n",
        "column 'acc': row 2 and row 4 are the same architecture, but it has 10 and 11; one row an architecture",
    ),
    (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, "^the text is not UTF-8"),
    (b"\x81arch,acc\n", "^the text is not UTF-8; a table is saved as CSV in UTF-8"),
    (GOOD.encode() + b"\xff\xfe\n", "row 5: 1 found where the header has 2 fields"),
    (f"results of may\n{A},10\n", "row 2 has 2 fields, the first with a genotype, and no row above it names as many"),
    (GOOD + f"{A}\0,1\n", "line 5 holds a NUL character; this is no text file"),
    (b"\0" * 1000, "line 1 holds a NUL character"),
    (GOOD + '"' + "x" * 200_000 + "\n" + GOOD, "row 5 cannot be read: field larger than field limit"),
    ("arch" + ",c" * 1000 + f"\n{A}" + ",1" * 1000 + "\n", "the header names 1,001 columns; at most 1,000 are read"),
    ("arch" + ",c" * 999_000, "line 1 has more than 1,000,000 characters; this is no table"),
]


@pytest.mark.parametrize(("content", "message"), CASES, ids=[message[:50] for _, message in CASES])
def test_a_wrong_file_ends_in_a_sentence(content: str | bytes, message: str, tmp_path: Path):
    with pytest.raises(ValueError, match=message) as caught:
        read(tmp_path, content)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize(
    "content",
    [
        b"x" * 50_000_000,
        b"arch," * 10_000_000,
        b'"' * 50_000_001,
        b"\n" * 50_000_000,
        b"1,2\n" * 12_500_000,
        f"arch,acc\n{A},1\n".encode() + b"{" * 50_000_000,
        f"arch,acc\n{A},1\n".encode() + f'"{"[" * 100_000}",1\n'.encode() * 400 + b"x",
    ],
    ids=["a line", "columns", "quotes", "blanks", "another table", "a brace", "nested"],
)
@pytest.mark.timeout(120)
def test_fifty_megabytes_of_nonsense_come_to_an_end(content: bytes, tmp_path: Path):
    with pytest.raises(ValueError, match=r"."):
        read(tmp_path, content)


def test_columns_that_are_not_numbers_are_told(tmp_path: Path):
    table = read(tmp_path, f",arch,acc,note,other,void\n0,{A},10,x,{B},\n1,{B},20,3,{A},\n", name="cifar10.csv")
    assert [column.name for column in table.columns] == ["acc"]
    assert dict(table.report.ignored) == {
        "column 1": "it has no name",
        "note": "it holds text such as 'x'",
        "other": f"it holds text such as '{B}'",
        "void": "it is empty in the first 2 rows",
    }


def test_a_column_of_few_genotypes_is_not_taken_for_that_of_all(tmp_path: Path):
    table = read(tmp_path, f"parent,arch,acc\n,{A},10\n{A},{B},20\n{A},{C},30\n")
    assert [genotype.notation for genotype in table.population.genotypes()] == [A, B, C]


@pytest.mark.slow
def test_sixteen_thousand_rows_are_read_at_once(tmp_path: Path):
    population = Population.whole("nas-bench-201")
    lines = [f"{genotype.notation},{row / 160}\n" for row, genotype in enumerate(population.genotypes())]
    table = read(tmp_path, "arch,score\n" + "".join(lines))
    np.testing.assert_array_equal(table.population.operations, population.operations)
    np.testing.assert_array_equal(table.lookup(population, "score"), np.arange(15_625) / 160)


@pytest.mark.parametrize(
    ("name", "bound", "message"),
    [
        ("MAX_ROWS", 2, "more than 2 rows; so many are read"),
        ("MAX_FIELDS", 7, "more than 7 fields; so many are read"),
        ("_WIDEST", 1, "row 1 has 2 fields; at most 1,000 are read"),
    ],
)
def test_a_table_that_is_too_large_is_refused_before_its_numbers_are_read(
    name: str, bound: int, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(f"engine.tables.csv.{name}", bound)
    monkeypatch.setattr("engine.tables.csv.read_sheet", None)
    with pytest.raises(ValueError, match=message):
        read(tmp_path, GOOD)


UNITS = [",%,s", "-,[%],[s]", "[-],[%],[ms]", "(str),(float),(int)", "none,percent,seconds", '"",%,h']


@pytest.mark.parametrize("units", UNITS)
@pytest.mark.parametrize("above", ["", "my table of accuracies,,\n"], ids=["header first", "below a title"])
def test_a_row_of_units_below_the_header_is_skipped(units: str, above: str, tmp_path: Path):
    table = read(tmp_path, f"{above}arch,test_acc,time\n{units}\n{A},90.5,1\n{B},91.5,2\n")
    assert [column.name for column in table.columns] == ["test_acc", "time"]
    assert table.of("test_acc").tolist() == [90.5, 91.5]
    assert (table.report.rows, table.report.foreign) == (2, 0)
    row = 3 if above else 2
    assert any(note.startswith(f"Skipped below the header: row {row} of units, ") for note in table.report.notes)


def test_names_that_are_units_are_names_where_no_others_are_there(tmp_path: Path):
    table = read(tmp_path, f"arch,%,s\n{A},90.5,1\n{B},91.5,2\n")
    assert [column.name for column in table.columns] == ["%", "s"]
