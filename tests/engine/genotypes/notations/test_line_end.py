import pytest

from engine import SPACES
from engine.genotypes.genotype import parse_with_notes
from engine.genotypes.notations.line_end import FORM
from tests.engine.exports.spaces import varied

NAMES = ("nas-bench-macro", "mobilenet", "nas-bench-1shot1-1")


@pytest.mark.parametrize("name", NAMES)
def test_the_last_line_of_a_log_counts(name: str):
    genotype = varied(SPACES[name])
    log = "\r\n".join(f"10:1{at} INFO best network: {genotype.notation}" for at in range(3))
    read = parse_with_notes(f"{log}\r\ndone: 3")
    assert (read.genotype, read.notes) == (genotype, ("read the last of 3 genotypes",))
    assert parse_with_notes(f"best = '{genotype.notation}'").notes == ()


@pytest.mark.parametrize(
    "text", ["at 01220211 it", "x: 012202110", "x: 01220213", "x: skip", "x: k3e3 k3e3", "f(1) g(2)", "20220101-1"]
)
def test_other_lines_are_not_found(text: str):
    assert not list(FORM.find(text))


def test_it_is_weak():
    cell = "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|"
    assert parse_with_notes(f"{cell}\nat: 01220211").genotype.notation == cell
