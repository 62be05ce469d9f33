"""Pictures of cells: a networkx graph, written as DOT by `graphviz`, laid out and rendered by `pygraphviz`.

The look is that of the DARTS paper: left to right, input nodes, inner nodes and the output in a colour each, operation
names on the edges. Nothing here needs a `dot` binary or a browser.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

from engine.genotypes.genotype import Genotype
from engine.operations.registry import get_operation
from engine.spaces import Edge, Gene, SearchSpace

if TYPE_CHECKING:
    import graphviz
    import networkx as nx

INPUT, INNER, OUTPUT = "#B7E1CD", "#BBDDF6", "#F6E3A5"
"""Fill colours of input nodes, inner nodes and the output."""
_INK, _FAINT = "#1B1F24", "#8B95A1"
_LABEL_SIZE = (62, 18)  # points; fixed, so that a graph keeps its layout while its labels change
_LETTER = 7  # points, more than a letter takes
_ROW_NODE = "1.05"  # inches, as wide as the longest label needs
_WIDTHS = (1.2, 5.0)  # pen widths, in points, of the smallest and the largest share


@dataclass(frozen=True)
class Arrow:
    """An edge as it is drawn: `width` is relative, 0 to 1; a `faint` one is dashed and pale.

    `note` follows the name of the operation; an empty `colour` stands for that of the operation.
    """

    gene: Gene
    width: float = 0.3
    faint: bool = False
    note: str = ""
    colour: str = ""


def gene_arrows(genes: Iterable[Gene], widths: Mapping[Edge, float] | None = None) -> list[Arrow]:
    """Return the arrows of a cell, with `widths` relative to the largest, or all alike where there are none."""
    genes = list(genes)
    if not widths:
        return [Arrow(gene) for gene in genes]
    largest = max((widths[Edge(gene.source, gene.target)] for gene in genes), default=0.0) or 1.0
    return [Arrow(gene, widths[Edge(gene.source, gene.target)] / largest) for gene in genes]


def cell_graph(space: SearchSpace, arrows: Iterable[Arrow]) -> nx.MultiDiGraph:
    """Build the graph of a cell: nodes with `name` and `role`, edges with their `arrow` (None where nodes are joined).

    Nodes have the `label` and `row` of the space, edges its `label`, too.
    """
    import networkx as nx

    graph = nx.MultiDiGraph()
    for node in range(space.nodes):
        plain_output = not space.concatenated and node == space.nodes - 1
        role = "input" if node < space.inputs else "output" if plain_output else "inner"
        name, label, row = space.node_name(node), space.node_label(node), space.picture_row(node)
        graph.add_node(node, name=name, role=role, label=label, row=row)
    for arrow in arrows:
        source, target, _ = arrow.gene
        graph.add_edge(source, target, arrow=arrow, label=space.edge_label(Edge(source, target)))
    if space.concatenated:
        graph.add_node("output", name="cₖ", role="output", label="cₖ", row=None)
        for node in space.concatenated:
            graph.add_edge(node, "output", arrow=None, label="")
    return graph


def cell_dot(space: SearchSpace, kind: str, arrows: Iterable[Arrow], upright: bool = False) -> str:
    """Write the DOT text of a cell, left to right, or `upright` and in rows.

    The ids of edges are `edge-TYPE-SOURCE-TARGET`, of a second one between the same nodes with `-1` behind it.
    """
    dot = _digraph("TB" if upright or has_rows(space) else "LR")
    _write(dot, cell_graph(space, arrows), kind)
    return str(dot.source)


def genotype_dot(genotype: Genotype) -> str:
    """Write the DOT text of all cells of `genotype`, a cluster each."""
    dot = _digraph("TB" if has_rows(genotype.space) else "LR")
    for kind, genes in reversed(genotype.genes):  # dot stacks clusters upwards
        with dot.subgraph(name=f"cluster_{kind}") as cluster:
            cluster.attr(label=cell_title(kind), penwidth="0", fontname="Helvetica", fontsize="14")
            _write(cluster, cell_graph(genotype.space, gene_arrows(genes)), kind)
    return str(dot.source)


def has_rows(space: SearchSpace) -> bool:
    """Return True where the nodes of a picture stand in rows."""
    return space.picture_row(0) is not None


def cell_title(kind: str) -> str:
    """Return the name of a cell type as a heading."""
    return {"cell": "Cell", "reduce": "Reduction cell", "network": "Network"}.get(kind, f"{kind.capitalize()} cell")


def cell_description(space: SearchSpace, kind: str, genes: Iterable[Gene]) -> str:
    """Describe a picture of a cell in one sentence, for those who do not see it."""
    edges = ", ".join(f"{space.edge_name(Edge(gene.source, gene.target))} {gene.operation}" for gene in genes)
    return f"{cell_title(kind)} of {space.title}: {edges}."


@lru_cache(maxsize=256)
def render_svg(dot: str) -> str:
    """Draw a DOT text as an SVG element."""
    svg = _render(dot, "svg").decode("utf-8")
    return svg[svg.index("<svg") :]


@lru_cache(maxsize=64)
def render_png(dot: str) -> bytes:
    """Draw a DOT text as a PNG picture, at twice the resolution of a screen."""
    return _render(dot.replace("{", "{\n\tgraph [dpi=192]", 1), "png")


def _render(dot: str, form: str) -> bytes:
    import pygraphviz

    graph = pygraphviz.AGraph(string=dot)
    return bytes(graph.draw(format=form, prog="dot"))


def _digraph(rankdir: str = "LR") -> graphviz.Digraph:
    import graphviz

    return graphviz.Digraph(
        graph_attr={
            "rankdir": rankdir,
            "bgcolor": "transparent",
            "nodesep": "0.22",
            "ranksep": "0.42",
            "margin": "0.08",
        },
        node_attr={
            "shape": "box",
            "style": "rounded,filled",
            "penwidth": "0",
            "height": "0.42",
            "width": "0.5",
            "margin": "0.09,0.04",
            "fontname": "Helvetica",
            "fontsize": "13",
            "fontcolor": _INK,
        },
        edge_attr={"fontname": "Helvetica", "fontsize": "11", "arrowsize": "0.7"},
    )


def _write(dot: graphviz.Digraph, graph: nx.MultiDiGraph, kind: str) -> None:
    fills = {"input": INPUT, "inner": INNER, "output": OUTPUT}
    rows = dict(graph.nodes(data="row"))
    for node, data in graph.nodes(data=True):
        wide = {} if data["row"] is None else {"width": _ROW_NODE}
        dot.node(f"{kind}-{node}", data["label"], fillcolor=fills[data["role"]], id=f"node-{kind}-{node}", **wide)
    for row in sorted({row for row in rows.values() if row is not None}):
        with dot.subgraph() as subgraph:
            subgraph.attr(rank="same")
            for node in (node for node, other in rows.items() if other == row):
                subgraph.node(f"{kind}-{node}")
    for source, target, place, data in graph.edges(data=True, keys=True):
        ends = f"{kind}-{source}", f"{kind}-{target}"
        arrow: Arrow | None = data["arrow"]
        if arrow is None:
            dot.edge(*ends, color=_FAINT, penwidth="1", arrowsize="0.5")
            continue
        style = _style(arrow, data["label"]) | {"id": f"edge-{kind}-{source}-{target}" + f"-{place}" * (place > 0)}
        if rows[source] != rows[target]:
            dot.edge(*ends, weight="9", **style)  # straight down
        elif rows[source] is not None and rows[source] % 2 == 0:
            dot.edge(*ends[::-1], dir="back", **style)  # to the left
        else:
            dot.edge(*ends, **style)


def _style(arrow: Arrow, label: str) -> dict[str, str]:
    operation = get_operation(arrow.gene.operation)
    thin, thick = _WIDTHS
    width, height = _LABEL_SIZE
    words = " ".join(word for word in (label and f"{label}:", operation.short, arrow.note) if word)
    cell = f'FIXEDSIZE="TRUE" WIDTH="{max(width, _LETTER * len(words))}" HEIGHT="{height}"'
    text = escape(words)
    faint, colour = arrow.faint or operation.zero, arrow.colour or operation.colour
    return {
        "label": f'<<TABLE BORDER="0" CELLBORDER="0" CELLPADDING="0"><TR><TD {cell}>{text}</TD></TR></TABLE>>',
        "color": f"{colour}55" if faint else colour,
        "penwidth": f"{thin + (thick - thin) * min(max(arrow.width, 0.0), 1.0):.2f}",
        "style": "dashed" if faint else "solid",
        "class": "faint" if faint else "chosen",
        "tooltip": f"{arrow.gene.source} to {arrow.gene.target}: {operation.name}",
    }
