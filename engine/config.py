"""The question that a search answers: one frozen, validated configuration."""

from __future__ import annotations

import re
from contextlib import suppress
from types import MappingProxyType
from typing import Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    InstanceOf,
    ValidationError,
    ValidationInfo,
    field_serializer,
    field_validator,
    model_validator,
)

from engine.constraints import live_operations, parse_place
from engine.errors import shown, unknown
from engine.proxies import PROXIES
from engine.proxies.base import Mask
from engine.spaces import OwnSpace, SearchSpace, Size, space

RECIPES = MappingProxyType(
    {
        "synaptic": {"normalisation": "bypass", "alpha": "ones", "method": "iterative"},
        "released": {"normalisation": "batch", "alpha": "noise", "method": "one-shot"},
    }
)
"""What each recipe stands for; any other choice of the three parts is called `custom`."""

CUSTOM = "custom"
_DEVICE = re.compile(r"auto|cpu|mps|cuda(:\d{1,2})?")


class SearchConfig(BaseModel):
    """A search: space, seed, recipe (or its parts), size of the supernet, device.

    `space` is the name of a registered space, or one of one's own (`engine.spaces.load_space`, or its document).
    Give `recipe`, or any of `normalisation`, `alpha` and `method`, which override the recipe's part. `channels` and
    `cells` default to the size of the space's own supernet. `pinned` and `banned` name operations on edges (see
    `engine.constraints`). `max_params`, `max_macs` and `max_latency` (milliseconds, one image, this device) bound the
    derived network at its evaluation size. Invalid values raise `ValueError` (pydantic's `ValidationError`); `explain`
    makes one sentence of it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    space: str | InstanceOf[OwnSpace] = "nas-bench-201"
    seed: int = Field(0, ge=0, le=2**32 - 1, strict=True)
    proxy: str = "freeflow"
    normalisation: Literal["bypass", "batch"] = "bypass"
    alpha: Literal["ones", "noise"] = "ones"
    method: Literal["iterative", "one-shot"] = "iterative"
    per_round: int = Field(1, ge=1, le=64, strict=True)
    channels: int = Field(16, ge=4, le=64, multiple_of=2, strict=True)
    cells: int = Field(0, strict=True)
    image_size: int = Field(32, ge=8, le=64, multiple_of=4, strict=True)
    field: Literal["full", "interior"] = "full"
    device: str = "auto"
    dtype: Literal["float32", "float64"] = "float32"
    pinned: tuple[str, ...] = Field((), max_length=256)
    banned: tuple[str, ...] = Field((), max_length=256)
    max_params: int | None = Field(None, gt=0, le=10**12, strict=True)
    max_macs: int | None = Field(None, gt=0, le=10**15, strict=True)
    max_latency: float | None = Field(None, gt=0, le=1e7, allow_inf_nan=False, strict=True)

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, data: Any) -> Any:
        """Spell out the recipe, and the sizes that depend on the space."""
        if not isinstance(data, dict):
            return data
        data = {name: value for name, value in data.items() if value is not None}
        recipe = data.pop("recipe", CUSTOM)
        if recipe != CUSTOM:
            if not isinstance(recipe, str) or recipe not in RECIPES:
                raise unknown("recipe", recipe, RECIPES)
            data = {**RECIPES[recipe], **data}
        with suppress(ValueError):  # which is for the validator of the field
            described = space(data.get("space", cls.model_fields["space"].default))
            data = {**described.search_size._asdict(), **data}
        return data

    @field_validator("space", mode="before")
    @classmethod
    def _known_space(cls, value: Any) -> str | OwnSpace:
        if not isinstance(value, str | dict | SearchSpace):
            raise ValueError(f"space: a string or a document expected, {shown(value)} given")
        try:
            described = space(value)
        except ValueError as error:
            raise ValueError(f"space: {error}" if isinstance(value, dict) else str(error)) from None
        return described if isinstance(described, OwnSpace) else described.name

    @field_serializer("space")
    def _reference(self, value: str | OwnSpace) -> str | dict[str, Any]:
        return space(value).reference

    @field_validator("proxy")
    @classmethod
    def _known_proxy(cls, value: str) -> str:
        if value not in PROXIES:
            raise unknown("proxy", value, PROXIES)
        return value

    @field_validator("pinned", "banned")
    @classmethod
    def _places(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        """Each place once, as it is always written, in the order of the tables."""
        if "space" not in info.data:
            return value
        described = space(info.data["space"])
        places = {parse_place(text, described) for text in value}
        return tuple(place.text(described) for place in sorted(places, key=lambda place: place.place_in(described)))

    @field_validator("device")
    @classmethod
    def _device_name(cls, value: str) -> str:
        if not _DEVICE.fullmatch(value):
            raise ValueError(f"unknown device {shown(value)}; allowed: auto, cpu, cuda, cuda:N, mps")
        return value

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        low, high = self.described_space.cells_range
        if not low <= self.cells <= high:
            raise ValueError(f"cells: {self.cells} is out of range; {self.space} takes {low} to {high}")
        if self.field == "interior" and self.normalisation == "batch":
            raise ValueError("field 'interior' needs normalisation 'bypass': batch norm of a constant map is zero")
        if self.described_space.no_closed_form is not None and (self.field == "interior" or self.limits):
            asked = "a budget" if self.limits else "field 'interior'"
            raise ValueError(f"{asked} needs a closed form: {self.described_space.no_closed_form}")
        live_operations(self.described_space, self.pinned, self.banned)
        if self.limits and self.recipe != "synaptic":
            raise ValueError(f"a budget needs the recipe 'synaptic' (normalisation, α, method); '{self.recipe}' given")
        return self

    @property
    def described_space(self) -> SearchSpace:
        """The search space itself."""
        return space(self.space)

    @property
    def recipe(self) -> str:
        """The recipe that these parts make, or `custom`."""
        parts = {"normalisation": self.normalisation, "alpha": self.alpha, "method": self.method}
        return next((name for name, recipe in RECIPES.items() if recipe == parts), CUSTOM)

    @property
    def size(self) -> Size:
        """The size of the supernet."""
        return Size(self.channels, self.cells)

    @property
    def live(self) -> Mask:
        """The operations that pruning begins with, `(cell types, edges, operations)`."""
        return live_operations(self.described_space, self.pinned, self.banned)

    @property
    def limits(self) -> dict[str, float]:
        """The budget: upper bounds by the name of the measure, latency in milliseconds."""
        limits = {"params": self.max_params, "macs": self.max_macs, "latency": self.max_latency}
        return {name: limit for name, limit in limits.items() if limit is not None}

    def to_dict(self) -> dict[str, Any]:
        """The configuration as plain data, the recipe's name included."""
        return {"recipe": self.recipe, **self.model_dump(mode="json")}


def explain(error: ValueError) -> str:
    """One sentence for a `ValueError`: for a pydantic error, the first field that is wrong, its value and why."""
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors(include_url=False)[0]
    message = first["msg"].removeprefix("Value error, ")
    message = message[:1].lower() + message[1:]
    place = ".".join(str(part)[:60] for part in first["loc"])
    if not place or first["type"] == "value_error":
        return message
    return f"{place}: {message}, {shown(first['input'])} given"
