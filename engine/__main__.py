"""The command line, `python -m engine`: its parser, and its entry point."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence

from engine.commands import completion, evidence, figure, genotype, listing, runs, score, search
from engine.commands.terminal import Parser, drop_output, mend_streams, say
from engine.common.errors import explain
from engine.common.version import __version__
from engine.runs import StoreUnavailable

FAILED, WRONG_ARGUMENT, INTERRUPTED = 1, 2, 130
"""Exit statuses; each comes with one line on standard error."""


def main(argv: Sequence[str] | None = None, program: str = "python -m engine") -> int:
    """Run the command in `argv` (the arguments of the process where it is None), and return the exit status.

    `program` is the name that help and messages call it by.
    """
    logging.getLogger("engine").addHandler(logging.NullHandler())  # what went wrong is said in one line below
    try:
        arguments = command_parser(program).parse_args(argv)
        arguments.run(arguments)
        sys.stdout.flush()
    except ValueError as error:
        return say(f"error: {explain(error)}", WRONG_ARGUMENT)
    except KeyboardInterrupt:
        return say("stopped", INTERRUPTED)
    except OSError as error:
        drop_output()
        return FAILED if isinstance(error, BrokenPipeError) else say(f"error: {error}", FAILED)
    except StoreUnavailable as error:
        return say(f"error: {error.explanation}", FAILED)
    except (ArithmeticError, RuntimeError, MemoryError, ImportError) as error:
        return say(f"error: {error or type(error).__name__}", FAILED)
    return 0


def run_process(program: str = "python -m engine") -> int:
    """Run the command in the arguments of the process, whatever its standard streams are; return the status."""
    mend_streams()
    return main(program=program)


def command_parser(program: str) -> Parser:
    """Return the parser of all commands."""
    page = "" if program == "python -m engine" else "; without a command, the dashboard"
    parser = Parser(prog=program, description=f"FreeNAS: architecture search without training or labels{page}")
    parser.add_argument("--version", action="version", version=f"FreeNAS {__version__}", help="print the version")
    parser.set_defaults(run=lambda arguments: parser.print_help())
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    search.add(commands.add_parser("search", help="search, and print the result as JSON"))
    listing.add_spaces(commands.add_parser("spaces", help="list the search spaces"))
    listing.add_proxies(commands.add_parser("proxies", help="list the zero-cost proxies"))
    evidence.add(commands.add_parser("evidence", help="what scores are worth on a table of accuracies"))
    score.add(commands.add_parser("score", help="take measures of any list of architectures"))
    runs.add(commands.add_parser("runs", help="the searches that were kept: list, show, export and import them"))
    genotype.add_show(commands.add_parser("show", help="show a genotype as text or as a picture"))
    genotype.add_export(commands.add_parser("export", help="write a genotype in another format"))
    figure.add(commands.add_parser("figure", help="draw a search result as a file: heatmap, cell, replay, seeds"))
    completion.add(commands.add_parser("completion", help="print what completes commands in a shell"), command_parser)
    return parser


if __name__ == "__main__":
    sys.exit(run_process())
