"""Genotypes in a few words, counted by hand."""

import pytest

from dashboard.parts.genotype_finding import genotype_finding
from engine import parse_genotype

DARTS = "Genotype(normal=[{}], normal_concat=range(2, 6), reduce=[{}], reduce_concat=range(2, 6))"
SKIPS = ", ".join(f"('skip_connect', {source})" for source in (0, 1) * 4)
MIXED = SKIPS.replace("skip_connect", "max_pool_3x3", 2)


@pytest.mark.parametrize(
    ("notation", "words"),
    [
        (
            "|nor_conv_1x1~0|+|none~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|",
            "conv 3×3 on 3 of 6 connections, none on 1, conv 1×1 on 1, skip on 1",
        ),
        (DARTS.format(SKIPS, SKIPS), "skip on all 8 connections"),
        (
            DARTS.format(SKIPS, MIXED),
            "Normal: skip on all 8 connections; Reduction: skip on 6 of 8 connections, max pool 3×3 on 2",
        ),
        ("00000000", "identity on all 8 layers"),
    ],
)
def test_operations_are_counted_cell_by_cell(notation, words):
    assert genotype_finding(parse_genotype(notation)) == words
