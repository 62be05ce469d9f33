"""Compare: what was put aside, or several recipes, scores or seeds on one space, side by side."""

from collections.abc import Sequence

import streamlit as st

from dashboard.compare.answers import ComparedAnswer
from dashboard.compare.chosen import follow_item_link, item_answers, item_link_complaint, write_link
from dashboard.compare.controls import chosen_controls, chosen_or_asked, comparison_controls
from dashboard.compare.searches import search_missing
from dashboard.compare.view import agreement_words, comparison_view
from dashboard.parts.accuracy_table import chosen_column
from dashboard.parts.comparison import ComparedItem, compared_items, remove
from dashboard.parts.text import plain
from engine import SearchConfig

linked = follow_item_link()
items: Sequence[ComparedItem]
compare_bar = st.container(horizontal=True, vertical_alignment="bottom", key="bar")
with compare_bar:
    chosen = chosen_or_asked(linked)
    if chosen:
        items = chosen_controls()
if not chosen:
    items = comparison_controls(compare_bar)
write_link(compared_items() if chosen else [])
by_label = item_answers(items)
answers = {label: answer for label, answer in by_label.items() if isinstance(answer, ComparedAnswer)}

st.title(plain(agreement_words(answers)), anchor=False)
if complaint := item_link_complaint():
    st.warning(plain(complaint), icon=":material/link_off:")
search_missing({label: config for label, config in by_label.items() if isinstance(config, SearchConfig)}, len(by_label))
if answers:
    space = next(iter(answers.values())).genotype.space
    places = dict(zip(by_label, items, strict=True))
    comparison_view(answers, chosen_column(space), (lambda label: remove([places[label]])) if chosen else None)
