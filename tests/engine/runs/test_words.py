from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.runs.words import MAX_NAME, MAX_TAGS, checked_name, checked_note, checked_tags, search_words


@given(st.text(max_size=100))
def test_a_name_is_one_line_that_can_be_stored(given: str):
    try:
        name = checked_name(given)
    except ValueError:
        return
    assert len(name) <= MAX_NAME
    assert name == " ".join(name.split())
    assert not set(name) & {"\x00", "\n", "\u202e", "\u2028"}
    assert checked_name(name) == name
    name.encode()


@given(st.text(max_size=50), st.text(max_size=50))
def test_a_note_keeps_its_lines(first: str, second: str):
    note = checked_note(f"{first}\n{second}")
    assert checked_note(note) == note
    note.encode()
    if first.isalnum() and second.isalnum():
        assert note.split("\n") == [first, second]


@given(st.lists(st.text(max_size=12), max_size=MAX_TAGS))
def test_tags_are_a_sorted_set(given: list[str]):
    tags = checked_tags(given)
    assert list(tags) == sorted(set(tags))
    assert "" not in tags
    assert checked_tags(tags) == tags


def test_signs_that_turn_text_around_are_left_out():
    assert [checked_name(text) for text in ("\u200b", " \u3164 ", "\u00a0\u2060")] == ["", "", ""]
    assert checked_name("ab\u202ecd\u2066e\x07f\ud800") == "abcde f"
    assert checked_name("👩\u200d🔬 שלום") == "👩\u200d🔬 שלום"


def test_the_words_of_a_search_have_no_case():
    assert search_words("  Über\tStraße ") == ["über", "strasse"]
    assert search_words("\u200b") == []
    assert search_words("a " * 500) == ["a"] * 100
