"""The command `python -m engine search`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from typing import Any

from engine.commands.runs import keep_result
from engine.commands.terminal import (
    check_destination,
    count,
    milliseconds,
    name_list,
    progress_bar,
    say,
    set_threads,
    space_argument,
    whole_number,
    write,
)
from engine.data.files import images_at
from engine.proxies.freeflow import RECIPES
from engine.runs import Run
from engine.searches.budget import budget_sentence
from engine.searches.config import SearchConfig, field_bounds
from engine.searches.result import SearchResult
from engine.searches.search import search
from engine.spaces import SPACES

_RECIPE = f"{', '.join(RECIPES)} (freeflow), plain (others): sets normalisation, alpha and method"
_TYPES: dict[str, Callable[[str], Any]] = {
    "space": space_argument,
    "seed": whole_number,
    "recipe": str,
    "normalisation": str,
    "alpha": str,
    "method": str,
    "per_round": whole_number,
    "channels": whole_number,
    "cells": whole_number,
    "image_size": whole_number,
    "field": str,
    "device": str,
    "dtype": str,
    "proxy": str,
    "data": str,
    "batch": whole_number,
    "pinned": name_list,
    "banned": name_list,
    "max_params": count,
    "max_macs": count,
    "max_latency": milliseconds,
}
"""The type of the argument of every option that is a field of the configuration, and of the recipe."""


def _spaces_by_meaning() -> dict[str, list[str]]:
    """Return the names of the spaces by what their number of cells counts."""
    names: dict[str, list[str]] = {}
    for space in SPACES.values():
        names.setdefault(space.cells_meaning, []).append(space.name)
    return names


_HINTS = {
    "space": f"one of {', '.join(SPACES)}, or a JSON file with one's own",
    "cells": "; ".join(f"{', '.join(names)}: {meaning}" for meaning, names in _spaces_by_meaning().items()),
    "data": "one's own images with --images",
    "pinned": "with commas between, as in 0-1:none,0-3:nor_conv_3x3 or normal:0-2:sep_conv_3x3",
    "banned": "written like those of --pinned",
    "max_params": "such as 0.9M",
    "max_macs": "such as 120M",
}
"""What the command line adds to the description of a field: names, examples, notation."""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    for name, kind in _TYPES.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=kind, metavar="VALUE", help=_help(name))
    parser.add_argument("--images", metavar="PATH", help="a folder of images, a subfolder a label, or a NumPy archive")
    parser.add_argument("--out", metavar="FILE", help="write the JSON to a file, and print a summary")
    parser.add_argument("--threads", type=whole_number, metavar="N", help="threads of the CPU, default all but one")
    parser.add_argument("--quiet", action="store_true", help="no progress bar and no summary")
    parser.add_argument("--no-store", action="store_true", help="do not keep the result among the runs")
    parser.set_defaults(run=run)


def _help(name: str) -> str:
    """Return the help of an option: the choices, description and range of its field, and a hint."""
    if name == "recipe":
        return _RECIPE
    bounds = field_bounds(name)
    text = bounds.description
    if bounds.choices:
        text = f"{', '.join(bounds.choices)}: {text}"
    if bounds.low is not None and bounds.high is not None:
        text = f"{text}, {bounds.low:,.0f} to {bounds.high:,.0f}"
    if name in _HINTS:
        text = f"{text}; {_HINTS[name]}"
    return text.replace("%", "%%")


def run(arguments: argparse.Namespace) -> None:
    """Search, keep the result among the runs, and print or write it."""
    config = SearchConfig(**{name: getattr(arguments, name) for name in _TYPES})
    if arguments.out is not None:
        check_destination(arguments.out)
    set_threads(arguments.threads)
    images = None if arguments.images is None else images_at(arguments.images)
    with progress_bar(arguments.quiet) as on_progress:
        result = search(config, images=images, on_progress=on_progress)
    kept_run = None if arguments.no_store else keep_result(result)
    if arguments.out is None:
        sys.stdout.write(result.to_json())
    else:
        write(arguments.out, result.to_json().encode())
    if arguments.out is not None and not arguments.quiet:
        print(*_summary(result, kept_run), f"written to {arguments.out}", sep="\n")
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
