from __future__ import annotations

import pytest

from engine.testing.requirement import registered, require, require_texts, succeeding


def test_a_requirement_that_holds_is_silent_and_another_is_a_sentence():
    require(True, "never read")
    with pytest.raises(AssertionError, match=r"^two is three$"):
        require(2 == 3, "two is three")


def test_errors_become_the_sentence_that_does_not_hold():
    with succeeding("numbers can be read"):
        int("3")
    message = "^numbers can be read: ValueError: invalid literal"
    with pytest.raises(AssertionError, match=message) as caught, succeeding("numbers can be read"):
        int("three")
    assert isinstance(caught.value.__cause__, ValueError)


@pytest.mark.parametrize("text", ["", " a", "a ", "a\nb", None, 3])
def test_texts_can_be_shown(text: object):
    require_texts("it", [("name", "α · x")])
    with pytest.raises(AssertionError, match=r"^it: its title .* is no printable text"):
        require_texts("it", [("name", "fine"), ("title", text)])


def test_a_registry_is_left_as_it_was():
    registry = {"one": 1}
    with registered(registry, "two", 2):
        assert registry == {"one": 1, "two": 2}
    with registered(registry, "one", 1):
        assert registry == {"one": 1}
    with pytest.raises(ZeroDivisionError), registered(registry, "two", 2):
        raise ZeroDivisionError
    assert registry == {"one": 1}
    message = "the name 'one' is that of another registered object"
    with pytest.raises(AssertionError, match=message), registered(registry, "one", 2):
        pass
