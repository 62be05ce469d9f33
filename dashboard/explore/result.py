"""A result on the page Explore: headline, provenance, warnings, numbers, exports, and the explorer of its scores."""

from __future__ import annotations

import streamlit as st

from dashboard.explore.controls import link_query
from dashboard.explore.explorer import explorer
from dashboard.explore.replay import TICK
from dashboard.explore.shown import has_preview, start_search
from dashboard.explore.state import ExploreState
from dashboard.parts import downloads
from dashboard.parts.accuracy_table import TableColumn, amount
from dashboard.parts.notices import explained_notice
from dashboard.parts.text import plain
from dashboard.server import limits, results, session
from dashboard.server.navigation import FIRST, page_url
from dashboard.server.results import ShownResult
from dashboard.server.state import set_widgets, state
from engine import SearchConfig, SearchResult
from engine.genotypes.population import Population
from engine.proxies import get_proxy
from engine.searches.budget import budget_sentence
from engine.searches.diagnostics import PRECISION, TIE

_ORIGINS = {
    results.SHIPPED: "Shipped example, computed once by this engine",
    results.COMPUTED: "Computed here just now",
    results.CACHED: "Computed here before, from the cache",
    results.PREVIEW: "Preview, computed here",
    results.KEPT: "From the runs that were kept",
}


def result_view(shown: ShownResult, question: SearchConfig | None, table: TableColumn | None) -> None:
    """Draw everything about a result, with its accuracy where the user's table has one."""
    result = shown.result
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"#### {result_headline(result)}")
        _export_menu(result, question if shown.origin == results.PREVIEW and question is not None else result.config)
    st.caption(result_provenance(shown))
    if question is not None:
        _banner(shown, question)
    _draw_warnings(result, can_ask=question == result.config)
    if result.budget is not None:
        st.markdown(f":material/savings: {plain(budget_sentence(result.budget, result.config.limits))}")
    _draw_numbers(result, table)
    interval = TICK if state(ExploreState).playing else None
    st.fragment(run_every=interval)(explorer)(result)


def _banner(shown: ShownResult, question: SearchConfig) -> None:
    """Tell what separates the result on the page from an answer to the question, with the button that searches."""
    tasks = {
        session.SEARCHING: session.search_task(question),
        session.PREVIEWING: session.preview_task(question),
    }
    if (shown.answers and shown.origin != results.PREVIEW) or any(session.failure(*pair) for pair in tasks.items()):
        return
    if shown.answers:
        sentence = "Preview in the closed form, away from the image border. **Search** computes the full pass."
    else:
        reason = "" if has_preview(question) else " It has no quick preview (batch norm, or a large supernet)."
        sentence = f"The controls ask another question than the one answered here.{reason}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.info(sentence, icon=":material/bolt:", width="stretch")
        disabled = session.SEARCHING in session.active_jobs() or bool(limits.refusal(session.search_task(question)))
        if st.button("Search", key="search here", icon=":material/search:", disabled=disabled):
            start_search(question)
            st.rerun()


def result_headline(result: SearchResult) -> str:
    """Return the question of a result in a few words, with its passes and seconds."""
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


def result_provenance(shown: ShownResult) -> str:
    """Return the origin of a result, the versions and device that computed it, and its settings."""
    result, environment = shown.result, shown.result.environment
    threads = f"{environment['threads']} thread{'s' if environment['threads'] > 1 else ''}"
    computer = f"engine {environment['engine']}, torch {environment['torch']}, {environment['device_name']}, {threads}"
    config = result.config
    parts = [f"Normalisation {config.normalisation}", f"α {config.alpha}", config.method, f"field {config.field}"]
    if get_proxy(config.proxy).needs_data:
        parts.append(f"{config.batch} images ({plain(config.data)})")
    parts += [
        f"{len(places)} {verb}" for verb, places in (("pinned", config.pinned), ("banned", config.banned)) if places
    ]
    return f"{_ORIGINS[shown.origin]} ({computer}). {', '.join(parts)}; {_size(result)}."


def _size(result: SearchResult) -> str:
    config, meaning = result.config, result.space.cells_meaning
    cells = meaning.replace("cells", "cell", 1) if config.cells == 1 else meaning
    return f"{config.channels} channels, {config.cells} {cells}, {config.image_size}² pixels"


def _draw_warnings(result: SearchResult, can_ask: bool) -> None:
    """Draw the notices of a result, and where rounding decided, the button that searches in double precision."""
    for notice in result.notices:
        if notice.code == TIE:
            st.markdown(f":material/balance: {explained_notice(notice)}")
        else:
            st.warning(explained_notice(notice), icon=":material/warning:")
    if can_ask and result.has(PRECISION) and result.config.dtype == "float32":
        again = result.config.model_copy(update={"dtype": "float64"})
        st.button(
            "Search again in float64",
            key="search in float64",
            icon=":material/search:",
            disabled=session.SEARCHING in session.active_jobs(),
            on_click=_ask_in_double,
            args=[again],
        )


def _ask_in_double(question: SearchConfig) -> None:
    set_widgets({"dtype": question.dtype})
    start_search(question)


def _draw_accuracy(result: SearchResult, table: TableColumn) -> None:
    """Draw the accuracy of the genotype in the user's table, and with a budget that of the one without."""
    genotypes = [result.genotype, *([result.budget.free] if result.budget is not None else [])]
    values = [amount(value, table.column.unit) for value in table.values(Population.of(result.space, genotypes))]
    values = ["not in the table" if value.startswith("nan") else value for value in values]
    st.metric(table.title, values[0], width="content", help=plain(table.description))
    if len(values) > 1:
        st.metric("without a budget", values[1], width="content", help=plain(table.description))


def _draw_numbers(result: SearchResult, table: TableColumn | None) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _draw_cost(result)
        if get_proxy(result.config.proxy).unit == "flow":
            st.metric(
                "log R of the supernet",
                f"{result.passes[0].log_flow:.1f}",
                width="content",
                help="Natural logarithm of the sum of the logits of the whole supernet, the total flow. That of the "
                "architecture alone stands on the page Atlas.",
            )
        if table is not None and table.table.population.space == result.space:
            _draw_accuracy(result, table)
        st.code(result.genotype.notation, language=None, wrap_lines=True)


def _draw_cost(result: SearchResult) -> None:
    cost, search = result.cost, result.cost["at_search_size"]
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


def _export_menu(result: SearchResult, question: SearchConfig) -> None:
    with st.container(horizontal=True, width="content"):
        share = st.popover("Share", icon=":material/link:", key="share", on_change="rerun")
        if share.open:
            with share:
                _draw_link(question)
        export = st.popover("Export", icon=":material/download:", key="export", on_change="rerun")
        if export.open:
            with export:
                downloads.result_buttons(result)


def _draw_link(question: SearchConfig) -> None:
    if not isinstance(question.space, str):
        st.caption("A link cannot hold a space of your own; the full result under Export holds it.")
        return
    st.caption("This link holds the whole question, and opens on its answer where that is known.")
    st.code(page_url(FIRST, link_query(question)), language=None, wrap_lines=True)
