"""The rendered cell: an SVG whose edges can be chosen by mouse or keyboard, and the arrows that a view draws."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import streamlit as st

from dashboard.parts.view import Selection, View, tie_shares
from dashboard.server.state import widget_value
from engine.exports.drawing import Arrow, cell_description, cell_dot, cell_title, gene_arrows, render_svg
from engine.genotypes.genotype import Genotype
from engine.spaces import Edge, Gene, SearchSpace

_HTML = """
<div class="cell" role="group"></div>
"""

_CSS = """
.cell { width: 100%; overflow-x: auto; }
.cell svg { display: block; margin: 0 auto; width: 100%; height: auto; }
/* Where it has less than 70 % of its own width, a picture is drawn at its own size, and scrolls. */
.cell svg { min-width: clamp(0px, 9999 * (0.7 * var(--own) - 100%), var(--own)); }
.cell text { fill: var(--st-text-color); }
.cell .node text { fill: #1b1f24; }
.cell .edge[role="button"] { cursor: pointer; }
.cell .edge.faint text { opacity: 0.6; }
.cell .edge .hit { stroke: transparent; stroke-width: 16; fill: none; stroke-dasharray: none; }
.cell .edge:hover .line, .cell .edge:focus-visible .line { filter: brightness(1.25); stroke-width: 5; }
.cell .edge:focus-visible { outline: none; }
.cell .edge:focus-visible .hit { stroke: var(--st-primary-color); stroke-opacity: 0.35; }
.cell.selecting .edge:not(.selected) .line { opacity: 0.3; }
.cell.selecting .edge.selected .line { stroke-width: 5.5; }
.cell.selecting .edge.selected text { font-weight: 700; }
"""

_JS = """
export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".cell");
  if (root.drawn !== data.svg) {
    const parsed = new DOMParser().parseFromString(data.svg, "image/svg+xml");
    const svg = document.importNode(parsed.documentElement, true);
    const [width, height] = ["width", "height"].map((side) => parseFloat(svg.getAttribute(side)));
    svg.style.maxWidth = `${1.7 * width}px`;
    svg.style.setProperty("--own", `${width}px`);
    svg.style.maxHeight = height > width ? `${1.2 * height}px` : `max(30rem, ${height}px)`;
    root.replaceChildren(svg);
    root.drawn = data.svg;
    for (const title of root.querySelectorAll("title")) title.remove();
  }
  root.setAttribute("aria-label", data.alt);
  root.resized ??= new ResizeObserver(() => {
    if (root.scrollWidth > root.clientWidth) root.tabIndex = 0;
    else root.removeAttribute("tabindex");
  });
  root.resized.observe(root);
  root.classList.toggle("selecting", data.selected.length > 0);
  for (const edge of root.querySelectorAll("g.edge")) {
    const label = data.labels[edge.id];
    if (!label) continue;
    const line = edge.querySelector("path");
    line.classList.add("line");
    if (!edge.querySelector(".hit")) {
      const hit = line.cloneNode();
      hit.setAttribute("class", "hit");
      edge.append(hit);
    }
    edge.classList.toggle("selected", data.selected.includes(edge.id));
    edge.setAttribute("role", "button");
    edge.setAttribute("tabindex", "0");
    edge.setAttribute("aria-label", label);
    edge.setAttribute("aria-pressed", String(data.selected.includes(edge.id)));
    edge.onclick = () => setTriggerValue("clicked", edge.id);
    edge.onkeydown = (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      setTriggerValue("clicked", edge.id);
    };
  }
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


def cell_picture(view: View, drawn: list[Arrow], selection: Selection, on_select: Callable[[Selection], None]) -> None:
    """Draw the cell; `on_select` hears of an edge that is clicked, before the page runs again."""
    space, key = view.result.space, f"cell {view.kind}"
    arrows_by_id = {f"edge-{view.kind}-{arrow.gene.source}-{arrow.gene.target}": arrow for arrow in drawn}
    selected = [name for name, arrow in arrows_by_id.items() if _is_selected(view, arrow, selection)]
    edges = {name: space.edges.index(Edge(*arrow.gene[:2])) for name, arrow in arrows_by_id.items()}

    def adopt_click() -> None:
        clicked = widget_value(key).clicked
        if clicked in edges:
            on_select(Selection(edges[clicked], None))

    svg, alt = _drawing(space, view.kind, tuple(drawn))
    _COMPONENT(
        key=key,
        data={
            "svg": svg,
            "alt": alt,
            "selected": selected,
            "labels": {name: _label(view, arrow) for name, arrow in arrows_by_id.items()},
        },
        on_clicked_change=adopt_click,
    )


def still_picture(space: SearchSpace, kind: str, drawn: list[Arrow], key: str) -> None:
    """Draw a cell whose edges cannot be chosen."""
    svg, alt = _drawing(space, kind, tuple(drawn))
    _COMPONENT(key=key, data={"svg": svg, "alt": alt, "selected": [], "labels": {}})


@lru_cache(maxsize=256)
def _drawing(space: SearchSpace, kind: str, drawn: tuple[Arrow, ...]) -> tuple[str, str]:
    """Return the picture of a cell as SVG, and its alternative text; drawn once."""
    svg = render_svg(cell_dot(space, kind, drawn, upright=len(space.edges) > 8))
    return svg, cell_description(space, kind, [arrow.gene for arrow in drawn])


def genotype_picture(genotype: Genotype) -> None:
    """Draw every cell of a genotype, side by side where there is room."""
    for column, (kind, genes) in zip(st.columns(len(genotype.genes)), genotype.genes, strict=True):
        with column:
            st.markdown(f"**{cell_title(kind)}**")
            still_picture(genotype.space, kind, gene_arrows(genes), f"genotype {kind}")


def _is_selected(view: View, arrow: Arrow, selection: Selection) -> bool:
    if selection.edge is not None:
        return view.result.space.edges[selection.edge] == arrow.gene[:2]
    return selection.operation == arrow.gene.operation


def _label(view: View, arrow: Arrow) -> str:
    return f"{view.result.space.edge_name(Edge(*arrow.gene[:2]))}: {arrow.gene.operation}"
