import itertools
import json
import os
import sys
from collections import OrderedDict
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from engine import parse_genotype
from engine.genotypes.population import Population
from engine.networks.cost import edge_costs
from engine.spaces import Gene, get_space
from engine.tables import AccuracyTable, read_table
from engine.tables.suite_zero import notation_of_key

PARAMS = {"(0, 2, 3, 2, 3, 1)": 0.615386, "(3, 4, 4, 4, 4, 4)": 0.101306, "(4, 0, 4, 0, 0, 0)": 0.073306}
"""Parameters in millions of three networks for CIFAR-10, as in `naslib/data/zc_nasbench201.json` of automl/NASLib."""


def write(path: Path, data: object) -> Path:
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    return path


def entry(accuracy: float, **scores: float) -> dict[str, object]:
    return {
        "id": 3,
        "val_accuracy": accuracy,
        **{name: {"score": score, "time": 0.5} for name, score in scores.items()},
    }


def test_keys_of_nas_bench_201_are_those_of_naslib():
    # the comment on this key in github.com/gabikadlecova/zc_combine, and conversions.py of NASLib
    expected = "|avg_pool_3x3~0|+|skip_connect~0|none~1|+|nor_conv_1x1~0|avg_pool_3x3~1|nor_conv_1x1~2|"
    assert notation_of_key("(4, 0, 3, 1, 4, 3)") == notation_of_key("[4,0,3,1,4,3]") == expected
    edges = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
    names = ["skip_connect", "none", "nor_conv_3x3", "nor_conv_1x1", "avg_pool_3x3"]
    for place, edge in enumerate(edges):
        for index, name in enumerate(names):
            key = [1] * 6
            key[place] = index
            cell = parse_genotype(notation_of_key(str(tuple(key)))).cells["cell"]
            assert {gene for gene in cell if gene.operation != "none"} == {Gene(*edge, name)} - {Gene(*edge, "none")}
    keys = itertools.product(range(5), repeat=6)
    assert len({notation_of_key(str(key)) for key in keys}) == 15_625


