"""Requests of the instrument to the server: to search, to pin or ban, the frames of a replay, a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dashboard.explore.controls import Question, toggle_constraint
from dashboard.explore.instrument import file_data
from dashboard.explore.picture import PictureLook, is_replayable
from dashboard.explore.shown import start_search
from dashboard.explore.state import ExploreState
from dashboard.parts.downloads import mime_type, result_stem
from dashboard.server.state import state
from engine.searches.constraints import EdgeOperation
from engine.searches.figures import result_figure


def explore_events(look: PictureLook, question: Question) -> Mapping[str, Callable[[Any], None]]:
    """Return what happens at each event of the instrument; its values come from a browser, and are not trusted."""
    result, explore = look.result, state(ExploreState)

    def ask(_: object) -> None:
        if question.config is not None:
            start_search(question.config)
        explore.page_changed = True

    def constrain(key: str) -> Callable[[Any], None]:
        def toggle(place: Any) -> None:
            if (text := _constraint(look, place)) is not None:
                toggle_constraint(key, text)
                explore.page_changed = True

        return toggle

    def replay(_: object) -> None:
        if is_replayable(result):
            explore.replayed = result

    def save(wanted: Any) -> None:
        kinds = result.space.cell_types
        match wanted:
            case {"picture": "heatmap" | "cell" as picture, "form": "svg" | "png" as form, "kind": int(kind)}:
                if not 0 <= kind < len(kinds):
                    return
            case _:
                return
        content = result_figure(result, picture, form, cell=kinds[kind], importance=look.importance, log=look.log)
        name = f"{result_stem(result)}.{picture}.{form}"
        explore.file = file_data(explore.file.get("number", 0) + 1, name, mime_type(name), content)

    return {"asked": ask, "pin": constrain("pinned"), "ban": constrain("banned"), "replay": replay, "save": save}


def _constraint(look: PictureLook, place: Sequence[object]) -> str | None:
    """Return the text of an operation on an edge, None for indices that are none."""
    space = look.result.space
    sizes = (len(space.cell_types), len(space.edges), len(space.operations))
    match place:
        case [int(kind), int(edge), int(operation)] if all(
            0 <= index < size for index, size in zip((kind, edge, operation), sizes, strict=True)
        ):
            return EdgeOperation(space.cell_types[kind], space.edges[edge], space.operations[operation]).text(space)
        case _:
            return None
