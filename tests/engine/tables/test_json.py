"""Tables as JSON: layouts that people publish, and content that is none."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from engine.genotypes.population import Population
from tests.engine.tables.files import DARTS, A, B, C, read

MACRO = Population.sample("nas-bench-macro", 5, 2).genotypes()


def test_the_published_form_of_nas_bench_macro_is_read(tmp_path: Path):
    """The layout in the README of github.com/xiusu/NAS-Bench-Macro: three runs, their mean and spread, and costs."""
    data = {
        each.notation: {
            "test_acc": [90.0 + row, 91.0 + row, 92.0 + row],
            "mean_acc": 91.0 + row,
            "std": 0.8,
            "params": 1000 + row,
            "flops": 10**9 + row,
        }
        for row, each in enumerate(MACRO)
    }
    table = read(tmp_path, json.dumps(data), "nas-bench-macro_cifar10.json")
    assert table.population.genotypes() == MACRO
    assert table.of("mean_acc").tolist() == [91, 92, 93, 94, 95]
    assert table.of("flops").tolist() == [10**9 + row for row in range(5)]
    assert dict(table.report.ignored)["test_acc"] == "it holds text such as '[90.0, 91.0, 92.0]'"
    assert [column.name for column in table.accuracies()] == ["mean_acc"]
    assert table.column("mean_acc").dataset == "CIFAR-10"


@pytest.mark.parametrize(
    "data",
    [
        {A: 90.5, B: 91.5},
        {A: {"value": 90.5}, B: {"value": "91.5"}},
        {"value": {A: 90.5, B: 91.5}},
        {"data": [{"arch": A, "value": 90.5}, {"arch": B, "value": 91.5}]},
        [{"arch": A, "value": 90.5, "note": {"by": ["me"]}}, {"value": "91.5", "arch": B}],
    ],
    ids=["numbers", "by architecture", "by column", "in data", "records"],
)
def test_numbers_by_architecture_are_read(data: object, tmp_path: Path):
    table = read(tmp_path, json.dumps(data), "t.json")
    assert [each.notation for each in table.population.genotypes()] == [A, B]
    assert table.of("value").tolist() == [90.5, 91.5]


def test_records_may_lack_what_others_have(tmp_path: Path):
    records = [{"arch": A, "acc": 90}, {"arch": B}, {"acc": None, "arch": C, "score": 3}]
    table = read(tmp_path, "\n".join(map(json.dumps, records)), "t.jsonl")
    np.testing.assert_array_equal(table.of("acc"), [90, np.nan, np.nan])
    np.testing.assert_array_equal(table.of("score"), [np.nan, np.nan, 3])


def test_a_genotype_may_be_json_itself(tmp_path: Path):
    records = [{"arch": each.to_dict(), "acc": 90 + row} for row, each in enumerate(DARTS)]
    table = read(tmp_path, json.dumps(records), "t.json")
    assert table.population.genotypes() == DARTS
    assert table.of("acc").tolist() == [90, 91, 92]


def test_infinite_and_missing_numbers_are_none(tmp_path: Path):
    text = json.dumps([{"arch": A, "acc": float("nan"), "s": float("inf")}, {"arch": B, "acc": 3.5, "s": 1}])
    table = read(tmp_path, text, "t.json")
    np.testing.assert_array_equal(table.of("acc"), [np.nan, 3.5])
    assert "'inf'" in dict(table.report.ignored)["s"]


WRONG = [
    ("", "not JSON: line 1, column 1"),
    ("{", "not JSON: line 1, column 2"),
    ("[]", r"the JSON holds \[\]; a list of records such as"),
    ("{}", r"the JSON holds {}; a list of records"),
    ("3", "the JSON holds 3; a list of records"),
    ("[1, 2]", r"the JSON holds \[1, 2\]"),
    ('[{"a": 1}, 3]', "the JSON holds "),
    ('[["arch", "acc"], ["x"]]', "record 1: 1 found where the header has 2 fields"),
    ('[{"a": 1}]', "no column holds genotypes"),
    ('{"a": []}', "no rows"),
    ("[" * 100_000, "nested too deeply"),
    ('[{"arch": ' + "[" * 500 + "]" * 500 + "}]", "no column holds genotypes|nested too deeply"),
    ('{"a": {"b": 1, "b": 2}}', "the name 'b' stands twice in one JSON object"),
    ('[["arch", "acc", "acc"], ["01220211", 1, 2]]', "the name 'acc' stands twice in the header"),
    ('[["01220211", 90.5], ["01220212", 91]]', "the first list holds a genotype; the names of the columns"),
    ('{"columns": ["a", "a"], "data": [[1, 2]]}', "the name 'a' stands twice in the header"),
    (json.dumps([{f"c{place}": 1 for place in range(1001)}]), "more than 1,000 names; so many columns are read"),
    (json.dumps({f"c{place}": [1] for place in range(1001)}), "or 1,000 columns; so many are read"),
    (json.dumps([[f"c{place}" for place in range(1001)]]), "the header names 1,001 columns"),
    (f'[{{"arch": "{A}", "s": 1{"0" * 5000}}}]', "column 's': it holds text such as 'inf'"),
    (f'[{{"arch": "{A}", "s": 1e999}}]', "column 's': it holds text such as 'inf'"),
    (b'{"a": "\xff"}', r"the file is not UTF-8 text \(byte 7\)"),
]


@pytest.mark.parametrize(("content", "message"), WRONG, ids=[str(index) for index in range(len(WRONG))])
def test_wrong_json_ends_in_a_sentence(content: str | bytes, message: str, tmp_path: Path):
    with pytest.raises(ValueError, match=message) as caught:
        read(tmp_path, content, "t.json")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 600


def test_a_wrong_line_is_named(tmp_path: Path):
    with pytest.raises(ValueError, match="not JSON: line 3, column 2"):
        read(tmp_path, f'{{"arch": "{A}"}}\n\n{{\n', "t.jsonl")


@pytest.mark.parametrize(
    ("place", "bound", "message"),
    [
        ("json._MAX_BYTES", 10, "JSON of 0 MB; at most 0 MB are read"),
        ("json._MAX_VALUES", 5, "the JSON has 6 commas and opening brackets; at most 5 are read"),
        ("json.MAX_ROWS", 1, "more than 1 records; so many are read"),
        ("assembly.MAX_FIELDS", 3, "2 rows and 2 columns; at most 1,000,000, 1,000, and 3 fields are read"),
    ],
)
def test_json_is_refused_before_it_fills_the_memory(
    place: str, bound: int, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(f"engine.tables.{place}", bound)
    with pytest.raises(ValueError, match=message):
        read(tmp_path, json.dumps([{"arch": A, "acc": 1}, {"arch": B, "acc": 2}]), "t.json")


def test_names_that_no_two_records_share_are_bounded_like_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Records of one name each, 1,000 names in all, would be a thousand fields a record."""
    monkeypatch.setattr("engine.tables.assembly.MAX_FIELDS", 99)
    with pytest.raises(ValueError, match="10 rows and 10 columns; at most"):
        read(tmp_path, json.dumps([{f"c{place}": A} for place in range(10)]), "t.json")


