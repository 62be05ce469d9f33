"""What a server that others can reach refuses, and how its variables are read."""

import json

import pytest
import streamlit as st

from dashboard.parts.text import plain
from dashboard.server import limits
from engine import SearchConfig, load_space
from engine.common.memory import machine_memory
from engine.searches.search import SearchTask
from engine.studies.atlas import AtlasTask
from engine.studies.durations import DurationsTask
from engine.studies.evidence import EvidenceTask
from engine.studies.seeds import SeedsTask
from engine.tables.task import TableTask
from tests.dashboard.conftest import headline, job_of, texts
from tests.engine.documents import NAS_BENCH_201

NAMES = ("FREENAS_READ_ONLY", "FREENAS_NO_DELETE", "FREENAS_MAX_SUPERNET", "FREENAS_MAX_SECONDS", "FREENAS_MAX_MEMORY")
CONFIG = SearchConfig(channels=8, cells=2, device="cpu")
"""A supernet of 3 stages of 2 cells of 8 channels: 8² x 6 = 384."""
TASKS = (
    SearchTask(config=CONFIG),
    SeedsTask(config=CONFIG, seeds=2),
    AtlasTask(space="nas-bench-201", count=None, measures=("params",)),
    TableTask(path="t.csv", stamp=1),
)


@pytest.fixture(autouse=True)
def _unset(monkeypatch):
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def test_without_variables_only_memory_and_time_are_bounded():
    assert not limits.read_only()
    assert limits.largest_supernet() is None
    assert limits.longest_search() == 6 * 3600
    assert limits.most_memory() == machine_memory() // 2
    assert not limits.setup_complaint()
    assert not any(limits.refusal(task) for task in TASKS)


@pytest.mark.parametrize(("text", "expected"), [("1", True), (" 1 ", True), ("0", False), ("", False)])
@pytest.mark.parametrize("name", ["READ_ONLY", "NO_DELETE"])
def test_a_switch_is_0_or_1(monkeypatch, name, text, expected):
    monkeypatch.setenv(f"FREENAS_{name}", text)
    assert getattr(limits, name.lower())() is expected


def test_a_read_only_server_does_nothing(monkeypatch):
    monkeypatch.setenv("FREENAS_READ_ONLY", "1")
    assert {limits.refusal(task) for task in TASKS} == {limits.READ_ONLY}


@pytest.mark.parametrize(("most", "refused"), [("383", True), ("384", False)])
def test_a_supernet_is_measured_by_channels_and_cells(monkeypatch, most, refused):
    monkeypatch.setenv("FREENAS_MAX_SUPERNET", most)
    assert limits.supernet_size(CONFIG) == 384
    said = [limits.refusal(task) for task in TASKS]
    assert [bool(each) for each in said] == [refused, refused, False, False]
    if refused:
        assert "The supernet has 384 channels² × cells; this server takes at most 383 (FREENAS_MAX_SUPERNET)" in said[0]


def test_a_space_of_ones_own_is_limited_on_atlas_and_evidence_too(monkeypatch):
    monkeypatch.setenv("FREENAS_MAX_SUPERNET", "1000")
    size = NAS_BENCH_201["network"] | {"search": {"channels": 32, "cells": 5}}
    large = load_space(json.dumps(NAS_BENCH_201 | {"network": size}))
    parts = dict.fromkeys(("dataset", "split", "epochs"))
    table = TableTask(path="t.csv", stamp=1, space=large)
    asked = [
        AtlasTask(space=large, count=None, measures=("params",)),
        EvidenceTask(table=table, question={"column": "acc", "measures": ("flow",)}, **parts),
        DurationsTask(table=table, column="acc", measures=("naswot",)),
    ]
    said = "The supernet has 15,360 channels² × cells; this server takes at most 1,000"
    assert all(limits.refusal(task).startswith(said) for task in asked)


def test_the_cells_of_darts_are_counted_once():
    assert limits.supernet_size(SearchConfig(space="darts", channels=4, cells=8)) == 128


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (
            CONFIG,
            "has 384 channels² × cells; this server takes at most 1 (FREENAS_MAX_SUPERNET): choose fewer channels or",
        ),
        (SearchConfig(space="darts", channels=4, cells=8), "128 channels² × cells"),
        (SearchConfig(space="nas-bench-1shot1-3", channels=4, cells=2), "96 channels² × cells"),  # three stacks of two
        (SearchConfig(space="nas-bench-macro", channels=4), "128 channels² × layers"),  # eight of them
        (SearchConfig(space="mobilenet", channels=4), "336 channels² × layers"),  # 21
        (SearchConfig(space="mobilenet", channels=4), "(FREENAS_MAX_SUPERNET): choose fewer channels."),
    ],
)
def test_a_supernet_is_told_of_in_the_words_of_its_space(monkeypatch, config, said):
    monkeypatch.setenv("FREENAS_MAX_SUPERNET", "1")
    assert said in limits.refusal(SearchTask(config=config))


