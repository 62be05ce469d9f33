import pytest

from engine.genotypes.notations.form import Excerpt
from engine.genotypes.notations.nested_lists import FORM


def test_the_nodes_of_a_cell_are_translated():
    text = "[(('none', 0),), (('a', 0), ('b', 1)), [['c', 0], ['d', 1], ['e', 2]]]"
    assert [text[begin:end] for begin, end in FORM.find(f"x {text} y")]
    found = FORM.translate(Excerpt(text))
    assert (found.notation, found.text) == ("nas-bench-201", "|none~0|+|a~0|b~1|+|c~0|d~1|e~2|")


@pytest.mark.parametrize("text", ["[[['a', 0]]]", "[[['a']], [], []]", "[[['a', 0]], 1, 2]", "[[['a'" + "]" * 3])
def test_other_lists_get_a_sentence(text: str):
    with pytest.raises(ValueError, match=r"a genotype as nested lists has 4 fields .* or 3 nodes of"):
        FORM.translate(Excerpt(text))
