"""What stands above a result: its question and where it comes from."""

import pytest

from dashboard.explore.result import result_headline, result_provenance
from dashboard.server.results import CACHED, COMPUTED, KEPT, PREVIEW, SHIPPED, ShownResult


def test_the_headline_is_the_question_and_its_cost(tiny_results):
    headline = result_headline(tiny_results["darts"])
    result = tiny_results["darts"]
    assert headline.startswith("DARTS · seed 0 · synaptic · closed form · ")
    assert headline.endswith(f"{len(result.passes)} passes in {result.timing['total']:.3g} s on CPU")


@pytest.mark.parametrize("origin", [SHIPPED, COMPUTED, CACHED, PREVIEW, KEPT])
def test_the_provenance_tells_origin_versions_and_settings(nas_bench_201, origin):
    words = result_provenance(ShownResult(nas_bench_201, origin))
    environment = nas_bench_201.environment
    assert f"(engine {environment['engine']}, torch {environment['torch']}, " in words
    assert "Normalisation bypass, α ones, iterative, field full; 4 channels, 1 cell " in words
    assert words.endswith("8² pixels.")


def test_origins_are_told_apart(nas_bench_201):
    origins = (SHIPPED, COMPUTED, CACHED, PREVIEW, KEPT)
    assert len({result_provenance(ShownResult(nas_bench_201, origin)) for origin in origins}) == len(origins)
