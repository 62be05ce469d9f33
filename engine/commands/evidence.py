"""The command `python -m engine evidence`, which weighs scores of architectures on a table of accuracies."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.commands.terminal import (
    add_format,
    check_destination,
    core_count,
    destination,
    name_list,
    progress_bar,
    quoted_path,
    say_content,
    space_argument,
    whole_number,
    write,
)
from engine.common.errors import quoted, unknown_name
from engine.common.processes import computing_processes, default_processes
from engine.common.threads import computing_threads, cores, current_threads
from engine.common.work import Work
from engine.data.files import images_at
from engine.data.images import Data
from engine.measures import MEASURES, get_measure
from engine.measures.base import NET_SIZES
from engine.searches.config import SearchConfig, default_questions
from engine.studies.evidence import Evidence, EvidenceQuestion, evidence
from engine.studies.found_cells import RecipeCells, recipe_cells
from engine.studies.report import report_text
from engine.studies.seeds import MAX_SEEDS, study_seeds
from engine.tables import SPLITS, AccuracyTable, Column, load_table

REPORT_FORMS = ("text", "markdown", "latex", "csv", "json")
CHEAP = ("flow", "params", "macs")
"""The measures that are taken where none are named: they need no image and no time."""


_GROUPS: dict[str, dict[str, tuple[Callable[[str], Any], str]]] = {
    "the table": {
        "table": (str, "accuracies: CSV, JSON, Parquet, also as .gz or .zip; a NATS-Bench file or folder"),
        "space": (
            space_argument,
            "the space of the table, by name or as a JSON file: where several share its notation",
        ),
        "column": (str, "the column of accuracies where there are several; any other column of numbers"),
        "dataset": (str, "what the accuracies are of, where the file does not say"),
        "split": (str, f"{', '.join(SPLITS)}; where the file does not say"),
        "epochs": (whole_number, "epochs of training, where the file does not say"),
    },
    "the scores": {
        "measures": (
            name_list,
            f"scores with commas between: {', '.join(MEASURES)}; joined by their ranks with a plus, as in "
            f"flow+expressivity (default {','.join(CHEAP)})",
        ),
        "columns": (name_list, "other columns of numbers in the table, as scores"),
        "sample": (whole_number, "so many architectures, always the same, in place of all: for scores that take long"),
        "data": (
            str,
            "gaussian, smooth, digits: images of scores that need some; your own with --images (default gaussian)",
        ),
        "images": (str, "a folder of images, a subfolder a label, a NumPy archive, or CIFAR in its binary version"),
        "net-size": (
            str,
            "networks of scores that run some: small (8 channels, 16 images of 16 pixels; default), full",
        ),
        "seed": (whole_number, "seed of the weights and of the resamples (default 0)"),
        "seeds": (whole_number, "search with so many seeds of each recipe too, and look up what they find (default 0)"),
    },
    "where to compute": {
        "device": (str, "auto, cpu, cuda, cuda:N, mps (default auto)"),
        "threads": (core_count, "threads of the CPU (default 1)"),
        "processes": (core_count, "processes for networks and seeds that take long (default: all cores)"),
    },
}

_SWITCHES = {
    "the table": {
        "accuracy": "the numbers of the column are accuracies or error rates, where its name does not say so",
        "lower-is-better": "of the numbers of the column less is better, where its name does not say so",
    }
}


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    for title, options in _GROUPS.items():
        group = parser.add_argument_group(title)
        for name, (kind, text) in options.items():
            group.add_argument(f"--{name}", type=kind, metavar="VALUE", help=text, required=name == "table")
        for name, text in _SWITCHES.get(title, {}).items():
            group.add_argument(f"--{name}", action=argparse.BooleanOptionalAction, help=text)
    output = parser.add_argument_group("the report")
    add_format(output, REPORT_FORMS, "text")
    output.add_argument("--out", type=destination, metavar="FILE", help="write this file instead of printing")
    output.add_argument("--quiet", action="store_true", help="no progress bar")
    parser.set_defaults(run=run, columns=(), seed=0, seeds=0, device="auto", data="gaussian", net_size="small")


def run(arguments: argparse.Namespace) -> None:
    """Weigh the measures on the table, and print or write the report."""
    _check(arguments)
    table = load_table(Path(arguments.table), space=arguments.space, trusted=True)
    table, column = _described(table, arguments)
    images = None if arguments.images is None else images_at(arguments.images)
    with computing_threads(arguments.threads), computing_processes(_processes(arguments)):
        result = _evidence(table, column, arguments, images)
        say_content(images, arguments.quiet)
        cells = _found_cells(table, column, arguments) if arguments.seeds else None
    text = result.to_json() if arguments.to == "json" else report_text(result, cells, arguments.to)
    if arguments.out is None:
        sys.stdout.write(text)
    else:
        write(arguments.out, text.encode())


def _processes(arguments: argparse.Namespace) -> int:
    return arguments.processes or default_processes(cores() // current_threads())


def _evidence(table: AccuracyTable, column: Column, arguments: argparse.Namespace, images: Data | None) -> Evidence:
    question = EvidenceQuestion(
        column=column.name,
        measures=arguments.measures or CHEAP,
        columns=arguments.columns,
        seed=arguments.seed,
        sample=arguments.sample,
        device=arguments.device,
        data=arguments.data,
        net_size=arguments.net_size,
    )
    with progress_bar(arguments.quiet, "part") as on_progress:
        return evidence(table, question, Work(on_progress), images)


def _check(arguments: argparse.Namespace) -> None:
    """Raise `ValueError` or `OSError` for wrong arguments, before anything is read or computed."""
    if arguments.to not in REPORT_FORMS:
        raise unknown_name("format", arguments.to, REPORT_FORMS)
    if arguments.to == "json" and arguments.seeds:
        raise ValueError("argument --seeds: the format json holds the scores alone; take csv for all numbers")
    if not 0 <= arguments.seeds <= MAX_SEEDS:
        raise ValueError(f"argument --seeds: {arguments.seeds} is out of range; 0 to {MAX_SEEDS:,}")
    for name in arguments.measures or ():
        get_measure(name)
    if arguments.net_size not in NET_SIZES:
        raise unknown_name("net size", arguments.net_size, NET_SIZES)
    if not os.path.exists(arguments.table):
        raise ValueError(f"argument --table: {quoted_path(arguments.table)} is not there")
    SearchConfig.model_validate({"seed": arguments.seed, "device": arguments.device})
    if arguments.out is not None:
        check_destination(arguments.out)


def _described(table: AccuracyTable, arguments: argparse.Namespace) -> tuple[AccuracyTable, Column]:
    """Return the table with what the arguments say of its column, and the column; `ValueError` where none is meant."""
    accuracies = [column.name for column in table.accuracies()]
    if arguments.column is None and len(accuracies) != 1:
        names = ", ".join(quoted(column.name) for column in table.accuracies() or table.columns)
        kind = "columns of accuracies" if accuracies else "none is called an accuracy; columns of numbers"
        raise ValueError(f"argument --column: one must be named; {kind} in {table.name}: {names}")
    name = arguments.column or accuracies[0]
    table = table.annotated(
        name,
        dataset=arguments.dataset,
        split=arguments.split,
        epochs=arguments.epochs,
        accuracy=arguments.accuracy,
        lower_is_better=arguments.lower_is_better,
    )
    return table, table.column(name)


def _found_cells(table: AccuracyTable, column: Column, arguments: argparse.Namespace) -> RecipeCells:
    """Search under every recipe and seed, and look the cells up in the table."""
    studies = []
    for config in default_questions(table.population.space.reference, device=arguments.device):
        with progress_bar(arguments.quiet, f"{config.recipe}, seed") as on_progress:
            studies.append(study_seeds(config, range(arguments.seeds), Work(on_progress)))
    return recipe_cells(studies, table, column.name)
