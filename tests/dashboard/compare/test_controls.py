"""The questions that Compare asks, and the runs that a link names."""

from streamlit.testing.v1 import AppTest

from tests.dashboard.conftest import small, texts
from tests.waiting import PATIENCE


def _questions():
    import streamlit as st

    from dashboard.compare.controls import comparison_controls

    for config in comparison_controls():
        st.code(f"{config.space} {config.proxy} {config.recipe} {config.seed}")


def test_a_link_asks_every_combination():
    at = AppTest.from_function(_questions, default_timeout=PATIENCE)
    at.query_params.update(
        compare_space="darts", recipes=["released"], proxies=["freeflow", "snip"], compare_seeds=["0", "4"]
    )
    at.run()
    assert not at.exception
    assert not at.warning
    assert [code.value for code in at.code] == [
        "darts freeflow released 0", "darts freeflow released 4", "darts snip plain 0", "darts snip plain 4"
    ]  # fmt: skip


def test_what_a_link_may_not_ask_is_left_out():
    at = AppTest.from_function(_questions, default_timeout=PATIENCE)
    at.query_params.update(recipes=["magic", "synaptic"], compare_seeds=["0", "100"])
    at.run()
    assert "not understood in full: unknown recipes 'magic'" in texts(at)[-1]
    assert [code.value for code in at.code] == ["nas-bench-201 freeflow synaptic 0"]


def _runs(run_ids):
    import streamlit as st

    from dashboard.compare.controls import linked_results

    for label, result in linked_results(run_ids).items():
        st.code(f"{label}: {result.config.seed}")


def test_runs_are_called_by_their_names_once_each(store):
    runs = [store.add(small(61), name="one"), store.add(small(62))]
    at = AppTest.from_function(_runs, args=([runs[0].id, runs[1].id, runs[0].id],), default_timeout=PATIENCE).run()
    assert [code.value for code in at.code] == ["one: 61", "seed 62: 62"]
    at = AppTest.from_function(_runs, args=([runs[0].id],), default_timeout=PATIENCE).run()
    assert "This link opens no runs: Choose 2 to 6 runs in one space." in texts(at)
    assert not at.code