@pytest.mark.parametrize("text", ["\n" * 10, "1\n" * 10, "\r\n" * 10])
def test_lines_are_not_collected_beyond_the_most_rows(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("engine.tables.json.MAX_ROWS", 9)
    with pytest.raises(ValueError, match="more than 9 records; so many are read"):
        read(tmp_path, text, "t.jsonl")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_other_encodings_of_json_are_read(encoding: str, tmp_path: Path):
    assert read(tmp_path, json.dumps({A: 1.5, B: 2}).encode(encoding), "t.json").of("value").tolist() == [1.5, 2]


def test_of_two_columns_of_digits_the_whole_networks_count(tmp_path: Path):
    """The labels of rows, 0 and 1, could be networks that lost their zeros."""
    text = '{"arch": {"0": "02010011", "1": "10000211"}, "acc": {"0": 1.5, "1": null}}'
    table = read(tmp_path, text, "t.json")
    assert [genotype.notation for genotype in table.population.genotypes()] == ["02010011", "10000211"]


def nested(by_architecture: bool, names: list[str]) -> dict[str, dict[str, dict[str, float]]]:
    """Accuracies by dataset and architecture, in either order."""
    datasets = {"cifar10": 90.0, "cifar100": 70.0}
    if by_architecture:
        return {name: {key: {"acc": acc + row} for key, acc in datasets.items()} for row, name in enumerate(names)}
    return {key: {name: {"acc": acc + row} for row, name in enumerate(names)} for key, acc in datasets.items()}


@pytest.mark.parametrize("by_architecture", [True, False])
@pytest.mark.parametrize("space", ["nas-bench-macro", "nas-bench-201", "darts", "mobilenet"])
def test_accuracies_by_dataset_and_architecture_are_read(space: str, by_architecture: bool, tmp_path: Path):
    genotypes = Population.sample(space, 4, 1).genotypes()
    data = nested(by_architecture, [genotype.notation for genotype in genotypes])
    table = read(tmp_path, json.dumps(data), "t.json")
    assert table.population.genotypes() == genotypes
    assert [(column.name, column.dataset) for column in table.accuracies()] == [
        ("cifar10 acc", "CIFAR-10"),
        ("cifar100 acc", "CIFAR-100"),
    ]
    assert table.of("cifar100 acc").tolist() == [70, 71, 72, 73]


def test_numbers_below_an_architecture_are_read_at_any_depth(tmp_path: Path):
    data = {each.notation: {"cifar10": {"200 epochs": {"test": {"acc": 90.0 + row}}}} for row, each in enumerate(MACRO)}
    table = read(tmp_path, json.dumps(data), "t.json")
    assert table.column("cifar10 200 epochs test acc").description == "CIFAR-10 test accuracy (%), 200 epochs"
