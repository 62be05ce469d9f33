"""The table of scores and the words of a selection are the engine's numbers."""

from dataclasses import replace

import numpy as np
import pytest

from dashboard.explore.explorer import score_rows, selection_words
from dashboard.parts.view import Selection, View


def test_the_table_has_every_operation_on_every_edge(nas_bench_201):
    space, shares = nas_bench_201.space, nas_bench_201.shares["cell"]
    rows = score_rows(View(nas_bench_201, "cell"))
    assert [(row["edge"], row["operation"]) for row in rows] == [
        (space.edge_name(edge), name) for edge in space.edges for name in space.operations
    ]
    assert np.reshape([row["Share"] for row in rows], shares.shape) == pytest.approx(shares)
    by_edge = np.reshape([row["Share of its edge"] for row in rows], shares.shape)
    assert by_edge.sum(axis=1) == pytest.approx(100)


def test_huge_raw_scores_stand_as_their_logarithms(nas_bench_201):
    first, *others = nas_bench_201.passes
    for log_flow, title in ((20.0, "Raw score"), (130.0, "log₁₀ raw score"), (2000.0, "log₁₀ raw score")):
        result = replace(nas_bench_201, passes=(replace(first, log_flow=log_flow), *others))
        rows = score_rows(View(result, "cell"))
        assert list(rows[0]) == ["edge", "operation", "Share", title, "Share of its edge"]
        largest = max(rows, key=lambda row: row["Share"])
        share, score = largest["Share"], largest[title]
        expected = share * np.exp(log_flow) if title == "Raw score" else np.log10(share) + log_flow / np.log(10)
        assert score == pytest.approx(expected)
        assert score < 2**53
        empty = {row[title] for row in rows if row["Share"] == 0}
        assert empty <= ({0} if title == "Raw score" else {None})


def test_a_selection_tells_share_and_rank_on_its_edge(darts):
    view = View(darts, "normal")
    shares, space = view.shares(), darts.space
    for edge in (0, 5):
        order = np.argsort(-shares[edge], kind="stable")
        for place in (0, len(order) - 2):
            name = space.operations[order[place]]
            words = selection_words(view, Selection(edge, name))
            rank = 1 + sum(shares[edge] > shares[edge, order[place]])
            assert f"· {name}**: share {shares[edge, order[place]]:.4g}, number {rank} of " in words
            assert words.endswith(f"chosen there: {darts.chosen('normal')[edge]}.")
    assert darts.chosen("normal")[2] in selection_words(view, Selection(2, None)).split("**")[1]


def test_an_operation_is_counted_wherever_it_was_chosen(darts):
    chosen = list(darts.chosen("normal").values())
    for name in darts.space.operations:
        words = selection_words(View(darts, "normal"), Selection(None, name))
        assert words == f"**{name}**: chosen on {chosen.count(name)} of 14 edges."


@pytest.mark.parametrize("noise", [0.0, 1e-6])
def test_operations_that_differ_by_rounding_share_a_rank(tiny_results, noise):
    """Away from the border skip and pooling pass the same, so their shares differ by rounding alone."""
    result = tiny_results["nas-bench-201"]
    first, *others = result.passes
    rough = 1 + noise * np.random.default_rng(0).uniform(-1, 1, first.shares["cell"].shape)
    passes = (replace(first, shares={"cell": first.shares["cell"] * rough}), *others)
    view = View(replace(result, passes=passes), "cell", step=0)
    for edge in range(6):
        words = [selection_words(view, Selection(edge, name)) for name in ("skip_connect", "avg_pool_3x3")]
        ranks = {sentence.split("number ")[1].split()[0] for sentence in words}
        assert len(ranks) == 1
