"""The memory of a session for the viewer."""

from __future__ import annotations

from dataclasses import dataclass

from engine.genotypes.genotype import Genotype


@dataclass
class ViewerState:
    """The memory of a session: the last valid genotype, what was wrong with a file, what was left out of the text."""

    genotype: Genotype | None = None
    complaint: str = ""
    notes: tuple[str, ...] = ()
