"""The command `python -m engine score`, which takes measures of any list of architectures."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engine.commands.evidence import CHEAP
from engine.commands.terminal import (
    check_destination,
    core_count,
    destination,
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
from engine.common.errors import quoted, unknown_name
from engine.common.parts import PartFolder
from engine.common.processes import computing_processes, default_processes
from engine.common.threads import computing_threads, cores, current_threads
from engine.common.work import Work
from engine.data.files import images_at
from engine.data.images import DATA, load_data
from engine.measures import MEASURES, MeasureSetting, get_measure
from engine.measures.base import NET_SIZES
from engine.searches.config import SearchConfig
from engine.spaces import get_space
from engine.studies.atlas import draw_population
from engine.studies.score_files import SCORE_FORMATS, score_file
from engine.studies.scores import ArchitectureScores, score_population, score_question
from engine.tables.lists import ArchitectureList, read_list

_SPREADSHEETS = (".csv", ".tsv")
_GROUPS: dict[str, dict[str, tuple[Callable[[str], Any], str]]] = {
    "the architectures": {
        "space": (space_argument, "their space, by name or as a JSON file; of LIST by default that of the first"),
        "sample": (whole_number, "so many drawn from the space, as on the page Atlas, in place of LIST"),
        "sample-seed": (whole_number, "seed of the draws (default 0)"),
    },
    "the scores": {
        "measures": (
            name_list,
            f"with commas between: {', '.join(MEASURES)}; joined by their ranks with a plus, as in width+spread "
            f"(default {','.join(CHEAP)})",
        ),
        "data": (str, f"{', '.join(DATA)}: images of measures that need some (default gaussian)"),
        "images": (str, "a folder of images, a subfolder a label, a NumPy archive, or CIFAR in its binary version"),
        "net-size": (str, f"networks of measures that run some: {', '.join(NET_SIZES)} (default small)"),
        "seed": (whole_number, "seed of weights and images (default 0)"),
    },
    "where to compute": {
        "device": (str, "auto, cpu, cuda, cuda:N, mps (default auto)"),
        "threads": (core_count, "threads of the CPU (default 1)"),
        "processes": (core_count, "processes for networks that take long (default: all cores)"),
    },
}


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    groups = {title: parser.add_argument_group(title) for title in _GROUPS}
    architectures = groups["the architectures"]
    architectures.add_argument(
        "list",
        metavar="LIST",
        nargs="?",
        help="a file with a genotype a line in any notation, or in the first column of CSV; - for standard input",
    )
    for title, options in _GROUPS.items():
        for name, (kind, text) in options.items():
            groups[title].add_argument(f"--{name}", type=kind, metavar="VALUE", help=text)
    architectures.add_argument("--all", action="store_true", help="the whole space, in place of LIST")
    architectures.add_argument("--skip-wrong", action="store_true", help="skip lines that are wrong, and count them")
    output = parser.add_argument_group("the file")
    output.add_argument(
        "--to", metavar="FORMAT", help=f"{', '.join(SCORE_FORMATS)} (default by the end of FILE, else csv)"
    )
    output.add_argument(
        "--out",
        type=destination,
        metavar="FILE",
        help="write a file instead of printing; parts stand in FILE.part until it is whole, to go on from after a stop",
    )
    output.add_argument("--fresh", action="store_true", help="begin anew, and throw the parts of FILE away")
    output.add_argument("--quiet", action="store_true", help="no progress bar and no notes")
    parser.set_defaults(
        run=run, sample_seed=0, measures=CHEAP, data="gaussian", net_size="small", seed=0, device="auto"
    )


def run(arguments: argparse.Namespace) -> None:
    """Take the measures, and print or write them."""
    form = _check(arguments)
    images = None if arguments.images is None else images_at(arguments.images)
    architectures = _architectures(arguments)
    for note in () if arguments.quiet else architectures.notes:
        say(note)
    say_content(images, arguments.quiet)
    processes = arguments.processes or default_processes(cores() // current_threads())
    data = load_data(arguments.data) if images is None else images
    setting = MeasureSetting(
        arguments.seed, arguments.device, data, threads=arguments.threads, net_size=arguments.net_size
    )
    with (
        computing_threads(arguments.threads),
        computing_processes(processes),
        _parts(architectures, arguments, setting) as folder,
    ):
        scores = _scores(architectures, arguments, setting, folder)
        content = score_file(scores, form, architectures.lines or None)
        if arguments.out is None:
            sys.stdout.buffer.write(content)
        else:
            write(arguments.out, content)
        if folder is not None:
            folder.remove()


@contextmanager
def _parts(
    architectures: ArchitectureList, arguments: argparse.Namespace, setting: MeasureSetting
) -> Iterator[PartFolder | None]:
    """Hold the folder of parts beside the file that is written, None where none is; say of a stop where they are."""
    if arguments.out is None or (os.path.exists(arguments.out) and not os.path.isfile(arguments.out)):
        yield None
        return
    path = Path(f"{os.path.realpath(arguments.out)}.part")
    question = score_question(architectures.population, arguments.measures, setting)
    with PartFolder(path, question, fresh=arguments.fresh) as folder:
        try:
            yield folder
        except KeyboardInterrupt:
            say(f"what is done stands in {quoted_path(str(path))}; the same command goes on from there")
            raise


def _scores(
    architectures: ArchitectureList,
    arguments: argparse.Namespace,
    setting: MeasureSetting,
    folder: PartFolder | None,
) -> ArchitectureScores:
    with progress_bar(arguments.quiet, "score") as on_progress:
        setting = MeasureSetting(**{**vars(setting), "work": Work(on_progress)})
        return score_population(architectures.population, arguments.measures, setting, folder)


def _architectures(arguments: argparse.Namespace) -> ArchitectureList:
    """Read or draw the architectures; `ValueError` names the line that is wrong."""
    if arguments.list is None:
        return ArchitectureList(draw_population(arguments.space, arguments.sample, arguments.sample_seed), ())
    space = None if arguments.space is None else get_space(arguments.space)
    text = read_text(arguments.list)
    delimited = Path(arguments.list).suffix.lower() in _SPREADSHEETS
    try:
        with progress_bar(arguments.quiet, "line") as on_progress:
            return read_list(text, space, delimited=delimited, skip_wrong=arguments.skip_wrong, work=Work(on_progress))
    except ValueError as error:
        name = "standard input" if arguments.list == "-" else quoted_path(arguments.list)
        raise ValueError(f"{name}: {error}") from None


def _check(arguments: argparse.Namespace) -> str:
    """Return the format of the file; raise `ValueError` or `OSError` before anything is read or computed."""
    _check_source(arguments)
    for name in arguments.measures:
        get_measure(name)
    if not arguments.measures:
        raise ValueError("argument --measures: one at least must be named")
    if arguments.net_size not in NET_SIZES:
        raise unknown_name("net size", arguments.net_size, NET_SIZES)
    SearchConfig.model_validate({"seed": arguments.seed, "device": arguments.device})
    form = _format(arguments)
    if arguments.out is not None:
        check_destination(arguments.out)
    elif arguments.fresh:
        raise ValueError("argument --fresh: there are no parts without --out FILE")
    elif form == "parquet" and sys.stdout.isatty():
        raise ValueError("argument --to: 'parquet' is no text; name a file with --out, or a pipe")
    return form


def _check_source(arguments: argparse.Namespace) -> None:
    """Raise `ValueError` unless there is one source of architectures."""
    sources = [arguments.list is not None, arguments.all, arguments.sample is not None]
    if sum(sources) != 1:
        raise ValueError("architectures come from one of a file LIST, --all of a space, or --sample N of it")
    if arguments.list is None:
        if arguments.space is None:
            raise ValueError("argument --space: the space must be named whose architectures are scored")
        if arguments.skip_wrong:
            raise ValueError("argument --skip-wrong: there are no lines without a file LIST")


def _format(arguments: argparse.Namespace) -> str:
    """Return the format that the arguments name, or that the file ends in."""
    form = arguments.to
    if form is None and arguments.out is not None:
        form = Path(arguments.out).suffix.lower().removeprefix(".")
        if form not in SCORE_FORMATS:
            endings = ", ".join(f".{name}" for name in SCORE_FORMATS)
            raise ValueError(
                f"argument --out: {quoted(arguments.out)} must end in one of {endings}, or --to says which"
            )
    if (form or "csv") not in SCORE_FORMATS:
        raise unknown_name("format", form, SCORE_FORMATS)
    return form or "csv"
