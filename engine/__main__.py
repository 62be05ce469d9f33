"""The command line: `python -m engine search`, `spaces`, `proxies`, `evidence`, `runs`, `show`, `export`."""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tabulate import tabulate

from engine.commands.evidence import add as add_evidence
from engine.commands.runs import add as add_runs
from engine.commands.runs import keep
from engine.commands.terminal import (
    Parser,
    check_destination,
    count,
    drop_output,
    milliseconds,
    names,
    path_said,
    progress_bar,
    say,
    set_threads,
    space_given,
    whole_number,
    write,
)
from engine.common.errors import shown
from engine.common.version import __version__
from engine.data.images import images_at
from engine.exports.formats import EXPORTS, dot, export, svg
from engine.genotypes.genotype import MAX_TEXT, Genotype, begins_as_genotype, parse_genotype
from engine.networks.cost import cost_report
from engine.operations.registry import operation
from engine.proxies import PROXIES
from engine.runs import Run
from engine.searches.budget import budget_sentence
from engine.searches.config import DATA, RECIPES, SearchConfig, explain
from engine.searches.result import SearchResult
from engine.searches.search import search
from engine.spaces import SPACES, OwnSpace, SearchSpace

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


_OPTIONS: dict[str, tuple[Callable[[str], Any], str]] = {
    "space": (space_given, f"{', '.join(SPACES)}, or a JSON file with one's own"),
    "seed": (whole_number, "seed of the weights and of α, 0 to 4294967295"),
    "recipe": (str, f"{', '.join(RECIPES)} (freeflow), plain (others): sets normalisation, alpha and method"),
    "normalisation": (str, "bypass, batch"),
    "alpha": (str, "ones, noise"),
    "method": (str, "iterative, one-shot"),
    "per_round": (whole_number, "operations to prune between two passes, 1 to 64"),
    "channels": (whole_number, "channels of the first cells of the supernet, even, 4 to 64"),
    "cells": (
        whole_number,
        f"cells of the supernet ({'; '.join(f'{s.name}: {s.cells_meaning}' for s in SPACES.values())})",
    ),
    "image_size": (whole_number, "side of the images in pixels, a multiple of 4, 8 to 64"),
    "field": (str, "full, interior (in closed form, away from the border of the image)"),
    "device": (str, "auto, cpu, cuda, cuda:N, mps"),
    "dtype": (str, "float32, float64"),
    "proxy": (str, ", ".join(PROXIES)),
    "data": (str, f"{', '.join(DATA)}: images of a proxy that needs some; your own with --images"),
    "batch": (whole_number, "how many images, 2 to 256"),
    "pinned": (names, "operations that edges must have, as in 0-1:none,0-3:nor_conv_3x3 or normal:0-2:sep_conv_3x3"),
    "banned": (names, "operations that edges must not have"),
    "max_params": (count, "most parameters of the derived network, such as 0.9M"),
    "max_macs": (count, "most multiply-accumulates of one image"),
    "max_latency": (milliseconds, "longest time of one image in milliseconds, on the device of the search"),
}


def _add_search(parser: argparse.ArgumentParser) -> None:
    for name, (kind, what) in _OPTIONS.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=kind, metavar="VALUE", help=what)
    parser.add_argument("--images", metavar="PATH", help="a folder of images, a subfolder a label, or a NumPy archive")
    parser.add_argument("--out", metavar="FILE", help="write the JSON to a file, and print a summary")
    parser.add_argument("--threads", type=whole_number, metavar="N", help="threads of the CPU, default all but one")
    parser.add_argument("--quiet", action="store_true", help="no progress bar and no summary")
    parser.add_argument("--no-store", action="store_true", help="do not keep the result among the runs")
    parser.set_defaults(run=_search)


def _search(arguments: argparse.Namespace) -> None:
    config = SearchConfig(**{name: getattr(arguments, name) for name in _OPTIONS})
    if arguments.out is not None:
        check_destination(arguments.out)
    set_threads(arguments.threads)
    images = None if arguments.images is None else images_at(arguments.images)
    with progress_bar(arguments.quiet) as on_progress:
        result = search(config, images=images, on_progress=on_progress)
    run = None if arguments.no_store else keep(result)
    if arguments.out is None:
        sys.stdout.write(result.to_json())
    else:
        write(arguments.out, result.to_json().encode())
    if arguments.out is not None and not arguments.quiet:
        print(*_summary(result, run), f"written to {arguments.out}", sep="\n")
    else:
        for notice in result.notices:
            say(f"warning: {notice.message}")


def _summary(result: SearchResult, run: Run | None) -> Iterator[str]:
    cost, timing = result.cost, result.timing
    yield result.genotype.notation
    yield f"{cost['params']:,} parameters, {cost['macs'] / 1e6:,.2f} M MACs at the evaluation size"
    count = len(result.passes)
    kept = "" if run is None else f", kept as run {run.id}"
    yield f"{count} pass{'es' if count > 1 else ''} in {timing['total']:.2f} s on {result.environment['device']}{kept}"
    if result.budget is not None:
        yield budget_sentence(result.budget, result.config.limits)
    yield from (f"warning: {notice.message}" for notice in result.notices)