def test_keys_of_nas_bench_301_are_those_of_naslib():
    names = [
        "max_pool_3x3",
        "avg_pool_3x3",
        "skip_connect",
        "sep_conv_3x3",
        "sep_conv_5x5",
        "dil_conv_3x3",
        "dil_conv_5x5",
    ]
    normal = [(0, 0), (1, 1), (2, 2), (0, 3), (3, 4), (1, 5), (4, 6), (0, 0)]
    reduce = [(1, 6), (0, 5), (1, 4), (2, 3), (0, 2), (3, 1), (2, 0), (1, 6)]
    genotype = parse_genotype(notation_of_key(str([normal, reduce])))
    for kind, pairs in (("normal", normal), ("reduce", reduce)):
        expected = [(source, 2 + place // 2, names[index]) for place, (source, index) in enumerate(pairs)]
        assert list(genotype.cells[kind]) == expected
    assert notation_of_key(str((tuple(normal), tuple(reduce)))) == notation_of_key(str([normal, reduce]))


@pytest.mark.parametrize(
    "key",
    [
        "",
        "x",
        "(4, 0, 3, 1, 4)",
        "(4, 0, 3, 1, 4, 5)",
        "(4, 0, 3, 1, 4, -1)",
        "(4, 0, 3, 1, 4, 1.0)",
        "[[], []]",
        "[[(0, 7)], []]",
        "[[(0, 'a')], [1]]",
        "[" * 5000,
        "{}",
    ],
)
def test_other_keys_are_no_architectures(key: str):
    try:
        text = notation_of_key(key)
    except ValueError as error:
        assert "is not six places of operations, or two lists" in str(error)  # noqa: PT017
    else:
        with pytest.raises(ValueError, match=r"."):
            parse_genotype(text)


def test_a_file_of_the_suite_is_read(tmp_path: Path):
    accuracies = dict(zip(PARAMS, (86.06, 77.66, 33.28), strict=True))
    data = {
        "cifar10": {key: entry(accuracies[key], params=PARAMS[key], synflow=index) for index, key in enumerate(PARAMS)},
        "ImageNet16-120": {
            "(0, 2, 3, 2, 3, 1)": entry(30, jacov=-1e8),
            "(0, 2, 3, 2, 3, 0)": entry(0.83, jacov=np.nan),
        },
        "ninapro": {"(0, 2, 3, 2, 3, 1)": {"val_accuracy": 90, "idx": "4", "arch": "x", "snip": 2}},
    }
    table = read_table(write(tmp_path / "zc.json", data))
    assert [(column.name, column.description) for column in table.accuracies()] == [
        ("cifar10 val_accuracy", "CIFAR-10 validation accuracy (%), 200 epochs"),
        ("ImageNet16-120 val_accuracy", "ImageNet16-120 validation accuracy (%), 200 epochs"),
        ("ninapro val_accuracy", "ninapro validation accuracy (%), 200 epochs"),
    ]
    assert all(column.complete for column in table.columns)
    others = ["cifar10 params", "cifar10 synflow", "ImageNet16-120 jacov", "ninapro snip"]
    assert [column.name for column in table.columns if not column.accuracy] == others
    first = Population.of("nas-bench-201", [parse_genotype(notation_of_key(key)) for key in PARAMS])
    np.testing.assert_array_equal(table.lookup(first, "cifar10 val_accuracy"), list(accuracies.values()))
    np.testing.assert_allclose(table.lookup(first, "cifar10 params") * 1e6, edge_costs(first.space)["params"].of(first))
    np.testing.assert_array_equal(table.of("ImageNet16-120 val_accuracy"), [30, np.nan, np.nan, 0.83])
    np.testing.assert_array_equal(table.of("ImageNet16-120 jacov"), [-1e8, np.nan, np.nan, np.nan])
    assert dict(table.report.empty)["ImageNet16-120 jacov"] == 3
    assert (table.report.rows, table.report.foreign) == (4, 0)


def test_a_file_of_the_surrogate_says_so(tmp_path: Path):
    key = str([[(0, 0), (1, 1), (2, 2), (0, 3), (3, 4), (1, 5), (4, 6), (0, 0)]] * 2)
    table = read_table(write(tmp_path / "zc.json", {"cifar10": {key: entry(93.5), "rubbish": entry(1)}}))
    assert table.columns[0].description == "CIFAR-10 validation accuracy (%), 100 epochs, predicted by a surrogate"
    assert table.population.space.name == "darts"
    assert (table.report.foreign, table.report.first_foreign[0][:24]) == (1, "architecture 'rubbish': ")
    with pytest.raises(ValueError, match="no row is an architecture of NAS-Bench-201; the rows are of DARTS"):
        read_table(tmp_path / "zc.json", space="nas-bench-201")


def test_a_space_whose_keys_look_alike_is_found_out_by_its_parameters(tmp_path: Path):
    population = Population.sample("nas-bench-201", 60, 0)
    order = {
        name: place
        for place, name in enumerate(("skip_connect", "none", "nor_conv_3x3", "nor_conv_1x1", "avg_pool_3x3"))
    }
    params = edge_costs(get_space("nas-bench-201"), classes=100)["params"].of(population) / 1e6

    def written(numbers: np.ndarray) -> Path:
        entries = {}
        for genotype, number in zip(population.genotypes(), numbers.tolist(), strict=True):
            genes = {gene[:2]: gene.operation for gene in genotype.cells["cell"]}
            key = tuple(order[genes[edge]] for edge in ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)))
            entries[str(key)] = entry(50, params=number)
        return write(tmp_path / "zc.json", {"class_scene": entries})

    assert read_table(written(params)).population.genotypes() == list(dict.fromkeys(population.genotypes()))
    swapped = edge_costs(get_space("nas-bench-201"))["params"].of(
        Population(population.space, 4 - population.operations)
    )
    for wrong in (swapped, np.full(60, 0.9)):
        with pytest.raises(
            ValueError, match="'class_scene': the parameters in the file are not those of NAS-Bench-201"
        ):
            read_table(written(wrong))


