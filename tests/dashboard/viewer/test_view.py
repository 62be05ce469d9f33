"""A genotype on its page, drawn by itself."""

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.viewer.samples import SAMPLES
from engine import parse_genotype
from engine.networks.cost import network_cost
from tests.waiting import PATIENCE

_, DARTS_V2 = SAMPLES.values()


def page(notation):
    from dashboard.viewer.view import genotype_view
    from engine import parse_genotype

    genotype_view(parse_genotype(notation))


@pytest.mark.parametrize("notation", SAMPLES.values(), ids=["nas-bench-201", "darts"])
def test_a_genotype_stands_beside_its_cost_and_its_files(notation):
    at = AppTest.from_function(page, kwargs={"notation": notation}, default_timeout=PATIENCE).run()
    assert not at.exception
    genotype = parse_genotype(notation)
    cost = network_cost(genotype)
    assert [metric.value for metric in at.metric] == [
        genotype.space.title,
        f"{cost.params / 1e6:.3f} M",
        f"{cost.macs / 1e6:.1f} M",
    ]
    assert at.code[0].value == genotype.notation
    assert len(at.get("download_button")) == 5
    assert len(at.columns) == len(genotype.space.cell_types)


@pytest.mark.parametrize(
    ("before", "after"), [("('sep_conv_3x3', 0)", "('none', 0)"), ("('sep_conv_3x3', 0)", "('sep_conv_3x3', 1)")]
)
def test_what_no_search_answers_with_is_shown_and_said(before, after):
    at = AppTest.from_function(page, kwargs={"notation": DARTS_V2}, default_timeout=PATIENCE).run()
    assert not at.caption
    at = AppTest.from_function(page, kwargs={"notation": DARTS_V2.replace(before, after, 1)}, default_timeout=PATIENCE)
    at.run()
    assert not at.exception
    assert at.caption[0].value.startswith("No search answers with this architecture")
