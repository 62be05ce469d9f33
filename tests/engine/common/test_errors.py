"""How a wrong value is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.common.errors import broken_rule, quoted, unknown_name
from engine.exports.formats import EXPORTS
from engine.measures import MEASURES
from engine.proxies import PROXIES
from engine.runs import ORDERS
from engine.spaces import SPACES

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(ANYTHING, st.booleans())
def test_a_value_is_short_and_can_be_seen(value, spelled):
    text = quoted(value, spelled=spelled)
    assert 0 < len(text) <= 60
    assert text.isprintable()
    assert text.removesuffix("…").isascii() or (isinstance(value, str) and not spelled)


def test_what_is_too_large_for_a_text_has_one():
    nested = []
    for _ in range(100_000):
        nested = [nested]
    assert quoted(10**5000) == quoted(nested) == "a value too long to show"


def test_letters_that_look_like_those_allowed_are_spelled_out():
    spelled = str(unknown_name("space", "d\u0430rts", ["darts"]))
    assert spelled == "unknown space 'd\\u0430rts'; allowed: darts (did you mean 'darts'?)"
    assert (
        str(unknown_name("column", "Gr\u00f6\u00dfe", ["Ma\u00df"]))
        == "unknown column 'Gr\u00f6\u00dfe'; allowed: Ma\u00df"
    )


@given(st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=300))
def test_so_many_names_are_told_as_a_sentence_holds(names):
    sentence = str(unknown_name("name", "?", names))
    told = sentence.split("; allowed: ", 1)[1]
    assert len(told) <= 200 + len("… (300 in all)")
    if sum(len(name) + 2 for name in names) <= 200:
        assert told == ", ".join(names)
    else:
        assert told.endswith(f"… ({len(names)} in all)")


@pytest.mark.parametrize("registry", [SPACES, PROXIES, MEASURES, EXPORTS, ORDERS])
def test_every_name_of_a_short_registry_is_told(registry):
    assert str(unknown_name("name", "?", registry)).endswith(f"; allowed: {', '.join(registry)}")


class _Inner(BaseModel):
    number: int = Field(ge=0)


class _Outer(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    inner: _Inner
    several: list[int] = Field(max_length=2)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"inner": 5, "several": []}, "input should be a valid dictionary, 5 given"),
        ({"inner": {"number": -1}, "several": []}, "input should be greater than or equal to 0, -1 given"),
        ({"inner": {"number": 1}, "several": [1, 2, 3]}, "list should have at most 2 items, not 3, [1, 2, 3] given"),
        ({"inner": {"number": 1}}, "field required"),
        ({"inner": {"number": 1}, "several": [], "more": 1}, "extra inputs are not permitted"),
    ],
)
def test_what_pydantic_finds_is_said_without_its_types(data, said):
    with pytest.raises(ValidationError) as caught:
        _Outer.model_validate(data)
    assert broken_rule(caught.value.errors()[0]) == said


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("dart", "darts"),
        ("DARTS", "darts"),
        ("nas-bench-210", "nas-bench-201"),
        ("xyz", None),
        (3, None),
        ("d" * 99, None),
    ],
)
def test_the_name_that_was_meant_is_suggested(name: object, meant: str | None):
    sentence = str(unknown_name("space", name, ["darts", "nas-bench-201"]))
    assert ("did you mean" in sentence) == (meant is not None)
    assert meant is None or sentence.endswith(f" (did you mean '{meant}'?)")
