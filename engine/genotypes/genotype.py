"""Genotypes: the frozen value that a search ends in, and the texts that it is read from and written to."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, Final

from engine.common.errors import quoted
from engine.common.jsontext import MAX_TEXT, RepeatedName, load_json
from engine.genotypes.genotype_document import SCHEMA, GenotypeDocument
from engine.genotypes.notations import FORMS
from engine.genotypes.notations.form import LONGEST_EXCERPT
from engine.genotypes.notations.front import Chosen, choose, holds_form, undress
from engine.spaces import SPACES, Edge, Gene, OwnSpace, SearchSpace, get_space

RESULT_SCHEMA: Final = "freenas/search-result@1"
UNDERIVABLE: Final = "No search answers with this architecture: an edge stands twice, or has 'none'."


@dataclass(frozen=True)
class Genotype:
    """One architecture of a search space: for each cell type its edges, each with the chosen operation.

    `genes` is a tuple of (cell type, genes) in the order of the space. Where nodes keep some of their edges, `none` may
    stand on one, and one may stand there several times, as networks can be built so. Construction checks everything and
    raises `ValueError` with the place of the error.
    """

    space: SearchSpace
    genes: tuple[tuple[str, tuple[Gene, ...]], ...]
    _repr_svg_: ClassVar[Callable[[Genotype], str]]
    """The picture that notebooks show; the package sets it, since exports come after genotypes."""

    def __post_init__(self) -> None:
        space = self.space
        kinds = tuple(kind for kind, _ in self.genes)
        if kinds != space.cell_types:
            raise ValueError(
                f"{space.title} has the cell types {', '.join(space.cell_types)}; found {quoted(list(kinds))}"
            )
        for kind, genes in self.genes:
            _check_cell(space, kind, genes)

    @classmethod
    def of(cls, space: str | SearchSpace, cells: Mapping[str, Sequence[Gene]]) -> Genotype:
        """Build and check the genotype of a space, or of the one with that name, from `cells` in any order."""
        space = get_space(space)
        order = [*space.cell_types, *(kind for kind in cells if kind not in space.cell_types)]
        return cls(space, tuple((kind, tuple(cells[kind])) for kind in order if kind in cells))

    @property
    def space_name(self) -> str:
        """Return the name of the search space."""
        return self.space.name

    @property
    def cells(self) -> Mapping[str, tuple[Gene, ...]]:
        """Return the genes of every cell type."""
        return MappingProxyType(dict(self.genes))

    @property
    def derivable(self) -> bool:
        """Return True where a search may answer with it: no edge stands twice, no `none` stands for a dropped one."""
        choices = self.space.genotype_choices
        return all(
            len({gene[:2] for gene in genes}) == len(genes)
            and all(gene.operation in choices[kind, Edge(*gene[:2])] for gene in genes)
            for kind, genes in self.genes
        )

    @property
    def notation(self) -> str:
        """Return the text that is usual in the space, such as the NAS-Bench-201 string or DARTS's `Genotype(...)`."""
        return self.space.notation(self.cells)

    def to_dict(self) -> dict[str, Any]:
        """Return the genotype as plain data, as in `assets/genotype.schema.json`."""
        return GenotypeDocument.of(self.space, self.genes).to_data()

    def to_json(self) -> str:
        """Return the genotype as JSON text."""
        return json.dumps(self.to_dict(), indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Genotype:
        """Read what `to_json` wrote, or a search result with a genotype in it; `ValueError` names the place."""
        data = load_json(text)
        if isinstance(data, dict) and data.get("schema") == RESULT_SCHEMA:
            return cls.from_dict(data.get("genotype"), "genotype")
        return cls.from_dict(data)

    @classmethod
    def from_dict(cls, data: object, place: str = "") -> Genotype:
        """Read what `to_dict` gave; `ValueError` names the place, below `place`."""
        document = GenotypeDocument.read(data, place)
        return cls.of(document.space, document.genes)


@dataclass(frozen=True)
class ReadGenotype:
    """A genotype that was read from a text, and sentences on what of the text was chosen or left out."""

    genotype: Genotype
    notes: tuple[str, ...] = ()


def parse_genotype(text: str, space: str | SearchSpace | None = None, name: str | None = None) -> Genotype:
    """Read a genotype in any notation: that of a space, our JSON, a search result, or a form of `notations.FORMS`.

    A form is what people have: a log (the last genotype counts), a file of genotypes (the one called `name`), tuples
    and dictionaries of other programs. Spaces share notations: without a `space` a notation is one of the space that it
    is named after, else of the first that it fits, while JSON names its own. Nothing in the text is evaluated.
    `ValueError` says in one sentence what is wrong and where, also where JSON is of another space than the one given.
    """
    return parse_with_notes(text, space, name).genotype


def parse_with_notes(text: str, space: str | SearchSpace | None = None, name: str | None = None) -> ReadGenotype:
    """Read a genotype as `parse_genotype` does, and say what was chosen or left out."""
    expected = None if space is None else get_space(space)
    stripped = _checked_text(text)
    refusal = ValueError("")
    if name is None:
        try:
            return _read_strictly(stripped, expected)
        except ValueError as error:
            refusal = error
        if stripped.startswith("{") and '"schema"' in stripped:
            raise refusal
        bare = undress(stripped)
        if bare != stripped:
            with suppress(ValueError):
                return _read_strictly(bare, expected)
        if expected is None and re.fullmatch("#?(0|[1-9][0-9]{0,4})", bare):
            index = f"nas-bench-201#{bare.removeprefix('#')}"
            raise ValueError(f"{bare} is a number alone; an index of NAS-Bench-201 is written {index}")
        if expected is not None and (match := re.fullmatch("#?(0|[1-9][0-9]{0,8})", bare)):
            stripped = f"nas-bench-201#{match[1]}"
    chosen = choose(stripped, None if expected is None else _notation_in_forms(expected), name)
    if chosen is None:
        if stripped.startswith("{") and not isinstance(refusal, RepeatedName):
            raise _unknown_dictionary(stripped)
        raise refusal
    return _read_form(chosen, expected)


def _unknown_dictionary(text: str) -> ValueError:
    """Return the error for a text in braces that is in no form."""
    forms = ", ".join(form.name for form in FORMS.values() if form.example.startswith("{"))
    return ValueError(
        f"{quoted(text, 40)} holds no genotype; what stands in braces is JSON with the schema '{SCHEMA}' or "
        f"'{RESULT_SCHEMA}', or one of the forms {forms}"
    )


def _checked_text(text: object) -> str:
    if not isinstance(text, str):
        raise ValueError(f"a genotype is text, {type(text).__name__} found")
    stripped = text.lstrip("\ufeff").strip()
    if not stripped:
        raise ValueError(f"empty text; a genotype begins with {notations()}")
    if len(stripped) > MAX_TEXT:
        raise ValueError(f"the text has {len(stripped):,} characters; at most {MAX_TEXT:,} are read")
    return stripped


def _read_strictly(text: str, expected: SearchSpace | None) -> ReadGenotype:
    """Read our JSON, or the strict notation of a space."""
    if text.startswith("{"):
        genotype = Genotype.from_json(text)
        if expected is not None and genotype.space != expected:
            raise ValueError(f"a genotype of {genotype.space.title} found, one of {expected.title} expected")
        return ReadGenotype(genotype)
    if expected is not None and (named := _named_after(text)) is not None:
        _check_notation(named, expected)
    spaces = _spaces_like(_space_of(text)) if expected is None else [expected]
    if len(text) > LONGEST_EXCERPT:
        raise ValueError(f"the text has {len(text):,} characters; a notation has at most {LONGEST_EXCERPT:,}")
    return _fitting(text, spaces)


def _notation_in_forms(space: SearchSpace) -> str:
    """Return the notation that forms of genotypes of a space become; none where cells of several types stand in it."""
    return "" if isinstance(space, OwnSpace) and len(space.cell_types) > 1 else space.notation_form


def _read_form(chosen: Chosen, expected: SearchSpace | None) -> ReadGenotype:
    """Read what was chosen in a text."""
    translation = chosen.translate()
    named = SPACES[translation.notation]
    if expected is not None:
        _check_notation(named, expected)
    read = _fitting(translation.text, _spaces_like(named) if expected is None else [expected])
    return ReadGenotype(read.genotype, (*translation.notes, *read.notes))


def _fitting(text: str, spaces: Sequence[SearchSpace]) -> ReadGenotype:
    """Read a strict notation in the first of these spaces that has such a genotype; the error is that of the first."""
    refusal = None
    for space in spaces:
        try:
            genotype = Genotype.of(space, space.parse(text))
        except ValueError as error:
            refusal = refusal or error
            continue
        return ReadGenotype(genotype, () if refusal is None else (_said_space(genotype, spaces[0]),))
    assert refusal is not None
    raise refusal


def _said_space(genotype: Genotype, first: SearchSpace) -> str:
    """Say why a genotype was not read as one of the `first` space with its notation."""
    names = (gene.operation for _, genes in genotype.genes for gene in genes)
    other = next((name for name in names if name not in first.operations), None)
    reason = f"since {first.title} has no {quoted(other)}" if other else f"since it is none of {first.title}"
    return f"read as a genotype of {genotype.space.title}, {reason}"


def notations() -> str:
    """Name, in words, the beginnings of genotypes in each notation."""
    return f"{', '.join(space.notation_hint for space in _named())}, or '{{' (JSON)"


def begins_as_genotype(text: str) -> bool:
    """Return True for a text that begins as a notation that names its space, or as JSON, or that holds a form."""
    bare = undress(text)
    return bare.startswith("{") or any(re.match(space.notation_start, bare) for space in _named()) or holds_form(bare)


def _named() -> list[SearchSpace]:
    """Return the spaces that notations are named after."""
    return [space for name, space in SPACES.items() if name == space.notation_form]


def _spaces_like(named: SearchSpace) -> list[SearchSpace]:
    """Return the spaces that share a notation, the one that it is named after first."""
    return [named, *(space for space in SPACES.values() if space.notation_form == named.name != space.name)]


def _space_of(notation: str) -> SearchSpace:
    """Return the space that a notation is named after."""
    if (space := _named_after(notation)) is not None:
        return space
    raise ValueError(f"{quoted(notation, 40)} is no known notation; one begins with {notations()}")


def _named_after(text: str) -> SearchSpace | None:
    """Return the space whose notation a text begins as, None where there is none."""
    return next((space for space in _named() if re.match(space.notation_start, text)), None)


def _check_notation(space: SearchSpace, expected: SearchSpace) -> None:
    """Raise `ValueError` for a genotype in the notation of a space that does not share it with the one expected."""
    if expected.notation_form not in (space.notation_form, OwnSpace.notation_form):
        raise ValueError(f"a genotype of {space.title} found, one of {expected.title} expected")


def _check_cell(space: SearchSpace, kind: str, genes: tuple[Gene, ...]) -> None:
    seen: set[Edge] = set()
    for index, gene in enumerate(genes):
        place, edge = f"{kind}, edge {index + 1}", Edge(*gene[:2])
        if edge not in space.edges:
            raise ValueError(f"{place}: no edge from node {quoted(edge.source)} to node {quoted(edge.target)}")
        allowed = space.candidate_names[kind, edge]
        if gene.operation not in allowed:
            raise ValueError(f"{place}: unknown operation {quoted(gene.operation)}; allowed: {', '.join(allowed)}")
        if edge in seen and space.multiplicity == 1:
            raise ValueError(f"{place}: the edge from node {edge.source} to node {edge.target} stands twice")
        seen.add(edge)
    for node in range(space.inputs, space.nodes):
        expected = space.kept_counts[node - space.inputs]
        count = sum(gene.target == node for gene in genes)
        if count != expected:
            raise ValueError(f"{kind}, node {node}: {count} incoming edges found, {expected} expected")
    if [gene.target for gene in genes] != sorted(gene.target for gene in genes):
        raise ValueError(f"{kind}: edges must be listed by the node they lead to")
    if space.kept_edges is None and [gene[:2] for gene in genes] != list(space.edges):
        raise ValueError(f"{kind}: edges must be listed by the nodes they lead to and come from")
