"""The section on seeds: one question under many of them, with mean and spread of every share, and the winners."""

from __future__ import annotations

import streamlit as st

from dashboard.explore.seed_charts import seed_figures
from dashboard.parts.notices import explained_notice
from dashboard.parts.text import plain
from dashboard.server import limits, session
from engine import SearchConfig
from engine.common.tasks import Task
from engine.exports.drawing import cell_title
from engine.searches.diagnostics import PRECISION, ROUNDING
from engine.searches.result import Notice
from engine.studies.seeds import SeedStudy

_COUNTS = (32, 100, 256)


def seeds_view(config: SearchConfig) -> None:
    """Draw the section on seeds, folded away until it is asked for."""
    with st.expander(
        "Seeds: does the seed matter?", icon=":material/casino:", on_change="rerun", key="seeds"
    ) as section:
        if section.open:
            _draw_section(config)


def _draw_section(config: SearchConfig) -> None:
    how = "in full (batch norm has no closed form)" if config.normalisation == "batch" else "in the closed form"
    st.caption(
        f"The question above under the seeds 0, 1, 2, …, {how}: how far the shares move and what wins each "
        f"{config.search_space.edge_noun}."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        count = st.segmented_control(
            "Number of seeds",
            _COUNTS,
            default=_COUNTS[0],
            required=True,
            key="seed_count",
            help="The seeds 0, 1, 2, … up to this many.",
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
    """Draw a study of seeds: the most frequent genotype, and two heatmaps a cell type."""
    genotypes, seeds = study.genotype_counts(), len(study.seeds)
    distinct = f"{len(genotypes)} different genotypes" if len(genotypes) > 1 else "all the same genotype"
    notation, times = genotypes[0]
    st.markdown(f"**{seeds} seeds in {study.seconds:.3g} s: {distinct}.** Found by {times} of {seeds} seeds:")
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
                st.plotly_chart(figure, config={"displayModeBar": False}, alt=alt, key=f"{alt[:20]} {kind}")
        st.caption(_spread_words(study, kind))


def _spread_words(study: SeedStudy, kind: str) -> str:
    mean, spread = study.mean(kind), study.spread(kind)
    relative = spread[mean > 0] / mean[mean > 0]
    return (
        f"{cell_title(kind)}: the standard deviation over the seeds is {100 * relative.min():.2g} to "
        f"{100 * relative.max():.2g} % of the mean share."
    )
