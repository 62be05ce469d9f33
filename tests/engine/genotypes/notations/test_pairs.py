from collections.abc import Callable
from typing import Any

import pytest

from engine.genotypes.notations.form import Excerpt
from engine.genotypes.notations.literals import read_literal
from engine.genotypes.notations.pairs import translate_fields

NORMAL = "[('skip_connect', 0), ('sep_conv_3x3', 1)] * 4"
PAIRS = [("skip_connect", 0), ("sep_conv_3x3", 1)] * 4
GOOD = {"normal": PAIRS, "normal_concat": [2, 3, 4, 5], "reduce": PAIRS, "reduce_concat": [2, 3, 4, 5]}


def _translate(changes: dict[str, Any], **more: Any) -> Any:
    fields = read_literal(Excerpt(repr({**GOOD, **changes})), "x")
    return translate_fields({name: value for name, value in fields.items() if value != "dropped"}, "It", **more)


def test_the_notation_is_that_of_darts():
    found = _translate({})
    assert found.notation == "darts"
    assert found.text == (
        f"Genotype(normal={PAIRS}, normal_concat=range(2, 6), reduce={PAIRS}, reduce_concat=range(2, 6))"
    )
    assert found.notes == ()


@pytest.mark.parametrize(
    ("changes", "notes"),
    [
        ({"normal": [(*pair, 0.25) for pair in PAIRS]}, ("left out the weights of the edges",)),
        ({"normal": [(*pair, None) for pair in PAIRS]}, ("left out the weights of the edges",)),
        ({"normal": [PAIRS[at : at + 2] for at in range(0, 8, 2)]}, ()),
        ({"alphas_normal": None, "connects": None, "x": "", "y": []}, ()),
        ({"alphas_normal": [[0.1]], "epoch": 3}, ("left out alphas_normal, epoch",)),
        (dict.fromkeys("abcdef", 1), ("left out a, b, c, d, …",)),
        ({"normal_concat": "dropped", "reduce_concat": "dropped", "concat": (2, 3, 4, 5)}, ()),
        ({"normal": [[{"inputs": [0, 1], "ops": [0, 1]}] * 4]}, ()),
        ({"normal": [{"inputs": [0, 1], "ops": ["skip_connect", "sep_conv_3x3"]}] * 4}, ()),
    ],
)
def test_variants_are_the_same_genotype(changes: dict[str, Any], notes: tuple[str, ...]):
    assert _translate(changes).text == _translate({}).text
    assert _translate(changes).notes == notes


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"normal": "dropped"}, "^It takes exactly normal, normal_concat, reduce, reduce_concat, each once"),
        ({"normal_concat": "dropped"}, "^It takes exactly"),
        ({"connects": [(0, 1)]}, "^It takes exactly"),
        ({"connectN": 3}, "^It takes exactly"),
        (
            {"reduce_concat": [2, 3, 4]},
            r"^reduce_concat \(line 1, column .*: this space concatenates nodes \[2, 3, 4, 5\]",
        ),
        ({"reduce_concat": [2.0, 3, 4, 5]}, "^reduce_concat"),
        ({"reduce_concat": [5, 4, 3, 2]}, "^reduce_concat"),
        ({"reduce_concat": 4}, "^reduce_concat: this space"),
        ({"normal": 3}, r"^normal: a list of \(operation, node\) pairs expected, 3 found"),
        ({"normal": [("a", True)]}, r"^normal\[0\] \(line 1, column \d+\): a pair"),
        ({"normal": [("a", 1, "w")]}, r"^normal\[0\]"),
        ({"normal": [("a", 1, 2, 3)]}, r"^normal\[0\]"),
        ({"normal": [*PAIRS, (0, "a")]}, r"^normal\[8\]"),
        ({"normal": [PAIRS[:2], PAIRS[:3]]}, r"^normal\[1\]: 3 pairs found for node 3, 2 expected"),
        ({"normal": [[("a", 0), ("b", "c")]]}, r"^normal\[0\]\[1\]"),
        (
            {"normal": [{"inputs": [0, 1], "ops": [0, 7]}]},
            r"^normal\[0\]: inputs and ops of a node expected, ops from 0 to 6",
        ),
        ({"normal": [{"inputs": [0, 1], "ops": [0, 1.0]}]}, r"^normal\[0\]"),
        ({"normal": [{"inputs": [0], "ops": [0, 1]}]}, r"^normal\[0\]"),
        ({"normal": [{"inputs": 0}]}, r"^normal\[0\]"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], message: str):
    with pytest.raises(ValueError, match=message):
        _translate(changes)


@pytest.mark.parametrize("name", ["other", "epoch", "normal_bottleneck"])
def test_only_of_a_record_other_fields_are_left_out(name: str):
    translate: Callable[..., Any] = lambda **more: _translate({name: 1}, **more)  # noqa: E731
    assert translate().notes == (f"left out {name}",)
    with pytest.raises(ValueError, match="takes exactly"):
        translate(record=False)
    assert _translate({"betas": [1]}, record=False).notes == ("left out betas",)
