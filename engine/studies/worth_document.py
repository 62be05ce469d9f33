"""The document of our own figures: how well scores rank the architectures of tables, and what searches find there.

The tables do not ship; the figures are measured by `bench/worth.py`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field, TypeAdapter

from engine.common.documents import DocumentPart, read_as
from engine.searches.config import SearchConfig
from engine.spaces import SearchSpace
from engine.spaces.fields import as_space_field
from engine.studies.statistics import Interval

SCHEMA: Final = "freenas/worth@1"
TRAININGS = (1, 10, 100)
"""The numbers of random trainings whose expected best stands beside the figures of a table."""

_Images = Annotated[
    Literal["gaussian", "digits"] | None,
    Field(
        description="Images of a score that looks at some, with random labels where they are noise; null for others."
    ),
]
_Date = Annotated[str, Field(json_schema_extra={"format": "date"}, description="When it was measured.")]
_Count = Annotated[int, Field(json_schema_extra={"minimum": 0})]


class Correlation(DocumentPart):
    """Spearman's rank correlation with accuracy, and the ends of its bootstrap interval of 95 %."""

    value: float
    low: float
    high: float

    @property
    def interval(self) -> Interval:
        """Return the correlation as a statistic."""
        return Interval(self.value, self.low, self.high)


class Benchmark(DocumentPart):
    """The table of accuracies in per cent that figures rest on."""

    title: str = Field(description="Name of the table, for people.")
    source: str = Field(description="Who measured or predicted the accuracies.")
    dataset: str
    split: Literal["train", "validation", "test"]
    epochs: int | None = Field(description="Epochs of training; null where the table does not say.")
    surrogate: bool = Field(description="A model predicted the accuracies.")
    architectures: _Count
    best: float
    random: list[float] = Field(description=f"Expected best of {TRAININGS} random architectures.")

    @property
    def description(self) -> str:
        """Return the meaning of the accuracies in a few words, the name of the model where one predicted them."""
        if self.surrogate:
            return self.title
        return f"{self.dataset} {self.split}, {'epochs not stated' if self.epochs is None else f'{self.epochs} epochs'}"


class Ranking(DocumentPart):
    """The order in which a measure puts architectures of a table, beside that by their parameters."""

    measure: str = Field(description="Name of the measure of whole architectures.")
    data: _Images
    seed: _Count
    architectures: _Count = Field(description="Size of the sample.")
    spearman: Correlation
    params: Correlation = Field(description="The same of the parameter count, on the same architectures.")
    date: _Date


class Finding(DocumentPart):
    """The accuracies in a table of the cells that a recipe finds under the seeds from 0 on."""

    proxy: str
    recipe: str
    data: _Images
    max_params: int | None = Field(description="The limit of parameters of the search; null where there was none.")
    seeds: _Count
    rounding: _Count = Field(description="Searches of them whose scores are rounding error.")
    mean: float
    sd: float
    least: float
    largest: float
    rank: float = Field(description="Median rank of the cells in the table, from 1.")
    date: _Date

    @property
    def certain(self) -> bool:
        """Return True where all seeds, several of them, find cells of the same accuracy."""
        return self.seeds > 1 and self.least == self.largest

    def answers(self, config: SearchConfig) -> bool:
        """Return True for the question that was measured: at the default size, whatever the seed."""
        parts = {name: getattr(self, name) for name in ("proxy", "recipe", "data", "max_params")}
        question = SearchConfig.model_validate({"space": config.space} | parts)
        left_open = {"seed", "field", "device"}
        return question.model_dump(exclude=left_open) == config.model_dump(exclude=left_open)


class SpaceFigures(DocumentPart):
    """The figures on the architectures of one space, all from one table."""

    space: str
    table: Benchmark
    rankings: list[Ranking]
    findings: list[Finding]


class WorthDocument(DocumentPart):
    """Our own figures: how well scores rank the architectures of tables, and what searches find there."""

    model_config = ConfigDict(title="FreeNAS worth of scores, version 1")

    schema_: Annotated[
        Literal["freenas/worth@1"], Field(alias="schema", description="Name and version of this document.")
    ]
    engine: str = Field(description="Version of FreeNAS that measured.")
    spaces: list[SpaceFigures]


_WORTH = TypeAdapter(WorthDocument)
_PACKAGE = Path(__file__).resolve().parents[1]
PATH = (_PACKAGE.parent if (_PACKAGE.parent / "app.py").is_file() else _PACKAGE) / "assets" / "worth.json"
"""The file of the figures: in the assets of a clone, or of the package where it is installed."""


@cache
def _figures() -> dict[str, SpaceFigures]:
    return {figures.space: figures for figures in read_as(_WORTH, SCHEMA, PATH.read_text("utf-8")).spaces}


def space_figures(space: str | SearchSpace) -> SpaceFigures | None:
    """Return the figures that ship for a space, None where nothing was measured."""
    name = as_space_field(space)
    return _figures().get(name) if isinstance(name, str) else None
