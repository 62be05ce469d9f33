"""The controls of Compare, in a bar: what was put aside, or the questions to ask side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.compare.answers import asked_parts, distinct_labels
from dashboard.parts import links, space_picker
from dashboard.parts.comparison import MOST_COMPARED, ComparedItem, compared_items, item_space, remove
from dashboard.parts.text import plain
from dashboard.server.state import set_widgets, widget_value
from engine import PROXIES, RECIPES, SearchConfig, explain
from engine.searches.config import default_questions
from engine.spaces import SearchSpace

_SEEDS = range(100)
_NAMED = 4
"""The most questions that are named where they are left out."""
_PROXY_TITLES = {name: proxy.title for name, proxy in PROXIES.items()}
COMPARE_RULES = {
    "compare_space": space_picker.space_rule,
    "recipes": links.some_of(RECIPES),
    "proxies": links.some_of(PROXIES),
    "compare_seeds": links.some_of(map(str, _SEEDS)),
}
"""The rules of what a link may ask of this page."""


def chosen_or_asked(linked: bool) -> bool:
    """Draw the choice between what was put aside and questions, if there is one; return True for the former.

    At first, and after a link that names something, it is what was put aside.
    """
    count = len(compared_items())
    if not count:
        return False
    if linked:
        set_widgets({"compare_what": "chosen"})
    labels = {"chosen": f"Chosen ({count})", "asked": "Questions"}
    what = st.segmented_control(
        "Compare", [*labels], default="chosen", required=True, key="compare_what", format_func=labels.__getitem__
    )
    return what != "asked"


def chosen_controls() -> list[ComparedItem]:
    """Draw the choice of a space where several are among what was put aside; return what is of it."""
    different = dict.fromkeys(map(item_space, compared_items()))
    spaces = dict(zip(distinct_labels(map(space_picker.space_label, different)), different, strict=True))
    titles = space_picker.space_titles()
    label = next(iter(spaces))
    if len(spaces) > 1:
        if widget_value("chosen_space") not in (None, *spaces):
            set_widgets({"chosen_space": label})
        label = st.segmented_control(
            "Space",
            [*spaces],
            default=label,
            required=True,
            key="chosen_space",
            format_func=lambda name: titles.get(name, name),
        )
    items = compared_items(spaces[label])
    st.button("Clear", icon=":material/close:", key="clear comparison", on_click=remove, args=[items])
    return items


def comparison_controls(bar: DeltaGenerator) -> list[SearchConfig]:
    """Draw the controls in a bar; return the questions that they ask, none, with an error shown, if one is not valid.

    Where they ask for more than may stand side by side, the others are named.
    """
    links.mend_link(
        "compare",
        links.checker(COMPARE_RULES),
        {"compare_space": space_picker.space_titles(), "proxies": _PROXY_TITLES},
    )
    with bar:
        space = space_picker.choose_space("compare_space")
        recipes, proxies, seeds = _part_controls(space)
        with st.popover("More", icon=":material/tune:", key="more"):
            space_picker.upload_space("compare_space")
    links.warn_of_link("compare", (space, recipes, proxies, seeds))
    parts = asked_parts(space.reference, recipes, proxies, seeds)
    if complaint := surplus_sentence(parts):
        st.warning(plain(complaint), icon=":material/content_cut:")
    try:
        return [SearchConfig.model_validate(part) for part in parts[:MOST_COMPARED]]
    except ValueError as error:
        st.error(plain(explain(error)), icon=":material/error:")
        return []


def _part_controls(space: SearchSpace) -> tuple[list[str], list[str], list[int]]:
    """Draw the choices of recipes, scores and seeds, and return what is chosen."""
    offered = [question.recipe for question in default_questions(space)]
    recipes = st.multiselect(
        "Recipes",
        offered,
        offered,
        key="recipes",
        bind="query-params",
        width=260,
        help="A score without the chosen recipes is asked by its own.",
    )
    proxies = st.multiselect(
        "Scores",
        [*PROXIES],
        ["freeflow"],
        key="proxies",
        bind="query-params",
        format_func=_PROXY_TITLES.__getitem__,
        width=260,
    )
    seeds = st.multiselect("Seeds", _SEEDS, [0], key="compare_seeds", bind="query-params", width=200)
    return recipes, proxies, seeds


def surplus_sentence(parts: Sequence[dict[str, Any]]) -> str:
    """Return a sentence on the questions that are too many, nothing where there are none."""
    surplus = parts[MOST_COMPARED:]
    if not surplus:
        return ""
    names = [f"{_PROXY_TITLES[part['proxy']]} {part['recipe']} seed {part['seed']}" for part in surplus[:_NAMED]]
    more = f", and {len(surplus) - _NAMED:,} more" if len(surplus) > _NAMED else ""
    return (
        f"{len(parts):,} questions; {MOST_COMPARED} stand side by side, the first ones. "
        f"Left out: {'; '.join(names)}{more}."
    )
