"""Compare: several recipes, proxies or seeds on one space side by side, or runs that were kept."""

import streamlit as st

from dashboard.compare import answers as compare
from dashboard.parts import accuracy_table, heatmap, links, space_picker
from dashboard.parts.cell import selected_arrows, still_picture
from dashboard.parts.heatmap import View
from dashboard.parts.notices import explained
from dashboard.parts.text import plain
from dashboard.server import limits, run_store, session
from engine import PROXIES, RECIPES, SearchConfig, SearchResult, explain
from engine.exports.drawing import cell_title
from engine.genotypes.population import Population
from engine.runs import StoreUnavailable
from engine.searches.config import default_questions
from engine.searches.diagnostics import TIE

RULES = {
    "compare_space": space_picker.known,
    "recipes": links.some_of(RECIPES),
    "proxies": links.some_of(PROXIES),
    "compare_seeds": links.some_of(map(str, range(100))),
}
"""What a link may ask of this page."""


def asked() -> list[SearchConfig]:
    """Draw the controls; the questions that they ask, none with an error shown if one is not valid."""
    links.check("compare", links.broken(RULES))
    space = space_picker.choose("compare_space")
    taken = [question.recipe for question in default_questions(space)]
    recipes = st.multiselect("Recipes", taken, taken, key="recipes", bind="query-params")
    scores = st.multiselect("Proxies", [*PROXIES], ["freeflow"], key="proxies", bind="query-params")
    seeds = st.multiselect("Seeds", range(100), [0], key="compare_seeds", bind="query-params")
    st.caption(f"At most {compare.MOST} questions; a proxy without the chosen recipes is asked by its own.")
    links.warn("compare", (space, recipes, scores, seeds))
    try:
        return compare.questions(space, recipes, scores, seeds)
    except ValueError as error:
        st.error(plain(explain(error)), icon=":material/error:")
        return []


def found(config: SearchConfig) -> SearchResult | None:
    """The search that answers `config`, if it is known."""
    shown = session.best(config)
    return shown.result if shown is not None and shown.origin != session.PREVIEW else None


def search_on(missing: list[SearchConfig]) -> None:
    """Have the next question answered, where the button was pressed and nothing is under way."""
    failures = st.session_state.setdefault("compare failures", {})
    current = session.job(session.COMPARING)
    if current is not None and current.error:
        failures[current.task] = current.error
    left = [session.search_of(config) for config in missing if session.search_of(config) not in failures]
    if not left:
        st.session_state.comparing = False
    if st.session_state.get("comparing") and session.COMPARING not in session.active():
        session.start(left[0], session.COMPARING)


def kept(run_ids: list[str]) -> dict[str, SearchResult]:
    """The results of the runs that a link names, by what they are called; none, with an error shown, if not all."""
    try:
        chosen = [run_store.store().get(run_id) for run_id in dict.fromkeys(run_ids)]
        if complaint := compare.complaint(chosen):
            raise ValueError(complaint.rstrip("."))
        results = [run_store.store().result(run.id) for run in chosen]
        return dict(zip(compare.titles(chosen, results), results, strict=True))
    except (StoreUnavailable, ValueError) as error:
        st.error(plain(f"This link opens no runs: {error}."), icon=":material/link_off:")
        return {}


run_ids = st.query_params.get_all(run_store.LINK)
with st.sidebar:
    if run_ids and st.button("Ask questions instead", icon=":material/close:", key="compare questions"):
        del st.query_params[run_store.LINK]
        st.rerun()
    configs = [] if run_ids else asked()

st.markdown("#### Compare")
names = compare.names(configs)
answers = {name: result for name, config in zip(names, configs, strict=True) if (result := found(config)) is not None}
if run_ids:
    answers = kept(run_ids)
with st.sidebar:
    compared = [result.space for result in answers.values()] or [each.search_space for each in configs]
    table = accuracy_table.chosen(compared[0]) if compared else None
missing = [config for config in configs if found(config) is None]
if missing:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.info(f"Not searched yet: {len(missing)} of {len(configs)}.", width="stretch")
        disabled = session.COMPARING in session.active() or limits.refuses(session.search_of(missing[0]))
        if st.button("Search them", icon=":material/search:", key="compare", disabled=disabled):
            st.session_state.update({"comparing": True, "compare failures": {}})
            st.rerun()