SUITE = [
    ("{", r"not JSON: line 1, column 2"),
    ("", "not JSON: line 1, column 1"),
    ("[" * 100_000, "nested too deeply"),
    ("[]", "the JSON is not that of NAS-Bench-Suite-Zero"),
    ("{}", "the JSON is not that of NAS-Bench-Suite-Zero"),
    ('{"cifar10": []}', r"'cifar10' holds \[\]; "),
    ('{"cifar10": {"(4, 0, 3, 1, 4, 3)": 3}}', r"'cifar10', '\(4, 0, 3, 1, 4, 3\)' holds 3\.0; "),
    (
        '{"cifar10": {"x": {"val_accuracy": 3}}}',
        "no row holds an architecture; architecture 'x': 'x' is not six places",
    ),
    ('{"cifar10": {"(4,0,3,1,4,3)": {"val_accuracy": "9"}}}', "'cifar10', 'val_accuracy': '9' found; a number"),
    ('{"cifar10": {"(4,0,3,1,4,3)": {"val_accuracy": NaN}}}', "'val_accuracy': nan found; a number"),
    ('{"cifar10": {"(4,0,3,1,4,3)": {"val_accuracy": true}}}', "'val_accuracy': True found; a number"),
    ('{"cifar10": {"(4,0,3,1,4,3)": {"snip": {"time": 1}}}}', "'snip': {'time': 1.0} found; a number"),
    ('{"cifar10": {"(4,0,3,1,4,3)": {"val_accuracy": 193}}}', r"'cifar10 val_accuracy': 193 found; an accuracy lies"),
    ('{"cifar10": {"(4,0,3,1,4,3)": {"val_accuracy": 1' + "0" * 5000 + "}}}", "'val_accuracy': inf found; a number"),
    (
        '{"a": {"(4,0,3,1,4,3)": {"s": 1}, "(4,0,3,1,4,3)": {"s": 2}}}',
        r"'\(4,0,3,1,4,3\)' stands twice in one JSON object",
    ),
    (
        '{"a": {"(4,0,3,1,4,3)": {"s": 1}, "[4,0,3,1,4,3]": {"s": 2}}}',
        r"architecture '\(4,0,3,1,4,3\)' and architecture '\[4,0,3,1,4,3\]' are the same .* 'a s' has 1 and 2",
    ),
    ('{"a": {"(4,0,3,1,4,3)": {"id": 4}}}', "no column of numbers"),
    (json.dumps({"a": {"(4,0,3,1,4,3)": {f"p{i}": 1 for i in range(1001)}}}), "1,001 kinds of numbers; at most 1,000"),
]


@pytest.mark.parametrize(("content", "message"), SUITE, ids=[message[:40] for _, message in SUITE])
def test_a_wrong_file_of_the_suite_ends_in_a_sentence(content: str, message: str, tmp_path: Path):
    with pytest.raises(ValueError, match=message) as caught:
        read_table(write(tmp_path / "zc.json", content))
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_text_ends_in_a_sentence(tmp_path: Path):
    (tmp_path / "zc.json").write_bytes(b'{"a": "\xff"}')
    with pytest.raises(ValueError, match=r"the file is not UTF-8 text \(byte 7\)"):
        read_table(tmp_path / "zc.json")


CELLS = [f"|none~0|+|none~0|none~1|+|none~0|none~1|{name}~2|" for name in ("none", "skip_connect", "nor_conv_1x1")]


def accuracy(index: int, dataset: str, metric: str, hp: str) -> float:
    """A number that tells all of its origin."""
    names = ("cifar10-valid", "cifar10", "cifar100", "ImageNet16-120")
    return 10 + index + 10 * names.index(dataset) + (metric == "test-accuracy") / 2 + (hp == "200") / 4


