import pytest

from engine import parse_genotype
from engine.genotypes.genotype import parse_with_notes

PREFIX = "NetworkSelectorDatasetInfo:darts:"
CONFIG = {
    **{f"{PREFIX}edge_normal_{index}": "sep_conv_3x3" for index in (0, 1, 2, 4, 5, 6, 9, 13)},
    **{f"{PREFIX}inputs_node_normal_{node}": ends for node, ends in ((3, "0_2"), (4, "0_1"), (5, "0_4"))},
    **{f"{PREFIX}edge_reduce_{index}": "max_pool_3x3" for index in (0, 1, 3, 4, 7, 8, 11, 12)},
    **{f"{PREFIX}inputs_node_reduce_{node}": ends for node, ends in ((3, "1_2"), (4, "2_3"), (5, "2_3"))},
}
OTHERS = {f"{PREFIX}layers": 8, "CreateImageDataLoader:batch_size": 96, "ImageAugmentation:autoaugment": "True"}


def test_edges_are_listed_by_the_node_that_they_lead_to():
    genotype = parse_genotype(repr(CONFIG))
    sources = {kind: [gene.source for gene in genes] for kind, genes in genotype.cells.items()}
    assert sources == {"normal": [0, 1, 0, 2, 0, 1, 0, 4], "reduce": [0, 1, 1, 2, 2, 3, 2, 3]}


def test_colons_may_be_words():
    assert parse_genotype(repr(CONFIG).replace(":darts:", "_COLON_darts_COLON_")) == parse_genotype(repr(CONFIG))


def test_settings_are_left_out_which_is_said():
    found = parse_with_notes(repr({**OTHERS, **CONFIG}))
    assert found.genotype == parse_genotype(repr(CONFIG))
    assert found.notes == ("left out 3 settings beside the cells",)


def test_edges_that_are_not_chosen_may_stand_as_none_and_inputs_may_be_missing():
    without = {name: value for name, value in CONFIG.items() if "inputs" not in name}
    assert parse_genotype(repr({**without, f"{PREFIX}edge_normal_3": None})) == parse_genotype(repr(CONFIG))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"edge_normal_3": "max_pool_3x3"},
            "edge_normal_3 is the edge 1→3, and inputs_node_normal_3 '0_2' leaves it out",
        ),
        ({"inputs_node_normal_3": "1_2"}, "edge_normal_2 is the edge 0→3, .* leaves it out"),
        ({"edge_reduce_4": None}, "edge_reduce_4 is the edge 2→3, .* has it, but no operation is on it"),
        ({"edge_reduce_0": None}, r"reduce\[0\]: 1 pairs found for node 2, 2 expected"),
        ({"edge_reduce_0": "conv"}, "reduce, edge 1: unknown operation 'conv'"),
        ({"edge_reduce_0": 3}, r"reduce\[0\]\[0\]: a pair \(operation, node\) expected"),
    ],
)
def test_contradictions_are_named(changes: dict[str, object], message: str):
    values = {**CONFIG, **{f"{PREFIX}{name}": value for name, value in changes.items()}}
    with pytest.raises(ValueError, match=message):
        parse_genotype(repr(values))
