"""Which worker a task goes to."""

from types import SimpleNamespace

import pytest

from dashboard import state
from engine import SearchConfig
from engine.tasks import AtlasTask, SearchTask, TableTask


@pytest.mark.parametrize(
    ("role", "device", "worker"),
    [
        (state.SEARCHING, "auto", (True, None)),
        (state.SEARCHING, "cuda", (True, None)),
        (state.SEARCHING, "cuda:0", (True, None)),
        (state.SEARCHING, "cuda:1", (True, "cuda:1")),
        (state.SEARCHING, "cpu", (True, "cpu")),
        (state.PREVIEWING, "cpu", (False, "cpu")),
        (state.SEARCHING, "cuda:7", (True, None)),
    ],
)
def test_every_device_has_a_worker_of_its_own(monkeypatch, role, device, worker):
    monkeypatch.setattr(
        state, "jobs", lambda long, own=None: SimpleNamespace(name=(long, own), devices=("cuda:0", "cuda:1", "cpu"))
    )
    assert state._jobs_for(role, SearchTask(config=SearchConfig(device=device))).name == worker
    atlas = AtlasTask(space="darts", count=1, measures=("flow",), device=device)
    assert state._jobs_for(role, atlas).name == worker
    assert state._jobs_for(role, TableTask(path="a.csv", stamp=0)).name == (worker[0], None)
