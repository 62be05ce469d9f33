"""The tasks that a worker can be asked for, as one type that messages are read as."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from engine.common.tasks import Task
from engine.runs.task import ImportTask
from engine.searches.search import SearchTask
from engine.studies.atlas import AtlasTask
from engine.studies.durations import DurationsTask
from engine.studies.evidence import EvidenceTask
from engine.studies.seeds import SeedsTask
from engine.tables.task import TableTask

_TASK: TypeAdapter[Task] = TypeAdapter(
    Annotated[
        SearchTask | SeedsTask | AtlasTask | TableTask | EvidenceTask | DurationsTask | ImportTask,
        Field(discriminator="kind"),
    ]
)


def read_task(data: Any) -> Task:
    """Read a task from plain data, as `model_dump` gives it; raise `ValueError` for data that is no task."""
    return _TASK.validate_python(data)
