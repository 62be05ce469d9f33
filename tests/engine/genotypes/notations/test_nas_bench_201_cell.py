import pytest

from engine.genotypes.notations.form import Excerpt
from engine.genotypes.notations.nas_bench_201_cell import FORM

CELL = "|a~0|+|a~0|b~1|+|a~0|b~1|c~2|"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (CELL, [CELL]),
        (f"x {CELL}, {CELL}\n{CELL}", [CELL] * 3),
        (f"{CELL},{CELL}", [CELL] * 2),
        (CELL.replace("+", "\r\n+ "), [CELL.replace("+", "\r\n+ ")]),
        (f"| epoch | acc |\n|---|---|\n| 1 | {CELL} |", [CELL]),
        (CELL[:-1], [CELL[:-1]]),
        ("|a|b| + |c|", []),
        ("| a | b |\n| 1 | 2 |", []),
        ("|a~0|", []),
    ],
)
def test_cells_are_found(text: str, found: list[str]):
    assert [text[begin:end] for begin, end in FORM.find(text)] == found


def test_blanks_are_taken_out():
    assert FORM.translate(Excerpt("| a ~ 0 |\n+\t|b~0|")).text == "|a~0|+|b~0|"


def test_a_cell_without_end_is_refused():
    with pytest.raises(ValueError, match="the cell has 60,000 characters; a notation has at most 20,000"):
        FORM.translate(Excerpt("|a~0|+" * 10_000))
