import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import SPACES, parse_genotype
from tests.engine.strategies import genotypes

BETWEEN = [" ", ",", ", ", "-", " - ", "_", ";", "; ", ":", "/", "|", "+"]
AROUND = ["{}", "[{}]", "({})", "'{}'", "[[{}]]", "\n{}\n", "`{}`"]


@pytest.mark.parametrize("between", BETWEEN)
@given(genotype=genotypes(SPACES["nas-bench-macro"]), around=st.sampled_from(AROUND))
def test_digits_with_something_between_are_read(between, genotype, around):
    text = around.format(between.join(genotype.notation))
    assert parse_genotype(text) == parse_genotype(text, "nas-bench-macro") == genotype


@pytest.mark.parametrize(
    "text",
    [
        *(
            "0,1,2,2,0,2,1",
            "0,1,2,2,0,2,1,1,0",
            "0,1,2,2,0,2,1,3",
            "0,1,2,2 0,2,1,1",
            "0-1,2,2,0,2,1,1",
            "0.1.2.2.0.2.1.1",
        ),
        *("the ranks are 0, 1, 2, 2, 0, 2, 1, 1", "0, 1, 2, 2, 0, 2, 1, 1 and 0, 1, 2, 2, 0, 2, 1, 1", "01,22,02,11"),
    ],
)
def test_other_numbers_are_no_network(text: str):
    with pytest.raises(ValueError, match="is no known notation"):
        parse_genotype(text)
