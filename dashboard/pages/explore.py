"""Explore: ask a question, watch the search, look at what every operation is worth beside the cell that was found."""

from dashboard.explore.action import search_action
from dashboard.explore.answer import answer_view
from dashboard.explore.controls import question_bar
from dashboard.explore.opened import follow_link
from dashboard.explore.seeds import seeds_view

follow_link()
question, action = question_bar()
with action:
    search_action(question.config)
answer_view(question)
if question.config is not None:
    seeds_view(question.config)
