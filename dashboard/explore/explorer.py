"""Heatmap and cell of a result side by side, with the controls of the view and the selection."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, NamedTuple

import streamlit as st

from dashboard.explore import controls
from dashboard.explore.replay import replay, rewind
from dashboard.explore.shown import selected, toggle_selection
from dashboard.parts import heatmap
from dashboard.parts.cell import cell_picture, replayed_arrows, selected_arrows
from dashboard.parts.view import NO_SELECTION, Selection, View, importances, tie_shares
from dashboard.server.state import widget_value
from engine import SearchResult
from engine.exports.drawing import cell_title
from engine.operations.registry import get_operation
from engine.searches.constraints import EdgeOperation
from engine.spaces import SearchSpace


class _Look(NamedTuple):
    """A view, with True where the picture has the dropped edges too, and where the pruning is replayed."""

    view: View
    everything: bool
    replaying: bool


def explorer(result: SearchResult) -> None:
    """Draw heatmap and cell; a fragment, so that looking around runs nothing else."""
    look = _look_controls(result)
    left, right = st.columns(2, gap="medium")
    with left:
        _draw_heatmap(look.view)
        _draw_legend(result)
    with right, st.container(border=False):
        _draw_cell(look)
        _draw_selection(look.view)
    _draw_table(look.view)


def _draw_cell(look: _Look) -> None:
    view = look.view
    if look.replaying:
        st.markdown(f"**{cell_title(view.kind)}: pruning under way** · pale edges are undecided, +n others live")
        arrows = replayed_arrows(view)
    else:
        st.markdown(f"**{cell_title(view.kind)}: selected architecture** · width: share in the last pass")
        arrows = selected_arrows(view, look.everything)
    cell_picture(view, arrows, selected(), toggle_selection)


def _draw_table(view: View) -> None:
    space = view.result.space
    with st.expander("Table of scores", icon=":material/table:", on_change="rerun", key="table") as table:
        if table.open:
            st.dataframe(
                score_rows(view),
                hide_index=True,
                column_config=_column_formats(space),
                alt=f"Scores of every operation on every {space.edge_noun}: {cell_title(view.kind).lower()}",
            )


def _column_formats(space: SearchSpace) -> dict[str, Any]:
    make = st.column_config.NumberColumn
    titles = importances(space)
    return {_log_title(space): make(format="%.2f", help=titles["score"].unit)} | {
        importance.title: make(format="%.4g", help=importance.unit) for importance in titles.values()
    }


def _log_title(space: SearchSpace) -> str:
    return f"log₁₀ {importances(space)['score'].title.lower()}"


def _look_controls(result: SearchResult) -> _Look:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = _choose_kind(result.space.cell_types)
        importance = _choose_importance(result)
        scale = st.segmented_control(
            "Colour",
            ["log", "linear"],
            default="log",
            required=True,
            key="scale",
            help="How numbers become colours: by their logarithm, or in proportion.",
        )
        everything = False
        if result.space.kept_edges is not None:
            everything = st.toggle("Dropped edges", key="everything", help="Also draw the edges that no node kept.")
        replaying = False
        if result.steps:
            replaying = st.toggle(
                "Replay", key="replay", help="Step through the pruning; heatmap and picture follow.", on_change=rewind
            )
    step = replay(result) if replaying else None
    return _Look(View(result, kind, importance, scale == "log", step), everything, replaying)


def _choose_kind(kinds: tuple[str, ...]) -> str:
    if len(kinds) == 1:
        return kinds[0]
    return str(
        st.segmented_control(
            "Cell",
            kinds,
            default=kinds[0],
            required=True,
            key="kind",
            format_func=cell_title,
            help="A network stacks cells of these types; each type has its own scores.",
        )
    )


def _choose_importance(result: SearchResult) -> str:
    options = importances(result.space)
    return str(
        st.segmented_control(
            "Importance",
            list(options),
            default="share",
            required=True,
            key="measure",
            format_func=lambda key: options[key].title,
            help="\n".join(f"- **{title}**: {unit}" for title, unit in options.values()),
        )
    )


def _draw_heatmap(view: View) -> None:
    key = f"heatmap {view.kind}"
    st.plotly_chart(
        heatmap.heatmap(view, selected()),
        key=key,
        on_select=lambda: _adopt_click(key),
        selection_mode="points",
        config={"displayModeBar": False},
        alt=heatmap.heatmap_alt(view),
    )


def _adopt_click(key: str) -> None:
    """Select the field of the heatmap, or the swatch, that was clicked."""
    points = widget_value(key).selection.points
    if points and "customdata" in points[0]:
        edge, name = points[0]["customdata"]
        toggle_selection(Selection(None if edge < 0 else int(edge), str(name)))


def _draw_legend(result: SearchResult) -> None:
    """Draw the short name of every operation beside its name."""
    operations = [get_operation(name) for name in result.space.operations]
    dotted = "; dotted: chosen, but its edge was dropped" if result.space.kept_edges is not None else ""
    names = ", ".join(f"{operation.short} = {operation.name}" for operation in operations)
    st.caption(f"Framed: chosen{dotted}. {names}")


def _draw_selection(view: View) -> None:
    """Draw the selection in words, with the buttons that let go of it or make a constraint of it."""
    selection = selected()
    if selection == NO_SELECTION:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(selection_words(view, selection))
        st.button("Clear", icon=":material/close:", key="clear", on_click=toggle_selection, args=[selection])
        if selection.edge is not None:
            name = selection.operation or view.result.chosen(view.kind)[selection.edge]
            _constraint_buttons(view, selection.edge, name)


def _constraint_buttons(view: View, edge: int, name: str) -> None:
    """Pin the selected operation to its edge, or ban it there, in the question that the controls ask."""
    space = view.result.space
    text = EdgeOperation(view.kind, space.edges[edge], name).text(space)
    for key, verb, icon in (("pinned", "Pin", ":material/keep:"), ("banned", "Ban", ":material/block:")):
        active = text in widget_value(key, [])
        impossible = key == "pinned" and name not in space.genotype_operations
        if st.button(
            f"Un{verb.lower()}" if active else verb,
            icon=icon,
            key=f"toggle {key}",
            disabled=impossible,
            help=f"{verb} {name} {'to' if key == 'pinned' else 'on'} this {space.edge_noun} in the next search.",
            on_click=controls.toggle_constraint,
            args=[key, text],
        ):
            st.rerun()


def selection_words(view: View, selection: Selection) -> str:
    """Return the selection in Markdown: its share and rank on its edge, or how often an operation was chosen."""
    space, chosen = view.result.space, view.result.chosen(view.kind)
    if selection.edge is None:
        count = sum(name == selection.operation for name in chosen.values())
        return f"**{selection.operation}**: chosen on {count} of {len(space.edges)} {space.edge_noun}s."
    shares, name = view.shares()[selection.edge], selection.operation or chosen[selection.edge]
    share = float(shares[space.operations.index(name)])
    tied = tie_shares(shares)
    rank = 1 + int((tied > tied[space.operations.index(name)]).sum())
    return (
        f"**{space.edge_name(space.edges[selection.edge])} · {name}**: share {share:.4g}, "
        f"number {rank} of {int(view.live[selection.edge].sum())} live on this {space.edge_noun}; "
        f"chosen there: {chosen[selection.edge]}."
    )


def score_rows(view: View) -> list[dict[str, Any]]:
    """Return a row for every operation on every edge, with all its numbers, huge raw scores as their logarithms."""
    space = view.result.space
    tables = {}
    for name, importance in importances(space).items():
        look = replace(view, importance=name)
        if look.exponent:
            tables[_log_title(space)] = look.log_scores()
        else:
            tables[importance.title] = look.values()
    return [
        {space.edge_noun: space.edge_name(edge), "operation": name}
        | {title: _written(table[row, column]) for title, table in tables.items()}
        for row, edge in enumerate(space.edges)
        for column, name in enumerate(space.operations)
    ]


def _written(number: float) -> float | None:
    """Return a number for a table, None for the logarithm of 0."""
    return float(number) if math.isfinite(number) else None
