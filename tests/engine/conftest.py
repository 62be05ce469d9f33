"""What tests of the command line share."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.__main__ import WRONG_ARGUMENT, main
from engine.commands import search as search_command

Run = Callable[..., tuple[int, str, str]]
CELL = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|nor_conv_1x1~0|avg_pool_3x3~1|nor_conv_3x3~2|"
TINY = ["search", "--channels", "4", "--cells", "1", "--image-size", "8", "--device", "cpu"]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """A function that runs a command: status, standard output, standard error."""

    def run(*arguments: str) -> tuple[int, str, str]:
        status = main(arguments)
        return status, *capsys.readouterr()

    return run


def let_search_fail(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Let every search end in `error`."""

    def search(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(search_command, "search", search)


def check_refused(run: Run, arguments: list[str], message: str) -> None:
    """Run a command whose arguments are wrong: one line says so, with `message` in it."""
    status, out, err = run(*arguments)
    assert (status, out) == (WRONG_ARGUMENT, "")
    assert err.startswith("error: ")
    assert message in err
    assert err.count("\n") == 1
