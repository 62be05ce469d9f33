"""The command `python -m engine figure`, which draws a result as a file."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from engine.commands.terminal import (
    check_destination,
    destination,
    progress_bar,
    quoted_path,
    read_text,
    whole_number,
    write,
)
from engine.common.errors import quoted, unknown_name
from engine.common.jsontext import load_json
from engine.common.work import Work
from engine.exports.figure_sheet import SHEET_FORMATS
from engine.genotypes.genotype import RESULT_SCHEMA
from engine.searches.figures import RESULT_FIGURES, result_figure
from engine.searches.frame import IMPORTANCES
from engine.searches.result import SearchResult
from engine.studies.seed_figure import check_study, seeds_figure
from engine.studies.seeds import DEFAULT_SEEDS, SCHEMA, SeedStudy, study_seeds

FIGURES = (*RESULT_FIGURES, "seeds")


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "result", metavar="RESULT", help="a search result or a study of seeds: a JSON file, or - for standard input"
    )
    figure = parser.add_argument_group("the figure")
    figure.add_argument("--kind", metavar="VALUE", help=f"{', '.join(FIGURES)} (default by what RESULT is)")
    figure.add_argument("--cell", metavar="VALUE", help="a cell type, such as normal or reduce (default all)")
    figure.add_argument("--step", type=whole_number, metavar="N", help="after so many pruning steps: heatmap, cell")
    figure.add_argument(
        "--importance",
        default="share",
        metavar="VALUE",
        help=f"{', '.join(IMPORTANCES)}: flow share, raw score, or %% of the edge (default share)",
    )
    figure.add_argument("--linear", action="store_true", help="colours in proportion, not by the logarithm")
    figure.add_argument(
        "--seeds",
        type=whole_number,
        metavar="N",
        help=f"search with so many seeds for the figure of seeds (default {DEFAULT_SEEDS})",
    )
    output = parser.add_argument_group("the file")
    output.add_argument(
        "--to", metavar="FORMAT", help=f"{', '.join(SHEET_FORMATS)} (default by the end of FILE, else svg)"
    )
    output.add_argument("--out", type=destination, metavar="FILE", help="write a file instead of printing")
    output.add_argument("--quiet", action="store_true", help="no progress bar")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Draw the figure, and print or write it."""
    to = _format(arguments)
    for name, value, allowed in (
        ("figure", arguments.kind, FIGURES),
        ("importance", arguments.importance, IMPORTANCES),
    ):
        if value is not None and value not in allowed:
            raise unknown_name(name, value, allowed)
    if arguments.out is not None:
        check_destination(arguments.out)
    elif to in ("png", "pdf") and sys.stdout.isatty():
        raise ValueError(f"argument --to: '{to}' is no text; name a file with --out, or a pipe")
    figure = _draw(_read(arguments.result), arguments, to)
    if arguments.out is None:
        sys.stdout.buffer.write(figure)
    else:
        write(arguments.out, figure)


def _format(arguments: argparse.Namespace) -> str:
    """Return the format that the arguments name, or that the file ends in."""
    if arguments.to is None and arguments.out is not None:
        suffix = Path(arguments.out).suffix.lower().removeprefix(".")
        if suffix not in SHEET_FORMATS:
            endings = ", ".join(f".{name}" for name in SHEET_FORMATS)
            raise ValueError(
                f"argument --out: {quoted(arguments.out)} must end in one of {endings}, or --to says which"
            )
        return suffix
    to = arguments.to or "svg"
    if to not in SHEET_FORMATS:
        raise unknown_name("format", to, SHEET_FORMATS)
    return str(to)


def _read(path: str) -> SearchResult | SeedStudy:
    """Read a search result or a study of seeds; raise `ValueError` in a sentence that names the file."""
    text = read_text(path)
    try:
        data = load_json(text, None)
        schema = data.get("schema") if isinstance(data, dict) else None
        if not isinstance(schema, str) or schema not in _READERS:
            raise ValueError(f"schema: {quoted(schema)} found, one of {', '.join(_READERS)} expected")
        return _READERS[schema](text)
    except ValueError as error:
        raise ValueError(f"{quoted_path(path)}: {error}") from None


def _draw(subject: SearchResult | SeedStudy, arguments: argparse.Namespace, to: str) -> bytes:
    """Draw the figure of a result, or of the study that its question is repeated for."""
    log = not arguments.linear
    repeated = isinstance(subject, SeedStudy) or arguments.seeds is not None
    kind = arguments.kind or ("seeds" if repeated else "heatmap")
    if kind == "seeds":
        if arguments.step is not None:
            raise ValueError("argument --step: the figure of seeds shows no steps")
        return seeds_figure(_study(subject, arguments), to, cell=arguments.cell, log=log)
    if isinstance(subject, SeedStudy):
        raise ValueError(f"argument --kind: a study of seeds has no {kind}; its figure is seeds")
    if arguments.seeds is not None:
        raise ValueError(f"argument --seeds: the figure {kind} is of one seed")
    options = {"cell": arguments.cell, "step": arguments.step, "importance": arguments.importance}
    return result_figure(subject, kind, to, log=log, **options)


def _study(subject: SearchResult | SeedStudy, arguments: argparse.Namespace) -> SeedStudy:
    """Return the study that was read, or that of the question of a result."""
    if isinstance(subject, SearchResult):
        seeds = range(DEFAULT_SEEDS if arguments.seeds is None else arguments.seeds)
        with progress_bar(arguments.quiet, "seed") as on_progress:
            return study_seeds(subject.config, seeds, Work(on_progress))
    if arguments.seeds is not None:
        raise ValueError(f"argument --seeds: the study has its own {len(subject.seeds)}")
    return subject


def _study_of(text: str) -> SeedStudy:
    study = SeedStudy.from_json(text)
    check_study(study)
    return study


_READERS: Mapping[str, Callable[[str], SearchResult | SeedStudy]] = {
    RESULT_SCHEMA: SearchResult.from_json,
    SCHEMA: _study_of,
}
