import pytest

from engine.genotypes.notations.form import LONGEST_EXCERPT, Excerpt, bracketed, closing


@pytest.mark.parametrize(
    ("text", "end"),
    [("(a)", 3), ("f([{}], ')', \")\")x", 17), ("(# )\n)", 6), ("((", None), (")", 1), ("('", None), ("", None)],
)
def test_closing(text: str, end: int | None):
    assert closing(text, 0, len(text)) == end
    assert closing(text, 0, 0) is None


def test_brackets_are_found_apart():
    find = bracketed(r"f\(")
    text = "f(1) g(f(2)) f(f(3))"
    assert [text[begin:end] for begin, end in find(text)] == ["f(1)", "f(2)", "f(f(3))"]
    alone = bracketed(r"f\(", nested=False)
    assert list(alone("f( f(3)")) == [(3, 7)]
    assert list(find("f( f(3)")) == [(3, 7)]


def test_brackets_that_are_too_long_are_none():
    assert not list(bracketed(r"f\(")(f"f({' ' * LONGEST_EXCERPT})"))


def test_places():
    excerpt = Excerpt("a\nb", 7, 5)
    assert (excerpt.at(1, 2), excerpt.at(2, 2)) == ("line 7, column 6", "line 8, column 2")
