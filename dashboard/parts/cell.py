"""The rendered cell, as wide as its column, and the arrows that a view draws."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import streamlit as st

from dashboard.parts.view import View, tie_shares
from engine.exports.drawing import Arrow, cell_description, cell_title, gene_arrows
from engine.exports.svg import cell_svg
from engine.genotypes.genotype import Genotype
from engine.spaces import Gene, SearchSpace

_HTML = """
<div class="cell-picture" role="img"></div>
"""

_CSS = """
.cell-picture { width: 100%; overflow-x: auto; }
/* Letters of 13 units are 9 pixels high at least: below that, a picture scrolls. */
.cell-picture svg { display: block; margin: 0 auto; width: 100%; height: auto; min-width: calc(var(--own) * 0.6924); }
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


def selected_arrows(view: View, everything: bool) -> list[Arrow]:
    """Return the arrows of the selected cell, each as wide as its share in the last pass.

    With `everything`, the dropped edges are among them, pale.
    """
    result = view.result
    space, genes = result.space, result.genotype.cells[view.kind]
    last = result.passes[-1].shares[view.kind]
    chosen = result.chosen(view.kind)
    widths = {edge: float(last[i, space.operations.index(chosen[i])]) for i, edge in enumerate(space.edges)}
    drawn = gene_arrows(genes, widths)
    if everything:
        kept = {gene[:2] for gene in genes}
        dropped = [Gene(*edge, chosen[i]) for i, edge in enumerate(space.edges) if tuple(edge) not in kept]
        drawn += [Arrow(gene, 0, faint=True) for gene in dropped]
    return drawn


def replayed_arrows(view: View) -> list[Arrow]:
    """Return the arrows of the cell under way: the best live operation of every edge, pale until it is alone there."""
    space, live, shares = view.result.space, view.live, view.shares()
    kept = {gene[:2] for gene in view.result.genotype.cells[view.kind]}
    strengths = shares.sum(axis=1)
    largest = float(strengths.max()) or 1.0
    drawn = []
    for index, edge in enumerate(space.edges):
        row = np.where(live[index], tie_shares(shares[index]), -1.0)
        best = int(np.flatnonzero(row == row.max())[-1])  # of equals the first is pruned first
        others = int(live[index].sum()) - 1
        drawn.append(
            Arrow(
                Gene(*edge, space.operations[best]),
                width=float(strengths[index]) / largest,
                faint=others > 0 or (view.finished and tuple(edge) not in kept),
                note=f"+{others}" if others else "",
            )
        )
    return drawn


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
