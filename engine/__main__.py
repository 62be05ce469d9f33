"""The command line: `python -m engine search`, `spaces`, `proxies`, `evidence`, `runs`, `show`, `export`."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence

from engine.commands.evidence import add as add_evidence
from engine.commands.genotype import _PICTURES, _export, _show
from engine.commands.listing import _proxies, _spaces
from engine.commands.runs import add as add_runs
from engine.commands.search import _add_search
from engine.commands.terminal import (
    Parser,
    drop_output,
    say,
    space_given,
)
from engine.common.errors import explain
from engine.common.version import __version__
from engine.exports.formats import EXPORTS

FAILED, WRONG_ARGUMENT, INTERRUPTED = 1, 2, 130
"""Exit statuses; each comes with one line on standard error."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command in `argv` (the arguments of the process where it is None); returns the exit status."""
    try:
        arguments = _parser().parse_args(argv)
        arguments.run(arguments)
        sys.stdout.flush()
    except ValueError as error:
        return say(f"error: {explain(error)}", WRONG_ARGUMENT)
    except KeyboardInterrupt:
        return say("stopped", INTERRUPTED)
    except OSError as error:
        drop_output()
        return FAILED if isinstance(error, BrokenPipeError) else say(f"error: {error}", FAILED)
    except (ArithmeticError, RuntimeError, MemoryError, ImportError) as error:
        return say(f"error: {error or type(error).__name__}", FAILED)
    return 0


def _parser() -> Parser:
    parser = Parser(prog="python -m engine", description="FreeNAS: architecture search without training or labels")
    parser.add_argument("--version", action="version", version=f"FreeNAS {__version__}", help="print the version")
    parser.set_defaults(run=lambda arguments: parser.print_help())
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    _add_search(commands.add_parser("search", help="search, and print the result as JSON"))
    for name, run, what in (("spaces", _spaces, "search spaces"), ("proxies", _proxies, "zero-cost proxies")):
        listing = commands.add_parser(name, help=f"list the {what}")
        listing.add_argument("--json", action="store_true", help="as JSON, for programs")
        listing.set_defaults(run=run)
    add_evidence(commands.add_parser("evidence", help="what scores are worth on a table of accuracies"))
    add_runs(commands.add_parser("runs", help="the searches that were kept: list, show, export and import them"))
    show = commands.add_parser("show", help="show a genotype as text or as a picture")
    show.add_argument("--out", metavar="FILE", help=f"write a file instead: {', '.join(_PICTURES)}")
    show.set_defaults(run=_show)
    convert = commands.add_parser("export", help="write a genotype in another format")
    convert.add_argument("--to", required=True, metavar="FORMAT", help=", ".join(EXPORTS))
    convert.add_argument("--out", metavar="FILE", help="write a file instead of printing")
    convert.set_defaults(run=_export)
    for command in (show, convert):
        command.add_argument("genotype", metavar="GENOTYPE", help="any notation, a file with one or with JSON, or -")
        what = "the space of a notation that several spaces share, by name or as a JSON file"
        command.add_argument("--space", type=space_given, metavar="VALUE", help=what)
    return parser


if __name__ == "__main__":
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(main())