def test_the_longest_search_is_in_seconds(monkeypatch):
    monkeypatch.setenv("FREENAS_MAX_SECONDS", "2.5")
    assert limits.longest_search() == 2.5


@pytest.mark.parametrize("name", ["FREENAS_THREADS", "FREENAS_PROCESSES"])
@pytest.mark.parametrize("text", ["0", "-1", "1.5", "all", "\u0661", "9" * 400])
def test_cores_that_this_machine_has_not_get_a_sentence(monkeypatch, text, name):
    monkeypatch.setenv(name, text)
    sentence = limits.setup_complaint()
    assert sentence.startswith(f"This server is not set up: {name}: ")
    assert sentence.isprintable()
    assert len(sentence) < 200


def _read_all():
    limits.refusal(TASKS[0])
    limits.no_delete()
    limits.longest_search()
    limits.most_memory()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(("FREENAS_NO_DELETE", text) for text in ("no", "-1")),
        *(("FREENAS_READ_ONLY", text) for text in ("yes", "true", "2", "\u0661", "1\u200b", "x" * 1000)),
        *(("FREENAS_MAX_SUPERNET", text) for text in ("0", "-1", "1.5", "lots", "1e9", "nan", "\u0661", "9" * 400)),
        *(("FREENAS_MAX_SECONDS", text) for text in ("0", "-1", "1e9", "inf", "nan", "1 h", "0.0", "9" * 400)),
        *(("FREENAS_MAX_MEMORY", text) for text in ("0G", "-1G", "4", "all", "101 %", "\u0664G", "9" * 400)),
    ],
)
def test_what_cannot_be_read_gets_a_sentence(monkeypatch, name, text):
    monkeypatch.setenv(name, text)
    sentence = limits.setup_complaint()
    assert sentence.startswith(f"This server is not set up: {name}: ")
    assert sentence.isprintable()
    assert len(sentence) < 200
    with pytest.raises(ValueError, match=name):
        _read_all()


@pytest.mark.parametrize(("server", "own", "expected"), [(200, 4, 4), (3, 4, 3), (0, 4, 1), (1, 200, 1)])
def test_no_upload_is_larger_than_the_server_takes(monkeypatch, server, own, expected):
    monkeypatch.setattr(st, "get_option", {"server.maxUploadSize": server}.__getitem__)
    assert limits.upload_megabytes(own) == expected


def _says_why(at):
    return any(plain(limits.READ_ONLY) == each.value for each in at.info)


def test_explore_says_why_it_does_not_search(app, monkeypatch):
    monkeypatch.setenv("FREENAS_READ_ONLY", "1")
    at = app()
    assert at.file_uploader(key="space_upload").disabled
    assert headline(at).startswith("conv 1×1 on 3 of 6")
    assert job_of(at, "preview") is None
    unknown = app(seed="9")
    assert _says_why(unknown)
    assert unknown.button(key="search").disabled
    assert not unknown.error


def test_the_atlas_says_why_it_draws_nothing(app, monkeypatch):
    monkeypatch.setenv("FREENAS_READ_ONLY", "1")
    at = app("pages/atlas.py")
    assert _says_why(at)
    assert job_of(at, "atlas") is None


def test_a_supernet_that_is_too_large_is_told_beside_the_controls(app, monkeypatch):
    monkeypatch.setenv("FREENAS_MAX_SUPERNET", "3839")
    at = app(seed="9")
    assert any("3,840 channels² × cells; this server takes at most 3,839" in text for text in texts(at))
    at.selectbox(key="channels").set_value(14).run()
    assert not any("this server takes at most" in text for text in texts(at))


@pytest.mark.parametrize("page", ["compare", "evidence", "viewer", "learn"])
def test_every_page_opens_on_a_read_only_server(app, monkeypatch, page):
    monkeypatch.setenv("FREENAS_READ_ONLY", "1")
    at = app(f"pages/{page}.py")
    assert at.title or any(each.value.startswith("####") for each in at.markdown)
    assert not at.error
