"""The heading of answers side by side, and how one is taken away."""

from streamlit.testing.v1 import AppTest

from dashboard.compare.answers import ComparedAnswer
from dashboard.compare.view import agreement_words
from engine import parse_genotype
from tests.dashboard.atlas.conftest import CONVOLUTIONS, MIXED, SKIPS
from tests.dashboard.conftest import texts
from tests.waiting import PATIENCE


def answers(*notations):
    return {str(place): ComparedAnswer(parse_genotype(text)) for place, text in enumerate(notations)}


def test_the_heading_says_where_answers_agree():
    assert agreement_words({}) == "Compare"
    assert agreement_words(answers(SKIPS)) == "One answer in NAS-Bench-201"
    assert agreement_words(answers(CONVOLUTIONS, CONVOLUTIONS)) == "All 2 answers are the same cell"
    assert agreement_words(answers(CONVOLUTIONS, MIXED, SKIPS)) == "3 answers agree on 0 of 6 connections"
    assert agreement_words(answers(CONVOLUTIONS, MIXED)) == "2 answers agree on 2 of 6 connections"


def page(notations):
    import streamlit as st

    from dashboard.compare.answers import ComparedAnswer
    from dashboard.compare.view import comparison_view
    from engine import parse_genotype

    answers = {f"*{place}*": ComparedAnswer(parse_genotype(text)) for place, text in enumerate(notations)}
    comparison_view(answers, None, lambda label: st.session_state.update(gone=label))


def test_every_answer_has_a_heading_and_a_way_to_take_it_away():
    at = AppTest.from_function(page, kwargs={"notations": [CONVOLUTIONS, MIXED]}, default_timeout=PATIENCE).run()
    assert not at.exception
    assert "***1***" in texts(at)
    at.button(key="remove 1").click().run()
    assert at.session_state["gone"] == "*1*"
    at.session_state["compare_export"] = True
    at.run()
    labels = [each.label for each in at.get("download_button")]
    assert labels == ["Table, CSV", "Tables, LaTeX", "Pictures, SVG", "Pictures, PDF", "Pictures, PNG"]
