"""A plain reference for the supernet, which shares no code with `engine`.

Both networks are written out by hand after the published code of NAS-Bench-201 and DARTS, one operation at a time, with
`torch.nn.functional` and autograd; nothing is stacked, merged, rescaled or described. What it has in common with the
engine is a contract: kernels are U(0, 1 / sqrt(fan in)), drawn in float32 from one generator in the order stem, cells
(inputs, then edge by edge, operation by operation), classifier; noise of α comes from a generator of its own, and so do
the maps of the operation `noise`, from numpy's, edge by edge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

Module = Callable[[Tensor], Tensor]
Place = tuple[int, int, int]

EDGES = {
    "nas-bench-201": [(0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3)],
    "darts": [
        *[(0, 2), (1, 2)],
        *[(0, 3), (1, 3), (2, 3)],
        *[(0, 4), (1, 4), (2, 4), (3, 4)],
        *[(0, 5), (1, 5), (2, 5), (3, 5), (4, 5)],
    ],
}
OPERATIONS = {
    "nas-bench-201": ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"],
    "darts": [
        *["none", "max_pool_3x3", "avg_pool_3x3", "skip_connect"],
        *["sep_conv_3x3", "sep_conv_5x5", "dil_conv_3x3", "dil_conv_5x5"],
    ],
    "robust-darts-s1": [
        *["max_pool_3x3", "avg_pool_3x3", "skip_connect"],
        *["sep_conv_3x3", "dil_conv_3x3", "dil_conv_5x5"],
    ],
    "robust-darts-s2": ["skip_connect", "sep_conv_3x3"],
    "robust-darts-s3": ["none", "skip_connect", "sep_conv_3x3"],
    "robust-darts-s4": ["noise", "sep_conv_3x3"],
    "nas-bench-macro": ["identity", "mb3_k3", "mb6_k5"],
    "mobilenet": ["skip_connect", *(f"mbconv{ratio}_{k}x{k}" for k in (3, 5, 7) for ratio in (3, 6))],
}
PARENTS = {
    "nas-bench-1shot1-1": (1, 2, 2, 2, 2),
    "nas-bench-1shot1-2": (1, 1, 2, 2, 3),
    "nas-bench-1shot1-3": (1, 1, 1, 2, 2, 2),
}
"""How many parents every block has, and the output."""
for _name in PARENTS:
    OPERATIONS[_name] = ["skip_connect", "conv1x1_bn_relu", "conv3x3_bn_relu", "max_pool_3x3"]
PUBLISHED = tuple(OPERATIONS)
"""The spaces that are written down here, those of papers; a space beside them has its contract."""
LAYERS = {"nas-bench-macro": 8, "mobilenet": 21}
"""How many layers there are, where every one is an edge."""
WIDENED = [0, 4, 8, 12, 16, 20]
"""The layers of `mobilenet` that change width or size."""
S1 = {
    "normal": "skip,dil3 skip,dil5 skip,dil5 skip,sep3 skip,dil3 max,skip skip,sep3 skip,sep3 skip,dil3 skip,sep3 "
    "max,skip skip,dil3 dil3,dil5 dil3,dil5",
    "reduce": "max,avg max,dil3 max,avg max,avg skip,dil5 max,avg max,sep3 skip,dil3 skip,dil5 max,avg max,avg "
    "skip,dil5 skip,dil5 skip,dil5",
}
SHORT = {
    "skip": "skip_connect",
    "max": "max_pool_3x3",
    "avg": "avg_pool_3x3",
    "sep3": "sep_conv_3x3",
    "dil3": "dil_conv_3x3",
    "dil5": "dil_conv_5x5",
}


def operations_on(space: str, kind: int) -> list[list[str]]:
    """The operations on every edge of a cell type."""
    if space == "robust-darts-s1":
        edges = [*S1.values()][kind].split()
        return [[SHORT[name] for name in names.split(",")] for names in edges]
    if space in PARENTS:
        input_only, between = [OPERATIONS[space][1]], [OPERATIONS[space][0]]
        chosen = {0: input_only, **{2 * block: between for block in range(1, 7)}}
        return [chosen.get(source, OPERATIONS[space][1:]) for source, _ in edges_of(space)]
    everywhere = [OPERATIONS[space]] * len(edges_of(space))
    if space == "mobilenet":
        return [names[1:] if layer in WIDENED else names for layer, names in enumerate(everywhere)]
    return everywhere


def edges_of(space: str) -> list[tuple[int, int]]:
    """The edges of a cell of a space."""
    if space in PARENTS:
        blocks = len(PARENTS[space])
        into = [[(2 * parent, 2 * block - 1) for parent in range(block)] for block in range(1, blocks + 1)]
        inside = [[(2 * block - 1, 2 * block)] for block in range(1, blocks)] + [[]]
        return [edge for pair in zip(into, inside, strict=True) for edges in pair for edge in edges]
    if space in LAYERS:
        return [(layer, layer + 1) for layer in range(LAYERS[space])]
    return EDGES["nas-bench-201" if space == "nas-bench-201" else "darts"]


@dataclass
class Cell:
    """Modules of a cell: one before each input node, one for every `(edge, operation)` but `none`.

    A `layer` has no edge but its own, from what enters it to what it gives.
    """

    kind: int
    channels: int
    stride: int
    inputs: list[Module]
    candidates: dict[tuple[int, int], Module] = field(default_factory=dict)
    layer: int | None = None


def _identity(x: Tensor) -> Tensor:
    return x


class Layers:
    """Layers that draw their own weights: with batch norm or none, padded with zeros or around the border."""

    def __init__(self, seed: int, dtype: torch.dtype, norm: bool, wrap: bool) -> None:
        self.generator = torch.Generator().manual_seed(seed)
        self.noise_generator = np.random.default_rng([seed, 1])
        self.dtype, self.has_norm, self.wrap = dtype, norm, wrap
        self.normed_channels: list[int] = []
        self.drawn: list[int] = []

    def kernel(self, c_out: int, c_in: int, size: int) -> Tensor:
        weight = torch.rand((c_out, c_in, size, size), generator=self.generator) / (c_in * size * size) ** 0.5
        return weight.to(self.dtype)

    def padded(self, x: Tensor, padding: int) -> Tensor:
        if not self.wrap:
            return F.pad(x, (padding,) * 4)
        rows, columns = (torch.arange(-padding, n + padding) % n for n in x.shape[2:])
        return x[:, :, rows][:, :, :, columns]

    def conv(
        self, c_in: int, c_out: int, size: int, stride: int = 1, dilation: int = 1, depthwise: bool = False
    ) -> Module:
        groups = c_in if depthwise else 1
        weight = self.kernel(c_out, c_in // groups, size)
        padding = dilation * (size - 1) // 2

        def apply(x: Tensor) -> Tensor:
            self.drawn.append(weight.numel())
            return F.conv2d(self.padded(x, padding), weight, stride=stride, dilation=dilation, groups=groups)

        return apply

    def norm(self, x: Tensor) -> Tensor:
        self.normed_channels.append(x.shape[1])
        return F.batch_norm(x, None, None, training=True) if self.has_norm else x

    def pool(self, kind: str, size: int, stride: int) -> Module:
        padding = (size - 1) // 2
        function = F.max_pool2d if kind == "max" else F.avg_pool2d
        if self.wrap:
            return lambda x: function(self.padded(x, padding), size, stride)
        if kind == "max":
            return lambda x: F.max_pool2d(x, size, stride, padding)
        return lambda x: F.avg_pool2d(x, size, stride, padding, count_include_pad=False)

    def relu_conv_norm(self, c_in: int, c_out: int, size: int, stride: int = 1) -> Module:
        conv = self.conv(c_in, c_out, size, stride)
        return lambda x: self.norm(conv(F.relu(x)))

    def depthwise_conv_norm(self, channels: int, size: int, stride: int, dilation: int = 1) -> Module:
        depthwise = self.conv(channels, channels, size, stride, dilation, depthwise=True)
        pointwise = self.conv(channels, channels, 1)
        return lambda x: self.norm(pointwise(depthwise(F.relu(x))))

    def factorized_reduce(self, c_in: int, c_out: int) -> Module:
        first, second = self.conv(c_in, c_out // 2, 1, 2), self.conv(c_in, c_out // 2, 1, 2)

        def apply(x: Tensor) -> Tensor:
            x = F.relu(x)
            return self.norm(torch.cat([first(x), second(x[:, :, 1:, 1:])], 1))

        return apply

    def residual_block(self, c_in: int, c_out: int) -> Module:
        first, second = self.relu_conv_norm(c_in, c_out, 3, 2), self.relu_conv_norm(c_out, c_out, 3)
        projection = self.conv(c_in, c_out, 1)
        return lambda x: second(first(x)) + projection(F.avg_pool2d(x, 2, 2))

    def noise(self, channels: int, size: int) -> Module:
        numbers = self.noise_generator.standard_normal((channels, size, size), np.float32)
        noise = torch.from_numpy(numbers).to(self.dtype)[None]
        return lambda x: noise

    def inverted(self, c_in: int, c_out: int, size: int, ratio: int, stride: int, relu: Module) -> Module:
        """The block of MobileNetV2."""
        wide = self.conv(c_in, ratio * c_in, 1)
        depthwise = self.conv(ratio * c_in, ratio * c_in, size, stride, depthwise=True)
        narrow = self.conv(ratio * c_in, c_out, 1)

        def apply(x: Tensor) -> Tensor:
            result = self.norm(narrow(relu(self.norm(depthwise(relu(self.norm(wide(x))))))))
            return result + x if stride == 1 and c_in == c_out else result

        return apply

    def relu6(self, x: Tensor) -> Tensor:
        """Without normalisation, features have no unit in which 6 would be a bound."""
        return F.relu6(x) if self.has_norm else F.relu(x)

    def projection(self, c_in: int, c_out: int, stride: int) -> Module:
        """What stands for the identity in NAS-Bench-Macro."""
        if stride == 1 and c_in == c_out:
            return _identity
        conv = self.conv(c_in, c_out, 1, stride)
        return lambda x: self.norm(conv(x))

    def candidate(self, name: str, channels: int, stride: int, normed_pooling: bool, wide: int = 0) -> Module:
        """The operation called `name`, as on the edges of all spaces, to `wide` channels where they change."""
        if name.endswith("bn_relu"):
            conv = self.conv(channels, wide or channels, int(name[4]), stride)
            return lambda x: F.relu(self.norm(conv(x)))
        if name == "identity":
            return self.projection(channels, wide or channels, stride)
        if name.startswith("mb"):
            relu = self.relu6 if "conv" in name else F.relu
            ratio = int(name.removeprefix("mbconv").removeprefix("mb")[0])
            return self.inverted(channels, wide or channels, int(name[-1]), ratio, stride, relu)
        if name == "skip_connect":
            return self.factorized_reduce(channels, channels) if stride == 2 else _identity
        if "pool" in name:
            pool = self.pool(name[:3], 3, stride)
            return (lambda x: self.norm(pool(x))) if normed_pooling else pool
        size = int(name[-1])
        if name.startswith("nor_conv"):
            return self.relu_conv_norm(channels, channels, size, stride)
        if name.startswith("dil_conv"):
            return self.depthwise_conv_norm(channels, size, stride, dilation=2)
        first = self.depthwise_conv_norm(channels, size, stride)
        second = self.depthwise_conv_norm(channels, size, 1)
        return lambda x: second(first(x))


class Reference:
    """A supernet: `flow(alpha)` is the sum of the logits on an image of ones, a scalar that autograd follows.

    `wrap` pads around the border, so that a constant image has none. `relu_head` puts a ReLU before the global pooling
    of DARTS. `derived` leaves out the norm behind poolings, as networks of a genotype do.
    """

    def __init__(
        self,
        space: str,
        *,
        seed: int = 0,
        channels: int = 4,
        cells: int = 3,
        image_size: int = 8,
        normalisation: str = "bypass",
        alpha: str = "ones",
        dtype: torch.dtype = torch.float64,
        wrap: bool = False,
        relu_head: bool = False,
        derived: bool = False,
    ) -> None:
        self.image_size, self.dtype, self.derived = image_size, dtype, derived
        self.layers = Layers(seed, dtype, normalisation == "batch", wrap)
        self.cells: list[Cell] = []
        self._describe(space)
        self._build(channels, cells, relu_head)
        weight = torch.rand((10, self.width, 1, 1), generator=self.layers.generator) / self.width**0.5
        self.classifier = weight.sum((0, 2, 3)).to(dtype)  # of every channel, in the sum of the ten logits
        self.shape = (len(self.listed), len(self.edges), len(self.operations))
        self.alpha = torch.ones(self.shape, dtype=dtype)
        if alpha == "noise":
            noise = np.random.default_rng([seed, 2]).standard_normal(self.shape, np.float32)
            self.alpha = (1e-3 * torch.from_numpy(noise).abs()).to(dtype)

    def _describe(self, space: str) -> None:
        builds = {
            "nas-bench-201": self._build_nas_bench_201,
            "nas-bench-macro": self._build_macro,
            "mobilenet": self._build_mobilenet,
            **dict.fromkeys(PARENTS, self._build_1shot1),
        }
        self._build = builds.get(space, self._build_darts)
        self.edges, self.operations, self.normed_pooling = edges_of(space), OPERATIONS[space], space not in builds
        self.listed = [operations_on(space, kind) for kind in range(1 if space in builds else 2)]

    def _build_macro(self, channels: int, cells: int, relu_head: bool) -> None:
        stem, width = self.layers.conv(3, channels, 3), channels
        self.stem = lambda x: F.relu(self.layers.norm(stem(x)))
        for layer in range(8):
            first = layer in (0, 2, 5)
            self._add_layer(width, 2 * width if first else width, 2 if first else 1, _identity)
            width *= 2 if first else 1
        self._end(width, 40 * channels, F.relu)

    def _build_1shot1(self, channels: int, cells: int, relu_head: bool) -> None:
        stem, width = self.layers.conv(3, channels, 3), channels
        self.stem = lambda x: F.relu(self.layers.norm(stem(x)))
        for index in range(3 * cells):
            down = index in (cells, 2 * cells)
            before = self.layers.pool("max", 2, 2) if down else _identity
            cell = Cell(0, 2 * width if down else width, 1, [before])
            for edge, (source, _) in enumerate(self.edges):
                for place, name in enumerate(self.operations):
                    if name in self.listed[0][edge]:
                        c_in = cell.channels if source else width
                        module = self.layers.candidate(name, c_in, 1, False, cell.channels)
                        cell.candidates[edge, place] = module
            self.cells.append(cell)
            width = cell.channels
        self.head: Module = _identity
        self.width, self.inputs, self.outputs = width, 1, (max(target for _, target in self.edges),)

    def _build_mobilenet(self, channels: int, cells: int, relu_head: bool) -> None:
        def scaled(width: int) -> int:
            return max(2, 2 * round(width * channels / 40 / 2))

        stem, width = self.layers.conv(3, channels, 3, 2), scaled(24)
        self.stem = lambda x: self.layers.relu6(self.layers.norm(stem(x)))
        fixed = self.layers.conv(channels, channels, 3, depthwise=True), self.layers.conv(channels, width, 1)
        norm, relu6 = self.layers.norm, self.layers.relu6
        entry: Module = lambda x: norm(fixed[1](relu6(norm(fixed[0](x)))))  # noqa: E731
        for layer in range(21):
            wide = scaled((32, 56, 112, 128, 256, 432)[layer // 4])
            self._add_layer(width, wide, 2 if layer in (0, 4, 8, 16) else 1, entry)
            width, entry = wide, _identity
        self._end(width, scaled(1728), relu6)

    def _add_layer(self, c_in: int, c_out: int, stride: int, before: Module) -> None:
        cell = Cell(0, c_out, stride, [before], layer=len(self.cells))
        for index, name in enumerate(self.operations):
            if name in self.listed[0][len(self.cells)]:
                cell.candidates[len(self.cells), index] = self.layers.candidate(name, c_in, stride, False, c_out)
        self.cells.append(cell)

    def _end(self, width: int, features: int, relu: Module) -> None:
        conv = self.layers.conv(width, features, 1)
        self.head = lambda x: relu(self.layers.norm(conv(x)))
        self.width, self.inputs, self.outputs = features, 1, (len(self.cells),)

    def _build_nas_bench_201(self, channels: int, cells: int, relu_head: bool) -> None:
        stem = self.layers.conv(3, channels, 3)
        self.stem = lambda x: self.layers.norm(stem(x))
        for index in range(3 * cells):
            if index and index % cells == 0:
                before = self.layers.residual_block(channels, 2 * channels)
                channels *= 2
            else:
                before = _identity
            self._add_cell(Cell(0, channels, 1, [before]))
        self.head: Module = lambda x: F.relu(self.layers.norm(x))
        self.width, self.inputs, self.outputs = channels, 1, (3,)

    def _build_darts(self, channels: int, cells: int, relu_head: bool) -> None:
        stem = self.layers.conv(3, 3 * channels, 3)
        self.stem = lambda x: self.layers.norm(stem(x))
        self.size = self.image_size
        before, previous, reduced = 3 * channels, 3 * channels, False
        for index in range(cells):
            reduces = index in (cells // 3, 2 * cells // 3)
            if reduces:
                channels *= 2
                self.size //= 2
            if reduced:
                first = self.layers.factorized_reduce(before, channels)
            else:
                first = self.layers.relu_conv_norm(before, channels, 1)
            second = self.layers.relu_conv_norm(previous, channels, 1)
            self._add_cell(Cell(int(reduces), channels, 2 if reduces else 1, [first, second]))
            before, previous, reduced = previous, 4 * channels, reduces
        self.head = F.relu if relu_head else _identity
        self.width, self.inputs, self.outputs = previous, 2, (2, 3, 4, 5)

    def _add_cell(self, cell: Cell) -> None:
        normed_pooling = self.normed_pooling and not self.derived
        for edge, (source, _) in enumerate(self.edges):
            stride = cell.stride if source < len(cell.inputs) else 1
            there = self.listed[cell.kind][edge]
            for index, name in enumerate(self.operations):
                if name in there and name == "noise":
                    cell.candidates[edge, index] = self.layers.noise(cell.channels, self.size)
                elif name in there and name != "none":
                    module = self.layers.candidate(name, cell.channels, stride, normed_pooling)
                    cell.candidates[edge, index] = module
        self.cells.append(cell)

    @property
    def whole(self) -> np.ndarray:
        """The mask of all operations that stand on an edge."""
        return np.array([[[name in there for name in self.operations] for there in edges] for edges in self.listed])

    @property
    def image(self) -> Tensor:
        return torch.ones((1, 3, self.image_size, self.image_size), dtype=self.dtype)

    def flow(self, alpha: Tensor, live: np.ndarray | None = None) -> Tensor:
        """The sum of the logits with the α of `(cell types, edges, operations)`; what is not `live` is left out."""
        stem = self.stem(self.image)
        states = [stem] * self.inputs
        for cell in self.cells:
            states = [*states[1:], self._run(cell, states, alpha, live)]
        return (self.head(states[-1]).mean((2, 3))[0] * self.classifier).sum()

    def _run(self, cell: Cell, states: Sequence[Tensor], alpha: Tensor, live: np.ndarray | None) -> Tensor:
        nodes = [module(state) for module, state in zip(cell.inputs, states, strict=True)]
        size = -(-nodes[-1].shape[2] // cell.stride)
        if cell.layer is not None:
            total = torch.zeros((len(nodes[0]), cell.channels, size, size), dtype=self.dtype)
            for (edge, index), module in cell.candidates.items():
                if live is None or live[0, edge, index]:
                    total = total + alpha[0, edge, index] * module(nodes[0])
            return total
        for target in range(self.inputs, max(self.outputs) + 1):
            total = torch.zeros((1, cell.channels, size, size), dtype=self.dtype)
            for (edge, index), module in cell.candidates.items():
                source, into = self.edges[edge]
                if into == target and (live is None or live[cell.kind, edge, index]):
                    total = total + alpha[cell.kind, edge, index] * module(nodes[source])
            nodes.append(total)
        return torch.cat([nodes[node] for node in self.outputs], 1)

    def double(self, other: Reference, doubled: np.ndarray) -> None:
        """Let every `doubled` operation stand twice on its edge, the second with the weights of the `other`."""
        other.layers.drawn, other.layers.normed_channels = self.layers.drawn, self.layers.normed_channels
        for cell, second in zip(self.cells, other.cells, strict=True):
            for place, module in cell.candidates.items():
                if doubled[cell.kind, *place]:
                    cell.candidates[place] = lambda x, one=module, two=second.candidates[place]: one(x) + two(x)

    def saliencies(self, live: np.ndarray | None = None) -> tuple[np.ndarray, float]:
        """α · ∂R/∂α of every operation, and R."""
        alpha = self.alpha.clone()
        if live is not None:
            alpha = alpha * torch.as_tensor(live)
        alpha.requires_grad_()
        flow = self.flow(alpha, live)
        (gradient,) = torch.autograd.grad(flow, alpha)
        return (alpha * gradient).detach().double().numpy(), float(flow.detach())

    def shares(self, live: np.ndarray | None = None) -> np.ndarray:
        """|α · ∂R/∂α / R| of every operation."""
        saliencies, flow = self.saliencies(live)
        return np.abs(saliencies / flow)

    def cost(self, live: np.ndarray, classes: int = 10) -> tuple[int, int]:
        """Parameters (norms affine) and multiply-accumulates of the network of the `live` operations, by running it."""
        self.layers.drawn.clear()
        self.layers.normed_channels.clear()
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            self.flow(self.alpha, live)
        params = sum(self.layers.drawn) + 2 * sum(self.layers.normed_channels)
        convolutions = sum(counter.get_flop_counts()["Global"].values()) // 2
        return params + (self.width + 1) * classes, convolutions + self.width * classes


class DocumentReference(Reference):
    """A supernet of the space that a document describes, read here anew."""

    def _describe(self, space: Mapping[str, Any]) -> None:
        self.document, self.kinds = space, list(space["cells"])
        first = space["cells"][self.kinds[0]]["edges"]
        self.edges = sorted(((edge["from"], edge["to"]) for edge in first), key=lambda ends: ends[::-1])
        self.operations, self.normed_pooling = space["operations"], space.get("normalised_pooling", False)
        cells = [{(edge["from"], edge["to"]): edge for edge in cell["edges"]} for cell in space["cells"].values()]
        self.listed = [[cell[ends].get("operations", self.operations) for ends in self.edges] for cell in cells]
        self._build = self._build_stages

    def _build_stages(self, channels: int, cells: int, relu_head: bool) -> None:
        network, self.size = self.document["network"], self.image_size
        self.inputs = len(self.document["inputs"])
        self.outputs = tuple(self.document.get("output", [self.document["nodes"] - 1]))
        stem = self.layers.conv(3, network.get("stem_width", 1) * channels, 3)
        self.stem = lambda x: self.layers.norm(stem(x))
        states = [(network.get("stem_width", 1) * channels, self.image_size)] * self.inputs
        for stage in network["stages"]:
            channels *= stage.get("width", 1)
            for index in range(stage.get("cells", cells)):
                stride = 1 if index else stage.get("stride", 1)
                inputs = [self._entry(width, channels, size // states[-1][1], stride) for width, size in states]
                self.size = states[-1][1] // stride
                inside = 1 if network["entry"] == "residual" else stride
                self._add_cell(Cell(self.kinds.index(stage["cell"]), channels, inside, inputs))
                states = [*states[1:], (len(self.outputs) * channels, self.size)]
        bare = network["entry"] == "preprocessed"
        self.head = _identity if bare else lambda x: F.relu(self.layers.norm(x))
        self.width = states[-1][0]

    def _entry(self, width: int, channels: int, larger: int, stride: int) -> Module:
        """What stands before an input node whose features are so many times `larger` than the others."""
        entry = self.document["network"]["entry"]
        if entry == "preprocessed":
            shrink = self.layers.factorized_reduce if larger > 1 else lambda a, b: self.layers.relu_conv_norm(a, b, 1)
            return shrink(width, channels)
        return self.layers.residual_block(width, channels) if entry == "residual" and stride > 1 else _identity


def prune(reference: Reference, equal: float, per_round: int = 1) -> tuple[list[Place], np.ndarray, np.ndarray]:
    """Iterative pruning, one pass for every `per_round` removals: the removals, the last mask, the last shares.

    The lowest share goes first; of shares within `equal` of the lowest, relatively, the first in the order of places.
    Operations that score exactly 0 do not count as one of the `per_round`.
    """
    live = reference.whole
    removals: list[Place] = []
    while live.sum() > live.shape[0] * live.shape[1]:
        shares = reference.shares(live)
        counted = 0
        while counted < per_round and (order := list(_removable(live))):
            lowest = min(shares[place] for place in order)
            place = next(place for place in order if shares[place] <= lowest * (1 + equal))
            counted += bool(shares[place] > 0)
            live[place] = False
            removals.append(place)
    return removals, live, reference.shares(live)


def _removable(live: np.ndarray) -> Iterator[Place]:
    for kind, edge, index in np.ndindex(*live.shape):
        if live[kind, edge, index] and sum(live[kind, edge]) > 1:
            yield kind, edge, index


def derived_genes(space: str, live: np.ndarray, shares: np.ndarray) -> list[list[tuple[int, int, str]]]:
    """(source, target, operation) of every cell type: all edges, or in DARTS the best two into every node."""
    cells = []
    for kind in range(len(live)):
        edges = edges_of(space)
        chosen = {edge: int(np.flatnonzero(live[kind, edge])[0]) for edge in range(len(edges))}
        kept = set(chosen)
        if "darts" in space:
            kept = set()
            for node in range(2, 6):
                into = [edge for edge in chosen if edges[edge][1] == node]
                into.sort(key=lambda edge: shares[kind, edge, chosen[edge]], reverse=True)  # stable
                kept.update(into[:2])
        cells.append([(*edges[edge], OPERATIONS[space][chosen[edge]]) for edge in sorted(kept)])
    return cells


def matrix(module: Module, channels: int, size: int) -> Tensor:
    """A linear map of `(channels, size, size)` as a dense matrix, column by column from the unit vectors."""
    width = channels * size * size
    units = torch.eye(width, dtype=torch.float64).view(width, channels, size, size)
    with torch.no_grad():
        return module(units).flatten(1).T.contiguous()
