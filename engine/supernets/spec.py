"""The specification of a supernet: everything that its weights and its passes depend on."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, InstanceOf, model_validator

from engine.data.images import IMAGE_SIZE
from engine.spaces import SearchSpace, Size
from engine.spaces.fields import (
    Alpha,
    Cells,
    Channels,
    FeatureField,
    ImageSize,
    Normalisation,
    Seed,
    check_cells,
)


class SupernetSpec(BaseModel):
    """A supernet of `space`: size, seed, normalisation, α, field and the size of its image.

    Equal specifications mean equal weights. Invalid values raise `ValueError` (pydantic's `ValidationError`).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    space: InstanceOf[SearchSpace]
    channels: Channels
    cells: Cells
    seed: Seed = 0
    normalisation: Normalisation = "bypass"
    alpha: Alpha = "ones"
    field: FeatureField = "full"
    image_size: ImageSize = IMAGE_SIZE

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        check_cells(self.space, self.cells)
        if self.field == "interior":
            check_closed_form(self.space, self.normalisation)
        return self

    @property
    def size(self) -> Size:
        """Return the channels and cells."""
        return Size(self.channels, self.cells)

    @property
    def interior(self) -> bool:
        """Return True for the closed form, away from the image border."""
        return self.field == "interior"

    @property
    def normalised(self) -> bool:
        """Return True where batch norm is in training mode, False where it is bypassed."""
        return self.normalisation == "batch"


def check_closed_form(space: SearchSpace, normalisation: str) -> None:
    """Raise `ValueError` where there is no closed form: with batch norm, and in spaces with noise."""
    if normalisation == "batch":
        raise ValueError("field 'interior' needs normalisation 'bypass': batch norm of a constant map is zero")
    if space.no_closed_form is not None:
        raise ValueError(f"field 'interior' needs a closed form: {space.no_closed_form}")
