import pytest

from engine.genotypes.notations.darts_dictionary import FORM
from engine.genotypes.notations.form import Excerpt


def test_the_dictionary_with_the_cells_is_found():
    text = '{"best": {"epoch": 3, "normal" : [], "x": {}}} OrderedDict([(\'normal\', [])]) a = dict(\n normal = [])'
    found = [text[begin:end] for begin, end in FORM.find(text)]
    assert found == ['{"epoch": 3, "normal" : [], "x": {}}', "OrderedDict([('normal', [])])", "dict(\n normal = [])"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"normal": []}', "a genotype as a dictionary takes exactly normal"),
        ('{"normal": [}', "not a dictionary of a genotype: line 1"),
        ("{'normal': 1, **x}", "a genotype as a dictionary has the keys normal, normal_concat, reduce, reduce_concat"),
    ],
)
def test_errors(text: str, message: str):
    with pytest.raises(ValueError, match=message):
        FORM.translate(Excerpt(text))
