"""CONTRIBUTING is true: its map is that of the code, and its recipes are followed without changing a file."""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest
from streamlit.testing.v1 import AppTest

from engine import MEASURES, PROXIES, SPACES
from engine.operations import registry
from engine.testing import check_operation
from tests import house
from tests.paths import ROOT
from tests.waiting import PATIENCE

TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
REGISTRIES = {"space": (SPACES, "SPACE"), "proxy": (PROXIES, "PROXY"), "measure": (MEASURES, "MEASURE")}


def code(recipe: str) -> dict[str, str]:
    """The code of a recipe, by the file that its step names before it."""
    section = re.search(rf"^## A new {recipe}\n(.*?)(?=^## |\Z)", TEXT, re.DOTALL | re.MULTILINE)[1]
    steps = re.findall(r"^\d\. (.*?)^    ```(?:python|text)\n(.*?)^    ```$", section, re.DOTALL | re.MULTILINE)
    return {re.findall(r"`([\w/]+\.py)`", before)[-1]: textwrap.dedent(block) for before, block in steps}


def module(path: str, text: str) -> ModuleType:
    made = ModuleType(path.removesuffix(".py").replace("/", "."))
    exec(compile(text, path, "exec"), made.__dict__)
    return made


def functions_of(path: str, text: str) -> Iterator[Callable[..., None]]:
    found = [value for name, value in vars(module(path, text)).items() if name.startswith("test_")]
    assert found
    yield from found


def test_the_map_has_the_folders_in_their_order():
    rows = [re.findall(r"`(\w+)/`", line.split("|")[1]) for line in TEXT.splitlines() if line.startswith("| `")]
    folders = [folder for row in rows for folder in row]
    expected = [*house.ENGINE, *(room for room in house.DASHBOARD if (ROOT / "dashboard" / room).is_dir())]
    assert [name for name in folders if name not in ("engine", "dashboard")] == expected


@pytest.mark.slow
def test_the_operation_keeps_its_contract():
    line = code("operation")["engine/operations/registry.py"].strip()
    check_operation(eval(line, vars(registry).copy())[0])


@pytest.mark.parametrize("recipe", REGISTRIES)
def test_the_new_file_passes_its_tests(recipe: str, monkeypatch: pytest.MonkeyPatch):
    objects, constant = REGISTRIES[recipe]
    files = code(recipe)
    source, test = next(path for path in files if path.startswith("engine/")), next(p for p in files if "test_" in p)
    monkeypatch.setitem(sys.modules, source.removesuffix(".py").replace("/", "."), module(source, files[source]))
    made = getattr(sys.modules[source.removesuffix(".py").replace("/", ".")], constant)
    monkeypatch.setitem(objects, made.name, made)
    for function in functions_of(test, files[test]):
        function()


def test_the_page_passes_its_test():
    files = code("page")
    source = next(path for path in files if path.startswith("dashboard/pages/"))

    def app(path: str) -> AppTest:
        assert path == source
        return AppTest.from_string(files[source], default_timeout=PATIENCE).run()

    for function in functions_of("tests/page.py", files["tests/dashboard/pages/test_operations.py"]):
        function(app)
