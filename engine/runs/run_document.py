"""The JSON document of runs, each with its whole result."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal

from pydantic import ConfigDict, Field, SkipValidation, WithJsonSchema

from engine.common.documents import DocumentPart, schema_address
from engine.runs.words import MAX_NAME, MAX_NOTE, MAX_TAG, MAX_TAGS

SCHEMA: Final = "freenas/runs@1"
RUN_ID = re.compile("[0-9a-f]{16}")
"""The form of the id of a run."""

_COUNT = Field(json_schema_extra={"minimum": 0})
Tag = Annotated[str, Field(json_schema_extra={"minLength": 1, "maxLength": MAX_TAG})]


class RunSummaryDocument(DocumentPart):
    """A search that was kept, without its result.

    Words are checked when a run is made of them. What is known from the result is written for people and not read.
    """

    model_config = ConfigDict(json_schema_extra=None)

    id: str = Field(
        pattern=f"^{RUN_ID.pattern}$", description="Name of the run: the first digits of the SHA-256 of its result."
    )
    name: str = Field("", json_schema_extra={"maxLength": MAX_NAME}, description="One line of plain text.")
    note: str = Field("", json_schema_extra={"maxLength": MAX_NOTE}, description="Plain text.")
    tags: list[Tag] = Field(default_factory=list, json_schema_extra={"maxItems": MAX_TAGS, "uniqueItems": True})
    space: SkipValidation[str] = Field("", description="The name of the search space.")
    proxy: SkipValidation[str] = ""
    recipe: SkipValidation[str] = ""
    seed: SkipValidation[Annotated[int, _COUNT]] = 0
    device: SkipValidation[str] = Field("", description="Where it was computed, such as cpu.")
    created: str = Field(json_schema_extra={"format": "date-time"}, description="When it was kept.")
    seconds: SkipValidation[Annotated[float, _COUNT]] = Field(0.0, description="How long the search took.")
    params: SkipValidation[Annotated[int, _COUNT]] = Field(0, description="Parameters of the derived network.")
    macs: SkipValidation[Annotated[int, _COUNT]] = Field(0, description="Multiply-accumulates of one image.")
    notation: SkipValidation[str] = Field("", description="The genotype, in the notation of its space.")


class RunDocument(RunSummaryDocument):
    """A search that was kept, with its whole result.

    Reading needs the id, the time and the result; all else that is known from the result is not read.
    """

    result: Annotated[dict[str, Any], WithJsonSchema({"$ref": schema_address("search-result")})]


class RunsDocument(DocumentPart):
    """Searches that were kept, each with its whole result."""

    model_config = ConfigDict(title="FreeNAS runs, version 1", json_schema_extra=None)

    schema_: Annotated[
        Literal["freenas/runs@1"], Field(alias="schema", description="Name and version of this document.")
    ]
    runs: list[RunDocument]
