"""The line below the title: where the answer comes from, what is under way, or why there is none."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.explore.action import search_duration, search_label
from dashboard.explore.controls import Question, amount_words
from dashboard.explore.instrument import Overlay
from dashboard.explore.opened import close_run, link_complaint
from dashboard.explore.question_link import BOUNDS
from dashboard.explore.state import OpenedRun
from dashboard.parts.text import plain
from dashboard.server import limits, results, session
from dashboard.server.jobs import STOPPED
from dashboard.server.results import ShownResult
from dashboard.server.state import set_widgets
from engine import SearchConfig, SearchResult
from engine.proxies import get_proxy
from engine.searches.budget import least_costs

_ORIGINS = {
    results.SHIPPED: "ships with FreeNAS",
    results.COMPUTED: "computed here just now",
    results.CACHED: "computed here before",
    results.KEPT: "from the runs that were kept",
}


def status_view(
    shown: ShownResult, question: Question, opened: OpenedRun | None, wait: Callable[[], None] | None
) -> None:
    """Draw two lines at the most, in a place that does not change its size; `wait` draws a preview under way."""
    with st.container(key="status", gap=None):
        if complaint := _failure(question):
            _draw_failure(complaint, question.config)
        elif wait is not None:
            wait()
        elif opened is not None:
            _draw_run(opened)
        elif (refusal := _refusal(question.config)) and (not shown.answers or shown.origin == results.PREVIEW):
            st.info(plain(refusal), icon=":material/block:")
        elif warning := _warning(question.config):
            st.warning(plain(f"This run was not kept: {warning}."), icon=":material/warning:")
        else:
            st.markdown(plain(status_sentence(shown, question.config)))


def status_sentence(shown: ShownResult, config: SearchConfig | None) -> str:
    """Return where an answer comes from; for one that answers another question, which one it does answer."""
    if not shown.answers:
        below = f"Below is still: {question_words(shown.result.config)}."
        return f"{stopped_words(config) or 'Not computed yet.'} {below}"
    seconds = f"{shown.result.timing['total']:.2g} s"
    if shown.origin == results.PREVIEW:
        duration = search_duration(config)
        how = f" (about {duration})" if duration else ""
        estimate = f"Quick estimate that ignores the image border ({seconds})."
        start = f"{stopped_words(config)} {estimate}".strip()
        return f"{start} Run the exact search{how}; the chosen operations rarely change."
    parts = (_exactness(shown.result), question_words(shown.result.config), _ORIGINS[shown.origin])
    return f"Found in {seconds} {_needs(shown.result)} · {' · '.join(parts)}"


def _needs(result: SearchResult) -> str:
    proxy = get_proxy(result.config.proxy)
    used = [noun for noun, needed in (("images", proxy.needs_data), ("labels", proxy.needs_labels)) if needed]
    return f"without training, with {' and '.join(used)}" if used else "without training or data"


def _exactness(result: SearchResult) -> str:
    return "closed form" if result.config.field == "interior" else "exact search"


def question_words(config: SearchConfig) -> str:
    """Return a question in a few words."""
    space = config.search_space
    parts = [space.title] if config.proxy == "freeflow" else [space.title, get_proxy(config.proxy).title]
    parts += [f"seed {config.seed}", config.recipe]
    parts += [f"≤ {amount_words(name, value)}" for name in BOUNDS if (value := getattr(config, name)) is not None]
    parts += [f"{len(places)} {verb}" for verb in ("pinned", "banned") if (places := getattr(config, verb))]
    return ", ".join(parts)


def stopped_words(config: SearchConfig | None) -> str:
    """Return how far the search of a question came before it was stopped; nothing where it was not."""
    current = session.job()
    if config is None or current is None or current.state != STOPPED or current.task != session.search_task(config):
        return ""
    progress = current.progress
    return f"Stopped at pass {progress.done} of {progress.total}." if progress is not None else "Stopped."


def unanswered(question: Question, estimating: bool) -> str:
    """Return the state of a question that has no answer yet, in a few words."""
    if question.config is None:
        return "This question has no answer"
    words = question_words(question.config)
    if session.SEARCHING in session.active_jobs():
        return f"Searching: {words}"
    if _failure(question):
        return f"No answer to: {words}"
    return f"{'Estimating' if estimating else 'Not computed yet'}: {words}"


def overlay(shown: ShownResult, question: Question, estimating: bool) -> Overlay | None:
    """Return what stands over pictures that do not answer the question of the controls; None over those that do."""
    if shown.answers:
        return None
    sentence, config = unanswered(question, estimating), question.config
    if config is None or session.SEARCHING in session.active_jobs() or _failure(question) or _refusal(config):
        return Overlay(sentence)
    return Overlay(sentence, search_label(config))


def _failure(question: Question) -> str:
    """Return the reason why the question has no answer; nothing where that is not known."""
    if question.config is None:
        return question.complaint
    if complaint := link_complaint():
        return complaint
    tasks = {
        session.SEARCHING: session.search_task(question.config),
        session.PREVIEWING: session.preview_task(question.config),
    }
    for role, task in tasks.items():
        if failure := session.failure(role, task):
            return f"No answer: {failure}"
    return ""


def _refusal(config: SearchConfig | None) -> str:
    """Return the sentence with which this server refuses the search; nothing where it does it."""
    return limits.refusal(session.search_task(config)) if config is not None else ""


def _warning(config: SearchConfig | None) -> str:
    return session.warning(session.SEARCHING, session.search_task(config)) if config is not None else ""


def _draw_failure(complaint: str, config: SearchConfig | None) -> None:
    least = least_costs(config) if config is not None else {}
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.error(plain(complaint), icon=":material/error:")
        for name, cost in least.items():
            label = f"Allow {amount_words(name, cost)}"
            if st.button(label, key=f"least {name}", on_click=set_widgets, args=[{name: cost}]):
                st.rerun()  # the controls stand outside of the answer's fragment


def _draw_run(opened: OpenedRun) -> None:
    run = opened.run
    sentences = [f"Run **{plain(run.title)}**, kept on {run.when:%Y-%m-%d at %H:%M} UTC."]
    if run.tags:
        sentences.append(f"Tags: {plain(', '.join(run.tags))}.")
    sentences.append(plain(" ".join(run.note.split())))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(" ".join(sentences), width="stretch")
        if st.button("Close", icon=":material/close:", key="close run", help="Show what the controls ask instead."):
            close_run()
            st.rerun()
