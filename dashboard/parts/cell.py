"""The rendered cell, as wide as its column."""

from __future__ import annotations

from functools import lru_cache

import streamlit as st

from engine.exports.drawing import Arrow, cell_description, cell_title, gene_arrows
from engine.exports.svg import cell_svg
from engine.genotypes.genotype import Genotype
from engine.spaces import SearchSpace

_HTML = """
<div class="cell-picture" role="img"></div>
"""

_CSS = """
.cell-picture { width: 100%; overflow-x: auto; }
/* Letters of 13 units are 9 pixels high at least: below that, a picture scrolls. */
.cell-picture svg { display: block; margin: 0 auto; width: 100%; height: auto; min-width: calc(var(--own) * 0.6924); }
/* Narrower than what chips have room for, on every machine. */
.cell-picture svg text { font-family: var(--st-font); }
.cell-picture .tray { fill: color-mix(in srgb, var(--st-text-color) 10%, var(--st-background-color)); }
.cell-picture .edge.faint .line, .cell-picture .edge.faint .head { opacity: 0.8; }
.cell-picture .edge.faint .chip rect { fill: var(--st-background-color); }
.cell-picture .edge.faint .chip text { fill: var(--st-text-color); }
"""

_JS = """
export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".cell-picture");
  root.setAttribute("aria-label", data.alt);
  if (root.drawn === data.svg) return;
  const parsed = new DOMParser().parseFromString(data.svg, "image/svg+xml");
  const svg = document.importNode(parsed.documentElement, true);
  const [width, height] = ["width", "height"].map((side) => parseFloat(svg.getAttribute(side)));
  svg.style.setProperty("--own", `${width}px`);
  svg.style.maxWidth = `${width * Math.min(1.7, Math.max(1, 480 / height))}px`;
  root.replaceChildren(svg);
  root.drawn = data.svg;
  root.resized ??= new ResizeObserver(() => {
    if (root.scrollWidth > root.clientWidth) root.tabIndex = 0;
    else root.removeAttribute("tabindex");
  });
  root.resized.observe(root);
}
"""

_COMPONENT = st.components.v2.component("freenas_cell", html=_HTML, css=_CSS, js=_JS)


def still_picture(space: SearchSpace, kind: str, drawn: list[Arrow], key: str, room: str = "") -> None:
    """Draw a cell; labels have `room` for a note as long as this."""
    svg, alt = _drawing(space, kind, tuple(drawn), room)
    _COMPONENT(key=key, data={"svg": svg, "alt": alt})


@lru_cache(maxsize=256)
def _drawing(space: SearchSpace, kind: str, drawn: tuple[Arrow, ...], room: str) -> tuple[str, str]:
    """Return the picture of a cell as SVG, and its alternative text; drawn once."""
    return cell_svg(space, kind, drawn, room), cell_description(space, kind, [arrow.gene for arrow in drawn])


def genotype_picture(genotype: Genotype) -> None:
    """Draw every cell of a genotype, side by side where there is room."""
    for column, (kind, genes) in zip(st.columns(len(genotype.genes)), genotype.genes, strict=True):
        with column:
            st.markdown(f"**{cell_title(kind)}**")
            still_picture(genotype.space, kind, gene_arrows(genes), f"genotype {kind}")
