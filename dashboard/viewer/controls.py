"""The controls of the viewer: a text field, samples and an upload, which both fill the field."""

from __future__ import annotations

import contextlib

import streamlit as st

from dashboard.parts.links import genotype_text
from dashboard.parts.text import plain
from dashboard.parts.uploads import MAX_UPLOAD_BYTES, read_upload
from dashboard.server import limits
from dashboard.server.state import set_widgets, state, widget_value
from dashboard.viewer.samples import SAMPLES
from dashboard.viewer.state import ViewerState
from engine import parse_genotype
from engine.common.jsontext import MAX_TEXT


def text_control() -> str:
    """Draw the text field; return the text in it."""
    text = st.text_area(
        "Genotype",
        next(iter(SAMPLES.values())),
        key="genotype",
        bind="query-params",
        height=130,
        max_chars=MAX_TEXT,
        on_change=_adopt_text,
        help="Nothing in the text is evaluated. It is also the link's `genotype` parameter.",
    )
    return text or ""


def source_controls() -> None:
    """Draw the choice of a sample and the upload of a file, which both fill the text field."""
    st.selectbox("Sample", [*SAMPLES], index=None, key="sample", on_change=_adopt_sample, placeholder="choose a sample")
    most = limits.upload_megabytes(MAX_UPLOAD_BYTES // 10**6)
    st.file_uploader(
        f"or a file (JSON or text, at most {most} MB)", key="upload", on_change=_adopt_upload, max_upload_size=most
    )


def keep_genotype(text: str) -> bool:
    """Keep the genotype that `text` holds; return False, with an error shown, where it holds none.

    Says too what was wrong with an uploaded file.
    """
    memory, valid = state(ViewerState), False
    try:
        memory.genotype = parse_genotype(text)
        valid = True
    except ValueError as error:
        st.error(plain(f"Not a genotype: {error}"), icon=":material/error:")
    if memory.complaint:
        st.error(plain(f"The file is not a genotype: {memory.complaint}"), icon=":material/error:")
    return valid


def _adopt_text() -> None:
    """Put the notation in place of JSON, which is long for a link, if it says the space; forget what was wrong."""
    state(ViewerState).complaint = ""
    text = widget_value("genotype")
    with contextlib.suppress(ValueError):
        if text.lstrip().startswith("{"):
            set_widgets({"genotype": genotype_text(parse_genotype(text))})


def _adopt_sample() -> None:
    """Put the chosen sample into the text field."""
    state(ViewerState).complaint = ""
    if title := widget_value("sample"):
        set_widgets({"genotype": SAMPLES[title], "sample": None})


def _adopt_upload() -> None:
    """Put an uploaded file into the text field, or keep a sentence on why not."""
    memory, upload = state(ViewerState), widget_value("upload")
    memory.complaint = ""
    if upload is not None:
        try:
            set_widgets({"genotype": genotype_text(parse_genotype(read_upload(upload)))})
        except ValueError as error:
            memory.complaint = f"{upload.name}: {error}"
