from __future__ import annotations

import warnings
from collections.abc import Callable

import pytest
from hypothesis import given

from engine import SPACES, Genotype, parse_genotype
from engine.spaces import Gene
from tests.engine.genotypes.test_genotype import DARTS, FIRST
from tests.engine.strategies import genotypes


@given(genotypes(SPACES["darts"]))
def test_the_notation_of_darts_is_the_python_text_of_its_tuple(genotype: Genotype):
    class Recorder(dict[str, object]):
        pass

    cells = eval(genotype.notation, {"Genotype": Recorder, "range": range})  # ours, as its users evaluate it
    assert list(cells) == ["normal", "normal_concat", "reduce", "reduce_concat"]
    assert cells["normal_concat"] == cells["reduce_concat"] == range(2, 6)
    for kind in ("normal", "reduce"):
        assert cells[kind] == [(gene.operation, gene.source) for gene in genotype.cells[kind]]
        assert [gene.target for gene in genotype.cells[kind]] == [2, 2, 3, 3, 4, 4, 5, 5]


def test_the_published_text_of_darts_v2():
    genotype = parse_genotype(DARTS)
    assert genotype.cells["normal"][0] == Gene(0, 2, "sep_conv_3x3")
    assert genotype.cells["normal"][-1] == Gene(2, 5, "dil_conv_3x3")
    assert genotype.cells["reduce"][2:4] == (Gene(2, 3, "skip_connect"), Gene(1, 3, "max_pool_3x3"))


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("[2, 3, 4, 5]", "range(2, 6)"),
        lambda text: text.replace("[2, 3, 4, 5]", "(2, 3, 4, 5)"),
        lambda text: text.replace("), (", "),\n    (").replace("=[", "=[\n    "),
        lambda text: "DARTS_V2 = " + text,
        lambda text: "genotype=\t" + text + "\n\n",
        lambda text: text.replace("'", '"'),
        lambda text: text.replace("('", "['").replace("), [", "], [").replace(")]", "]]"),
        lambda text: text + "  # second order",
        lambda text: "\ufeff" + text,
        lambda text: "\r\n \t" + text,
    ],
)
def test_the_ways_that_people_write_darts_genotypes(change: Callable[[str], str]):
    text = change(DARTS)
    if "('" in DARTS and "['sep" in text:
        text = text.replace(", 0)", ", 0]").replace(", 1)", ", 1]").replace(", 2)", ", 2]")
    assert parse_genotype(text) == parse_genotype(DARTS)


@pytest.mark.parametrize("operation", [r"sep\conv", r"\d"])
def test_the_parser_of_python_warns_nobody(operation: str):
    text = DARTS.replace(FIRST, f"('{operation}', 0)", 1)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with pytest.raises(ValueError, match="unknown operation"):
            parse_genotype(text)
    assert not caught
