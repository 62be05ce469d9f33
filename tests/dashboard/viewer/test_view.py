"""A genotype on its page, drawn by itself."""

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.viewer.samples import SAMPLE_NOTATIONS
from engine import parse_genotype
from engine.networks.cost import network_cost
from tests.dashboard.conftest import headline, texts
from tests.waiting import PATIENCE

CONVOLUTIONS, DARTS_V2 = SAMPLE_NOTATIONS.values()


def page(notation, current=True):
    import streamlit as st

    from dashboard.server.navigation import PAGES
    from dashboard.viewer.view import genotype_view
    from engine import parse_genotype

    st.navigation([st.Page(page.script) for page in PAGES.values()], position="hidden")  # those that are linked to
    genotype_view(parse_genotype(notation), current)


def shown(notation, current=True):
    kwargs = {"notation": notation, "current": current}
    at = AppTest.from_function(page, kwargs=kwargs, default_timeout=PATIENCE).run()
    assert not at.exception
    return at


@pytest.mark.parametrize("notation", SAMPLE_NOTATIONS.values(), ids=["nas-bench-201", "darts"])
def test_a_genotype_stands_beside_its_cost_and_its_files(notation):
    at = shown(notation)
    genotype = parse_genotype(notation)
    cost = network_cost(genotype)
    said = next(said for said in texts(at) if said.startswith("**Cost**"))
    assert f"{cost.params / 1e6:.3f} M parameters" in said
    assert f"{cost.macs / 1e6:.1f} M MACs" in said
    assert at.code[0].value == genotype.notation
    assert len(at.columns) == len(genotype.space.cell_types)
    assert genotype.space.title in texts(at)
    assert not at.get("download_button")
    at.session_state["viewer export"] = True
    at.run()
    assert [button.label for button in at.get("download_button")][:2] == ["Genotype JSON", "PyTorch file"]


def test_the_title_says_what_is_in_the_cell_and_whether_it_is_of_the_text():
    at = shown(CONVOLUTIONS, current=False)
    assert headline(at) == "conv 3×3 on all 6 connections"
    assert "NAS-Bench-201, the last genotype that could be read." in texts(at)


def test_a_genotype_is_put_aside_to_compare():
    at = shown(CONVOLUTIONS)
    at.button(key="viewer compare").click().run()
    assert at.session_state["ComparisonState"].items == [parse_genotype(CONVOLUTIONS)]
    assert at.button(key="viewer compare opens").label == "Compare 1"


@pytest.mark.parametrize(
    ("before", "after"), [("('sep_conv_3x3', 0)", "('none', 0)"), ("('sep_conv_3x3', 0)", "('sep_conv_3x3', 1)")]
)
def test_what_no_search_answers_with_is_shown_and_said(before, after):
    def said(at):
        return any("No search answers with this architecture" in text for text in texts(at))

    assert not said(shown(DARTS_V2))
    assert said(shown(DARTS_V2.replace(before, after, 1)))