def _spaces(arguments: argparse.Namespace) -> None:
    if arguments.json:
        _print_json([_space_data(space) for space in SPACES.values()])
        return
    rows = [
        (
            space.name,
            ", ".join(space.cell_types),
            str(len(space.edges)),
            str(len(space.operations)),
            f"{space.architectures():,}",
            space.source,
        )
        for space in SPACES.values()
    ]
    print(_table(("space", "cell types", "edges", "operations", "architectures", "source"), rows))


def _space_data(space: SearchSpace) -> dict[str, Any]:
    return {
        "name": space.name,
        "title": space.title,
        "summary": space.summary,
        "source": space.source,
        "cell_types": space.cell_types,
        "edges": space.edges,
        "operations": space.operations,
        "edge_operations": {
            kind: [[name for name, there in zip(space.operations, edge, strict=True) if there] for edge in edges]
            for kind, edges in zip(space.cell_types, space.candidates.tolist(), strict=True)
        },
        "no_closed_form": space.no_closed_form,
        "kept_edges": space.kept_edges,
        "architectures": space.architectures(),
        "search_size": space.search_size._asdict(),
        "evaluation_size": space.evaluation_size._asdict(),
        "cells_meaning": space.cells_meaning,
        "cells_range": space.cells_range,
    }


def _proxies(arguments: argparse.Namespace) -> None:
    columns = ("name", "title", "unit", "meaning", "summary", "source", "needs_labels", "needs_data")
    found = [{column: getattr(proxy, column) for column in columns} for proxy in PROXIES.values()]
    if arguments.json:
        _print_json(found)
        return
    needs = {True: "yes", False: "no"}
    rows = [
        (row["name"], needs[row["needs_labels"]], needs[row["needs_data"]], row["summary"], row["source"])
        for row in found
    ]
    print(_table(("proxy", "labels", "data", "summary", "source"), rows))


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return str(tabulate(rows, header, tablefmt="plain", disable_numparse=True))


def _print_json(data: object) -> None:
    print(json.dumps(data, indent=2))


def _show(arguments: argparse.Namespace) -> None:
    genotype = _read_genotype(arguments.genotype, arguments.space)
    if arguments.out is None:
        sys.stdout.write(_text(genotype))
        return
    suffix = Path(arguments.out).suffix.lower()
    if suffix not in _PICTURES:
        raise ValueError(f"argument --out: {shown(arguments.out)} must end in one of {', '.join(_PICTURES)}")
    write(arguments.out, _PICTURES[suffix](genotype))


def _export(arguments: argparse.Namespace) -> None:
    text = export(_read_genotype(arguments.genotype, arguments.space), arguments.to)
    if arguments.out is None:
        print(text.removesuffix("\n"))
    else:
        write(arguments.out, text.encode())


def _text(genotype: Genotype) -> str:
    """`genotype` to read: space, notation, the edges of every cell type, cost."""
    space = genotype.space
    lines = [f"{space.title}: {space.summary}", genotype.notation]
    for kind, genes in genotype.genes:
        rows = [
            (space.node_name(source), space.node_name(target), name, operation(name).summary)
            for source, target, name in genes
        ]
        lines += ["", kind, _table(("from", "to", "operation", ""), rows)]
    return "\n".join((*lines, "", _cost_table(genotype), ""))


def _cost_table(genotype: Genotype) -> str:
    cost = cost_report(genotype)
    rows = [
        (
            f"at {name} size",
            f"{found['channels']} channels, {found['cells']} {genotype.space.cells_meaning}",
            f"{found['params']:,}",
            f"{found['macs'] / 1e6:,.2f} M",
        )
        for name, found in (("evaluation", cost), ("search", cost["at_search_size"]))
    ]
    return _table(("cost", "", "parameters", "MACs"), rows)


def _png(genotype: Genotype) -> bytes:
    from engine.exports.drawing import render_png

    return render_png(dot(genotype))


_PICTURES: dict[str, Callable[[Genotype], bytes]] = {
    ".svg": lambda genotype: svg(genotype).encode(),
    ".png": _png,
    ".dot": lambda genotype: dot(genotype).encode(),
    ".txt": lambda genotype: _text(genotype).encode(),
}


def _read_genotype(argument: str, space: str | OwnSpace | None) -> Genotype:
    """The genotype in `argument`, of `space` if given: a notation, the path of a file, or `-` for standard input."""
    if argument == "-":
        return parse_genotype(_decoded(sys.stdin.buffer.read(MAX_TEXT + 1), "standard input"), space)
    if os.path.exists(argument):
        try:
            with open(argument, "rb") as file:
                return parse_genotype(_decoded(file.read(MAX_TEXT + 1), path_said(argument)), space)
        except OSError as error:
            raise ValueError(f"{path_said(argument)} cannot be read: {error.strerror}") from None
    text = argument.lstrip("\ufeff").strip()
    if not begins_as_genotype(text) and "Genotype" not in text and "|" not in text:
        raise ValueError(f"{shown(argument)} is neither a file nor a genotype in a known notation")
    return parse_genotype(argument, space)


def _decoded(data: bytes, name: str) -> str:
    if len(data) > MAX_TEXT:
        raise ValueError(f"{name} has more than {MAX_TEXT // 10**6} MB, too much for a genotype")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"{name} is not UTF-8 text: byte {error.start + 1} cannot be read") from None


if __name__ == "__main__":
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(main())
