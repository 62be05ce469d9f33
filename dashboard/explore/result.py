"""A result on a page: what was found and how, warnings, heatmap and cell side by side, replay, exports."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import streamlit as st

from dashboard.explore import controls
from dashboard.parts import downloads, heatmap
from dashboard.parts.accuracy_table import Chosen
from dashboard.parts.cell import cell_picture, replayed_arrows, selected_arrows
from dashboard.parts.heatmap import Choice, View
from dashboard.parts.notices import explained
from dashboard.parts.text import plain
from dashboard.server import limits, session
from dashboard.server.session import Shown
from engine import SearchConfig, SearchResult
from engine.exports.drawing import cell_title
from engine.genotypes.population import Population
from engine.operations.registry import get_operation
from engine.proxies import get_proxy
from engine.searches.budget import budget_sentence
from engine.searches.constraints import Place
from engine.searches.diagnostics import TIE
from engine.searches.result import Step

_TICK = 0.4
"""Seconds between two pictures of a replay that plays."""
_FRAMES = 60
"""A replay that plays takes at most this many pictures."""


def result_view(shown: Shown, question: SearchConfig | None, table: Chosen | None) -> None:
    """Everything about a result, with its accuracy where the user's table has one."""
    result = shown.result
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"#### {_headline(result)}")
        _export_menu(result, question if shown.origin == session.PREVIEW and question is not None else result.config)
    st.caption(_provenance(shown))
    if question is not None:
        _banner(shown, question)
    _warnings(result)
    if result.budget is not None:
        st.markdown(f":material/savings: {plain(budget_sentence(result.budget, result.config.limits))}")
    _numbers(result, table)
    interval = _TICK if st.session_state.get("playing") else None
    st.fragment(run_every=interval)(_explorer)(result)


def _banner(shown: Shown, question: SearchConfig) -> None:
    """What is between the result on the page and an answer to the question, with the button that closes the gap."""
    asked = {session.SEARCHING: session.search_of(question), session.PREVIEWING: session.preview_of(question)}
    if (shown.answers and shown.origin != session.PREVIEW) or any(session.failure(*each) for each in asked.items()):
        return
    if shown.answers:
        said = "Preview in the closed form, away from the image border. **Search** computes the full pass."
    else:
        reason = "" if session.previewable(question) else " It has no quick preview (batch norm, or a large supernet)."
        said = f"The controls ask another question than the one answered here.{reason}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.info(said, icon=":material/bolt:", width="stretch")
        disabled = session.SEARCHING in session.active() or bool(limits.check(session.search_of(question)))
        if st.button("Search", key="search here", icon=":material/search:", disabled=disabled):
            session.start(session.search_of(question))
            st.rerun()


def _headline(result: SearchResult) -> str:
    config, count = result.config, len(result.passes)
    device = result.environment["device"].upper()
    field = " · closed form" if config.field == "interior" else ""
    title = result.space.title if isinstance(config.space, str) else plain(result.space.title)
    if config.proxy != "freeflow":
        title += f" · {get_proxy(config.proxy).title}"
    return (
        f"{title} · seed {config.seed} · {config.recipe}{field} · "
        f"{count} pass{'es' if count > 1 else ''} in {result.timing['total']:.3g} s on {device}"
    )


def _provenance(shown: Shown) -> str:
    result, origin = shown.result, shown.origin
    where = result.environment
    threads = f"{where['threads']} thread{'s' if where['threads'] > 1 else ''}"
    how = f"engine {where['engine']}, torch {where['torch']}, {where['device_name']}, {threads}"
    config = result.config
    parts = [f"Normalisation {config.normalisation}", f"α {config.alpha}", config.method, f"field {config.field}"]
    if get_proxy(config.proxy).needs_data:
        parts.append(f"{config.batch} images ({plain(config.data)})")
    parts += [
        f"{len(places)} {verb}" for verb, places in (("pinned", config.pinned), ("banned", config.banned)) if places
    ]
    said = {
        session.SHIPPED: "Shipped example, computed once by this engine",
        session.COMPUTED: "Computed here just now",
        session.CACHED: "Computed here before, from the cache",
        session.PREVIEW: "Preview, computed here",
        session.KEPT: "From the runs that were kept",
    }[origin]
    return f"{said} ({how}). {', '.join(parts)}; {_size(result)}."


def _size(result: SearchResult) -> str:
    config, meaning = result.config, result.space.cells_meaning
    cells = meaning.replace("cells", "cell", 1) if config.cells == 1 else meaning
    return f"{config.channels} channels, {config.cells} {cells}, {config.image_size}² pixels"


def _warnings(result: SearchResult) -> None:
    for notice in result.notices:
        if notice.code == TIE:
            st.markdown(f":material/balance: {explained(notice)}")
        else:
            st.warning(explained(notice), icon=":material/warning:")


