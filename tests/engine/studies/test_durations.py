"""The trial of measures that run networks, with measures whose time is made up."""

from __future__ import annotations

import pytest

from engine.common.work import Work
from engine.measures import MEASURES, Measure
from engine.studies.durations import Durations, DurationsTask, networks_run
from engine.tables.task import TableTask


def test_networks_are_run_by_some_measures_alone_or_joined():
    assert networks_run(("flow", "naswot", "params+swap", "swap")) == ("naswot", "swap")


def test_long_work_is_shared_by_processes_and_a_shared_pass_counts_once():
    durations = Durations({"naswot": 0.01, "swap": 0.02}, processes=4)
    assert durations.seconds(("naswot",), 300) == pytest.approx(3.0)
    assert durations.seconds(("naswot", "swap+naswot", "flow"), 1000) == pytest.approx((10 + 20) / 4)
    assert Durations.from_json(durations.to_json()) == durations


def test_every_measure_is_tried_on_a_few(table, monkeypatch):
    paces = {"quick": 0.5, "unknown": None}
    monkeypatch.setattr(Measure, "pace", lambda self, population, setting: paces[self.name])
    for name in paces:
        monkeypatch.setitem(MEASURES, name, Measure(name, name, "", "", "", None, one_by_one=True))
    monkeypatch.setattr(TableTask, "load", lambda self: table)
    task = DurationsTask(table=TableTask(path="t.csv", stamp=1), column="acc", measures=("quick", "unknown", "flow"))
    reports = []
    assert task.run(Work(reports.append)).paces == {"quick": 0.5}
    assert [(report.done, report.total) for report in reports] == [(1, 2), (2, 2)]
    assert task.title == "trying quick, unknown on a few networks"
