import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import SPACES, Genotype, parse_genotype
from engine.exports.formats import export
from engine.genotypes.notations.naslib import FORM, notation_of_key
from tests.engine.exports.spaces import varied
from tests.engine.strategies import genotypes


@given(st.sampled_from(["nas-bench-201", "darts"]).flatmap(lambda name: genotypes(SPACES[name])))
def test_what_is_written_is_read(genotype: Genotype):
    text = export(genotype, "naslib")
    assert parse_genotype(text) == genotype
    assert notation_of_key(text.strip()) == genotype.notation


def test_a_tuple_by_hand():
    text = "(4, 0, 3, 1, 4, 3)"  # edges 0→1, 0→2, 0→3, 1→2, 1→3, 2→3
    expected = "|avg_pool_3x3~0|+|skip_connect~0|none~1|+|nor_conv_1x1~0|avg_pool_3x3~1|nor_conv_1x1~2|"
    assert parse_genotype(text).notation == notation_of_key(text) == expected
    assert export(parse_genotype(expected), "naslib") == f"{text}\n"


@pytest.mark.parametrize(
    "text",
    ["torch.Size([1, 2, 3, 4, 5, 6]) of it", "[1, 2, 3, 4, 5]", "x, (1, 2, 3, 4, 5, 6), y", "(0.1, 1, 1, 1, 1, 1)"],
)
def test_other_tuples_are_not_found(text: str):
    assert not list(FORM.find(text))


@pytest.mark.parametrize("text", ["(4, 0, 3, 1, 4, 5)", "(4, 0, 3, 1, 4, -1)", "(((0, 7), (1, 2)), ((0, 1), (1, 1)))"])
def test_places_that_no_operation_has(text: str):
    with pytest.raises(ValueError, match="is not six places of operations, or two lists of"):
        parse_genotype(text)


@pytest.mark.parametrize("name", sorted(SPACES.keys() - {"darts", "nas-bench-201"}))
def test_spaces_without_tuples_get_a_sentence(name: str):
    with pytest.raises(ValueError, match=r"NASLib has no tuple for a genotype of .*, only for NAS-Bench-201 and DARTS"):
        export(varied(SPACES[name]), "naslib")
