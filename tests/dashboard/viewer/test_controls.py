"""The controls of the viewer, drawn by themselves."""

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.viewer.samples import SAMPLE_NOTATIONS
from dashboard.viewer.state import ViewerState
from engine import SPACES, parse_genotype
from tests.engine.spaces.published_darts import GENOTYPES_PY, PARAMETERS
from tests.waiting import PATIENCE

FIRST, DARTS_V2 = SAMPLE_NOTATIONS.values()
TITLES = [*SAMPLE_NOTATIONS]


def page():
    import streamlit as st

    from dashboard.viewer.controls import genotype_controls, keep_genotype

    st.session_state["valid"] = keep_genotype(genotype_controls())


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


def test_the_field_says_how_genotypes_of_every_notation_begin():
    said = controls().text_area(key="genotype").help.replace("\\", "")
    assert all(space.notation_hint in said for space in SPACES.values())


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


def written(at, text):
    at.text_area(key="genotype").set_value(text).run()
    assert not at.exception
    return [each.value.replace("\\", "") for each in at.caption]


def test_of_a_log_the_last_genotype_is_shown_which_is_said():
    at = controls()
    log = f"arch: {FIRST.replace('nor_conv_3x3', 'none')}\narch: {FIRST}\nend"
    assert written(at, log) == ["Read the last of 2 genotypes."]
    assert kept(at) == parse_genotype(FIRST)
    assert at.text_area(key="genotype").value == log
    assert written(at, FIRST) == []


def test_a_space_is_named_and_the_text_stays():
    at = controls()
    text = DARTS_V2.replace("dil_conv_3x3", "skip_connect").replace("max_pool_3x3", "sep_conv_3x3")
    written(at, text)
    assert kept(at).space_name == "darts"
    at.selectbox(key="genotype_space").select("robust-darts-s2").run()
    assert kept(at) == parse_genotype(text, "robust-darts-s2")
    assert at.text_area(key="genotype").value == text
    at.selectbox(key="genotype_space").select("nas-bench-macro").run()
    assert not at.session_state["valid"]
    at.selectbox(key="sample").select(TITLES[0]).run()
    assert at.selectbox(key="genotype_space").value == "as it says itself"
    assert at.session_state["valid"]


def test_a_number_is_an_index_where_the_space_is_named():
    at = controls()
    written(at, "1462")
    assert "nas\\-bench\\-201\\#1462" in at.error[0].value
    at.selectbox(key="genotype_space").select("nas-bench-201").run()
    assert kept(at) == parse_genotype(FIRST)


@pytest.mark.parametrize("space", ["robust-darts-s2", "Robust-DARTS S2"])
def test_a_link_names_the_space_by_its_name_or_title(space):
    at = AppTest.from_function(page, default_timeout=PATIENCE)
    text = DARTS_V2.replace("dil_conv_3x3", "skip_connect").replace("max_pool_3x3", "sep_conv_3x3")
    at.query_params["genotype"], at.query_params["genotype_space"] = text, space
    at.run()
    assert not at.warning
    assert kept(at) == parse_genotype(text, "robust-darts-s2")


def test_the_space_in_a_link_is_checked():
    at = AppTest.from_function(page, default_timeout=PATIENCE)
    at.query_params["genotype_space"] = "darts-v3"
    at.run()
    assert not at.exception
    assert "unknown search space 'darts-v3'" in at.warning[0].value.replace("\\", "")
    assert at.session_state["valid"]


def test_one_of_several_genotypes_is_chosen_by_its_name():
    at = controls()
    written(at, GENOTYPES_PY)
    assert not at.session_state["valid"]
    assert "6 genotypes have names in this text: choose one under Name" in at.info[0].value
    assert not at.error
    assert [*PARAMETERS] == at.selectbox(key="genotype_name").options[:4]
    for name in PARAMETERS:
        at.selectbox(key="genotype_name").select(name).run()
        assert kept(at) == parse_genotype(GENOTYPES_PY, name=name)
        assert not at.error
    assert at.text_area(key="genotype").value == GENOTYPES_PY


def test_files_fill_the_field_with_what_a_link_can_hold():
    at = controls()
    at.file_uploader(key="upload").upload("genotypes.py", GENOTYPES_PY.encode()).run()
    assert at.text_area(key="genotype").value == GENOTYPES_PY
    at.file_uploader(key="upload").clear()
    log = "train 1.25\n" * 100_000 + f"arch: {FIRST.replace('nor_conv_3x3', 'none')}\narch: {FIRST}"
    at.file_uploader(key="upload").upload("log.txt", log.encode()).run()
    assert at.text_area(key="genotype").value == FIRST
    assert at.caption[0].value == "Read the last of 2 genotypes\\."
    assert written(at, log) == ["Read the last of 2 genotypes."]
    assert at.text_area(key="genotype").value == FIRST
