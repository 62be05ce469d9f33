"""Genotype viewer: any notation in, the picture, the cost and the files out."""

import contextlib

import streamlit as st

from dashboard.parts import downloads, space_picker
from dashboard.parts.cell import genotype_picture
from dashboard.parts.links import genotype_text
from dashboard.parts.text import plain
from dashboard.parts.uploads import MAX_BYTES, read_upload
from dashboard.server import limits
from engine import parse_genotype
from engine.genotypes.genotype import MAX_TEXT, Genotype, notations
from engine.networks.cost import network_cost

SAMPLES = {
    "NAS-Bench-201: all 3x3 convolutions": "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|"
    "+|nor_conv_3x3~0|nor_conv_3x3~1|nor_conv_3x3~2|",
    "DARTS_V2 (Liu et al. 2019)": "Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), "
    "('sep_conv_3x3', 1), ('sep_conv_3x3', 1), ('skip_connect', 0), ('skip_connect', 0), ('dil_conv_3x3', 2)], "
    "normal_concat=range(2, 6), reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 2), "
    "('max_pool_3x3', 1), ('max_pool_3x3', 0), ('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)], "
    "reduce_concat=range(2, 6))",
}


def adopt_text() -> None:
    """Put the notation in place of JSON, which is long for a link, if it says the space; forget what was wrong."""
    st.session_state.upload_error = ""
    with contextlib.suppress(ValueError):
        if st.session_state.genotype.lstrip().startswith("{"):
            st.session_state.genotype = genotype_text(parse_genotype(st.session_state.genotype))


def adopt_sample() -> None:
    """Put the chosen sample into the text field."""
    st.session_state.upload_error = ""
    if st.session_state.sample:
        st.session_state.genotype = SAMPLES[st.session_state.sample]
        st.session_state.sample = None


def adopt_upload() -> None:
    """Put an uploaded file into the text field, or keep a sentence on why not."""
    st.session_state.upload_error = ""
    if st.session_state.upload is not None:
        try:
            st.session_state.genotype = genotype_text(parse_genotype(read_upload(st.session_state.upload)))
        except ValueError as error:
            st.session_state.upload_error = f"{st.session_state.upload.name}: {error}"


st.markdown("#### Genotype viewer")
st.caption(plain(f"Paste a genotype, which begins with {notations()}, or a whole search result."))
left, right = st.columns([3, 2], vertical_alignment="top")
with left:
    text = st.text_area(
        "Genotype",
        next(iter(SAMPLES.values())),
        key="genotype",
        bind="query-params",
        height=130,
        max_chars=MAX_TEXT,
        on_change=adopt_text,
        help="Nothing in the text is evaluated. It is also the link's `genotype` parameter.",
    )
with right:
    st.selectbox("Sample", [*SAMPLES], index=None, key="sample", on_change=adopt_sample, placeholder="choose a sample")
    most = limits.upload_megabytes(MAX_BYTES // 10**6)
    st.file_uploader(
        f"or a file (JSON or text, at most {most} MB)", key="upload", on_change=adopt_upload, max_upload_size=most
    )

valid = False
try:
    st.session_state.last_genotype = parse_genotype(text or "")
    valid = True
except ValueError as error:
    st.error(plain(f"Not a genotype: {error}"), icon=":material/error:")
if complaint := st.session_state.get("upload_error"):
    st.error(plain(f"The file is not a genotype: {complaint}"), icon=":material/error:")

genotype: Genotype | None = st.session_state.get("last_genotype")
if genotype is not None:
    if not valid:
        st.caption("The last valid genotype:")
    described = genotype.space
    evaluation, search = network_cost(genotype), network_cost(genotype, described.search_size)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.metric("Search space", described.title, width="content")
        st.metric(
            "Parameters",
            f"{evaluation.params / 1e6:.3f} M",
            width="content",
            help=f"At the evaluation size: {described.evaluation_size.channels} channels, "
            f"{described.evaluation_size.cells} {described.cells_meaning}, 10 classes. "
            f"At the search size: {search.params / 1e6:.3f} M.",
        )
        st.metric(
            "MACs",
            f"{evaluation.macs / 1e6:.1f} M",
            width="content",
            help=f"Multiply-accumulates of one 32² image. At the search size: {search.macs / 1e6:.1f} M.",
        )
        if st.button("Open as a search of this space", icon=":material/search:", key="open"):
            st.switch_page("dashboard/pages/explore.py", query_params={"space": space_picker.take_up(described)})
    st.code(genotype.notation, language=None, wrap_lines=True)
    genotype_picture(genotype)
    with st.container(horizontal=True):
        downloads.genotype_buttons(genotype, f"freenas-{genotype.space_name}-genotype")
