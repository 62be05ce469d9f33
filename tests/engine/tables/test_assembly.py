from pathlib import Path

import numpy as np
import pytest

from engine import parse_genotype
from tests.engine.tables.files import GOOD, QUOTED, A, B, C, read


def test_rows_of_another_space_are_counted_and_shown(tmp_path: Path):
    rows = [f"{A},10", f"{QUOTED},50", "rubbish,20", ",30", f"{B},40", f"{A[:-1]},1", "|none~1|,x", "|none~0|,1"]
    table = read(tmp_path, "arch,acc\n" + "\n".join(rows) + "\n")
    assert table.population.genotypes() == [parse_genotype(A), parse_genotype(B)]
    assert table.of("acc").tolist() == [10, 40]
    assert (table.report.rows, table.report.foreign, len(table.report.first_foreign)) == (8, 6, 5)
    assert table.report.first_foreign[0] == "row 3: an architecture of DARTS"
    assert table.report.first_foreign[1].startswith("row 4: 'rubbish' is no known notation")
    assert table.report.first_foreign[2].startswith("row 5: empty text")


def test_the_space_asked_for_decides(tmp_path: Path):
    mixed = f"arch,acc\n{A},10\n{QUOTED},50\n"
    assert len(read(tmp_path, mixed, space="darts").population.genotypes()) == 1
    assert read(tmp_path, mixed, space="darts").of("acc").tolist() == [50]
    assert read(tmp_path, mixed).of("acc").tolist() == [10]
    with pytest.raises(ValueError, match=r"no row is an architecture of DARTS; the rows are of NAS-Bench-201"):
        read(tmp_path, GOOD, space="darts")
    with pytest.raises(ValueError, match="unknown search space 'nb101'; allowed: "):
        read(tmp_path, GOOD, space="nb101")


def test_repeated_rows_are_counted_and_complete_each_other(tmp_path: Path):
    table = read(tmp_path, f"arch,acc,params\n{A},10,\n{B},20,2\n{A},10.0,1\n{A},,\n{B},20,2\n")
    assert table.report.duplicates == 3
    assert table.values.tolist() == [[10, 20], [1, 2]]
    assert table.report.empty == (("acc", 1), ("params", 2))


def test_fractions_become_per_cent_and_are_noted(tmp_path: Path):
    table = read(tmp_path, f"arch,acc,share\n{A},0.5,0.5\n{B},1,1\n{C},0.0083,0\n")
    np.testing.assert_allclose(table.of("acc"), [50, 100, 0.83])
    assert table.of("share").tolist() == [0.5, 1, 0]
    assert table.report.notes == ("Column 'acc' holds fractions; they were multiplied by 100.",)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("ImageNet16-120 test acc", [0.83, 0.8333, 47.31]),
        ("acc", [0.83, 47.31, 20]),
        ("cifar100 train acc", [0.97, 1.0, 99.0]),
        ("acc", [0, 93, 94]),
    ],
)
def test_what_guessing_reaches_is_no_fraction(name: str, values: list[float], tmp_path: Path):
    table = read(tmp_path, f"arch,{name}\n" + "".join(f"{a},{v}\n" for a, v in zip((A, B, C), values, strict=True)))
    assert table.of(name).tolist() == values
    assert not table.report.notes


@pytest.mark.parametrize(
    ("name", "values", "accuracy"),
    [("test", [10, 20, 30], True), ("test", [1, 0, 1], False), ("valid", [777, 888, 999], False)],
)
def test_a_name_that_leaves_it_open_is_settled_by_the_numbers(name, values, accuracy: bool, tmp_path: Path):
    table = read(tmp_path, f"arch,{name}\n" + "".join(f"{a},{v}\n" for a, v in zip((A, B, C), values, strict=True)))
    assert table.column(name).accuracy is accuracy
    assert table.of(name).tolist() == values
    assert bool(table.report.notes) is not accuracy


def test_columns_of_one_name_are_told_once(tmp_path: Path):
    with pytest.raises(ValueError, match=r"^no column of numbers; column 'acc': several columns have this name$"):
        read(tmp_path, f"arch,acc,acc\n{A},10,20\n")
