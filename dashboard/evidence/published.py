"""The results of others, folded away: figures as they were published, their sources as footnotes."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.parts.table import TextColumn, text_table
from dashboard.parts.text import plain, raised
from engine.spaces import SearchSpace
from engine.studies.published import Published, published
from engine.studies.text_tables import NOT_KNOWN


def published_view(spaces: Sequence[str | SearchSpace]) -> None:
    """Draw the results of others in these spaces, if there are any, apart from what was measured here."""
    records = [record for space in spaces if (record := published(space)).peers]
    if not records:
        return
    with st.expander("Published by others", icon=":material/menu_book:", key="published"):
        st.caption(
            "Figures from papers, each with its source; times in rounded seconds. **None of them was measured here**: "
            "other training, other machines, other numbers of runs."
        )
        for record in records:
            title = f"{record.space.title}, {record.quantity}"
            st.markdown(f"**{plain(title)}**")
            numbers = [TextColumn(header, number=True) for header in (*record.datasets, "Search, s")]
            columns = [TextColumn("Method"), *numbers, TextColumn("Device"), TextColumn("How")]
            text_table(f"Published: {title}", columns, published_rows(record), f"published {record.space.name}")
            notes = [plain(f"{raised(place)} {source}") for place, source in enumerate(_sources(record), 1)]
            st.caption("  \n".join(notes))


def published_rows(record: Published) -> list[list[str]]:
    """Return a row for every method, with a mark that names its source."""
    sources = _sources(record)
    return [
        [
            f"{peer.method} {raised(sources.index(peer.source) + 1)}",
            *(NOT_KNOWN if figure is None else figure.text for figure in peer.figures),
            NOT_KNOWN if peer.seconds is None else f"{peer.seconds:,g}",
            peer.device or NOT_KNOWN,
            peer.note,
        ]
        for peer in record.peers
    ]


def _sources(record: Published) -> list[str]:
    """Return the sources of a space, each once, in the order of its methods."""
    return list(dict.fromkeys(peer.source for peer in record.peers))
