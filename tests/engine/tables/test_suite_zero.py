import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from engine import parse_genotype
from engine.genotypes.notations.naslib import notation_of_key
from engine.genotypes.population import Population
from engine.networks.cost import edge_costs
from engine.spaces import Gene, get_space
from engine.tables import read_table

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
    assert not any(column.missing for column in table.columns)
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
    ('{"cifar10": [], "svhn": {"(4, 0, 3, 1, 4, 3)": {}}}', r"'cifar10' holds \[\]; "),
    ('{"cifar10": {"(4, 0, 3, 1, 4, 3)": 3, "x": {}}}', r"'cifar10', '\(4, 0, 3, 1, 4, 3\)' holds 3; "),
    (
        '{"cifar10": {"x": {"val_accuracy": 3}}}',
        "no row holds an architecture; architecture 'x': 'x' is not six places",
    ),
    ('{"cifar10": {"(4,0,3,1,4,3)": {"val_accuracy": "9"}}}', "'cifar10', 'val_accuracy': '9' found; a number"),
    ('{"cifar10": {"(4,0,3,1,4,3)": {"val_accuracy": NaN}}}', "'val_accuracy': nan found; a number"),
    ('{"cifar10": {"(4,0,3,1,4,3)": {"val_accuracy": true}}}', "'val_accuracy': True found; a number"),
    ('{"cifar10": {"(4,0,3,1,4,3)": {"snip": {"time": 1}}}}', "'snip': {'time': 1} found; a number"),
    (
        '{"cifar10": {"(4,0,3,1,4,3)": {"val_accuracy": 193}}}',
        r"'cifar10 val_accuracy': architecture .*: 193 found; an accuracy lies",
    ),
    ('{"cifar10": {"(4,0,3,1,4,3)": {"val_accuracy": 1' + "0" * 5000 + "}}}", "'val_accuracy': inf found; a number"),
    (
        '{"a": {"(4,0,3,1,4,3)": {"s": 1}, "(4,0,3,1,4,3)": {"s": 2}}}',
        r"'\(4,0,3,1,4,3\)' stands twice in one JSON object",
    ),
    (
        '{"a": {"(4,0,3,1,4,3)": {"s": 1}, "[4,0,3,1,4,3]": {"s": 2}}}',
        r"'\(4,0,3,1,4,3\)' and architecture '\[4,0,3,1,4,3\]' are the same architecture, but it has 1 and 2",
    ),
    ('{"a": {"(4,0,3,1,4,3)": {"id": 4}}}', "no column of numbers"),
    (json.dumps({"a": {"(4,0,3,1,4,3)": {f"p{i}": 1 for i in range(1001)}}}), "1 rows and 1,001 columns; at most"),
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
