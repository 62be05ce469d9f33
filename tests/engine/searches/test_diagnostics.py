from __future__ import annotations

import numpy as np
import pytest

from engine import parse_genotype, search
from engine.searches.diagnostics import TIE_LEVEL, collapse, precision, rounding, rounding_error, ties
from engine.spaces import get_space
from tests.conftest import tiny

BENCH = get_space("nas-bench-201")
POOLS = "Genotype(normal={0}, normal_concat=range(2, 6), reduce={1}, reduce_concat=range(2, 6))"


def test_the_error_of_double_precision_is_smaller_than_that_of_single_by_their_units():
    """Units of 2⁻⁵² and 2⁻²³: what single precision gets wrong by a half, double precision has right to nine digits."""
    exact = np.array([[[1.0, 3.0], [0.0, 4.0]]])
    assert rounding_error(exact, exact) == 0
    assert rounding_error(1.5 * exact, exact) == pytest.approx(0.5 * 2.0**-29)
    assert rounding_error(2.0**29 * exact, exact) == pytest.approx(1)


def test_scores_are_rounding_where_they_follow_the_precision():
    scores = np.array([[[10.0, 0.0]]])
    assert rounding(100 * scores, scores, ["cell"]) == []
    (notice,) = rounding(scores, 2.0**-29 * scores, ["cell"])
    assert notice.code == "rounding"
    assert notice.message == (
        "These scores are rounding error: they sum to 1.0e+01 in float32 and to 1.9e-08 in float64, "
        "so the genotype means nothing."
    )


def test_rounding_is_judged_for_each_cell_type():
    single, double = np.array([[[10.0, 1.0]], [[1e-7, 2e-7]]]), np.array([[[10.0, 1.0]], [[3e-16, 1e-16]]])
    (notice,) = rounding(single, double, ["normal", "reduce"])
    assert notice.message.startswith("The scores of the reduce cell are rounding error: they sum to 3.0e-07")
    assert notice.message.endswith("so the operations chosen there mean nothing.")


@pytest.mark.parametrize(
    ("error", "number"),
    [(0.28, "28.0% (limit 1%)"), (2.0, "200.0% (limit 1%)"), (3e-5, "3.0e-05 only (limit 1%), but")],
)
def test_another_genotype_in_double_precision_is_noticed_with_the_number_and_its_limit(error: float, number: str):
    shares = np.array([[[0.5, 0.25], [0.25, 0.0]]])
    notice = precision(shares * (1 + error), shares)
    assert notice.code == "precision"
    assert number in notice.message
    assert notice.message.endswith("Search again in float64.")


@pytest.mark.parametrize("name", ["avg_pool_3x3", "skip_connect", "none"])
def test_a_cell_without_a_convolution_is_a_collapse(name: str):
    genotype = parse_genotype(f"|{name}~0|+|{name}~0|{name}~1|+|{name}~0|{name}~1|{name}~2|")
    (notice,) = collapse(genotype)
    assert (notice.code, notice.message) == (
        "collapse",
        f"Collapse: no edge of the cell has a convolution, only {name}.",
    )
    one_convolution = genotype.notation.replace(f"{name}~2", "nor_conv_1x1~2")
    assert collapse(parse_genotype(one_convolution)) == []


def test_each_cell_type_collapses_by_itself():
    pools = [("max_pool_3x3", 0), ("skip_connect", 1)] * 4
    convolutions = [("max_pool_3x3", 0), ("dil_conv_3x3", 1)] * 4
    assert [notice.message for notice in collapse(parse_genotype(POOLS.format(convolutions, pools)))] == [
        "Collapse: no edge of the reduce cell has a convolution, only max_pool_3x3, skip_connect."
    ]
    assert len(collapse(parse_genotype(POOLS.format(pools, pools)))) == 2
    assert collapse(parse_genotype(POOLS.format(convolutions, convolutions))) == []


def test_a_network_is_spoken_of_by_its_layers():
    genotype = parse_genotype("00000000")
    assert [notice.message for notice in collapse(genotype)] == [
        "Collapse: no layer of the network has a convolution, only identity."
    ]
    equal = {"network": np.ones((8, 3))}
    (notice,) = ties(equal, {"network": dict.fromkeys(range(8), "identity")}, genotype.space)
    assert "tie on 8 layers" in notice.message


def _ties(rows: list[list[float]], chosen: list[str]) -> list[str]:
    return [notice.message for notice in ties({"cell": np.array(rows)}, {"cell": dict(enumerate(chosen))}, BENCH)]


CLEAR = [0.0, 1.0, 2.0, 3.0, 4.0]


def test_no_ties_where_scores_differ():
    assert _ties([CLEAR] * 6, ["avg_pool_3x3"] * 6) == []


def test_zeros_do_not_tie():
    assert _ties([[0.0, 0.0, 0.0, 0.0, 4.0]] * 6, ["avg_pool_3x3"] * 6) == []


def test_ties_are_counted_over_edges_and_say_whether_they_decide():
    tied = [0.0, 1.0, 2.0, 3.0, 3.0 + 0.9 * 3 * TIE_LEVEL]
    assert _ties([tied, tied, *[CLEAR] * 4], ["avg_pool_3x3", "nor_conv_3x3", *["avg_pool_3x3"] * 4]) == [
        "nor_conv_3x3 and avg_pool_3x3 tie on 2 edges (within 1%); on 2 of them the chosen one is among these."
    ]
    assert _ties([tied, *[CLEAR] * 5], ["nor_conv_1x1", *["avg_pool_3x3"] * 5]) == [
        "nor_conv_3x3 and avg_pool_3x3 tie on 1 edge (within 1%)."
    ]


def test_three_operations_tie_together_the_most_frequent_tie_first():
    three, two = [0.0, 1.0, 1.001, 5.0, 1.002], [0.0, 5.0, 2.0, 2.01, 9.0]
    assert _ties([three, two, two, *[CLEAR] * 3], ["nor_conv_3x3", *["avg_pool_3x3"] * 5]) == [
        "nor_conv_1x1 and nor_conv_3x3 tie on 2 edges (within 1%).",
        "skip_connect, nor_conv_1x1 and avg_pool_3x3 tie on 1 edge (within 1%).",
    ]


def test_two_separate_ties_on_one_edge():
    row = [0.0, 1.0, 1.001, 8.0, 8.01]
    assert len(_ties([row, *[CLEAR] * 5], ["avg_pool_3x3"] * 6)) == 2


def test_a_search_in_the_interior_notices_that_poolings_and_identity_are_the_same():
    result = search(tiny("nas-bench-201", field="interior"))
    assert [notice.message for notice in result.notices] == [
        "skip_connect and avg_pool_3x3 tie on 6 edges (within 1%)."
    ]
