"""The controls of the viewer, drawn by themselves."""

from streamlit.testing.v1 import AppTest

from dashboard.viewer.samples import SAMPLES
from dashboard.viewer.state import ViewerState
from engine import parse_genotype
from tests.waiting import PATIENCE

FIRST, DARTS_V2 = SAMPLES.values()
TITLES = [*SAMPLES]


def page():
    import streamlit as st

    from dashboard.viewer.controls import keep_genotype, source_controls, text_control

    text = text_control()
    source_controls()
    st.session_state["valid"] = keep_genotype(text)


def controls():
    at = AppTest.from_function(page, default_timeout=PATIENCE).run()
    assert not at.exception
    return at


def kept(at):
    return at.session_state["ViewerState"].genotype


def test_the_first_sample_stands_there_at_first():
    at = controls()
    assert at.session_state["valid"]
    assert kept(at) == parse_genotype(FIRST)


def test_a_sample_replaces_the_text_and_the_choice_is_free_again():
    at = controls()
    at.selectbox(key="sample").select(TITLES[1]).run()
    assert at.text_area(key="genotype").value == DARTS_V2
    assert at.selectbox(key="sample").value is None
    assert kept(at) == parse_genotype(DARTS_V2)


def test_what_is_no_genotype_is_said_and_the_last_one_is_kept():
    at = controls()
    at.text_area(key="genotype").set_value("nonsense").run()
    assert not at.session_state["valid"]
    assert at.error[0].value.startswith("Not a genotype")
    assert kept(at) == parse_genotype(FIRST)


def test_what_was_wrong_with_a_file_stands_until_something_else_is_done():
    at = controls()
    at.session_state["ViewerState"] = ViewerState(complaint="cell.json: not a *cell*")
    at.run()
    assert at.error[0].value == r"The file is not a genotype\: cell\.json\: not a \*cell\*"
    at.text_area(key="genotype").set_value(DARTS_V2).run()
    assert not at.error
