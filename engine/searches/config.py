"""The question that a search answers: one frozen, validated configuration."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self, get_args, get_origin

from pydantic import (
    BaseModel,
    ConfigDict,
    FailFast,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from engine.common.environment import check_device
from engine.common.errors import quoted, unknown_name
from engine.data.images import DATA, IMAGE_SIZE
from engine.proxies import PROXIES
from engine.proxies.freeflow import RECIPES
from engine.searches.constraints import live_operations, parse_edge_operation
from engine.spaces import SearchSpace, Size, get_space
from engine.spaces.fields import (
    Alpha,
    Cells,
    Channels,
    FeatureField,
    ImageSize,
    Normalisation,
    Seed,
    SpaceField,
    check_cells,
)
from engine.spaces.masks import Mask
from engine.supernets.spec import SupernetSpec, check_closed_form

CUSTOM = "custom"
"""The name of any choice of parts that no recipe stands for."""
OWN = "own:"
"""The beginning of the name of a user's own images; they are given to the search itself."""
_OWN_DATA = re.compile(OWN + r"[^\x00-\x1f\x7f]{0,200}")


EdgeOperationText = Annotated[str, Field(json_schema_extra={"pattern": "^([a-z]+:)?[0-9]+-[0-9]+:[a-z0-9_]+$"})]
"""An operation on an edge, such as `normal:0-2:sep_conv_3x3`."""
EdgeOperations = Annotated[tuple[EdgeOperationText, ...], FailFast()]


class SearchConfig(BaseModel):
    """A search: space, seed, recipe (or its parts), size of the supernet, constraints, device.

    Give `recipe`, or any of `normalisation`, `alpha` and `method`, which override the recipe's part; without a recipe
    they default to the first one of the proxy. `channels` and `cells` default to the size of the space's own supernet.
    Invalid values raise `ValueError` (pydantic's `ValidationError`); `explain` makes one sentence of it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    space: SpaceField = "nas-bench-201"
    seed: Seed = 0
    proxy: str = Field("freeflow", description="zero-cost proxy that scores the operations")
    normalisation: Normalisation = "bypass"
    alpha: Alpha = "ones"
    method: Literal["iterative", "one-shot"] = Field(
        "iterative", description="scored again after every round, or pruned at once to the best operation of every edge"
    )
    per_round: int = Field(1, ge=1, le=64, strict=True, description="operations to prune between two passes")
    channels: Channels = 16
    cells: Cells = 0
    image_size: ImageSize = IMAGE_SIZE
    field: FeatureField = "full"
    device: str = Field(
        "auto",
        json_schema_extra={"pattern": r"^(auto|cpu|mps|cuda(:\d{1,2})?)$"},
        description="auto (CUDA, then MPS, then the CPU), cpu, cuda, cuda:N or mps",
    )
    dtype: Literal["float32", "float64"] = Field("float32", description="floating-point type of the passes")
    pinned: EdgeOperations = Field((), max_length=256, description="operations that edges must have")
    banned: EdgeOperations = Field((), max_length=256, description="operations that edges must not have")
    max_params: int | None = Field(
        None, gt=0, le=10**12, strict=True, description="most parameters of the derived network, at its evaluation size"
    )
    max_macs: int | None = Field(
        None, gt=0, le=10**15, strict=True, description="most multiply-accumulates of one image, at the evaluation size"
    )
    max_latency: float | None = Field(
        None,
        gt=0,
        le=1e7,
        allow_inf_nan=False,
        strict=True,
        description="longest time of one image in milliseconds, on the device of the search, at the evaluation size",
    )
    data: str = Field(
        "gaussian",
        json_schema_extra={"pattern": f"^({'|'.join(DATA)}|{_OWN_DATA.pattern})$"},
        description="images of a proxy that looks at some: gaussian, smooth, digits, or own:NAME",
    )
    batch: int = Field(32, ge=2, le=256, strict=True, description="images in the batch of a proxy that looks at some")

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, data: Any) -> Any:
        """Spell out the recipe, what the proxy leaves no choice in, and the sizes that depend on the space."""
        if not isinstance(data, dict):
            return data
        data = {name: value for name, value in data.items() if value is not None}
        name = data.get("proxy")
        proxy = PROXIES.get(name if isinstance(name, str) else "", PROXIES["freeflow"])
        recipe = data.pop("recipe", CUSTOM)
        if recipe == CUSTOM:
            recipe = next(iter(proxy.recipes))
        elif not isinstance(recipe, str) or recipe not in proxy.recipes:
            raise ValueError(f"{unknown_name('recipe', recipe, proxy.recipes)} with proxy '{proxy.name}'")
        data = {**proxy.fixed, **proxy.recipes[recipe], **data}
        with suppress(ValueError):  # which is for the validator of the field
            space = get_space(data.get("space", cls.model_fields["space"].default))
            data = {**space.search_size._asdict(), **data}
        return data

    @field_validator("proxy")
    @classmethod
    def _known_proxy(cls, value: str) -> str:
        if value not in PROXIES:
            raise unknown_name("proxy", value, PROXIES)
        return value

    @field_validator("data")
    @classmethod
    def _known_data(cls, value: str) -> str:
        if value not in DATA and not _OWN_DATA.fullmatch(value):
            raise ValueError(f"unknown data {quoted(value)}; allowed: {', '.join(DATA)}, or images given to the search")
        return value

    @field_validator("pinned", "banned")
    @classmethod
    def _places(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        """Return each operation and edge once, as it is always written, in the order of the tables."""
        if "space" not in info.data:
            return value
        space = get_space(info.data["space"])
        places = {parse_edge_operation(text, space) for text in value}
        return tuple(place.text(space) for place in sorted(places, key=lambda place: place.index_in(space)))

    @field_validator("device")
    @classmethod
    def _device_name(cls, value: str) -> str:
        check_device(value)
        return value

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        space = self.search_space
        check_cells(space, self.cells)
        self._check_proxy()
        if self.proxy == "freeflow" and self.normalisation == "batch":
            space.check_normalised(self.size, self.image_size)
        if self.field == "interior":
            check_closed_form(space, self.normalisation)
        if self.limits and space.no_closed_form is not None:
            raise ValueError(f"a budget needs a closed form: {space.no_closed_form}")
        live_operations(space, self.pinned, self.banned)
        if self.limits and self.recipe != "synaptic":
            raise ValueError(f"a budget needs the recipe 'synaptic' (normalisation, α, method); '{self.recipe}' given")
        return self

    def _check_proxy(self) -> None:
        proxy = PROXIES[self.proxy]
        for name, needed in proxy.fixed.items():
            if not self._has({name: needed}):
                raise ValueError(f"proxy '{self.proxy}' needs {name} '{needed}'; '{getattr(self, name)}' given")
        if self.data != "gaussian" and not proxy.needs_data:
            raise ValueError(f"proxy '{self.proxy}' looks at no images; data {quoted(self.data)} given")
        if self.limits and self.proxy != "freeflow":
            raise ValueError(f"a budget is kept by flow and needs proxy 'freeflow'; '{self.proxy}' given")

    @property
    def search_space(self) -> SearchSpace:
        """Return the search space itself."""
        return get_space(self.space)

    @property
    def recipe(self) -> str:
        """Return the name of the recipe that these parts make, or `custom`."""
        recipes = PROXIES[self.proxy].recipes
        return next((name for name, parts in recipes.items() if self._has(parts)), CUSTOM)

    @property
    def size(self) -> Size:
        """Return the size of the supernet."""
        return Size(self.channels, self.cells)

    @property
    def supernet(self) -> SupernetSpec:
        """Return the supernet that is scored."""
        names = SupernetSpec.model_fields.keys() - {"space"}
        return SupernetSpec(space=self.search_space, **{name: getattr(self, name) for name in names})

    @property
    def live(self) -> Mask:
        """Return the mask of the operations that pruning begins with, `(cell types, edges, operations)`."""
        return live_operations(self.search_space, self.pinned, self.banned)

    @property
    def limits(self) -> dict[str, float]:
        """Return the budget: upper bounds by the name of the measure, latency in milliseconds."""
        limits = {"params": self.max_params, "macs": self.max_macs, "latency": self.max_latency}
        return {name: limit for name, limit in limits.items() if limit is not None}

    def _has(self, parts: Mapping[str, str]) -> bool:
        """Return True for the parts of a recipe; the precision that it begins with is none of them."""
        return all(getattr(self, name) == value for name, value in parts.items() if name != "dtype")

    def to_dict(self) -> dict[str, Any]:
        """Return the configuration as plain data, the recipe's name included."""
        return {"recipe": self.recipe, **self.model_dump(mode="json")}


