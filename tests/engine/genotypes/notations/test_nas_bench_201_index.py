import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import SPACES, parse_genotype
from engine.exports.formats import export
from engine.genotypes.notations.nas_bench_201_index import FORM, cells_in_order
from tests.engine.strategies import genotypes

PUBLISHED = {
    1462: "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|nor_conv_3x3~0|nor_conv_3x3~1|nor_conv_3x3~2|",
    9930: "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|",
    1: "|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_3x3~1|skip_connect~2|",
}
"""Cells that were printed with their index: github.com/D-X-Y/NATS-Bench, issue 18 (1), and logs of searches there."""


@pytest.mark.parametrize("index", PUBLISHED)
def test_published_indices(index: int):
    genotype = parse_genotype(f"nas-bench-201#{index}")
    assert genotype.notation == PUBLISHED[index]
    assert export(genotype, "nas-bench-201-index") == f"nas-bench-201#{index}\n"
    assert parse_genotype(str(index), "nas-bench-201") == genotype


@given(st.integers(0, 15_624))
def test_every_index_is_a_cell_of_its_own(index: int):
    genotype = parse_genotype(f"nas-bench-201#{index}")
    assert export(genotype, "nas-bench-201-index").strip() == f"nas-bench-201#{index}"


def test_the_order_does_not_touch_the_generator_of_others():
    random.seed(3)
    expected = random.random()
    random.seed(3)
    cells_in_order.cache_clear()
    assert len(set(cells_in_order())) == 15_625
    assert random.random() == expected


@pytest.mark.parametrize(
    "text",
    ["NAS-Bench-201 #12", "nasbench201#12", "NATS-Bench # 12", "nas-bench-201#12,", "the cell nas-bench-201#12 is"],
)
def test_spellings(text: str):
    assert parse_genotype(text) == parse_genotype("nas-bench-201#12")


@pytest.mark.parametrize(
    "text",
    [
        "nas-bench-201#",
        "nas-bench-201#-1",
        "nas-bench-201#1.5",
        "nas-bench-201#1,46",
        "nas-bench-201#1,4625",
        "x-nas-bench-201#1",
        "#12",
    ],
)
def test_what_is_no_index(text: str):
    assert not list(FORM.find(text))


@pytest.mark.parametrize("text", ["nas-bench-201#15625", "nas-bench-201#999999999"])
def test_an_index_beyond_the_last(text: str):
    with pytest.raises(ValueError, match="NAS-Bench-201 has the indices 0 to 15,624, "):
        parse_genotype(text)


@given(genotypes(SPACES["darts"]))
def test_other_spaces_have_none(genotype):
    with pytest.raises(ValueError, match="a genotype of DARTS has no index; only those of NAS-Bench-201 have"):
        export(genotype, "nas-bench-201-index")
