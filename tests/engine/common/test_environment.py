"""Devices, threads and versions of this machine."""

from __future__ import annotations

import platform

import pytest
import torch

from engine.common import environment as module
from engine.common.environment import check_device, device_name, devices, environment, resolve_device
from engine.common.threads import current_threads
from engine.common.version import __version__


@pytest.mark.parametrize("name", ["auto", "cpu", "cuda", "cuda:0", "cuda:12", "mps"])
def test_names_of_devices_need_not_be_here(name: str):
    check_device(name)


@pytest.mark.parametrize("name", ["", "CPU", "cpu:0", "cuda:", "cuda:123", "cuda:-1", "auto ", "cuda:٣"])
def test_other_names_are_refused(name: str):
    for check in (check_device, resolve_device):
        with pytest.raises(ValueError, match=r"unknown device .*; allowed: auto, cpu, cuda, cuda:N, mps"):
            check(name)


@pytest.mark.parametrize(
    ("available", "name", "device"),
    [
        (["cpu"], "auto", "cpu"),
        (["mps", "cpu"], "auto", "mps"),
        (["cuda:0", "cuda:1", "cpu"], "auto", "cuda"),
        (["cuda:0", "cuda:1", "cpu"], "cuda", "cuda"),
        (["cuda:0", "cuda:1", "cpu"], "cuda:1", "cuda:1"),
        (["cuda:0", "cpu"], "cpu", "cpu"),
    ],
)
def test_a_device_is_one_of_those_available(
    monkeypatch: pytest.MonkeyPatch, available: list[str], name: str, device: str
):
    monkeypatch.setattr(module, "devices", lambda: available)
    assert resolve_device(name) == device


@pytest.mark.parametrize("name", ["mps", "cuda", "cuda:1"])
def test_a_device_that_is_not_here_is_named_with_those_that_are(monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.setattr(module, "devices", lambda: ["cuda:2", "cpu"])
    with pytest.raises(ValueError, match=f"^device '{name}' is not available here; available: cuda:2, cpu$"):
        resolve_device(name)


def test_the_processor_is_always_a_device():
    assert devices()[-1] == "cpu"
    assert len(devices()) == len(set(devices()))


def test_cards_have_the_names_that_torch_tells(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda index: f"card {index}")
    names = {device: device_name(device) for device in ("cuda", "cuda:0", "cuda:12", "cpu", "mps")}
    processor = module.processor()
    assert names == {"cuda": "card 0", "cuda:0": "card 0", "cuda:12": "card 12", "cpu": processor, "mps": processor}


@pytest.mark.parametrize(("cards", "mps"), [(0, False), (1, False), (3, False), (0, True)])
def test_every_device_is_listed(monkeypatch: pytest.MonkeyPatch, cards: int, mps: bool):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cards > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: cards)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert devices() == [*(f"cuda:{index}" for index in range(cards)), *(["mps"] if mps else []), "cpu"]


def test_the_environment_of_a_result_names_versions_and_machine():
    facts = environment("cpu")
    assert facts["engine"] == __version__
    assert facts["torch"] == torch.__version__
    assert facts["python"] == platform.python_version()
    assert facts["device"] == "cpu"
    assert facts["threads"] == current_threads()
    assert facts["device_name"]
