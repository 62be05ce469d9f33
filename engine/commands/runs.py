"""The command `python -m engine runs`: list, show, delete, restore, purge, export and import results of searches."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterable
from contextlib import closing
from typing import TYPE_CHECKING, Any

from tabulate import tabulate

from engine.commands.terminal import (
    add_format,
    check_destination,
    destination,
    name_list,
    read_text,
    say,
    whole_number,
    write,
)
from engine.common.errors import quoted, unknown_name
from engine.proxies import PROXIES
from engine.runs import ORDERS, Filter, Run, StoreUnavailable, open_store
from engine.searches.config import CUSTOM
from engine.searches.result import SearchResult
from engine.spaces import SPACES

if TYPE_CHECKING:
    from engine.runs.store import RunStore

_FORMS = ("json", "csv")
_FILTERS: dict[str, tuple[Callable[[str], Any], str]] = {
    "text": (str, "words in names, notes, tags, notations, spaces or ids"),
    "spaces": (name_list, "only runs in these spaces, commas between"),
    "proxies": (name_list, "only runs with these proxies"),
    "recipes": (name_list, "only runs with these recipes"),
    "devices": (name_list, "only runs on these devices"),
    "tags": (name_list, "only runs with all these tags"),
}
_REGISTERED: dict[str, tuple[str, Iterable[str]]] = {
    "spaces": ("search space", SPACES),
    "proxies": ("proxy", PROXIES),
    "recipes": ("recipe", [*{name: None for proxy in PROXIES.values() for name in proxy.recipes}, CUSTOM]),
    "devices": ("device", ["cpu", "cuda", "cuda:N", "mps"]),
}
"""The values that a filter takes though no run has them, and their kind in words."""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the commands on runs to a parser."""
    parser.set_defaults(run=lambda arguments: parser.print_help())
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    listing = commands.add_parser("list", help="list runs, the newest first")
    _add_filters(listing)
    listing.add_argument("--order", default="created", metavar="VALUE", help=f"{', '.join(ORDERS)} (default created)")
    listing.add_argument("--ascending", action="store_true", help="the least, or oldest, first")
    listing.add_argument("--limit", type=whole_number, default=20, metavar="N", help="how many (default 20)")
    listing.add_argument("--json", action="store_true", help="as JSON, for programs")
    listing.set_defaults(run=_with_store(_list))
    shown = commands.add_parser("show", help="print the result of a run as JSON")
    shown.add_argument("id", metavar="ID", help="the id of a run")
    shown.set_defaults(run=_with_store(_show))
    for name, run, text in (
        ("delete", _delete, "delete runs; for a day they can be restored"),
        ("restore", _restore, "take back a deletion"),
    ):
        change = commands.add_parser(name, help=text)
        change.add_argument("ids", nargs="+", metavar="ID", help="the ids of runs")
        change.set_defaults(run=_with_store(run))
    purge = commands.add_parser("purge", help="remove all deleted runs for good")
    purge.set_defaults(run=_with_store(_purge))
    export = commands.add_parser("export", help="write runs as one JSON document, or as a table")
    export.add_argument("ids", nargs="*", metavar="ID", help="the ids of runs, default all that pass the filters")
    _add_filters(export)
    add_format(export, _FORMS, "json")
    export.add_argument("--out", type=destination, metavar="FILE", help="write a file instead of printing")
    export.set_defaults(run=_with_store(_export))
    imported = commands.add_parser("import", help="keep the runs of an exported document, or a search result")
    imported.add_argument("file", metavar="FILE", help="a JSON file, or -")
    imported.set_defaults(run=_with_store(_import))


def keep_result(result: SearchResult) -> Run | None:
    """Store the result of a search as a run; where that fails, print the reason on standard error and return None."""
    try:
        with closing(open_store()) as store:
            return store.add(result)
    except StoreUnavailable as error:
        say(f"warning: the run was not kept: {error.explanation}")
        return None