search_on(missing)
if (last := session.job(session.COMPARING)) is not None and last.warning:
    st.warning(plain(f"A run was not kept: {last.warning}."), icon=":material/warning:")
for task, error in st.session_state["compare failures"].items():
    if task.config in missing:
        st.error(plain(f"{names[configs.index(task.config)]}: {error}"), icon=":material/error:")

if answers:
    labels, results = [*answers], [*answers.values()]
    space = results[0].space
    agreed, total = compare.shared_edges(results)
    if len(results) > 1:
        st.markdown(
            f"**{len(results)} answers agree on {agreed} of the {total} {space.edge_noun}s"
            + (" that any of them keeps.**" if space.kept_edges is not None else ".**")
        )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = space.cell_types[0]
        if len(space.cell_types) > 1:
            kind = st.segmented_control(
                "Cell", space.cell_types, default=kind, required=True, key="compare_kind", format_func=cell_title
            )
        measures = heatmap.measures(space)
        measure = st.segmented_control(
            "Importance",
            [*measures],
            default="edge",
            required=True,
            key="compare_measure",
            format_func=lambda key: measures[key].title,
            help=f"Numbers of different proxies compare only as shares of their {space.edge_noun}.",
        )
        log = st.toggle("Log colour", value=True, key="compare_log")

    views = [View(result, kind, measure, log) for result in results]
    ends = heatmap.span(views)
    for row in range(0, len(views), 2):
        for column, place in zip(st.columns(2, gap="medium"), range(row, min(row + 2, len(views))), strict=False):
            with column:
                view = View(results[place], kind, measure, log, limits=ends)
                st.markdown(f"**{plain(labels[place])}**")
                for notice in results[place].notices:
                    if notice.code != TIE:
                        st.warning(explained(notice), icon=":material/warning:")
                st.plotly_chart(
                    heatmap.heatmap(view),
                    key=f"compare heatmap {place}",
                    config={"displayModeBar": False},
                    alt=heatmap.heatmap_alt(view),
                )
                still_picture(space, kind, selected_arrows(view, everything=False), f"compare cell {place}")

    accuracies = None
    if table is not None:
        accuracies = table.values(Population.of(space, [result.genotype for result in results]))
    rows = []
    for place, (label, result) in enumerate(answers.items()):
        fields = {
            "question": label,
            "parameters [M]": result.cost["params"] / 1e6,
            "MACs [M]": result.cost["macs"] / 1e6,
            "passes": len(result.passes),
            "seconds": result.timing["total"],
            "device": result.environment["device"],
            "warnings": ", ".join(dict.fromkeys(notice.code for notice in result.notices)) or "none",
        }
        rows.append(fields | ({"accuracy": accuracies[place]} if accuracies is not None else {}))
    st.markdown("##### Cost" + (" and accuracy" if table is not None else ""))
    said = "Parameters and MACs at the evaluation size; seconds where each was computed."
    st.caption(plain(said + (f" Accuracy: {table.said}; empty where the table has none." if table is not None else "")))
    st.dataframe(rows, hide_index=True, alt="Cost of every answer")
    st.markdown(f"##### {cell_title(kind)}: {space.edge_noun} by {space.edge_noun}")
    st.dataframe(
        compare.agreement(results, labels, kind),
        hide_index=True,
        alt=f"The operation on every {space.edge_noun}, for each answer",
    )
    if space.kept_edges is not None:
        st.caption(f"{compare.NOTHING} stands for an edge that a genotype does not keep.")

    if len(results) > 1:
        st.markdown("##### Difference of two")
        with st.container(horizontal=True):
            first = st.selectbox("First", labels, 0, key="compare_first")
            second = st.selectbox("Second", labels, 1, key="compare_second")
        for column, each in zip(st.columns(len(space.cell_types)), space.cell_types, strict=True):
            with column:
                st.markdown(f"**{cell_title(each)}**")
                still_picture(space, each, compare.difference(answers[first], answers[second], each), f"differ {each}")
        dashed = "; dashed: only the second keeps the edge" if space.kept_edges is not None else ""
        st.caption(f"Grey: both have it. Red: first | second{dashed}.")
