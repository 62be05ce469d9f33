"""The commands that list the registries: search spaces and proxies."""

from __future__ import annotations

import argparse
import itertools
import json
from collections.abc import Callable
from typing import Any

from engine.commands.terminal import plain_table
from engine.proxies import PROXIES
from engine.spaces import SPACES, SearchSpace


def add_spaces(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command that lists search spaces."""
    _add(parser, print_spaces)


def add_proxies(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command that lists proxies."""
    _add(parser, print_proxies)


def _add(parser: argparse.ArgumentParser, run: Callable[[argparse.Namespace], None]) -> None:
    parser.add_argument("--json", action="store_true", help="as JSON, for programs")
    parser.set_defaults(run=run)


def print_spaces(arguments: argparse.Namespace) -> None:
    """Print the search spaces, as a table or as JSON."""
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
    print(plain_table(("space", "cell types", "edges", "operations", "architectures", "source"), rows))


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
            kind: [list(itertools.compress(space.operations, edge)) for edge in edges]
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


def print_proxies(arguments: argparse.Namespace) -> None:
    """Print the proxies, as a table or as JSON."""
    columns = ("name", "title", "unit", "meaning", "summary", "source", "needs_labels", "needs_data")
    proxies = [{column: getattr(proxy, column) for column in columns} for proxy in PROXIES.values()]
    if arguments.json:
        _print_json(proxies)
        return
    needs = {True: "yes", False: "no"}
    rows = [
        (row["name"], needs[row["needs_labels"]], needs[row["needs_data"]], row["summary"], row["source"])
        for row in proxies
    ]
    print(plain_table(("proxy", "labels", "data", "summary", "source"), rows))


def _print_json(data: object) -> None:
    print(json.dumps(data, indent=2))
