"""The commands on a genotype: `python -m engine show` and `export`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from engine.commands.terminal import (
    check_destination,
    destination,
    plain_table,
    quoted_path,
    say,
    space_argument,
    whole_number,
    write,
)
from engine.common.errors import quoted
from engine.common.jsontext import MAX_TEXT
from engine.common.text import decoded
from engine.exports.formats import EXPORTS, export
from engine.genotypes.genotype import RESULT_SCHEMA, UNDERIVABLE, Genotype, begins_as_genotype, parse_with_notes
from engine.networks.cost import cost_report
from engine.operations.registry import get_operation
from engine.searches.result import SearchResult
from engine.studies.worth import result_worth


def add_show(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command that shows a genotype."""
    parser.add_argument("--out", type=destination, metavar="FILE", help=f"write a file instead: {', '.join(_SHOWN)}")
    _add_genotype(parser)
    parser.set_defaults(run=show)


def add_export(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command that exports a genotype."""
    parser.add_argument("--to", required=True, metavar="FORMAT", help=", ".join(EXPORTS))
    parser.add_argument("--out", type=destination, metavar="FILE", help="write a file instead of printing")
    weighted = ", ".join(name for name, form in EXPORTS.items() if form.weights)
    parser.add_argument("--seed", type=whole_number, metavar="N", help=f"seed of the weights of {weighted} (default 0)")
    _add_genotype(parser)
    parser.set_defaults(run=convert)


def _add_genotype(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "genotype",
        metavar="GENOTYPE",
        help="any notation, a file (a log, a genotypes.py, JSON), or - for standard input",
    )
    parser.add_argument(
        "--space",
        type=space_argument,
        metavar="VALUE",
        help="the space of a notation that several spaces share, by name or as a JSON file",
    )
    parser.add_argument("--name", metavar="NAME", help="the one of several genotypes that has this name in the file")


def show(arguments: argparse.Namespace) -> None:
    """Print a genotype as text, or write its picture."""
    genotype = _read_genotype(_text_of(arguments.genotype), arguments)
    if arguments.out is None:
        sys.stdout.write(_text(genotype))
        return
    suffix = Path(arguments.out).suffix.lower()
    if suffix not in _SHOWN:
        raise ValueError(f"argument --out: {quoted(arguments.out)} must end in one of {', '.join(_SHOWN)}")
    content = export(genotype, _PICTURES[suffix]) if suffix in _PICTURES else _text(genotype)
    write(arguments.out, content.encode() if isinstance(content, str) else content)


def convert(arguments: argparse.Namespace) -> None:
    """Print a genotype in another format, or write it."""
    if arguments.out is not None:
        check_destination(arguments.out)
    text = _text_of(arguments.genotype)
    content = export(_read_genotype(text, arguments), arguments.to, arguments.seed, _weakness(text))
    if arguments.out is not None:
        write(arguments.out, content.encode() if isinstance(content, str) else content)
    elif isinstance(content, str):
        print(content.removesuffix("\n"))
    elif sys.stdout.isatty():
        raise ValueError(f"argument --to: '{arguments.to}' is no text; name a file with --out, or a pipe")
    else:
        sys.stdout.buffer.write(content)


def _text(genotype: Genotype) -> str:
    """Return a genotype as text to read: space, notation, the edges of every cell type, cost."""
    space = genotype.space
    lines = [f"{space.title}: {space.summary}", genotype.notation, *([] if genotype.derivable else [UNDERIVABLE])]
    for kind, genes in genotype.genes:
        rows = [
            (space.node_name(source), space.node_name(target), name, get_operation(name).summary)
            for source, target, name in genes
        ]
        lines += ["", kind, plain_table(("from", "to", "operation", ""), rows)]
    return "\n".join((*lines, "", _cost_table(genotype), ""))


def _cost_table(genotype: Genotype) -> str:
    cost = cost_report(genotype)
    rows = [
        (
            f"at {name} size",
            f"{counts['channels']} channels, {counts['cells']} {genotype.space.cells_meaning}",
            f"{counts['params']:,}",
            f"{counts['macs'] / 1e6:,.2f} M",
        )
        for name, counts in (("evaluation", cost), ("search", cost["at_search_size"]))
    ]
    return plain_table(("cost", "", "parameters", "MACs"), rows)


_PICTURES = {EXPORTS[form].suffix: form for form in ("svg", "png", "pdf", "eps", "tikz", "dot")}
_SHOWN = (*_PICTURES, ".txt")
"""The ends of the names of files that `show` writes."""


def _weakness(text: str) -> str:
    """Return the sentence on a search result that is weak, nothing for any other text."""
    if RESULT_SCHEMA not in text:
        return ""
    try:
        worth = result_worth(SearchResult.from_json(text))
    except ValueError:  # its genotype may be whole where the rest is not
        return ""
    return worth.sentence if worth.weak else ""


def _read_genotype(text: str, arguments: argparse.Namespace) -> Genotype:
    """Read the genotype in a text as the arguments say, and print what of it was chosen or left out."""
    read = parse_with_notes(text, arguments.space, arguments.name)
    for note in read.notes:
        say(f"note: {note}")
    return read.genotype


def _text_of(argument: str) -> str:
    """Return the text of a genotype: a notation, the content of a file, or standard input where it is `-`."""
    if argument == "-":
        return _decoded(sys.stdin.buffer.read(MAX_TEXT + 1), "standard input")
    if os.path.exists(argument):
        try:
            with open(argument, "rb") as file:
                return _decoded(file.read(MAX_TEXT + 1), quoted_path(argument))
        except OSError as error:
            raise ValueError(f"{quoted_path(argument)} cannot be read: {error.strerror}") from None
    text = argument.lstrip("\ufeff").strip()
    if not (begins_as_genotype(text) or text.removeprefix("#").isdecimal() or "Genotype" in text or "|" in text):
        raise ValueError(f"{quoted(argument)} is neither a file nor a genotype in a known notation")
    return text


def _decoded(data: bytes, name: str) -> str:
    if len(data) > MAX_TEXT:
        raise ValueError(f"{name} has more than {MAX_TEXT // 10**6} MB, too much for a genotype")
    return decoded(data, name)
