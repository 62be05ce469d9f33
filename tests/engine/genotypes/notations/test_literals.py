import pytest

from engine.genotypes.notations.form import Excerpt
from engine.genotypes.notations.literals import Items, Unread, WrittenCall, in_brackets, read_literal


def _read(text: str) -> object:
    return read_literal(Excerpt(text), "no value")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("-1.5", -1.5),
        ("None", None),
        ("null", None),
        ("true", True),
        ("'a'", "a"),
        ("[1, (2, 'x'), ]", (1, (2, "x"))),
        ("{'a': [1], 'b': false}", {"a": (1,), "b": False}),
        ("np.int64(3)", 3),
        ("numpy.float32(0.5)", 0.5),
        ("torch.tensor(3, device='cuda:0')", 3),
        ("array([1, 2], dtype=int64)", (1, 2)),
        ("np.str_('x')", "x"),
        ("range(2, 6)", (2, 3, 4, 5)),
        ("list(range(3))", (0, 1, 2)),
        ("OrderedDict([('a', 1)])", {"a": 1}),
        ("dict(a=1)", {"a": 1}),
    ],
)
def test_values(text: str, value: object):
    assert _read(text) == value


@pytest.mark.parametrize(
    "text",
    [
        *(
            "x",
            "f'x'",
            "b'x'",
            "...",
            "1 + 1",
            "1j",
            "lambda: 0",
            "[x for x in y]",
            "{1, 2}",
            "{1: 2}",
            "{**a}",
            "'%s' % 1",
        ),
        *(
            "range(0, 10**9)",
            "range(0, 1000000000)",
            "range(0, 101)",
            "range(1, 2, 0)",
            "range('a')",
            "a[0]",
            "(a())()",
        ),
        *("range(True)", "range(2, stop=6)", "not 1", "-x", "(x := 1)", "await_", "*a, b"[3:]),
    ],
)
def test_what_is_no_value_is_not_read_and_shown_as_it_is_written(text: str):
    found = _read(f"[{text}]")
    assert isinstance(found, Items)
    assert isinstance(found[0], Unread)
    assert repr(found[0]) == text.strip("()") or repr(found[0]) in text
    assert in_brackets(found[0]).startswith(" (line 1, column ")


def test_what_is_shown_is_printable_and_stands_on_one_line():
    assert repr(_read("(x +\n\n  'a\x1b\u202e')")) == r"x + 'a\x1b\u202e'"


def test_calls_have_the_last_part_of_their_name():
    found = _read("a.b.Genotype(1, x=2, **y)")
    assert isinstance(found, WrittenCall)
    assert (found.name, found.arguments, [name for name, _ in found.keywords]) == ("Genotype", (1,), ["x", "**"])


@pytest.mark.parametrize(
    "text",
    [
        *("", "1 +", "(", "'", "\0", "\ud800", "[" * 50 + "]" * 50, "[" * 9000 + "]" * 9000, "-" * 9000 + "1"),
        *("9" * 5000, "f(" * 30 + ")" * 30, "{'a':" * 30 + "1" + "}" * 30, "1;2", "x = 1"),
    ],
)
def test_what_cannot_be_read_gets_one_sentence(text: str):
    with pytest.raises(ValueError, match=r"^no value: ") as refused:
        _read(text)
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 200


def test_places_begin_where_the_excerpt_does():
    with pytest.raises(ValueError, match="line 4, column 1: invalid syntax"):
        read_literal(Excerpt("[1,\n, ]", 3, 9), "x")
    found = read_literal(Excerpt("[\n[1]]", 3, 9), "x")
    assert (found.place, found[0].place) == ("line 3, column 9", "line 4, column 1")
