"""Pictures of cells, read back from the SVG that was written, and what is wrong with where things stand in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import combinations, pairwise
from xml.etree import ElementTree

import numpy as np

SVG = "{http://www.w3.org/2000/svg}"


@dataclass(frozen=True)
class DrawnRoute:
    """An edge: its ends, points along its line, the corners of its label."""

    ends: tuple[str, str]
    points: np.ndarray
    chip: tuple[float, float, float, float]


@dataclass(frozen=True)
class Picture:
    """The nodes and edges of a cell by their ids; boxes are left, top, right, bottom."""

    nodes: dict[str, tuple[float, float, float, float]]
    edges: dict[str, DrawnRoute]

    def problems(self) -> list[str]:
        """Whatever stands in the way of something else."""
        found = []
        for name, edge in self.edges.items():
            for node, box in self.nodes.items():
                if node not in edge.ends and distance(box, edge.points) < 4:
                    found.append(f"{name} passes {node}")
                if overlap(edge.chip, box):
                    found.append(f"the label of {name} covers {node}")
            if distance_to_middle(edge) > 0.5:
                found.append(f"the label of {name} is not on its line")
            found += [
                f"the label of {name} covers {other}"
                for other, line in self.edges.items()
                if other != name and distance(edge.chip, line.points) < 1
            ]
        for (name, one), (other, two) in combinations(self.edges.items(), 2):
            if overlap(one.chip, two.chip):
                found.append(f"the labels of {name} and {other} overlap")
        return found


def read_pictures(svg: str) -> dict[str, Picture]:
    """The cells of a picture by the name of their type."""
    cells = {}
    for group in ElementTree.fromstring(svg).findall(f"{SVG}g"):
        named = {element.get("id", ""): element for element in group}
        edges = {name: _route(element) for name, element in named.items() if name.startswith("edge-")}
        nodes = {name: _box(element.find(f"{SVG}rect")) for name, element in named.items() if name.startswith("node-")}
        kind = next(iter(nodes)).split("-")[1]
        cells[kind] = Picture(nodes, edges)
    return cells


def _route(edge: ElementTree.Element) -> DrawnRoute:
    kind, source, target = edge.get("id").split("-")[1:4]
    line, chip = edge.find(f"{SVG}path"), edge.find(f"{SVG}g/{SVG}rect")
    return DrawnRoute((f"node-{kind}-{source}", f"node-{kind}-{target}"), points_of(line.get("d")), _box(chip))


def _box(rect: ElementTree.Element) -> tuple[float, float, float, float]:
    x, y, width, height = (float(rect.get(name)) for name in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def places(svg: str) -> dict[str, tuple[str, ...]]:
    """Whatever says where a node or an edge is, as it is written, by the id."""
    groups = re.findall(r'<g class="(?:node|edge) [^"]*" id="([^"]*)">(.*?</g>)', svg, re.DOTALL)
    return {name: tuple(re.findall(r'(?: d| x| y| width| height)="[^"]*"', group)) for name, group in groups}


def points_of(path: str) -> np.ndarray:
    """Points along cubic Bézier curves, by repeated interpolation between their control points."""
    start, *pieces = re.split("[MC]", path)[1:]
    here, points = _numbers(start)[0], []
    t = np.linspace(0, 1, 101)[:, None]
    for piece in pieces:
        layer = [np.broadcast_to(point, (len(t), 2)) for point in (here, *_numbers(piece))]
        while len(layer) > 1:
            layer = [(1 - t) * one + t * other for one, other in pairwise(layer)]
        points.append(layer[0])
        here = _numbers(piece)[-1]
    return np.concatenate(points)


def _numbers(text: str) -> np.ndarray:
    return np.array([float(number) for number in text.split()]).reshape(-1, 2)


def distance(box: tuple[float, float, float, float], points: np.ndarray) -> float:
    """How near points come to a box, 0 within it."""
    low, high = np.array(box[:2]), np.array(box[2:])
    beyond = np.maximum(0, np.maximum(low - points, points - high))
    return float(np.hypot(*beyond.T).min())


def distance_to_middle(edge: DrawnRoute) -> float:
    """How far the middle of a label is from its line."""
    left, top, right, bottom = edge.chip
    middle = np.array([(left + right) / 2, (top + bottom) / 2])
    starts, ends = edge.points[:-1], edge.points[1:]
    along = ends - starts
    part = ((middle - starts) * along).sum(axis=1) / np.maximum((along**2).sum(axis=1), 1e-12)
    nearest = starts + np.clip(part, 0, 1)[:, None] * along
    return float(np.hypot(*(nearest - middle).T).min())


def overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    """Whether two boxes share more than a border."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
