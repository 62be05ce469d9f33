"""Small pictures of cells for a table: arrows in the colours of their operations, without words."""

from __future__ import annotations

import re
from base64 import b64encode
from functools import lru_cache

from engine.exports.drawing import INNER, INPUT, OUTPUT, cell_graph, gene_arrows, has_rows, render_svg
from engine.genotypes.genotype import Genotype
from engine.operations.registry import get_operation

_FILLS = {"input": INPUT, "inner": INNER, "output": OUTPUT}
_JOINED = "#8B95A1"
_WIDTH, _HEIGHT = 98, 46
"""The size in pixels that a picture of any shape is fitted into."""


@lru_cache(maxsize=2048)
def thumbnail(genotype: str) -> str:
    """Draw the first cell type of a genotype, given as JSON; return the data URI of an SVG picture."""
    architecture = Genotype.from_json(genotype)
    svg = _strip(architecture) if has_rows(architecture.space) else render_svg(_dot(architecture))
    svg = re.sub(r'width="[^"]*"\s+height="[^"]*"', f'width="{_WIDTH}" height="{_HEIGHT}"', svg, count=1)
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"


def _dot(genotype: Genotype) -> str:
    import graphviz

    dot = graphviz.Digraph(
        graph_attr={"rankdir": "LR", "bgcolor": "transparent", "nodesep": "0.15", "ranksep": "0.3", "margin": "0.02"},
        node_attr={"shape": "circle", "style": "filled", "penwidth": "0", "label": "", "width": "0.25"},
        edge_attr={"arrowsize": "0.6", "penwidth": "3"},
    )
    graph = cell_graph(genotype.space, gene_arrows(genotype.genes[0][1]))
    for node, data in graph.nodes(data=True):
        dot.node(str(node), fillcolor=_FILLS[data["role"]])
    for source, target, data in graph.edges(data=True):
        if (arrow := data["arrow"]) is None:
            dot.edge(str(source), str(target), color=_JOINED, penwidth="1")
        else:
            drawn = get_operation(arrow.gene.operation)
            style = {"color": f"{drawn.colour}55", "style": "dashed"} if drawn.zero else {"color": drawn.colour}
            dot.edge(str(source), str(target), **style)
    return str(dot.source)


def _strip(genotype: Genotype) -> str:
    """Draw a long chain of operations as a row of bars, in the order of its edges."""
    genes = genotype.genes[0][1]
    step = _WIDTH / len(genes)
    bars = "".join(
        f'<rect class="edge" x="{place * step:.1f}" y="10" width="{step * 0.85:.1f}" height="26" fill="{colour}"/>'
        for place, colour in enumerate(get_operation(gene.operation).colour for gene in genes)
    )
    size = f'width="{_WIDTH}" height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
    return f'<svg {size} xmlns="http://www.w3.org/2000/svg">{bars}</svg>'
