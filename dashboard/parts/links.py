"""What a link asks of a page: its parameters are checked before the controls take them, and what is wrong is said."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import accumulate
from types import MappingProxyType

import streamlit as st

from dashboard.parts.text import plain
from engine.common.errors import quoted, unknown_name
from engine.genotypes.genotype import Genotype, parse_genotype

Rule = Callable[[str, list[str]], str]
"""What is wrong with the values that a link gives the parameter of a name; nothing where they will do."""
Parameters = Mapping[str, list[str]]
"""The parameters of a link by name, each with all its values."""
Titles = Mapping[str, Mapping[str, str]]
"""For a parameter whose control shows titles, these by name."""
_NO_TITLES: Titles = MappingProxyType({})
_LONGEST = 220
"""Characters of all that is wrong with a link."""


def one_of(allowed: Iterable[str]) -> Rule:
    """A rule for a name among those `allowed`."""
    return some_of(allowed, most=1)


def some_of(allowed: Iterable[str], most: int | None = None) -> Rule:
    """A rule for names among those `allowed`, `most` of them."""
    names = list(allowed)

    def rule(name: str, values: list[str]) -> str:
        if most is not None and len(values) > most:
            return f"{name} stands {len(values)} times"
        return next((str(unknown_name(name, value, names)) for value in values if value not in names), "")

    return rule


def whole(low: int, high: int) -> Rule:
    """A rule for whole numbers from `low` to `high`."""

    def rule(name: str, values: list[str]) -> str:
        wrong = (value for value in values if not re.fullmatch("[0-9]{1,19}", value) or not low <= int(value) <= high)
        return next((f"{name} {quoted(value)} is not a whole number from {low:,} to {high:,}" for value in wrong), "")

    return rule


def two_ends(name: str, values: list[str]) -> str:
    """A rule for the ends of a range, two finite numbers, the less one first."""
    written = all(re.fullmatch(r"[-+]?[0-9.]{1,20}(e[-+]?[0-9]{1,2})?", value) for value in values)
    try:
        low, high = (float(value) for value in values)
    except ValueError:
        written = False
    return "" if written and low <= high else f"{name} {quoted(values)} are not two numbers, the less one first"


def broken(rules: Mapping[str, Rule]) -> Callable[[Parameters], dict[str, str]]:
    """Finds what is wrong with the parameters of a link, by name; those without a rule are not looked at."""

    def find(parameters: Parameters) -> dict[str, str]:
        found = {name: rules[name](name, values) for name, values in parameters.items() if name in rules}
        return {name: said for name, said in found.items() if said}

    return find


def genotype_text(genotype: Genotype) -> str:
    """A genotype as a link holds it: its notation, or JSON where the notation does not say of which space it is."""
    with suppress(ValueError):
        if parse_genotype(genotype.notation) == genotype:
            return genotype.notation
    return json.dumps(genotype.to_dict(), separators=(",", ":"), ensure_ascii=False)


def check(page: str, find: Callable[[Parameters], dict[str, str]], titles: Titles = _NO_TITLES) -> None:
    """Take what is wrong out of the link that this session opened `page` with, once; `warn` says what it was.

    The page begins again then: controls take what stands in the link at the beginning of a run, and would fit a number
    that is out of range, or fail at one that is infinite. A control that shows `titles` in place of names knows only
    these in a link: there, names become titles.
    """
    if (key := f"{page} link") in st.session_state:
        return
    written = {name: st.query_params.get_all(name) for name in st.query_params}
    asked = {name: _as_names(values, titles.get(name, {})) for name, values in written.items()}
    wrong, kept = find(asked), dict(asked)
    for name in wrong:
        good = [value for value in asked[name] if name not in find({**asked, name: [value]})]
        kept[name] = [] if name in find({**asked, name: good}) else good
    mended = {name: [titles.get(name, {}).get(value, value) for value in values] for name, values in kept.items()}
    changed = {name: values for name, values in mended.items() if values != written[name]}
    for name, values in changed.items():
        st.query_params[name] = values
    said = f"This link was not understood in full: {_shortened([*wrong.values()])}. Defaults are used instead."
    st.session_state[key] = said if wrong else ""
    if changed:
        st.rerun()


def _as_names(values: list[str], titles: Mapping[str, str]) -> list[str]:
    names = {title: name for name, title in titles.items()}
    return [names.get(value, value) for value in values]


def warn(page: str, asked: object) -> None:
    """Say what was wrong with the link of a page, as long as the controls ask nothing (None) or what they did first."""
    sentence = st.session_state.get(f"{page} link", "")
    if sentence and (asked is None or st.session_state.setdefault(f"{page} link asked", asked) == asked):
        st.warning(plain(sentence), icon=":material/link_off:")


def _shortened(said: Sequence[str]) -> str:
    """All that was said, or as much as a sentence holds and how much more there is."""
    ends = accumulate(len(each) for each in said)
    kept = max(1, sum(end <= _LONGEST for end in ends))
    return "; ".join(said[:kept]) + (f"; and {len(said) - kept} more" if kept < len(said) else "")