@dataclass(frozen=True)
class FieldBounds:
    """The description, bounds and default of a field of `SearchConfig`.

    Numbers go from `low` to `high`, both included, in multiples of `step`; a time of `low` 0 is longer than that.
    `choices` are the texts of a closed list, empty for any other field. `cells` is bounded by its space instead.
    """

    name: str
    description: str
    low: float | None
    high: float | None
    step: float | None
    choices: tuple[str, ...]
    default: Any


def field_bounds(name: str) -> FieldBounds:
    """Return the description, bounds and default of the field `name`; `KeyError` if `SearchConfig` has none."""
    field = SearchConfig.model_fields[name]
    rules = {
        rule: getattr(item, rule)
        for item in field.metadata
        for rule in ("ge", "gt", "le", "multiple_of")
        if hasattr(item, rule)
    }
    if "gt" in rules:
        rules.setdefault("ge", rules["gt"] + (int in get_args(field.annotation)))
    choices = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
    return FieldBounds(
        name=name,
        description=field.description or "",
        low=rules.get("ge"),
        high=rules.get("le"),
        step=rules.get("multiple_of"),
        choices=tuple(PROXIES) if name == "proxy" else choices,
        default=field.default,
    )


def default_questions(space: str | dict[str, Any] | SearchSpace, **parts: Any) -> list[SearchConfig]:
    """Return the question of a space under every recipe of FreeFlow that it takes, with `parts` as given."""
    questions = []
    for recipe in RECIPES:
        with suppress(ValidationError):  # batch norm needs more than a pixel
            questions.append(SearchConfig.model_validate({"space": space, "recipe": recipe, **parts}))
    return questions
