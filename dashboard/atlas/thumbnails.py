"""The first architectures of an atlas as small pictures, each of which is a button."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

import streamlit as st

from dashboard.server.state import widget_value
from engine.exports.svg import thumbnail_svg
from engine.genotypes.genotype import Genotype

_KEY = "atlas thumbnails"
_HTML = """
<div class="thumbnails" role="group"></div>
"""
_CSS = """
.thumbnails { display: grid; grid-template-columns: repeat(auto-fill, minmax(7.5rem, 1fr)); gap: 0.5rem; }
.thumbnails button {
  font: inherit; font-size: 0.8125rem; color: var(--st-text-color); background: transparent; cursor: pointer;
  border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius); padding: 0.3rem;
  display: flex; flex-direction: column; gap: 0.2rem; font-variant-numeric: tabular-nums;
}
.thumbnails button:hover { border-color: var(--st-primary-color); }
.thumbnails button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 1px; }
.thumbnails button[aria-pressed="true"] {
  border-color: var(--st-primary-color); box-shadow: inset 0 0 0 1px var(--st-primary-color);
}
.thumbnails img { width: 100%; height: 4.2rem; object-fit: contain; }
"""
_JS = """
export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".thumbnails");
  root.setAttribute("aria-label", data.name);
  const text = JSON.stringify(data.items);
  if (root.drawn !== text) {
    const focused = [...root.children].indexOf(root.getRootNode().activeElement);
    root.replaceChildren(...data.items.map(({ row, label, picture }) => {
      const button = document.createElement("button");
      const image = document.createElement("img");
      button.type = "button";
      image.src = picture;
      image.alt = "";
      button.append(image, label);
      button.onclick = () => setTriggerValue("chosen", row);
      return button;
    }));
    root.children[focused]?.focus();
    root.drawn = text;
  }
  data.items.forEach(({ row }, place) =>
    root.children[place].setAttribute("aria-pressed", String(row === data.chosen)));
}
"""
_COMPONENT = st.components.v2.component("freenas_thumbnails", html=_HTML, css=_CSS, js=_JS)


class Thumbnail(NamedTuple):
    """A small picture of an architecture: its row, its label, and the architecture."""

    row: int
    label: str
    genotype: Genotype


def thumbnails(name: str, items: Sequence[Thumbnail], chosen: int | None, on_choose: Callable[[int], None]) -> None:
    """Draw pictures, called `name` for those who do not see them; `on_choose` hears of the row that is pressed."""
    rows = {item.row for item in items}

    def adopt_choice() -> None:
        row = widget_value(_KEY).chosen
        if isinstance(row, int) and row in rows:
            on_choose(row)

    pictures = [{"row": item.row, "label": item.label, "picture": _picture(item.genotype)} for item in items]
    _COMPONENT(key=_KEY, data={"name": name, "items": pictures, "chosen": chosen}, on_chosen_change=adopt_choice)


@lru_cache(maxsize=512)
def _picture(genotype: Genotype) -> str:
    return f"data:image/svg+xml;base64,{b64encode(thumbnail_svg(genotype).encode()).decode()}"
