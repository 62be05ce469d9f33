"""The answers that a session has put aside, as the address bar holds them: runs, questions and architectures."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache

import streamlit as st

from dashboard.compare.answers import ComparedAnswer, item_labels
from dashboard.compare.searches import searched_result
from dashboard.parts.comparison import MOST_COMPARED, ComparedItem, ComparisonState, item_space
from dashboard.parts.links import genotype_text, keep_in_link
from dashboard.server.run_store import RUN_PARAMETER, store
from dashboard.server.state import state
from engine import SearchConfig, SearchResult, explain
from engine.common.errors import quoted
from engine.common.jsontext import load_json
from engine.genotypes.genotype import Genotype, parse_genotype
from engine.runs import Run, StoreUnavailable
from engine.spaces import OwnSpace

GENOTYPE, QUESTION = "genotype", "question"
_PARAMETERS = (RUN_PARAMETER, QUESTION, GENOTYPE)
_TOLD = 3
"""The most complaints about a link that are told."""
_Address = tuple[tuple[str, ...], ...]
"""The texts of all parameters, in their order."""


@dataclass
class ChosenState:
    """The addresses that this session wrote, which are no links to follow; the last link's items, and its complaint."""

    written: set[_Address] = field(default_factory=set)
    linked: list[ComparedItem] = field(default_factory=list)
    complaint: str = ""


def follow_item_link() -> bool:
    """Put aside what the link names in place of what was; return True where there is a link to follow."""
    address = _address()
    memory = state(ChosenState)
    if not any(address) or address in memory.written:
        return False
    items, complaints = _read(address)
    more = f"; and {len(complaints) - _TOLD} more" if len(complaints) > _TOLD else ""
    sentence = "; ".join(complaints[:_TOLD])
    memory.complaint = f"Not all of this link can be compared: {sentence}{more}." if complaints else ""
    memory.written.add(address)
    memory.linked, state(ComparisonState).items = items, [*items]
    return True


def item_link_complaint() -> str:
    """Return the complaint about the last link while its items stand, nothing where all of it can be compared."""
    memory = state(ChosenState)
    return memory.complaint if state(ComparisonState).items == memory.linked else ""


def write_link(items: Sequence[ComparedItem]) -> None:
    """Let the address bar hold these; a space of one's own is known to its session alone."""
    texts: dict[str, list[str]] = {name: [] for name in _PARAMETERS}
    for item in items:
        if not isinstance(item_space(item), OwnSpace) or isinstance(item, Run):
            name, text = _written(item)
            texts[name].append(text)
    for name in _PARAMETERS:
        keep_in_link(name, texts[name])
    state(ChosenState).written.add(_address())


def _address() -> _Address:
    return tuple(tuple(st.query_params.get_all(name)) for name in _PARAMETERS)


def _written(item: ComparedItem) -> tuple[str, str]:
    """Return the parameter that names an item in a link, and its text."""
    match item:
        case Run():
            return RUN_PARAMETER, item.id
        case Genotype():
            return GENOTYPE, genotype_text(item)
        case SearchConfig():
            usual = _usual()
            differing = {name: value for name, value in item.to_dict().items() if value != usual[name]}
            return QUESTION, json.dumps(differing, separators=(",", ":"))


@cache
def _usual() -> dict[str, object]:
    return SearchConfig.model_validate({}).to_dict()


def _read(address: _Address) -> tuple[list[ComparedItem], list[str]]:
    """Return what a link names, each once and at most so many of a space, and complaints about the rest of it."""
    items: list[ComparedItem] = []
    complaints = []
    for name, texts in zip(_PARAMETERS, address, strict=True):
        for text in dict.fromkeys(texts):
            try:
                item = _item(name, text)
            except (StoreUnavailable, ValueError) as error:
                complaints.append(explain(error) if isinstance(error, ValueError) else str(error))
                continue
            if sum(item_space(other) == item_space(item) for other in items) == MOST_COMPARED:
                complaints.append(f"{name} {quoted(text)} is one more than {MOST_COMPARED}")
            else:
                items.append(item)
    return items, complaints


def _item(name: str, text: str) -> ComparedItem:
    if name == RUN_PARAMETER:
        return store().get(text)
    if name == GENOTYPE:
        return parse_genotype(text)
    return SearchConfig.model_validate(load_json(text))


def item_answers(items: Sequence[ComparedItem]) -> dict[str, ComparedAnswer | SearchConfig]:
    """Return items of one space by their labels: their answers, or the questions that were not searched yet."""
    results = [_result(item) for item in items]
    configs = [
        item if isinstance(item, SearchConfig) else result.config if result is not None else None
        for item, result in zip(items, results, strict=True)
    ]
    answers: list[ComparedAnswer | SearchConfig] = []
    for item, result in zip(items, results, strict=True):
        if isinstance(item, Genotype):
            answers.append(ComparedAnswer(item))
        elif result is not None:
            answers.append(ComparedAnswer(result.genotype, result))
        elif isinstance(item, SearchConfig):
            answers.append(item)
        else:
            answers.append(ComparedAnswer(item.architecture))
    return dict(zip(item_labels(items, configs), answers, strict=True))


def _result(item: ComparedItem) -> SearchResult | None:
    """Return the result of an item, None where there is none, or its run is gone."""
    match item:
        case SearchConfig():
            return searched_result(item)
        case Run():
            with suppress(StoreUnavailable, ValueError):
                return _run_result(item.id)
    return None


@st.cache_resource(max_entries=64, show_spinner=False)
def _run_result(run_id: str) -> SearchResult:
    return store().result(run_id)