def _accuracy(result: SearchResult, table: Chosen) -> None:
    """What the user's table says of the genotype, and with a budget of the one without."""
    space = result.space
    found = [result.genotype, *([result.budget.free] if result.budget is not None else [])]
    values = [f"{value:.2f} %" for value in table.values(Population.of(space, found))]
    values = ["not in the table" if value.startswith("nan") else value for value in values]
    st.metric("Accuracy", values[0], width="content", help=plain(table.said))
    if len(values) > 1:
        st.metric("without a budget", values[1], width="content", help=plain(table.said))


def _numbers(result: SearchResult, table: Chosen | None) -> None:
    cost = result.cost
    search = cost["at_search_size"]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.metric(
            "Parameters",
            f"{cost['params'] / 1e6:.3f} M",
            width="content",
            help=f"Of the derived network at its evaluation size: {cost['channels']} channels, {cost['cells']} "
            f"{result.space.cells_meaning}, {cost['classes']} classes. "
            f"At the search size ({search['channels']} channels, {search['cells']}): {search['params'] / 1e6:.3f} M.",
        )
        st.metric(
            "MACs",
            f"{cost['macs'] / 1e6:,.1f} M",
            width="content",
            help=f"Multiply-accumulates of one {cost['image_size']}² image. "
            f"At the search size: {search['macs'] / 1e6:,.1f} M.",
        )
        if get_proxy(result.config.proxy).unit == "flow":
            st.metric(
                "log R of the supernet",
                f"{result.passes[0].log_flow:.1f}",
                width="content",
                help="Natural logarithm of the sum of the logits of the whole supernet, the total flow. That of the "
                "architecture alone stands on the page Atlas.",
            )
        if table is not None and table.table.population.space == result.space:
            _accuracy(result, table)
        notation = result.genotype.notation
        st.code(notation, language=None, wrap_lines=True)


def _export_menu(result: SearchResult, question: SearchConfig) -> None:
    with st.container(horizontal=True, width="content"):
        share = st.popover("Share", icon=":material/link:", key="share", on_change="rerun")
        if share.open:
            with share:
                _link(question)
        export = st.popover("Export", icon=":material/download:", key="export", on_change="rerun")
        if export.open:
            with export:
                downloads.result_buttons(result)


def _link(question: SearchConfig) -> None:
    if not isinstance(question.space, str):
        st.caption("A link cannot hold a space of your own; the full result under Export holds it.")
        return
    st.caption("This link holds the whole question, and opens on its answer where that is known.")
    address = (st.context.url or "").split("?")[0].rstrip("/")
    query = urlencode(controls.link_query(question), doseq=True)
    st.code(f"{address}/?{query}", language=None, wrap_lines=True)


def _explorer(result: SearchResult) -> None:
    """Heatmap and cell; a fragment, so that looking around runs nothing else."""
    view, everything, replaying = _view_controls(result)
    left, right = st.columns(2, gap="medium")
    with left:
        _heatmap(view)
        _legend(result)
    with right, st.container(border=False):
        if replaying:
            st.markdown(f"**{cell_title(view.kind)}: pruning under way** · pale edges are undecided, +n others live")
            drawn = replayed_arrows(view)
        else:
            st.markdown(f"**{cell_title(view.kind)}: selected architecture** · width: share in the last pass")
            drawn = selected_arrows(view, everything)
        cell_picture(view, drawn, session.selected(), session.select)
        _selection(view)
    with st.expander("Table of scores", icon=":material/table:", on_change="rerun", key="table") as table:
        if table.open:
            st.dataframe(
                _rows(view),
                hide_index=True,
                column_config={
                    measure.title: st.column_config.NumberColumn(format="%.4g", help=measure.unit)
                    for measure in heatmap.measures(result.space).values()
                },
                alt=f"Scores of every operation on every {result.space.edge_noun}: {cell_title(view.kind).lower()}",
            )


def _view_controls(result: SearchResult) -> tuple[View, bool, bool]:
    kinds, measures = result.space.cell_types, heatmap.measures(result.space)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = kinds[0]
        if len(kinds) > 1:
            kind = st.segmented_control(
                "Cell",
                kinds,
                default=kinds[0],
                required=True,
                key="kind",
                format_func=cell_title,
                help="A network stacks cells of these types; each type has its own scores.",
            )
        measure = st.segmented_control(
            "Importance",
            list(measures),
            default="share",
            required=True,
            key="measure",
            format_func=lambda key: measures[key].title,
            help="\n".join(f"- **{title}**: {unit}" for title, unit in measures.values()),
        )
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
                "Replay", key="replay", help="Step through the pruning; heatmap and picture follow.", on_change=_rewind
            )
    step = _replay(result) if replaying else None
    return View(result, kind, measure, scale == "log", step), everything, replaying


