"""The table of scores are the engine's numbers; the details tell versions and settings."""

from dataclasses import replace

import numpy as np
import pytest

from dashboard.explore.details import provenance, score_rows
from engine.operations.registry import get_operation
from engine.proxies import get_proxy


def test_the_table_has_every_operation_on_every_edge(nas_bench_201):
    space, shares = nas_bench_201.space, nas_bench_201.shares["cell"]
    rows = score_rows(nas_bench_201.frame("cell"))
    assert [(row["connection"], row["operation"]) for row in rows] == [
        (space.edge_name(edge), get_operation(name).title) for edge in space.edges for name in space.operations
    ]
    assert np.reshape([row["Flow share"] for row in rows], shares.shape) == pytest.approx(shares)
    by_edge = np.reshape([row["% of connection"] for row in rows], shares.shape)
    assert by_edge.sum(axis=1) == pytest.approx(100)


def test_shares_of_other_scores_are_not_called_flow(nas_bench_201):
    rows = score_rows(replace(nas_bench_201.frame("cell"), proxy=get_proxy("params")))
    assert list(rows[0])[2:] == ["% of connection", "Share of all scores", "Raw score"]


def test_huge_raw_scores_stand_as_their_logarithms(nas_bench_201):
    first, *others = nas_bench_201.passes
    for log_flow, title in ((20.0, "Raw score"), (130.0, "log₁₀ raw score"), (2000.0, "log₁₀ raw score")):
        result = replace(nas_bench_201, passes=(replace(first, log_flow=log_flow), *others))
        rows = score_rows(result.frame("cell"))
        assert list(rows[0]) == ["connection", "operation", "% of connection", "Flow share", title]
        largest = max(rows, key=lambda row: row["Flow share"])
        share, score = largest["Flow share"], largest[title]
        expected = share * np.exp(log_flow) if title == "Raw score" else np.log10(share) + log_flow / np.log(10)
        assert score == pytest.approx(expected)
        assert score < 2**53
        empty = {row[title] for row in rows if row["Flow share"] == 0}
        assert empty <= ({0} if title == "Raw score" else {None})


def test_the_provenance_tells_versions_and_settings(nas_bench_201):
    words, environment = provenance(nas_bench_201), nas_bench_201.environment
    assert words.startswith(f"{len(nas_bench_201.passes)} passes in ")
    assert f"(engine {environment['engine']}, torch {environment['torch']}, " in words
    assert "Normalisation bypass, α ones, iterative, field full; 4 channels, 1 cell " in words
    assert words.endswith("8² pixels.")
