"""The command `python -m engine search`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from engine.commands.runs import keep_result
from engine.commands.terminal import (
    check_destination,
    core_count,
    count,
    destination,
    milliseconds,
    name_list,
    progress_bar,
    quoted_path,
    read_text,
    say,
    say_content,
    space_argument,
    whole_number,
    write,
)
from engine.common.errors import unknown_name
from engine.common.jsontext import load_json
from engine.common.threads import computing_threads
from engine.data.files import images_at
from engine.genotypes.genotype import RESULT_SCHEMA
from engine.proxies.freeflow import RECIPES
from engine.runs import Run
from engine.searches.budget import budget_sentence
from engine.searches.config import SearchConfig, field_bounds
from engine.searches.result import SearchResult
from engine.searches.search import search
from engine.spaces import SPACES, Size
from engine.studies.worth import result_worth

_RECIPE = f"{', '.join(RECIPES)} (freeflow), plain (others): sets normalisation, alpha and method"
_GROUPS: dict[str, dict[str, Callable[[str], Any]]] = {
    "the question": {
        "space": space_argument,
        "seed": whole_number,
        "proxy": str,
        "recipe": str,
        "normalisation": str,
        "alpha": str,
        "method": str,
        "per_round": whole_number,
    },
    "the supernet": {"channels": whole_number, "cells": whole_number, "image_size": whole_number, "field": str},
    "budget and constraints": {
        "max_params": count,
        "max_macs": count,
        "max_latency": milliseconds,
        "pinned": name_list,
        "banned": name_list,
    },
    "images, of proxies that look at some": {"data": str, "batch": whole_number},
    "where to compute": {"device": str, "dtype": str},
}
"""The options that are fields of the configuration, and the recipe, with the types of their arguments."""
_NAMES = [name for group in _GROUPS.values() for name in group]
_FIELDS = [*SearchConfig.model_fields, "recipe"]
"""The fields of a question in a file."""


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
    groups = {title: parser.add_argument_group(title) for title in _GROUPS}
    for title, options in _GROUPS.items():
        for name, kind in options.items():
            groups[title].add_argument(f"--{name.replace('_', '-')}", type=kind, metavar="VALUE", help=_help(name))
    question, images, computer = (groups[title] for title in (*[*_GROUPS][:1], *[*_GROUPS][3:]))
    source = question.add_mutually_exclusive_group()
    source.add_argument("--config", metavar="FILE", help="fields of a question as JSON; options given beside it win")
    source.add_argument("--like", metavar="FILE", help="the question of a search result; options given beside it win")
    images.add_argument(
        "--images",
        metavar="PATH",
        help="a folder of images, a subfolder a label, a NumPy archive, or CIFAR in its binary version",
    )
    computer.add_argument("--threads", type=core_count, metavar="N", help="threads of the CPU (default 1)")
    output = parser.add_argument_group("the result")
    output.add_argument("--out", type=destination, metavar="FILE", help="write the JSON to a file, and print a summary")
    output.add_argument("--quiet", action="store_true", help="no progress bar and no summary")
    output.add_argument("--no-store", action="store_true", help="do not keep the result among the runs")
    parser.set_defaults(run=run)


_BY_PROXY = {"normalisation", "alpha", "method", "field", "dtype"}
"""Fields whose default is that of the proxy's first recipe."""


def _help(name: str) -> str:
    """Return the help of an option: the choices, description and range of its field, a hint, and the default."""
    if name == "recipe":
        return f"{_RECIPE} (default by the proxy)"
    bounds = field_bounds(name)
    text = bounds.description
    if bounds.choices:
        text = f"{', '.join(bounds.choices)}: {text}"
    if bounds.low is not None and bounds.high is not None:
        text = f"{text}, {bounds.low:,.0f} to {bounds.high:,.0f}"
    if name in _HINTS:
        text = f"{text}; {_HINTS[name]}"
    default = "by the space" if name in Size._fields else "by the proxy" if name in _BY_PROXY else bounds.default
    text += "" if default in (None, ()) else f" (default {default})"
    return text.replace("%", "%%")


def run(arguments: argparse.Namespace) -> None:
    """Search, keep the result among the runs, and print or write it."""
    config = _question(arguments)
    if arguments.out is not None:
        check_destination(arguments.out)
    images = None if arguments.images is None else images_at(arguments.images)
    with computing_threads(arguments.threads), progress_bar(arguments.quiet) as on_progress:
        result = search(config, images=images, on_progress=on_progress)
    say_content(images, arguments.quiet)
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
        if not arguments.quiet:
            say(result_worth(result).sentence)


def _question(arguments: argparse.Namespace) -> SearchConfig:
    """Return the question of the options, and of the file that they name; raise `ValueError` if there is none in it."""
    options = {name: value for name in _NAMES if (value := getattr(arguments, name)) is not None}
    path = arguments.like or arguments.config
    if path is None:
        return SearchConfig(**options)
    fields = _read_json(path)
    is_result = isinstance(fields, dict) and fields.get("schema") == RESULT_SCHEMA
    if is_result != bool(arguments.like):
        advice = "a search result; --like takes its question" if is_result else "no search result"
        raise ValueError(f"argument --{'config' if is_result else 'like'}: {quoted_path(path)} is {advice}")
    if is_result:
        fields = fields.get("config")
    if not isinstance(fields, dict):
        raise ValueError(f"{quoted_path(path)} holds no question: an object of fields is expected")
    if unknown := next((name for name in fields if name not in _FIELDS), None):
        raise ValueError(f"{quoted_path(path)}: {unknown_name('field', unknown, _FIELDS)}")
    return SearchConfig(**replace_fields(fields, options))


def _read_json(path: str) -> Any:
    """Return what a JSON file holds; raise `ValueError` in a sentence that names the file if it cannot be read."""
    text = read_text(path)
    try:
        return load_json(text)
    except ValueError as error:
        raise ValueError(f"{quoted_path(path)}: {error}") from None


def replace_fields(fields: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the `fields` of a question with `options` in their places, without what these leave no meaning.

    Another space takes the size and the constraints with it, another proxy its recipe and images, another recipe its
    parts.
    """
    dependent = {
        "space": {*Size._fields, "pinned", "banned"},
        "proxy": {"recipe", "data", "batch", *_BY_PROXY},
        "recipe": _BY_PROXY - {"field"},
    }
    changed = [name for name in dependent if name in options and options[name] != fields.get(name)]
    dropped = set().union(*(dependent[name] for name in changed))
    return {name: value for name, value in fields.items() if name not in dropped} | dict(options)


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
    yield result_worth(result).sentence
