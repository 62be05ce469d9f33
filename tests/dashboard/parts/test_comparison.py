"""What a session puts aside to compare."""

from streamlit.testing.v1 import AppTest

from dashboard.parts.comparison import MOST_COMPARED, comparison_complaint
from tests.dashboard.conftest import small
from tests.waiting import PATIENCE


def test_runs_of_one_space_may_be_compared(store):
    runs = [store.add(small(seed)) for seed in range(3)]
    words = f"Choose 2 to {MOST_COMPARED} runs in one space."
    counts = (runs[:1], runs, [runs[0]] * (MOST_COMPARED + 1))
    assert [comparison_complaint(some) for some in counts] == [words, "", words]
    other = store.add(small(1, space="darts", cells=3))
    assert comparison_complaint([runs[0], other]) == "These runs are in different spaces: nas-bench-201, darts."


def page(count):
    import streamlit as st

    from dashboard.parts.comparison import add, compare_button, compared_items, remove
    from engine import SearchConfig

    questions = [SearchConfig(seed=seed) for seed in range(count)]
    compare_button(questions[:1], "first")
    compare_button(questions, "all")
    try:
        add([SearchConfig(space="darts"), SearchConfig(space="darts")])
        add(questions)
        remove(questions[1:])
    except ValueError as error:
        st.error(str(error))
    st.session_state["seen"] = [(item.space, item.seed) for item in compared_items()]


def test_what_is_put_aside_is_there_once_by_space_and_more_than_fits_is_told():
    at = AppTest.from_function(page, kwargs={"count": MOST_COMPARED}, default_timeout=PATIENCE).run()
    assert at.session_state["seen"] == [("darts", 0), ("nas-bench-201", 0)]
    at.run()
    assert at.button(key="first opens").label == "Compare 1"
    at = AppTest.from_function(page, kwargs={"count": MOST_COMPARED + 1}, default_timeout=PATIENCE).run()
    assert at.button(key="all").disabled
    told = f"At most {MOST_COMPARED} stand side by side: 0 are there, and {MOST_COMPARED + 1} would come."
    assert (at.button(key="all").help, at.error[0].value) == (told, told)


def test_the_button_puts_aside():
    at = AppTest.from_function(_button, default_timeout=PATIENCE).run()
    at.button(key="one").click().run()
    assert at.button(key="one opens").label == "Compare 1"


def _button():
    from dashboard.parts.comparison import compare_button
    from engine import SearchConfig

    compare_button([SearchConfig(seed=3)], "one")
