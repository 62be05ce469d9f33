"""Tables of rows in every dress that spreadsheets and scripts give them, against the table that was meant."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import itertools
import json
import math
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.genotypes.population import Population
from engine.tables import AccuracyTable, read_table
from engine.tables.rows import parse_number
from tests.engine.tables.files import A, B, C, read

MISSING = ["", "nan", "NaN", "NA", "N/A", "#N/A", "n.a.", "None", "NULL", "null", "-", "--", "–", "?", " "]
TITLES = {
    "nothing": "",
    "a title": "Results of the first run\n",
    "a comment": "# made in May; by me, and others\n",
    "a title and a blank": "Accuracies\n\n",
    "two comments": "# one\n# two, with\ta sign;\n",
}
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "cp1252"]


@dataclass(frozen=True)
class Meant:
    """The table that a file is meant to hold: architectures, and their accuracies, None where there is none."""

    population: Population
    texts: tuple[str, ...]
    accuracies: tuple[float | None, ...]

    def check(self, table: AccuracyTable, name: str = "prüf acc") -> None:
        assert table.population.genotypes() == self.population.genotypes()
        expected = [math.nan if value is None else value for value in self.accuracies]
        np.testing.assert_array_equal(table.of(name), expected)
        assert dict(table.report.empty).get(name, 0) == self.accuracies.count(None)


@st.composite
def meant(draw: st.DrawFn, spaces: tuple[str, ...] = ("nas-bench-201", "darts", "nas-bench-macro")) -> Meant:
    population = Population.sample(draw(st.sampled_from(spaces)), draw(st.integers(2, 6)), draw(st.integers(0, 99)))
    population = population.distinct()
    hundredths = st.integers(150, 9999).map(lambda number: number / 100)
    numbers = [draw(hundredths), *(draw(st.none() | hundredths) for _ in range(len(population) - 1))]
    return Meant(population, tuple(each.notation for each in population.genotypes()), tuple(numbers))


def rows_of(table: Meant, missing: str, *, comma: bool) -> list[list[str]]:
    numbers = [missing if number is None else str(number) for number in table.accuracies]
    return [
        [text, number.replace(".", ",") if comma else number] for text, number in zip(table.texts, numbers, strict=True)
    ]


def written(header: list[str], rows: list[list[str]], delimiter: str, quoting: int = csv.QUOTE_MINIMAL) -> str:
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter, lineterminator="\n", quoting=quoting).writerows([header, *rows])
    return file.getvalue()


@given(
    table=meant(),
    delimiter=st.sampled_from(",;\t"),
    comma=st.booleans(),
    missing=st.sampled_from(MISSING),
    title=st.sampled_from(list(TITLES.values())),
    named=st.booleans(),
    encoding=st.sampled_from(ENCODINGS),
    packing=st.sampled_from(["", ".gz", ".bz2", ".zip"]),
    ending=st.sampled_from(["", "\n", "# the end\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_delimited_text_is_read_in_any_dress(
    table, delimiter, comma, missing, title, named, encoding, packing, ending, quoting, tmp_path_factory
):
    if encoding == "cp1252" and missing in ("–",):
        missing = "-"
    text = written(["arch", "prüf acc"], rows_of(table, missing, comma=comma), delimiter, quoting)
    text = f"sep={delimiter}\n" * named + title * (not named) + text + ending
    table.check(read_table(packed(tmp_path_factory.mktemp("dress") / "t.csv", text.encode(encoding), packing)))


def packed(path: Path, content: bytes, packing: str) -> Path:
    target = path.with_name(path.name + packing)
    match packing:
        case ".zip":
            target = path.with_suffix(".zip")
            with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr(path.name, content)
                archive.writestr(f"__MACOSX/._{path.name}", b"\0")
        case ".gz":
            target.write_bytes(gzip.compress(content))
        case ".bz2":
            target.write_bytes(bz2.compress(content))
        case _:
            target.write_bytes(content)
    return target


RECORDS = {
    "records": {"orient": "records"},
    "lines": {"orient": "records", "lines": True},
    "columns": {"orient": "columns"},
    "index": {"orient": "index"},
    "split": {"orient": "split"},
    "table": {"orient": "table"},
}


@given(table=meant(), layout=st.sampled_from([*RECORDS, "lists", "rows"]), packing=st.sampled_from(["", ".gz", ".zip"]))
def test_json_of_pandas_is_read_in_every_layout(table, layout, packing, tmp_path_factory):
    frame = pd.DataFrame({"arch": table.texts, "prüf acc": table.accuracies})
    if layout == "lists":
        text = json.dumps({"arch": table.texts, "prüf acc": table.accuracies})
    elif layout == "rows":
        text = json.dumps([["arch", "prüf acc"], *zip(table.texts, table.accuracies, strict=True)])
    else:
        text = frame.to_json(**RECORDS[layout], double_precision=15)
    table.check(read_table(packed(tmp_path_factory.mktemp("json") / "t.json", text.encode(), packing)))


@given(table=meant(), packing=st.sampled_from(["", ".gz"]), index=st.booleans(), group=st.sampled_from([1, 3, 100]))
def test_parquet_of_pandas_is_read(table, packing, index, group, tmp_path_factory):
    frame = pd.DataFrame({"arch": table.texts, "prüf acc": pd.array(table.accuracies, dtype="float64")})
    frame = frame.set_index("arch") if index else frame
    content = frame.to_parquet(None, row_group_size=group)
    table.check(read_table(packed(tmp_path_factory.mktemp("parquet") / "t.parquet", content, packing)))


@given(
    table=meant(("nas-bench-macro",)), form=st.sampled_from(["{}", "{}.0", " {} "]), name=st.sampled_from(["arch", "x"])
)
def test_zeros_that_a_spreadsheet_lost_are_restored_and_said(table, form, name, tmp_path_factory):
    short = [text.lstrip("0") or "0" for text in table.texts]
    if name == "x" and max(map(len, short)) < 8:
        return
    lines = [
        f"{form.format(text)},{'' if value is None else value}"
        for text, value in zip(short, table.accuracies, strict=True)
    ]
    found = read(tmp_path_factory.mktemp("zeros"), "\n".join([f"{name},prüf acc", *lines]))
    table.check(found)
    lost = any(text != whole for text, whole in zip(short, table.texts, strict=True))
    assert any("zeros" in note for note in found.report.notes) == (lost or form == "{}.0")


@settings(max_examples=30)
@given(table=meant(), days=st.permutations(list(range(20200101, 20200113))), first=st.booleans(), iso=st.booleans())
def test_a_column_of_dates_is_none_of_genotypes(table, days, first, iso, tmp_path_factory):
    dates = [f"{day}"[:4] + "-" + f"{day}"[4:6] + "-" + f"{day}"[6:] if iso else str(day) for day in days]
    if table.population.space.name == "nas-bench-macro":
        return
    rows = [[date, *row] if first else [*row, date] for date, row in zip(dates, rows_of(table, "", comma=False))]  # noqa: B905
    header = ["date", "arch", "prüf acc"] if first else ["arch", "prüf acc", "date"]
    table.check(read(tmp_path_factory.mktemp("dates"), written(header, rows, ",")))


def test_eight_digits_that_are_no_operations_are_no_networks(tmp_path: Path):
    for digits in (["20200101", "20200103"], ["1", "0"], ["01220213", "01220211"]):
        with pytest.raises(ValueError, match="no column holds genotypes"):
            read(tmp_path, "day,acc\n" + "".join(f"{each},90\n" for each in digits))


@given(
    table=meant(("nas-bench-macro",)),
    day=st.sampled_from(["20210112", "20220101", "12012020"]),
    name=st.sampled_from(["arch", "x"]),
    first=st.booleans(),
)
def test_dates_with_the_digits_of_networks_are_none_beside_networks(table, day, name, first, tmp_path_factory):
    rows = [[day, *row] if first else [*row, day] for row in rows_of(table, "", comma=False)]
    header = ["date", name, "prüf acc"] if first else [name, "prüf acc", "date"]
    table.check(read(tmp_path_factory.mktemp("days"), written(header, rows, ",")))


NUMBERS = st.decimals(-(10**6), 10**6, allow_nan=False, places=2)


@given(number=NUMBERS, comma=st.booleans(), thousands=st.booleans(), percent=st.sampled_from(["", "%", " %"]))
def test_a_number_is_read_in_both_ways_to_write_it(number, comma, thousands, percent):
    text = f"{number:,}" if thousands else f"{number}"
    text = text.translate(str.maketrans(",.", ".,")) if comma else text
    assert parse_number(text + percent, comma=comma) == float(number)


@pytest.mark.parametrize(
    "text",
    [
        "1_0",
        "x",
        "inf",
        "-Infinity",
        "1e999",
        "٣",
        "1,2,3",
        "1.2.3",
        "12,34.5",
        "0x10",
        "9 3",
        "1 23",
        "1234 567",
        "1' 234",
    ],
)
def test_other_texts_are_no_numbers(text: str):
    for comma in (False, True):
        with pytest.raises(ValueError, match=r"is no number|could not convert"):
            parse_number(text, comma=comma)


@pytest.mark.parametrize("text", MISSING)
def test_words_for_nothing_are_missing_numbers(text: str):
    assert math.isnan(parse_number(text))


DECIMALS = [
    (";", ["91,325", "88,100", "90,004"], [91.325, 88.1, 90.004]),  # may be thousands, but a semicolon parts
    ("\t", ["91,325", "88,100", "90,004"], [91.325, 88.1, 90.004]),
    (";", ["1.234,5", "1.000,25", "17"], [1234.5, 1000.25, 17]),
    (";", ["1,234.5", "1,000.25", "17"], [1234.5, 1000.25, 17]),
    (",", ["1,234", "2,345", "17"], [1234, 2345, 17]),
    (",", ["91,3", "88,1", "17"], [91.3, 88.1, 17]),
    (";", ["1.234.567", "17", "2.000.000"], [1234567, 17, 2000000]),
    (";", ["0.125", "0.5", "17"], [0.125, 0.5, 17]),
    (";", ["1\u202f234,5", "1\u00a0000,25", "17"], [1234.5, 1000.25, 17]),
    (";", ["1 234", "17 345 678", "17"], [1234, 17345678, 17]),
    (";", ["1'234.5", "1\u2019000", "17"], [1234.5, 1000, 17]),
]


@pytest.mark.parametrize(("delimiter", "texts", "expected"), DECIMALS)
def test_the_sign_before_decimals_is_that_of_the_whole_column(delimiter, texts, expected, tmp_path: Path):
    rows = [list(row) for row in zip((A, B, C), texts, ("1.5", "2.5", "3.5"), strict=True)]
    table = read(tmp_path, written(["arch", "score", "other"], rows, delimiter))
    assert table.of("score").tolist() == expected
    assert table.of("other").tolist() == [1.5, 2.5, 3.5]


def test_accuracies_have_no_thousands(tmp_path: Path):
    assert read(tmp_path, f'arch,acc\n{A},"91,325"\n{B},"88,100"\n').of("acc").tolist() == [91.325, 88.1]


ODD = {
    "text": "'ten' found; a finite number, or nothing, is expected",
    "infinite": "'inf' found; a finite number",
    "mixed": "0.92 found; it stands among per cents",
    "outside": "193 found; an accuracy lies between 0 and 100 %",
    "twice": "row 2 and row 5 are the same architecture, but it has 91 and 92",
}


@pytest.mark.parametrize("odd", [odd for size in (1, 2, 5) for odd in itertools.combinations(ODD, size)])
def test_a_doubt_about_one_column_never_reaches_another(odd: tuple[str, ...], tmp_path: Path):
    values = {
        "text": ["91", "92", "ten", "91"],
        "infinite": ["91", "inf", "93", "91"],
        "mixed": ["91", "0.92", "93", "91"],
        "outside": ["91", "193", "93", "91"],
        "twice": ["91", "93", "93", "92"],
    }
    columns = {"right acc": ["91", "92", "93", "91"], **{f"{name} acc": values[name] for name in odd}}
    rows = [[arch, *(column[row] for column in columns.values())] for row, arch in enumerate((A, B, C, A))]
    table = read(tmp_path, written(["arch", *columns], rows, ","))
    assert table.of("right acc").tolist() == [91, 92, 93]
    assert [column.name for column in table.columns] == ["right acc"]
    for name in odd:
        assert ODD[name] in dict(table.report.ignored)[f"{name} acc"]
        with pytest.raises(ValueError, match=rf"column '{name} acc' of t\.csv is not read: "):
            table.of(f"{name} acc")


def test_what_was_skipped_and_changed_is_said(tmp_path: Path):
    table = read(tmp_path, f"sep=;\narch;acc\n{A};91,5\n# half\n{B};n/a\n{C};93,25\n".encode("cp1252"))
    assert table.report.notes == (
        "Skipped above the header: row 1, 'sep=;'.",
        "Comments skipped below the header: 1.",
        "Decimal commas in column 'acc'.",
    )
    latin = read(tmp_path, f"arch,acc,Größe\n{A},91,2\n".encode("cp1252"))
    assert "The text is not UTF-8; it was read as that of Windows (code page 1252)." in latin.report.notes
    assert latin.of("Größe").tolist() == [2]


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("# arch,acc", ["acc"]),
        (",arch,acc", ["acc"]),
        ("arch,acc,", ["acc"]),
        ("title,2024\narch,acc", ["acc"]),
        ("arch,200", ["200"]),
    ],
)
def test_the_header_is_the_row_that_names_the_columns(header: str, names: list[str], tmp_path: Path):
    width = header.splitlines()[-1].count(",") + 1
    rows = {2: "{},{}", 3: "{},{}," if header.endswith(",") else "0,{},{}"}[width]
    text = "".join(rows.format(arch, number) + "\n" for arch, number in ((A, 10), (B, 20)))
    table = read(tmp_path, f"{header}\n{text}")
    assert [column.name for column in table.columns] == names
    assert table.of(names[0]).tolist() == [10, 20]


def test_the_published_table_of_nats_bench_is_read(tmp_path: Path):
    """The columns that api.get_more_info fills there, `ImageNet` being ImageNet16-120, whose chance is 0.8333 %."""
    header = (
        "CIFAR10TestAccuracy200Epochs,CIFAR100TestAccuracy200Epochs,ImageNetTestAccuracy200Epochs,ArchitectureString"
    )
    rows = [(10.0, 1.0, 0.8333333), (91.2, 68.4, 41.3), (93.76, 71.1, 45.6)]
    lines = [",".join([*map(str, row), text]) for row, text in zip(rows, (A, B, C), strict=True)]
    table = read(tmp_path, "\n".join([header, *lines]), "nats_bench.csv")
    assert [(column.dataset, column.split, column.epochs) for column in table.accuracies()] == [
        ("CIFAR-10", "test", 200),
        ("CIFAR-100", "test", 200),
        (None, "test", 200),
    ]
    np.testing.assert_array_equal(table.values.T, rows)
