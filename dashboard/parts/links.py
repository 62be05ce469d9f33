"""The parameters of a page's link: checked before the controls take them, with a sentence on what is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import accumulate
from types import MappingProxyType

import streamlit as st

from dashboard.parts.text import plain
from dashboard.server.state import state
from engine.common.errors import quoted, unknown_name
from engine.genotypes.genotype import Genotype, parse_genotype

Rule = Callable[[str, list[str]], str]
"""A function of the name of a parameter and its values in a link: a complaint, or nothing where they will do."""
Parameters = Mapping[str, list[str]]
"""The parameters of a link by name, each with all its values."""
Titles = Mapping[str, Mapping[str, str]]
"""The titles of the options by their names, for a parameter whose control shows titles."""
Checker = Callable[[Parameters], dict[str, str]]
"""A function of the parameters of a link: complaints by the names of those that are wrong."""
_NO_TITLES: Titles = MappingProxyType({})
_LONGEST = 220
"""The most characters of all complaints about a link."""


@dataclass
class LinkState:
    """The complaint about the link that a session opened a page with, and the first values of its controls."""

    complaints: dict[str, str] = field(default_factory=dict)
    first_values: dict[str, object] = field(default_factory=dict)


def one_of(allowed: Iterable[str]) -> Rule:
    """Return the rule of a name among those `allowed`."""
    return some_of(allowed, most=1)


def some_of(allowed: Iterable[str], most: int | None = None) -> Rule:
    """Return the rule of names among those `allowed`, at most `most` of them."""
    names = list(allowed)

    def rule(name: str, values: list[str]) -> str:
        if most is not None and len(values) > most:
            return f"{name} stands {len(values)} times"
        return next((str(unknown_name(name, value, names)) for value in values if value not in names), "")

    return rule


def whole_between(low: int, high: int) -> Rule:
    """Return the rule of whole numbers from `low` to `high`."""

    def rule(name: str, values: list[str]) -> str:
        wrong = (value for value in values if not re.fullmatch("[0-9]{1,19}", value) or not low <= int(value) <= high)
        return next((f"{name} {quoted(value)} is not a whole number from {low:,} to {high:,}" for value in wrong), "")

    return rule


def two_ends(name: str, values: list[str]) -> str:
    """Return the complaint about the ends of a range that are not two finite numbers, the less one first."""
    well_formed = all(re.fullmatch(r"[-+]?[0-9.]{1,20}(e[-+]?[0-9]{1,2})?", value) for value in values)
    try:
        low, high = (float(value) for value in values)
    except ValueError:
        well_formed = False
    return "" if well_formed and low <= high else f"{name} {quoted(values)} are not two numbers, the less one first"


def checker(rules: Mapping[str, Rule]) -> Checker:
    """Return the function that checks a link by these rules; parameters without a rule are not looked at."""

    def check(parameters: Parameters) -> dict[str, str]:
        complaints = {name: rules[name](name, values) for name, values in parameters.items() if name in rules}
        return {name: complaint for name, complaint in complaints.items() if complaint}

    return check


def genotype_text(genotype: Genotype) -> str:
    """Return a genotype as a link holds it: its notation, or JSON where the notation does not name its space."""
    with suppress(ValueError):
        if parse_genotype(genotype.notation) == genotype:
            return genotype.notation
    return json.dumps(genotype.to_dict(), separators=(",", ":"), ensure_ascii=False)


def mend_link(page: str, check: Checker, titles: Titles = _NO_TITLES) -> None:
    """Take what is wrong out of the link that this session opened `page` with, once; `warn_of_link` tells of it.

    The page begins again then: controls take what stands in the link at the beginning of a run, and would fit a number
    that is out of range, or fail at one that is infinite. A control that shows `titles` in place of names knows only
    these in a link: there, names become titles.
    """
    complaints = state(LinkState).complaints
    if page in complaints:
        return
    written = {name: st.query_params.get_all(name) for name in st.query_params}
    parameters = {name: _as_names(values, titles.get(name, {})) for name, values in written.items()}
    wrong, kept = check(parameters), dict(parameters)
    for name in wrong:
        good = [value for value in parameters[name] if name not in check({**parameters, name: [value]})]
        kept[name] = [] if name in check({**parameters, name: good}) else good
    mended = {name: [titles.get(name, {}).get(value, value) for value in values] for name, values in kept.items()}
    changed = {name: values for name, values in mended.items() if values != written[name]}
    for name, values in changed.items():
        st.query_params[name] = values
    sentence = f"This link was not understood in full: {_shortened([*wrong.values()])}. Defaults are used instead."
    complaints[page] = sentence if wrong else ""
    if changed:
        st.rerun()


def _as_names(values: list[str], titles: Mapping[str, str]) -> list[str]:
    names = {title: name for name, title in titles.items()}
    return [names.get(value, value) for value in values]


def warn_of_link(page: str, values: object) -> None:
    """Tell of what was wrong with the link of a page, while the values of its controls are None or still the first."""
    link = state(LinkState)
    sentence = link.complaints.get(page, "")
    if sentence and (values is None or link.first_values.setdefault(page, values) == values):
        st.warning(plain(sentence), icon=":material/link_off:")


def _shortened(complaints: Sequence[str]) -> str:
    """Return all complaints, or as many as a sentence holds and the number of the others."""
    ends = accumulate(len(complaint) for complaint in complaints)
    kept = max(1, sum(end <= _LONGEST for end in ends))
    return "; ".join(complaints[:kept]) + (f"; and {len(complaints) - kept} more" if kept < len(complaints) else "")


def keep_in_link(name: str, texts: Sequence[str]) -> None:
    """Write `texts` under `name` into the address bar, or take `name` out of it where there are none."""
    if st.query_params.get_all(name) != [*texts]:
        if texts:
            st.query_params[name] = [*texts]
        else:
            del st.query_params[name]
