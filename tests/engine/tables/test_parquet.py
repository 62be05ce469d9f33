"""Tables as Parquet: what pandas writes, and files that are damaged, large, or another program's."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.tables import read_table
from tests.engine.tables.files import A, B, C


def test_columns_of_every_kind_are_read_or_told(tmp_path: Path):
    frame = pd.DataFrame(
        {
            "arch": pd.Categorical([A, B, C]),
            "acc": np.array([90.5, np.nan, 91], dtype=np.float32),
            "params": pd.array([1, None, 3], dtype="Int64"),
            "text": ["x", "y", None],
            "day": pd.to_datetime(["2020-01-01", "2020-01-02", "2020-01-03"]),
            "runs": [[1.0, 2.0], [3.0], []],
        }
    )
    frame.to_parquet(tmp_path / "t.parquet")
    table = read_table(tmp_path / "t.parquet")
    assert [each.notation for each in table.population.genotypes()] == [A, B, C]
    np.testing.assert_array_equal(table.of("acc"), [90.5, np.nan, 91])
    np.testing.assert_array_equal(table.of("params"), [1, np.nan, 3])
    assert set(dict(table.report.ignored)) == {"text", "day"}


def test_a_damaged_file_ends_in_a_sentence(tmp_path: Path):
    pd.DataFrame({"arch": [A, B], "acc": [1.0, 2.0]}).to_parquet(tmp_path / "t.parquet")
    content = (tmp_path / "t.parquet").read_bytes()
    for wrong in (b"", b"PAR1", content[:-1], content[: len(content) // 2], b"PAR1" + content[-200:]):
        (tmp_path / "t.parquet").write_bytes(wrong)
        with pytest.raises(ValueError, match=r"t\.parquet cannot be read as Parquet: ") as caught:
            read_table(tmp_path / "t.parquet")
        assert "\n" not in str(caught.value)


def test_a_file_without_genotypes_ends_in_a_sentence(tmp_path: Path):
    pd.DataFrame({"a": [1, 2]}).to_parquet(tmp_path / "t.parquet")
    with pytest.raises(ValueError, match="no column holds genotypes"):
        read_table(tmp_path / "t.parquet")


@pytest.mark.parametrize(
    ("limit", "message"),
    [
        ("assembly.MAX_ROWS", "3 rows and 2 columns; at most 1,"),
        ("assembly.MAX_FIELDS", "and 1 fields"),
        ("parquet._MAX_BYTES", "it unpacks to"),
    ],
)
def test_a_large_file_is_not_unpacked(limit: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    pd.DataFrame({"arch": [A, B, C], "acc": [1.0, 2.0, 3.0]}).to_parquet(tmp_path / "t.parquet")
    monkeypatch.setattr(f"engine.tables.{limit}", 1)
    with pytest.raises(ValueError, match=message):
        read_table(tmp_path / "t.parquet")


def test_equal_texts_take_no_more_room_than_one(tmp_path: Path):
    """A text of 200,000 characters in 500 rows, which a few bytes of Parquet hold."""
    pd.DataFrame({"arch": [A] + ["x" * 200_000] * 500, "acc": range(501)}).to_parquet(tmp_path / "t.parquet")
    assert (tmp_path / "t.parquet").stat().st_size < 10**6
    assert read_table(tmp_path / "t.parquet").of("acc").tolist() == [0]


def test_the_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "t.parquet").write_bytes(b"PAR1")
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(ValueError, match=r"through the package pyarrow: pip install pyarrow, or save the table as CSV"):
        read_table(tmp_path / "t.parquet")