def _rewind() -> None:
    st.session_state.step = 0
    st.session_state.playing = False


def _replay(result: SearchResult) -> int:
    last = len(result.steps)
    if st.session_state.get("playing"):
        st.session_state.step = min(last, st.session_state.get("step", 0) + max(1, last // _FRAMES))
    playing = bool(st.session_state.get("playing")) and st.session_state.get("step", 0) < last
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            "Pause" if playing else "Play",
            icon=":material/pause:" if playing else ":material/play_arrow:",
            key="play",
        ):
            if not playing and st.session_state.get("step", 0) >= last:
                st.session_state.step = 0
            st.session_state.playing = not playing
            st.rerun()
        step = int(st.slider("Pruning step", 0, last, key="step", label_visibility="collapsed"))
    if st.session_state.get("playing") and step >= last:
        st.session_state.playing = False
        st.rerun()
    st.caption(_said(result, step))
    return step


def _said(result: SearchResult, step: int) -> str:
    if step == 0:
        return f"Step 0 of {len(result.steps)}: every operation is live."
    fell: Step = result.steps[step - 1]
    edge = result.space.edge_name(result.space.edges[fell.edge])
    cell = "" if len(result.space.cell_types) == 1 else f" of the {cell_title(fell.cell).lower()}"
    return (
        f"Step {step} of {len(result.steps)}: dropped **{fell.operation}** on {edge}{cell} "
        f"(share {fell.share:.3g} in pass {fell.at_pass + 1})."
    )


def _heatmap(view: View) -> None:
    key = f"heatmap {view.kind}"
    st.plotly_chart(
        heatmap.heatmap(view, session.selected()),
        key=key,
        on_select=lambda: _adopt_click(key),
        selection_mode="points",
        config={"displayModeBar": False},
        alt=heatmap.heatmap_alt(view),
    )


def _adopt_click(key: str) -> None:
    """Select the field of the heatmap, or the swatch, that was clicked."""
    points = st.session_state[key].selection.points
    if points and "customdata" in points[0]:
        edge, name = points[0]["customdata"]
        session.select(Choice(None if edge < 0 else int(edge), str(name)))


def _legend(result: SearchResult) -> None:
    """The fixed colour of every operation, as words."""
    names = [get_operation(name) for name in result.space.operations]
    dotted = "; dotted: chosen, but its edge was dropped" if result.space.kept_edges is not None else ""
    st.caption(f"Framed: chosen{dotted}. " + ", ".join(f"{each.short} = {each.name}" for each in names))


def _selection(view: View) -> None:
    """What is selected, in words, and the way to let go of it."""
    choice = session.selected()
    if choice == heatmap.NOTHING:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(_selected_words(view, choice))
        st.button("Clear", icon=":material/close:", key="clear", on_click=session.select, args=[choice])
        if choice.edge is not None:
            _constraint_buttons(view, choice.edge, choice.operation or view.result.chosen(view.kind)[choice.edge])


def _constraint_buttons(view: View, edge: int, name: str) -> None:
    """Pin the selected operation to its edge, or ban it there, in the question that the controls ask."""
    space = view.result.space
    text = Place(view.kind, space.edges[edge], name).text(space)
    for key, verb, icon in (("pinned", "Pin", ":material/keep:"), ("banned", "Ban", ":material/block:")):
        active = text in st.session_state.get(key, [])
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


def _selected_words(view: View, choice: Choice) -> str:
    space, chosen = view.result.space, view.result.chosen(view.kind)
    if choice.edge is None:
        count = sum(name == choice.operation for name in chosen.values())
        return f"**{choice.operation}**: chosen on {count} of {len(space.edges)} {space.edge_noun}s."
    shares, name = view.shares()[choice.edge], choice.operation or chosen[choice.edge]
    share = float(shares[space.operations.index(name)])
    rank = 1 + int((shares > share).sum())
    return (
        f"**{space.edge_name(space.edges[choice.edge])} · {name}**: share {share:.4g}, "
        f"number {rank} of {int(view.live[choice.edge].sum())} live on this {space.edge_noun}; "
        f"chosen there: {chosen[choice.edge]}."
    )


def _rows(view: View) -> list[dict[str, Any]]:
    space = view.result.space
    tables = {
        measure.title: View(view.result, view.kind, key, step=view.step).values()
        for key, measure in heatmap.measures(space).items()
    }
    return [
        {space.edge_noun: space.edge_name(edge), "operation": name}
        | {label: float(table[row, column]) for label, table in tables.items()}
        for row, edge in enumerate(space.edges)
        for column, name in enumerate(space.operations)
    ]
