"""The parts that commands share: types of arguments, messages, progress, files."""

from __future__ import annotations

import argparse
import io
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

from tabulate import tabulate

from engine.common.errors import quoted, suggestion
from engine.common.files import write_whole
from engine.common.jsontext import MAX_TEXT
from engine.common.text import decoded
from engine.common.threads import cores
from engine.common.work import Progress
from engine.data.images import Data
from engine.spaces import SPACES, OwnSpace, load_space


def say(message: str, status: int = 0) -> int:
    """Print `message` as one line on standard error, and return `status`."""
    line = " ".join(message.split())
    print("".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line), file=sys.stderr)
    return status


def mend_streams() -> None:
    """Open the standard streams that the process was started without, and escape characters that its output lacks."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115 (for as long as the process lives)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def drop_output() -> None:
    """Drop output that standard output does not take, so that Python does not write it at its exit."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


_LONGEST, _MOST_DIGITS = 500, 20
"""Characters of a message on arguments, and digits of a whole number in one."""


class Parser(argparse.ArgumentParser):
    """A parser of arguments whose errors are `ValueError`, without a word on usage but with the name that was meant."""

    def error(self, message: str) -> NoReturn:  # noqa: D102 (argparse's)
        message = message if len(message) <= _LONGEST else f"{message[: _LONGEST - 1]}…"
        misspelled = re.search(r"unrecognized arguments: (--[^\s=]+)|invalid choice: '([^']*)'", message)
        options = [name for name, action in self._option_string_actions.items() if action.help != argparse.SUPPRESS]
        names = [*options, *self._commands()]
        raise ValueError(message + (suggestion(misspelled[1] or misspelled[2], names) if misspelled else ""))

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:  # noqa: D102 (argparse's)
        arguments, rest = super().parse_known_args(args, namespace)
        if rest and not self._commands():  # here, since the parser above does not know the options of a command
            self.error(f"unrecognized arguments: {' '.join(rest)}")
        return arguments, rest

    def _commands(self) -> list[str]:
        """Return the names of the commands that the first argument may be."""
        return [name for action in self._actions if isinstance(action.choices, dict) for name in action.choices]


def whole_number(text: str) -> int:
    """Read a whole number, of any sign."""
    if len(text) > _MOST_DIGITS:
        raise argparse.ArgumentTypeError(
            f"{quoted(text)} is too long; a whole number has at most {_MOST_DIGITS} digits"
        )
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{quoted(text)} is not a whole number") from None


def name_list(text: str) -> tuple[str, ...]:
    """Read names with commas between them."""
    return tuple(name for part in text.split(",") if (name := part.strip()))


def space_argument(text: str) -> str | OwnSpace:
    """Read a search space: its name, or the path of the JSON file of one's own."""
    if text in SPACES or not (os.path.exists(text) or text.endswith(".json")):
        return text
    try:
        with open(text, "rb") as file:
            data = file.read(MAX_TEXT + 1)
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{quoted_path(text)} cannot be read: {error.strerror}") from None
    try:
        document = decoded(data, quoted_path(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    try:
        return load_space(document)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{quoted_path(text)}: {error}") from None


def destination(text: str) -> str | None:
    """Read where a result is written: the path of a file, None for `-`, which is standard output."""
    return None if text == "-" else text


def count(text: str) -> int:
    """Read a whole number, written also as 900_000, 900k, 0.9M or 1.2G."""
    match = re.fullmatch(r"([0-9][0-9_]{0,17}(?:\.[0-9]{1,12})?)([kMG]?)", text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{quoted(text)} is no count; written like 900000, 900k or 0.9M")
    value = Decimal(match[1].replace("_", "")) * {"": 1, "k": 10**3, "M": 10**6, "G": 10**9}[match[2]]
    if value != int(value):
        raise argparse.ArgumentTypeError(f"{quoted(text)} is not a whole number")
    return int(value)


def milliseconds(text: str) -> float:
    """Read a number of milliseconds."""
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{quoted(text)} is not a number of milliseconds") from None


def core_count(text: str) -> int:
    """Read a number of threads or processes that this machine has cores for."""
    number = whole_number(text)
    if not 1 <= number <= cores():
        raise argparse.ArgumentTypeError(f"{quoted(number)} is out of range; 1 to {cores()} on this machine")
    return number


def say_content(images: Data | None, quiet: bool) -> None:
    """Say what was read of a user's images, if there were some."""
    for note in () if images is None or quiet else images.notes:
        say(note)


@contextmanager
def progress_bar(quiet: bool, unit: str = "pass") -> Iterator[Callable[[Progress], None] | None]:
    """Show a progress bar on standard error, if that is a terminal; yield the function to report to, or None."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from tqdm import tqdm

    with tqdm(total=1, leave=False, bar_format=unit + " {n_fmt}/{total_fmt} {bar:40} {desc}") as bar:

        def report(progress: Progress) -> None:
            bar.n, bar.total = progress.done, progress.total
            left = "?" if progress.left is None else tqdm.format_interval(progress.left)
            bar.set_description_str(f"{left} left", refresh=False)
            bar.refresh()

        yield report


def quoted_path(path: str) -> str:
    """Return `path` for a message, long enough to be found."""
    return quoted(path, limit=400)


def read_text(path: str) -> str:
    """Read a text file, or standard input where the path is `-`; raise `ValueError` in a sentence if it cannot be."""
    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise ValueError(f"{quoted_path(path)} cannot be read: {error.strerror}") from None
    return decoded(data, quoted_path(path))


def check_destination(path: str) -> None:
    """Raise `OSError` where a result cannot be written at `path`, before it is computed."""
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise OSError(f"cannot write {quoted_path(path)}: it is a directory")
    if not os.access(target.parent, os.W_OK):
        raise OSError(f"cannot write {quoted_path(path)}: its directory is not there or not writable")


def write(path: str, data: bytes) -> None:
    """Write `data` to a file whole or not at all; a device or a pipe is written to directly."""
    target = Path(os.path.realpath(path))
    try:
        if target.exists() and not target.is_file():
            target.write_bytes(data)
        else:
            write_whole(target, data)
    except OSError as error:
        raise OSError(f"cannot write {quoted_path(path)}: {error.strerror}") from None


def add_format(parser: argparse._ActionsContainer, formats: Sequence[str], default: str) -> None:
    """Add the option `--to` for the format of what is written; `--form` is its older spelling."""
    parser.add_argument("--to", default=default, metavar="FORMAT", help=f"{', '.join(formats)} (default {default})")
    parser.add_argument("--form", dest="to", default=argparse.SUPPRESS, help=argparse.SUPPRESS)


def plain_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table as text, with aligned columns and no rules."""
    return str(tabulate(rows, header, tablefmt="plain", disable_numparse=True))
