"""The command `python -m engine search`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from typing import Any

from engine.commands.runs import keep
from engine.commands.terminal import (
    check_destination,
    count,
    milliseconds,
    name_list,
    progress_bar,
    say,
    set_threads,
    space_given,
    whole_number,
    write,
)
from engine.data.files import images_at
from engine.data.images import DATA
from engine.proxies import PROXIES
from engine.proxies.freeflow import RECIPES
from engine.runs import Run
from engine.searches.budget import budget_sentence
from engine.searches.config import SearchConfig
from engine.searches.result import SearchResult
from engine.searches.search import search
from engine.spaces import SPACES

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
    "pinned": (
        name_list,
        "operations that edges must have, as in 0-1:none,0-3:nor_conv_3x3 or normal:0-2:sep_conv_3x3",
    ),
    "banned": (name_list, "operations that edges must not have"),
    "max_params": (count, "most parameters of the derived network, such as 0.9M"),
    "max_macs": (count, "most multiply-accumulates of one image"),
    "max_latency": (milliseconds, "longest time of one image in milliseconds, on the device of the search"),
}


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    for name, (kind, what) in _OPTIONS.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=kind, metavar="VALUE", help=what)
    parser.add_argument("--images", metavar="PATH", help="a folder of images, a subfolder a label, or a NumPy archive")
    parser.add_argument("--out", metavar="FILE", help="write the JSON to a file, and print a summary")
    parser.add_argument("--threads", type=whole_number, metavar="N", help="threads of the CPU, default all but one")
    parser.add_argument("--quiet", action="store_true", help="no progress bar and no summary")
    parser.add_argument("--no-store", action="store_true", help="do not keep the result among the runs")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Search, keep the result among the runs, and print or write it."""
    config = SearchConfig(**{name: getattr(arguments, name) for name in _OPTIONS})
    if arguments.out is not None:
        check_destination(arguments.out)
    set_threads(arguments.threads)
    images = None if arguments.images is None else images_at(arguments.images)
    with progress_bar(arguments.quiet) as on_progress:
        result = search(config, images=images, on_progress=on_progress)
    kept = None if arguments.no_store else keep(result)
    if arguments.out is None:
        sys.stdout.write(result.to_json())
    else:
        write(arguments.out, result.to_json().encode())
    if arguments.out is not None and not arguments.quiet:
        print(*_summary(result, kept), f"written to {arguments.out}", sep="\n")
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
