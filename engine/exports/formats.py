"""The export formats of a genotype: JSON, pictures, the notation of its space, forms of others, PyTorch source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from engine.common.errors import unknown_name
from engine.exports.dot import genotype_dot, render_picture
from engine.exports.source import pytorch_source, training_source
from engine.exports.svg import genotype_svg
from engine.exports.tikz import genotype_tikz
from engine.exports.weights import exported_program, onnx_model
from engine.genotypes.genotype import Genotype
from engine.genotypes.notations import FORMS
from engine.spaces import SPACES, OwnSpace


@dataclass(frozen=True)
class Export:
    """A format: its summary, the suffix of its files, and the function that writes it, as text or as bytes.

    Where a file holds `weights`, that function takes the seed that they are drawn from as well; where it is `source`,
    the note for its first lines.
    """

    summary: str
    suffix: str
    write: Callable[..., str | bytes]
    weights: bool = False
    source: bool = False


def export(genotype: Genotype, to: str, seed: int | None = None, note: str = "") -> str | bytes:
    """Write `genotype` in the format `to`, one of `EXPORTS`: as text, or as bytes where the format is binary.

    `seed` is that of the weights, 0 where None; `note` is a sentence on what the network is worth, for source.
    `ValueError` for an unknown format, the notation or the form of another space, the seed of a format without weights,
    and a format whose packages are not installed.
    """
    if to not in EXPORTS:
        raise unknown_name("export format", to, EXPORTS)
    written = EXPORTS[to]
    if written.weights:
        return written.write(genotype, seed or 0)
    if seed is not None:
        weighted = ", ".join(name for name, other in EXPORTS.items() if other.weights)
        raise ValueError(f"seed: format '{to}' holds no weights; those with some are {weighted}")
    return written.write(genotype, note) if written.source else written.write(genotype)


def write_picture(to: str, genotype: Genotype) -> bytes:
    """Render the picture of all cells in a format of Graphviz."""
    return render_picture(genotype_dot(genotype), to)


def write_notation(form: str, genotype: Genotype) -> str:
    """Write the notation `form`; `ValueError` if genotypes of this space are written in another one."""
    space = genotype.space
    if space.notation_form != form:
        own = space.notation_form
        raise ValueError(f"a genotype of {space.title} has no {_NOTATIONS[form]} notation; export it to '{own}'")
    return genotype.notation + "\n"


def write_form(form: str, genotype: Genotype) -> str:
    """Write the form of another program; `ValueError` if genotypes of this space have none."""
    write = FORMS[form].write
    assert write is not None
    return write(genotype.space, genotype.cells) + "\n"


_NOTATIONS = {
    **{space.notation_form: space.title for name, space in SPACES.items() if name == space.notation_form},
    OwnSpace.notation_form: "cell by cell",
}

_RENDERED = ("png", "pdf", "eps")

EXPORTS: dict[str, Export] = {
    "json": Export("genotype as JSON", ".json", Genotype.to_json),
    "svg": Export("picture as SVG", ".svg", genotype_svg),
    **{form: Export(f"picture as {form.upper()}", f".{form}", partial(write_picture, form)) for form in _RENDERED},
    "tikz": Export("picture as TikZ, for LaTeX", ".tex", genotype_tikz),
    "dot": Export("picture as Graphviz DOT, with positions", ".dot", genotype_dot),
    **{form: Export(f"{title} notation", ".txt", partial(write_notation, form)) for form, title in _NOTATIONS.items()},
    **{
        name: Export(form.title.partition(";")[0], ".txt", partial(write_form, name))
        for name, form in FORMS.items()
        if form.write is not None
    },
    "pytorch": Export("PyTorch source of the network", ".py", pytorch_source, source=True),
    "train": Export("Python script that trains this source", ".py", training_source, source=True),
    "onnx": Export("ONNX model with fresh weights", ".onnx", onnx_model, weights=True),
    "torch-export": Export("program of torch.export with fresh weights", ".pt2", exported_program, weights=True),
}
