"""Answers side by side: heatmaps and cells of one scale, costs, agreement edge by edge, the difference of two."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import streamlit as st

from dashboard.compare.answers import Answers, ComparedAnswer, difference, difference_room, shared_edges
from dashboard.compare.figures import ABREAST, HeatmapLook, cell_arrows, heatmaps, sheet_file
from dashboard.compare.heatmaps import STYLE, colour_bar, heatmap_table
from dashboard.compare.tables import agreement_table, answers_csv, answers_latex, answers_space, cost_table
from dashboard.parts.accuracy_table import TableColumn
from dashboard.parts.cell import still_picture
from dashboard.parts.downloads import export_menu, file_button, file_stem
from dashboard.parts.importance import connection_noun, importances
from dashboard.parts.notices import explained_notice
from dashboard.parts.table import TableCell, TextColumn, text_table
from dashboard.parts.text import plain
from engine.exports.drawing import cell_title
from engine.exports.heatmap import Heatmap
from engine.searches.diagnostics import TIE
from engine.spaces import SearchSpace
from engine.studies.text_tables import TextTable

Remove = Callable[[str], None]
"""A function that takes the answer with a label away from the page."""


def agreement_words(answers: Answers) -> str:
    """Return a heading on where the answers agree."""
    if not answers:
        return "Compare"
    space, count = answers_space(answers), len(answers)
    if count == 1:
        return f"One answer in {space.title}"
    agreed, total = shared_edges([answer.genotype for answer in answers.values()])
    if agreed == total:
        return f"All {count} answers are the same {space.cell_noun}"
    kept = "" if space.kept_edges is None else " that any of them keeps"
    return f"{count} answers agree on {agreed} of {total} {connection_noun(space)}s{kept}"


def comparison_view(answers: Answers, table: TableColumn | None, remove: Remove | None = None) -> None:
    """Draw answers, of one space and by their labels, with the accuracies of the user's table.

    Where there is a way to `remove` one, every answer has the button that does.
    """
    space = answers_space(answers)
    st.html(STYLE)
    with st.container(horizontal=True, vertical_alignment="bottom", key="look"):
        look = _look_controls(space)
        maps = heatmaps(answers, look)
        if maps:
            with st.container(width=330):
                first = next(iter(maps.values()))
                title = importances(space)[look.importance].title
                st.html(colour_bar(first, f"{title}, {first.notes[-1]}" if look.importance == "score" else title))
        _export_menu(answers, look, table)
    _draw_answers(answers, maps, look, remove)
    _draw_table(cost_table(answers, table), "costs")
    _draw_table(agreement_table(answers, look.kind), "agreement", tells_apart=len(answers) > 1)
    if len(answers) > 1:
        _draw_difference(answers, space)


def _look_controls(space: SearchSpace) -> HeatmapLook:
    kind = space.cell_types[0]
    if len(space.cell_types) > 1:
        kind = st.segmented_control(
            "Cell", space.cell_types, default=kind, required=True, key="compare_kind", format_func=cell_title
        )
    options = importances(space)
    importance = st.segmented_control(
        "Number in the fields",
        [*options],
        default="edge",
        required=True,
        key="compare_measure",
        format_func=lambda key: options[key].title,
        help=f"Numbers of different scores compare only as shares of their {connection_noun(space)}.",
    )
    scale = st.segmented_control(
        "Colours", ["log", "linear"], default="log", required=True, key="compare_scale", label_visibility="collapsed"
    )
    return HeatmapLook(kind, importance, scale != "linear")


def _draw_answers(answers: Answers, maps: Mapping[str, Heatmap], look: HeatmapLook, remove: Remove | None) -> None:
    pairs = [*enumerate(answers.items())]
    for start in range(0, len(pairs), ABREAST):
        abreast = pairs[start : start + ABREAST]
        for column, (place, (label, answer)) in zip(st.columns(ABREAST, gap="medium"), abreast, strict=False):
            with column:
                _draw_heading(label, place, remove)
                _draw_notices(answer)
                if label in maps:
                    st.html(heatmap_table(maps[label]))
                arrows = cell_arrows(answer, look.kind)
                still_picture(answer.genotype.space, look.kind, arrows, f"compare cell {place}")


def _draw_heading(label: str, place: int, remove: Remove | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{plain(label)}**", width="content")
        if remove is not None:
            st.button(
                "Remove",
                icon=":material/close:",
                type="tertiary",
                key=f"remove {place}",
                help="Takes this answer away from the page.",
                on_click=remove,
                args=[label],
            )


def _draw_notices(answer: ComparedAnswer) -> None:
    for notice in answer.result.notices if answer.result is not None else ():
        if notice.code != TIE:
            st.warning(explained_notice(notice), icon=":material/warning:")


def _draw_table(table: TextTable, key: str, tells_apart: bool = False) -> None:
    """Draw a table; in one that `tells_apart`, rows whose cells differ are strong."""
    st.markdown(f"##### {plain(table.title)}")
    words = len(table.headers) - table.words_last
    columns = [TextColumn(header, number=0 < place < words) for place, header in enumerate(table.headers)]
    strong = [tells_apart and len(set(row[1:])) > 1 for row in table.rows]
    rows = [
        [TableCell(text, tone="strong") if differs else text for text in row]
        for row, differs in zip(table.rows, strong, strict=True)
    ]
    text_table(table.title, columns, rows, key)
    notes = [*table.notes, *(["Bold: they differ."] if any(strong) else [])]
    if notes:
        st.caption(plain(" ".join(notes)))


def _draw_difference(answers: Answers, space: SearchSpace) -> None:
    labels = [*answers]
    st.markdown("##### Difference of two")
    with st.container(horizontal=True):
        first = st.selectbox("First", labels, 0, key="compare_first", width=260)
        second = st.selectbox("Second", labels, 1, key="compare_second", width=260)
    one, two = (answers[label].genotype for label in (first, second))
    for column, kind in zip(st.columns(max(2, len(space.cell_types))), space.cell_types, strict=False):
        with column:
            if len(space.cell_types) > 1:
                st.markdown(f"**{cell_title(kind)}**")
            still_picture(space, kind, difference(one, two, kind), f"differ {kind}", difference_room(space))
    dashed = "; dashed: only the second keeps it" if space.kept_edges is not None else ""
    st.caption(f"Grey: both have it. Red: first | second{dashed}.")


def _export_menu(answers: Answers, look: HeatmapLook, table: TableColumn | None) -> None:
    def draw() -> None:
        stem = file_stem("comparison", answers_space(answers).name)
        file_button("Table, CSV", partial(answers_csv, answers, table), f"{stem}.csv")
        file_button("Tables, LaTeX", partial(answers_latex, answers, table), f"{stem}.tex")
        for to in ("svg", "pdf", "png"):
            file_button(f"Pictures, {to.upper()}", partial(sheet_file, answers, look, to), f"{stem}.{to}")

    export_menu("compare_export", draw)
