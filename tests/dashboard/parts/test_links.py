"""What a link may ask of a page: rules, one sentence, and defaults in place of what is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from dashboard.parts.links import checker, one_of, some_of, two_ends, whole_between
from tests.waiting import PATIENCE


@given(st.integers(-(10**20), 10**20), st.integers(0, 10**9), st.integers(0, 10**9))
def test_a_whole_number_is_one_within_its_bounds(value, one, other):
    low, high = sorted((one, other))
    assert bool(whole_between(low, high)("seed", [str(value)])) is not (low <= value <= high)


@pytest.mark.parametrize("text", ["", "a", "1.0", "1e3", "-0", "+1", " 1", "1_0", "\u0661", "NaN", "1\n", "9" * 5000])
def test_no_other_text_is_a_whole_number(text):
    assert "is not a whole number from 0 to 1,000" in whole_between(0, 1000)("seed", ["3", text])


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False))
def test_the_ends_of_a_range_are_two_numbers_in_order(one, other):
    texts = [f"{end:.6g}" for end in (one, other)]
    long = any(len(text.split("e")[-1]) > 3 for text in texts if "e" in text)
    assert bool(two_ends("only_flow", texts)) is (long or float(texts[0]) > float(texts[1]))


@pytest.mark.parametrize(
    "texts", [[], ["1"], ["1", "2", "3"], ["2", "1"], ["nan", "1"], ["-inf", "inf"], ["1.2.3", "4"]]
)
def test_other_ends_are_none(texts):
    assert "are not two numbers, the less one first" in two_ends("only_flow", texts)


def test_names_are_known_ones_once_or_several_times():
    assert not one_of("ab")("x", ["a"])
    assert one_of("ab")("x", ["a", "b"]) == "x stands 2 times"
    assert not some_of("ab")("x", ["a", "b"])
    assert some_of("ab")("x", ["a", "c"]) == "unknown x 'c'; allowed: a, b"


def test_only_parameters_with_a_rule_are_looked_at():
    found = checker({"x": one_of("ab"), "n": whole_between(0, 9)})
    assert found({"other": ["?"], "x": ["a"], "n": ["3"]}) == {}
    assert list(found({"other": ["?"], "x": ["?"], "n": ["10"]})) == ["x", "n"]


def _page():
    import streamlit as st

    from dashboard.parts import links

    digits = "0123456789"
    rules = {"n": links.one_of(digits), "k": links.some_of(digits)}
    rules |= {f"only_{letter}" * 20: links.two_ends for letter in "abcdefgh"}
    links.mend_link("page", links.checker(rules))
    number = st.number_input("n", 0, 9, 4, key="n", bind="query-params")
    links.warn_of_link("page", number)


@pytest.mark.parametrize("text", ["10", "-1", "abc", "1e999", "NaN"])
def test_defaults_take_the_place_of_what_is_wrong_until_something_is_changed(text):
    at = AppTest.from_function(_page, default_timeout=PATIENCE)
    at.query_params.update(n=text, k="3", other="x")
    at.run()
    assert not at.exception
    assert at.number_input(key="n").value == 4
    assert "n" not in at.query_params
    assert "k" in at.query_params
    assert "unknown n" in at.warning[0].value
    at.run()
    assert len(at.warning) == 1
    at.number_input(key="n").set_value(5).run()
    assert not at.warning


def test_a_sentence_holds_so_much_and_says_how_much_more_there_is():
    at = AppTest.from_function(_page, default_timeout=PATIENCE)
    for name in "abcdefgh":
        at.query_params[f"only_{name}" * 20] = "x"
    at.run()
    assert "; and 7 more. Defaults are used instead." in at.warning[0].value.replace("\\", "")


def test_a_good_link_is_taken_as_it_is():
    at = AppTest.from_function(_page, default_timeout=PATIENCE)
    at.query_params["n"] = "7"
    at.run()
    assert at.number_input(key="n").value == 7
    assert not at.warning


def test_of_several_values_those_that_will_do_are_kept():
    at = AppTest.from_function(_page, default_timeout=PATIENCE)
    at.query_params.update(k=["3", "x", "5"], n=["1", "2"])
    at.run()
    assert at.query_params["k"] == ["3", "5"]
    assert "n" not in at.query_params
    assert at.number_input(key="n").value == 4


def _titled_page():
    import streamlit as st

    from dashboard.parts import links

    titles = {"one": "The first", "two": "The second"}
    links.mend_link("page", links.checker({"k": links.some_of(titles)}), {"k": titles})
    st.multiselect("k", list(titles), key="k", bind="query-params", format_func=titles.__getitem__)
    links.warn_of_link("page", None)


@pytest.mark.parametrize("values", [["two", "one"], ["The second", "one"], ["The second", "The first"]])
def test_a_link_holds_names_or_the_titles_that_a_control_shows(values):
    at = AppTest.from_function(_titled_page, default_timeout=PATIENCE)
    at.query_params["k"] = values
    at.run()
    assert at.multiselect(key="k").value == ["two", "one"]
    assert not at.warning


def test_what_is_neither_a_name_nor_a_title_is_told():
    at = AppTest.from_function(_titled_page, default_timeout=PATIENCE)
    at.query_params["k"] = ["The third"]
    at.run()
    assert at.multiselect(key="k").value == []
    assert "The third" in at.warning[0].value
