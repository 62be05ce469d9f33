"""The section on seeds: one question under many of them, with mean and spread of every share, and the winners."""

from __future__ import annotations

import streamlit as st

from dashboard.explore.seed_charts import seed_figures
from dashboard.parts.chart import chart
from dashboard.parts.notices import explained_notice
from dashboard.parts.text import plain
from dashboard.server import limits, session
from engine import SearchConfig
from engine.common.tasks import Task
from engine.searches.diagnostics import PRECISION, ROUNDING
from engine.searches.result import Notice
from engine.studies.seeds import DEFAULT_SEEDS, SeedStudy

_COUNTS = (DEFAULT_SEEDS, 100, 256)


def seeds_view(config: SearchConfig) -> None:
    """Draw the section on seeds, folded away until it is asked for."""
    with st.expander("Does the seed matter?", icon=":material/casino:", on_change="rerun", key="seeds") as section:
        if section.open:
            _draw_section(config)


def _draw_section(config: SearchConfig) -> None:
    how = "in full (batch norm has no closed form)" if config.normalisation == "batch" else "in the closed form"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Repeats the search with the seeds 0, 1, 2, …, {how}.", width="content")
        count = st.segmented_control(
            "Number of seeds",
            _COUNTS,
            default=DEFAULT_SEEDS,
            required=True,
            key="seed_count",
            label_visibility="collapsed",
        )
        task = session.seeds_task(config, count)
        _draw_buttons(task)
    if failure := session.failure(session.STUDYING, task):
        st.error(plain(f"The seeds ended without a result: {failure}"), icon=":material/error:")
    if isinstance(study := session.known_answer(task), SeedStudy):
        study_view(study)


def _draw_buttons(task: Task) -> None:
    running = (current := session.job(session.STUDYING)) is not None and current.active
    refusal = limits.refusal(task)
    if st.button(
        "Run these seeds",
        icon=":material/play_arrow:",
        disabled=running or bool(refusal),
        key="run_seeds",
        help=plain(refusal) or None,
    ):
        session.start(task, session.STUDYING)
        st.rerun()
    st.button(
        "Stop these seeds",
        icon=":material/stop_circle:",
        disabled=not running,
        key="stop_seeds",
        on_click=session.stop,
        args=[session.STUDYING],
    )


def study_view(study: SeedStudy) -> None:
    """Draw a study of seeds: whether the seed matters, the most frequent genotype, and two heatmaps a cell type."""
    notation, _ = study.genotype_counts()[0]
    st.markdown(f"**{seeds_sentence(study)}** :small[{study.seconds:.2g} s]")
    if study.rounding:
        sentence = f"The scores of {study.rounding} seeds are rounding error; what they found means nothing."
        st.warning(explained_notice(Notice(ROUNDING, sentence)), icon=":material/warning:")
    if study.precision:
        sentence = f"Rounding decides for {study.precision} of the seeds: float64 finds other genotypes. Take float64."
        st.warning(explained_notice(Notice(PRECISION, sentence)), icon=":material/warning:")
    st.code(notation, language=None, wrap_lines=True)
    for kind in study.space.cell_types:
        for column, (figure, alt) in zip(st.columns(2, gap="medium"), seed_figures(study, kind), strict=True):
            with column:
                chart(figure, key=f"{alt[:20]} {kind}", alt=alt)


def seeds_sentence(study: SeedStudy) -> str:
    """Return the answer of a study in a sentence: how many seeds find the most frequent genotype, how scores vary."""
    genotypes, seeds, noun = study.genotype_counts(), len(study.seeds), study.space.cell_noun
    spread = f"flow shares vary by {_variation(study)}"
    if len(genotypes) == 1:
        return f"The seed does not matter here: all {seeds} find this {noun} ({spread})."
    times = genotypes[0][1]
    return (
        f"The seed matters: {seeds} seeds find {len(genotypes)} different {noun}s, {times} of them this one ({spread})."
    )


def _variation(study: SeedStudy) -> str:
    """Return the largest standard deviation over the seeds, as a part of its mean."""
    ratios = [
        study.spread(kind)[mean > 0] / mean[mean > 0] for kind in study.space.cell_types for mean in [study.mean(kind)]
    ]
    largest = 100 * max(float(ratio.max(initial=0.0)) for ratio in ratios)
    return "under 1 %" if largest < 1 else f"up to {largest:.2g} %"
