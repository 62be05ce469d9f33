"""The command `completion`, which prints what completes commands and options in a shell."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from engine.common.errors import unknown_name

SHELLS = ("bash", "zsh")


def add(parser: argparse.ArgumentParser, build: Callable[[str], argparse.ArgumentParser]) -> None:
    """Add the arguments of the command; `build` makes the parser whose arguments are completed."""
    parser.add_argument("shell", metavar="SHELL", help=f'{", ".join(SHELLS)}; as in: eval "$(freenas completion bash)"')
    parser.set_defaults(run=lambda arguments: print_completion(arguments.shell, build("freenas")))


def print_completion(shell: str, program: argparse.ArgumentParser) -> None:
    """Print the script that completes `program` in a shell; raise `ValueError` for an unknown one."""
    if shell not in SHELLS:
        raise unknown_name("shell", shell, SHELLS)
    try:
        import shtab
    except ImportError:
        raise ImportError(
            "completion is written by shtab, which is not installed (pip install 'freenas-dashboard[completion]')"
        ) from None
    sys.stdout.write(shtab.complete(program, shell))
