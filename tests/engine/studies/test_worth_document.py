"""The figures that ship: what README and pages say of them."""

from __future__ import annotations

from engine import MEASURES, PROXIES, SPACES, SearchConfig
from engine.studies.worth import PROXY_MEASURES, known_finding, worth
from engine.studies.worth_document import space_figures


def test_figures_name_what_is_registered():
    assert set(PROXY_MEASURES) <= set(PROXIES)
    assert set(PROXY_MEASURES.values()) <= set(MEASURES)
    assert [name for name in SPACES if space_figures(name)] == ["nas-bench-201", "darts"]
    for figures in map(space_figures, ("nas-bench-201", "darts")):
        for ranking in figures.rankings:
            assert ranking.measure in MEASURES
            assert ranking.spearman.low <= ranking.spearman.value <= ranking.spearman.high
        for finding in figures.findings:
            assert finding.recipe in PROXIES[finding.proxy].recipes
            assert finding.least - 0.01 <= finding.mean <= finding.largest + 0.01 <= figures.table.best + 0.01


def test_what_the_pages_say_at_first():
    """The figures of the README, as they were measured before the document was."""
    darts = worth("darts")
    assert darts.sentence == (
        "On DARTS counting parameters ranks better: 0.16 against 0.48 (363 genotypes, NAS-Bench-301 surrogate)."
    )
    assert worth("nas-bench-201").spearman == "Spearman 0.78 (parameters 0.75)"
    assert worth("nas-bench-macro").verdict == "nothing known"
    assert known_finding(SearchConfig()).mean == 93.76
    limited = known_finding(SearchConfig(max_params=900_000))
    assert (round(limited.mean, 2), limited.rank) == (93.89, 77)