def _with_store(command: Callable[[RunStore, argparse.Namespace], None]) -> Callable[[argparse.Namespace], None]:
    """Return a command that opens the store, runs `command` on it and closes it."""

    def run(arguments: argparse.Namespace) -> None:
        with closing(open_store()) as store:
            command(store, arguments)

    return run


def _add_filters(parser: argparse.ArgumentParser) -> None:
    for name, (kind, text) in _FILTERS.items():
        parser.add_argument(f"--{name}", type=kind, default=kind(""), metavar="VALUE", help=text)


def _filter(store: RunStore, arguments: argparse.Namespace) -> Filter:
    """Return the filter in the arguments; raise `ValueError` for a name that is neither registered nor in a run."""
    stored = store.values()
    for name, (what, registered) in _REGISTERED.items():
        allowed = list(dict.fromkeys([*registered, *stored[name]]))
        for value in getattr(arguments, name):
            if re.sub("^cuda:[0-9]{1,2}$", "cuda:N", value) not in allowed:
                raise unknown_name(what, value, allowed)
    return Filter(**{name: getattr(arguments, name) for name in _FILTERS})


def _list(store: RunStore, arguments: argparse.Namespace) -> None:
    if arguments.limit < 1:
        raise ValueError(f"argument --limit: {arguments.limit} given, 1 or more expected")
    selection = _filter(store, arguments)
    runs = store.find(selection, order=arguments.order, descending=not arguments.ascending, limit=arguments.limit)
    if arguments.json:
        print(json.dumps([run.to_dict() for run in runs], indent=2))
        return
    if not runs:
        say("no runs")
        return
    header = ("id", "kept (UTC)", "space", "proxy", "recipe", "seed", "device", "seconds", "parameters", "name", "tags")
    print(tabulate([_row(run) for run in runs], header, tablefmt="plain", disable_numparse=True))
    if (count := store.count(selection)) > len(runs):
        say(f"{len(runs)} of {count:,} runs; --limit {count} lists all")


def _row(run: Run) -> tuple[str, ...]:
    question = (run.space, run.proxy, run.recipe, str(run.seed), run.device)
    labels = (run.name, ", ".join(run.tags))
    return (run.id, f"{run.when:%Y-%m-%d %H:%M}", *question, f"{run.seconds:.2f}", f"{run.params:,}", *labels)


def _show(store: RunStore, arguments: argparse.Namespace) -> None:
    sys.stdout.write(store.result(arguments.id).to_json())


def _delete(store: RunStore, arguments: argparse.Namespace) -> None:
    ids = list(dict.fromkeys(arguments.ids))
    for run_id in ids:
        store.get(run_id)
    print(f"{_runs(store.delete(ids))} deleted; `runs restore` takes it back for a day")


def _restore(store: RunStore, arguments: argparse.Namespace) -> None:
    if unknown := store.unknown(arguments.ids):
        raise ValueError(f"no run {quoted(unknown[0])} in this store, nor a deleted one")
    print(f"{_runs(store.restore(arguments.ids))} restored")


def _purge(store: RunStore, arguments: argparse.Namespace) -> None:
    print(f"{_runs(store.purge())} removed for good")


def _export(store: RunStore, arguments: argparse.Namespace) -> None:
    if arguments.to not in _FORMS:
        raise unknown_name("format", arguments.to, _FORMS)
    if arguments.out is not None:
        check_destination(arguments.out)
    from engine.runs.exchange import export_csv, export_json

    runs = [store.get(run_id) for run_id in arguments.ids] if arguments.ids else store.find(_filter(store, arguments))
    text = export_csv(runs) if arguments.to == "csv" else export_json(store, [run.id for run in runs])
    if arguments.out is None:
        sys.stdout.write(text)
    else:
        write(arguments.out, text.encode())


def _import(store: RunStore, arguments: argparse.Namespace) -> None:
    from engine.runs.exchange import import_runs

    new, total = import_runs(store, read_text(arguments.file))
    print(f"{_runs(new)} kept, {total - new:,} of {total:,} were there")


def _runs(count: int) -> str:
    return f"{count:,} run{'s' if count != 1 else ''}"