class FakeApi:
    """The part of `nats_bench.NATStopology` that is used, with three cells; the last was not trained for CIFAR-10."""

    def __init__(self) -> None:
        self.arch2infos_dict: dict[int, object] = {}

    def __len__(self) -> int:
        return len(CELLS)

    def arch(self, index: int) -> str:
        return CELLS[index]

    def get_more_info(self, index: int, dataset: str, iepoch=None, hp: str = "12", is_random: object = True) -> dict:
        assert is_random is False  # the mean over runs
        self.arch2infos_dict[index] = object()
        if dataset == "cifar10" and index == 2:
            raise KeyError(dataset)
        metrics = {"cifar10-valid": ["valid-accuracy", "test-accuracy"], "cifar10": ["test-accuracy"]}
        found = metrics.get(dataset, ["valid-accuracy", "test-accuracy", "valtest-accuracy"])
        return {"train-accuracy": 99.0} | {metric: accuracy(index, dataset, metric, hp) for metric in found}


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    made = SimpleNamespace(calls=[], api=FakeApi())

    def create(file_path_or_dict, search_space, fast_mode=False, verbose=True):
        made.calls.append((file_path_or_dict, search_space, fast_mode, verbose))
        return made.api

    monkeypatch.setitem(sys.modules, "nats_bench", SimpleNamespace(create=create))
    return made


def nats_folder(folder: Path, name: str = "NATS-tss-v1_0-3ffb9-simple") -> Path:
    (folder / name).mkdir()
    (folder / name / "meta.pickle.pbz2").write_bytes(b"")
    return folder / name


def assert_all_numbers(table: AccuracyTable) -> None:
    assert [genotype.notation for genotype in table.population.genotypes()] == CELLS
    assert len(table.columns) == 12
    origins = {"CIFAR-10 validation": "cifar10-valid", "CIFAR-10 test": "cifar10", "CIFAR-100": "cifar100"}
    for column in table.columns:
        assert column.complete
        dataset = origins.get(f"{column.dataset} {column.split}", origins.get(str(column.dataset), "ImageNet16-120"))
        metric = "test-accuracy" if column.split == "test" else "valid-accuracy"
        expected = [accuracy(index, dataset, metric, str(column.epochs)) for index in range(3)]
        if dataset == "cifar10":
            expected[2] = np.nan
        np.testing.assert_allclose(table.of(column.name), expected)
    assert {column.description for column in table.columns} >= {
        "CIFAR-10 test accuracy (%), 200 epochs",
        "ImageNet16-120 validation accuracy (%), 12 epochs",
    }
    assert "training and validation halves together" in table.report.notes[0]


def test_nats_bench_is_read_through_its_package(fake: SimpleNamespace, tmp_path: Path):
    folder = nats_folder(tmp_path)
    assert_all_numbers(read_table(folder, trusted=True))
    assert fake.calls == [(str(folder), "tss", True, False)]
    assert not fake.api.arch2infos_dict  # nothing is kept in memory
    (tmp_path / "NATS-tss-v1_0-3ffb9.pickle.pbz2").write_bytes(b"")
    assert_all_numbers(read_table(tmp_path / "NATS-tss-v1_0-3ffb9.pickle.pbz2", trusted=True))
    assert fake.calls[1][2] is False


def test_nats_bench_is_never_read_from_an_upload(fake: SimpleNamespace, tmp_path: Path):
    (tmp_path / "x.pickle.pbz2").write_bytes(b"")
    for path in (nats_folder(tmp_path), tmp_path / "x.pickle.pbz2"):
        with pytest.raises(
            ValueError, match=r"is a pickle, which may run code when it is read; .* never from an upload"
        ):
            read_table(path)
    assert not fake.calls


