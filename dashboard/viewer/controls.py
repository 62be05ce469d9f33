"""The controls of the viewer, in a bar: a text, its space and name, samples and an upload, which both fill the text."""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple

import streamlit as st

from dashboard.parts import space_picker
from dashboard.parts.links import checker, genotype_text, mend_link, warn_of_link
from dashboard.parts.text import plain
from dashboard.parts.uploads import MAX_UPLOAD_BYTES, read_upload
from dashboard.server import limits
from dashboard.server.state import set_widgets, state, widget_value
from dashboard.viewer.samples import SAMPLE_NOTATIONS
from dashboard.viewer.state import ViewerState
from engine.common.jsontext import MAX_TEXT
from engine.genotypes.genotype import notations, parse_with_notes
from engine.genotypes.notations.front import names_in
from engine.spaces import SearchSpace

_AS_WRITTEN = "as it says itself"
_LONG = 8_000
"""The characters of a text that a link can still hold."""
_TEXT_WIDTH, _WIDTH = 840, 190
"""Pixels of the text and of a choice in the bar."""


class GenotypeText(NamedTuple):
    """A text that holds a genotype, the space that it is read with, and the name of one among several."""

    text: str
    space: SearchSpace | None
    name: str | None


def genotype_controls() -> GenotypeText:
    """Draw the text, its space, and the name of one among several genotypes in it; return them, None where not said."""
    mend_link("viewer", checker({"genotype_space": _space_rule}), {"genotype_space": space_picker.space_titles()})
    with st.container(horizontal=True, vertical_alignment="bottom", key="bar"):
        text = _text_control()
        name = _name_control(text)
        space = _choose_space()
        with st.popover("File or sample", icon=":material/folder_open:", key="more"):
            _source_controls()
    warn_of_link("viewer", space)
    return GenotypeText(text, space_picker.offered_spaces().get(space), name)


def _text_control() -> str:
    text = st.text_area(
        "Genotype",
        next(iter(SAMPLE_NOTATIONS.values())),
        key="genotype",
        bind="query-params",
        height=68,
        width=_TEXT_WIDTH,
        max_chars=MAX_TEXT,
        on_change=_adopt_text,
        placeholder="a genotype, a search result, a log, a genotypes.py …",
        help=plain(
            f"A genotype, which begins with {notations()}, a whole search result, a log, a genotypes.py, or what other "
            "programs write. Nothing in the text is evaluated."
        ),
    )
    return text or ""


def _name_control(text: str) -> str | None:
    """Draw the choice of one of the genotypes that have names in the text; return it, None where there is no choice."""
    names = names_in(text[:MAX_TEXT])
    if len(names) < 2:
        return None
    return st.selectbox("Name", names, index=None, key="genotype_name", placeholder="choose a genotype", width=_WIDTH)


def _choose_space() -> str:
    titles = space_picker.space_titles()
    label = st.selectbox(
        "Space",
        [_AS_WRITTEN, *space_picker.offered_spaces()],
        key="genotype_space",
        bind="query-params",
        format_func=lambda label: titles.get(label, label),
        width=_WIDTH,
        help="Spaces that share a notation cannot always be told apart by it. A number alone is an index where this is "
        "NAS-Bench-201.",
    )
    return label or _AS_WRITTEN


def _source_controls() -> None:
    """Draw the choice of a sample and the upload of a file, which both fill the text field."""
    st.selectbox(
        "Sample", [*SAMPLE_NOTATIONS], index=None, key="sample", on_change=_adopt_sample, placeholder="choose a sample"
    )
    most = limits.upload_megabytes(MAX_UPLOAD_BYTES // 10**6)
    st.file_uploader(
        f"or a file (JSON or text, at most {most} MB)", key="upload", on_change=_adopt_upload, max_upload_size=most
    )


def keep_genotype(source: GenotypeText) -> bool:
    """Keep the genotype that a text holds; return False, with an error shown, where it holds none.

    Says too what was chosen or left out, and what was wrong with an uploaded file.
    """
    memory, valid = state(ViewerState), False
    text, _, name = source
    try:
        read = parse_with_notes(*source)
        memory.genotype, valid = read.genotype, True
        if notes := "; ".join(dict.fromkeys((*memory.notes, *read.notes))):
            st.caption(plain(f"{notes[0].upper()}{notes[1:]}."))
    except ValueError as error:
        count = 0 if name else len(names_in(text[:MAX_TEXT]))
        if count > 1:
            st.info(f"{count:,} genotypes have names in this text: choose one under Name.", icon=":material/list:")
        else:
            st.error(plain(f"Not a genotype: {error}"), icon=":material/error:")
    if memory.complaint:
        st.error(plain(f"The file is not a genotype: {memory.complaint}"), icon=":material/error:")
    return valid


def _space_rule(name: str, values: list[str]) -> str:
    return "" if values == [_AS_WRITTEN] else space_picker.space_rule(name, values)


def _adopt_text() -> None:
    """Put the notation in place of our JSON and of long texts, which no link can hold; forget what was said before."""
    _forget()
    text = widget_value("genotype")
    if '"schema"' in text or len(text) > _LONG:
        with suppress(ValueError):
            _fill(text)


def _fill(text: str) -> None:
    """Fill the field with the notation of the genotype in a text, or with a text in which one is to be chosen by name.

    `ValueError` where it holds none.
    """
    if len(names_in(text[:MAX_TEXT])) > 1:
        set_widgets({"genotype": text})
        return
    read = parse_with_notes(text, space_picker.offered_spaces().get(widget_value("genotype_space", _AS_WRITTEN)))
    state(ViewerState).notes = read.notes
    set_widgets({"genotype": genotype_text(read.genotype)})


def _forget() -> None:
    """Forget what was wrong with a file, and what was left out of the last text."""
    memory = state(ViewerState)
    memory.complaint, memory.notes = "", ()


def _adopt_sample() -> None:
    """Put the chosen sample into the text field."""
    _forget()
    if title := widget_value("sample"):
        set_widgets({"genotype": SAMPLE_NOTATIONS[title], "sample": None, "genotype_space": _AS_WRITTEN})


def _adopt_upload() -> None:
    """Put an uploaded file into the text field, or keep a sentence on why not."""
    _forget()
    if (upload := widget_value("upload")) is not None:
        try:
            _fill(read_upload(upload))
        except ValueError as error:
            state(ViewerState).complaint = f"{upload.name}: {error}"
