import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import SPACES, Genotype, parse_genotype
from engine.exports.formats import export
from engine.genotypes.genotype import parse_with_notes
from tests.engine.exports.spaces import varied
from tests.engine.strategies import genotypes


@given(st.sampled_from(["nas-bench-201", "darts"]).flatmap(lambda name: genotypes(SPACES[name])))
def test_what_is_written_is_read(genotype: Genotype):
    text = export(genotype, "nni")
    assert parse_genotype(text) == parse_genotype(repr(json.loads(text))) == genotype


def test_the_example_of_nni_for_nas_bench_201():
    arch = "{'0_1': 'avg_pool_3x3', '0_2': 'conv_1x1', '1_2': 'skip_connect', '0_3': 'conv_1x1', '1_3': 'skip_connect'"
    assert parse_genotype(f"{arch}, '2_3': 'skip_connect'}}").notation == (
        "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_connect~2|"
    )
    with pytest.raises(ValueError, match="the edges 2_3 of the NAS-Bench-201 cell are missing"):
        parse_genotype(f"{arch}}}")


@pytest.mark.parametrize("around", ["{}", "Configuration(values={})"])
@given(genotype=genotypes(SPACES["nas-bench-201"]))
def test_edges_may_be_written_with_arrows(around: str, genotype: Genotype):
    values = {f"{gene.target}<-{gene.source}": gene.operation for gene in genotype.cells["cell"]}
    assert parse_genotype(around.format(values)) == genotype


def test_what_is_no_operation_is_named():
    keys = ("0_1", "0_2", "1_2", "0_3", "1_3", "2_3")
    with pytest.raises(ValueError, match=r"edge 1: unknown operation '\(1, \{\}\)'"):
        parse_genotype(repr({**dict.fromkeys(keys, "none"), "0_1": (1, {})}))


def test_keys_by_hand():
    genotype = parse_genotype("nas-bench-201#0")
    assert json.loads(export(genotype, "nni")) == {
        "0_1": "avg_pool_3x3",
        "0_2": "conv_1x1",
        "1_2": "skip_connect",
        "0_3": "conv_1x1",
        "1_3": "skip_connect",
        "2_3": "skip_connect",
    }


SWITCHED = {
    f"{kind}_n{node}_p{source}": "sepconv3x3" if source < 2 else []
    for kind in ("normal", "reduce")
    for node in range(2, 6)
    for source in range(node)
}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"normal_n2_p0": "conv9x9"}, "normal, edge 1: unknown operation 'conv9x9'"),
        ({"normal_n2_p0": 7}, "normal_n2_p0: 7 is none of maxpool, avgpool"),
        ({"normal_n2_switch": 3}, "normal_n2_switch: a list expected, 3 found"),
        ({"normal_n2_p0": [True, True]}, r"normal_n2_p0: \(True, True\) is none of"),
        ({"normal_n2_p0": []}, r"normal\[0\]: 1 pairs found for node 2, 2 expected"),
        ({"reduce_n5_p4": "maxpool"}, r"reduce\[3\]: 3 pairs found for node 5, 2 expected"),
    ],
)
def test_version_1_names_what_is_wrong(changes: dict[str, object], message: str):
    assert parse_genotype(repr(SWITCHED)).space_name == "darts"
    with pytest.raises(ValueError, match=message):
        parse_genotype(json.dumps({**SWITCHED, **changes}))


def test_a_part_that_is_missing_is_named():
    values = json.loads(export(varied(SPACES["darts"]), "nni"))
    del values["reduce/input_4_1"]
    with pytest.raises(ValueError, match="reduce/op_4_1 and reduce/input_4_1 are expected in it"):
        parse_genotype(repr(values))


def test_what_is_left_out_is_said():
    values = json.loads(export(varied(SPACES["darts"]), "nni"))
    assert parse_with_notes(json.dumps({"depth": 8, **values})).notes == ("left out depth",)


@pytest.mark.parametrize("name", sorted(SPACES.keys() - {"darts", "nas-bench-201"}))
def test_spaces_without_dictionaries_get_a_sentence(name: str):
    with pytest.raises(
        ValueError, match=r"NNI has no dictionary for a genotype of .*, only for NAS-Bench-201 and DARTS"
    ):
        export(varied(SPACES[name]), "nni")
