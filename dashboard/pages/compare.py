"""Compare: several recipes, proxies or seeds on one space side by side, or runs that were kept."""

import streamlit as st

from dashboard.compare.answers import question_labels
from dashboard.compare.controls import comparison_controls, linked_results, linked_run_ids
from dashboard.compare.searches import search_missing, searched_result
from dashboard.compare.view import comparison_view
from dashboard.parts import accuracy_table

with st.sidebar:
    run_ids = linked_run_ids()
    configs = [] if run_ids else comparison_controls()

st.markdown("#### Compare")
labels = question_labels(configs)
if run_ids:
    answers = linked_results(run_ids)
else:
    results = {label: searched_result(config) for label, config in zip(labels, configs, strict=True)}
    answers = {label: result for label, result in results.items() if result is not None}

with st.sidebar:
    spaces = [result.space for result in answers.values()] or [config.search_space for config in configs]
    table = accuracy_table.chosen_column(spaces[0]) if spaces else None
search_missing(configs, labels)
if answers:
    comparison_view(answers, table)
