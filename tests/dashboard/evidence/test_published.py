"""The results of others, drawn by themselves."""

from streamlit.testing.v1 import AppTest

from dashboard.evidence.published import published_rows
from engine.studies.published import PUBLISHED, published
from tests.dashboard.conftest import texts
from tests.waiting import PATIENCE


def page(spaces):
    from dashboard.evidence.published import published_view

    published_view(spaces)


def test_figures_are_those_published_with_a_mark_for_their_source():
    rows = published_rows(published("nas-bench-201"))
    assert rows[0] == ["REA ¹", "93.92 ± 0.30", "71.84 ± 0.99", "45.54 ± 1.03", "12,000", "GTX 1080 Ti", "trains cells"]
    assert {row[0].split()[-1] for row in rows} == {"¹", "²", "³", "⁴"}


def test_they_are_folded_with_their_sources_below_or_not_there_at_all():
    at = AppTest.from_function(page, kwargs={"spaces": list(PUBLISHED)}, default_timeout=PATIENCE).run()
    assert [expander.label for expander in at.expander] == ["Published by others"]
    assert not at.expander[0].proto.expanded
    sources = {peer.source for record in PUBLISHED.values() for peer in record.peers}
    shown = "".join(texts(at)).replace("\u2060", "")
    assert all(source in shown for source in sources)
    assert not AppTest.from_function(page, kwargs={"spaces": ["mobilenet"]}, default_timeout=PATIENCE).run().expander
