import pytest

from engine.genotypes.notations.darts_call import FORM
from engine.genotypes.notations.form import Excerpt


def _found(text: str) -> list[str]:
    return [text[begin:end] for begin, end in FORM.find(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("x = a.Genotype('1') Genotype ('2')", ["Genotype('1')", "Genotype ('2')"]),
        ("class Genotype(NamedTuple):\n  'x'", []),
        ("def Genotype('x')", []),
        ("MyGenotype('x')", []),
        ("Genotype()", []),
        ("namedtuple('Genotype', 'normal')", []),
        ("Genotype('1', Genotype('2')", ["Genotype('2')"]),
        ("Genotype('1', x", ["Genotype('1', x"]),
        ("Genotype('1') Genotype('2', x", ["Genotype('1')"]),
        ("Genotype(')')", ["Genotype(')')"]),
    ],
)
def test_calls_with_a_text_are_found(text: str, found: list[str]):
    assert _found(text) == found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Genotype('x')", r"Genotype\(\.\.\.\) takes exactly normal, normal_concat, reduce, reduce_concat, each once"),
        ("Genotype('x', normal=1)", "takes exactly"),
        ("Genotype('x',", r"not a Genotype\(...\) text: line 5, column 8: '\(' was never closed"),
        ("Genotype('x' 1)", r"not a Genotype\(...\) text: line 5, column "),
        ("Genotype(**'x')", "takes exactly"),
    ],
)
def test_errors_name_the_place(text: str, message: str):
    with pytest.raises(ValueError, match=message):
        FORM.translate(Excerpt(text, 5, 0))