def test_what_nats_bench_cannot_read_is_said(fake: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(ValueError, match="holds NATS-Bench's size space; its topology space"):
        read_table(nats_folder(tmp_path, "NATS-sss-v1_0-50262-simple"), trusted=True)
    (tmp_path / "NATS-tss-empty").mkdir()
    with pytest.raises(ValueError, match=r"the folder NATS-tss-empty has no meta\.pickle\.pbz2"):
        read_table(tmp_path / "NATS-tss-empty", trusted=True)
    folder = nats_folder(tmp_path)

    def broken(*_: object, **__: object) -> None:
        raise EOFError("Compressed file ended")

    monkeypatch.setattr(FakeApi, "get_more_info", broken)
    with pytest.raises(ValueError, match="nats_bench cannot read architecture 0: 'Compressed file ended'"):
        read_table(folder, trusted=True)
    monkeypatch.setattr(sys.modules["nats_bench"], "create", broken)
    with pytest.raises(ValueError, match=r"nats_bench cannot read NATS-tss-v1_0-3ffb9-simple: 'Compressed file ended'"):
        read_table(folder, trusted=True)
    monkeypatch.setitem(sys.modules, "nats_bench", None)
    with pytest.raises(ValueError, match="is read through the package nats_bench: pip install nats_bench"):
        read_table(folder, trusted=True)


def results(index: int, hp: str) -> dict[str, object]:
    """The state of an `ArchResults`: two runs for each dataset, whose mean is `accuracy`."""
    epochs, seeds, runs = int(hp), {}, {}
    sets = {"cifar10-valid": {"x-valid": "valid-accuracy"}, "cifar10": {"ori-test": "test-accuracy"}}
    both = {"x-valid": "valid-accuracy", "x-test": "test-accuracy"}
    for dataset in ("cifar10-valid", "cifar10", "cifar100", "ImageNet16-120"):
        if (dataset, index) == ("cifar10", 2):
            continue
        seeds[dataset] = [777, 888]
        for seed, shift in ((777, -1.0), (888, 1.0)):
            last = {
                f"{name}@{epochs - 1}": accuracy(index, dataset, metric, hp) + shift
                for name, metric in sets.get(dataset, both).items()
            }
            runs[dataset, seed] = {"epochs": epochs, "eval_acc1es": OrderedDict(last | {"ori-test@0": 1.0})}
    return {"arch_index": index, "all_results": runs, "dataset_seed": seeds}


def test_a_pth_file_is_read_as_plain_data(tmp_path: Path):
    infos = OrderedDict((index, {"less": results(index, "12"), "full": results(index, "200")}) for index in range(3))
    data = {"meta_archs": [*CELLS, CELLS[0]], "arch2infos": infos, "evaluated_indexes": set(range(3))}
    torch.save(data, tmp_path / "NAS-Bench-201.pth")
    assert_all_numbers(read_table(tmp_path / "NAS-Bench-201.pth"))


class Attack:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (os.environ["FREENAS_TEST_MARKER"],)


def test_a_pth_file_with_code_in_it_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FREENAS_TEST_MARKER", str(tmp_path / "marker"))
    torch.save({"meta_archs": Attack(), "arch2infos": {}}, tmp_path / "x.pth")
    for trusted in (False, True):
        with pytest.raises(
            ValueError, match=r"x\.pth cannot be read as plain data \(weights_only\): .* CSV file"
        ) as caught:
            read_table(tmp_path / "x.pth", trusted=trusted)
        assert "\n" not in str(caught.value)
    assert not (tmp_path / "marker").exists()


@pytest.mark.parametrize(
    "data", [{}, [], {"meta_archs": CELLS}, {"meta_archs": CELLS, "arch2infos": {0: {"full": 3}}}, 3]
)
def test_a_pth_file_of_something_else_ends_in_a_sentence(data: object, tmp_path: Path):
    torch.save(data, tmp_path / "x.pth")
    with pytest.raises(ValueError, match=r"x\.pth is not laid out as NAS-Bench-201"):
        read_table(tmp_path / "x.pth")
    (tmp_path / "x.pth").write_bytes(b"garbage")
    with pytest.raises(ValueError, match=r"x\.pth cannot be read as plain data"):
        read_table(tmp_path / "x.pth")
