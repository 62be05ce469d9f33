"""The PyTorch source of a network stands by itself, for any size."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn

from engine import Genotype
from engine.exports.formats import export
from engine.networks.cost import network_cost
from engine.networks.derived import build
from engine.spaces import SearchSpace, Size
from tests.engine.exports.spaces import EVERY, every_space, varied
from tests.engine.strategies import PARALLEL, genotypes
from tests.paths import ROOT


@pytest.fixture
def load(tmp_path: Path):
    """A function that imports PyTorch source as a file of any name, which `sys.modules` does not hold."""

    def load(source: str) -> ModuleType:
        path = tmp_path / "exported.py"
        path.write_text(source, "utf-8")
        spec = importlib.util.spec_from_file_location("exported", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        assert "exported" not in sys.modules
        return module

    return load


@pytest.mark.parametrize("name", ["nas-bench-201", "mobilenet"])
def test_source_is_imported_by_its_name(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    genotype, module = varied(EVERY[name]), f"exported_{name.replace('-', '_')}"
    (tmp_path / f"{module}.py").write_text(export(genotype, "pytorch"), "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    imported = importlib.import_module(module)
    monkeypatch.delitem(sys.modules, module)
    size = Size(4, genotype.space.cells_range.low)
    assert repr(imported.build(*size)) == repr(build(genotype, size))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["nas-bench-201", "small"])
def test_source_runs_alone_and_counts_the_parameters(name: str, tmp_path: Path):
    genotype = varied(EVERY[name])
    path = tmp_path / "network.py"
    path.write_text(export(genotype, "pytorch"), "utf-8")
    command = [sys.executable, "-I", "-W", "error", path.name]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    params = network_cost(genotype).params
    assert (run.stdout, run.stderr) == (f"output (2, 10), {params:,} parameters\n", "")


@every_space
def test_source_computes_what_the_network_does(space: SearchSpace, load):
    genotype, cells = varied(space), space.cells_range.low
    exported = load(export(genotype, "pytorch")).build(channels=6, cells=cells, classes=3)
    network = build(genotype, Size(6, cells), classes=3)
    exported.load_state_dict(network.state_dict())
    images = torch.rand(2, 3, 16, 16)

    def logits(network: nn.Module) -> torch.Tensor:
        with torch.random.fork_rng():
            torch.manual_seed(0)  # for noise
            return network(images)

    assert torch.equal(logits(exported), logits(network))
    assert torch.equal(logits(exported.eval()), logits(network.eval()))


@pytest.mark.parametrize("space", PARALLEL.values(), ids=PARALLEL)
@settings(max_examples=2, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_source_of_what_no_search_answers_with_computes_what_the_network_does(
    space: SearchSpace, data: st.DataObject, load
):
    genotype = data.draw(genotypes(space, derivable=False))
    exported = load(export(genotype, "pytorch")).build(channels=4, cells=3, classes=3).eval()
    network = build(genotype, Size(4, 3), classes=3).eval()
    exported.load_state_dict(network.state_dict())
    with torch.random.fork_rng():
        logits = []
        for one in (exported, network):
            torch.manual_seed(0)  # for noise
            logits.append(one(torch.ones(2, 3, 16, 16)))
    assert torch.equal(*logits)


@every_space
def test_source_builds_at_the_evaluation_size(space: SearchSpace, load):
    genotype = varied(space)
    network = load(export(genotype, "pytorch")).build()
    assert sum(parameter.numel() for parameter in network.parameters()) == network_cost(genotype).params


@settings(max_examples=10)
@given(genotype=genotypes())
def test_source_names_the_operations_used_and_no_other(genotype: Genotype):
    tree = ast.parse(export(genotype, "pytorch"))
    (table,) = (node.value for node in tree.body if isinstance(node, ast.AnnAssign) and node.target.id == "OPERATIONS")
    named = [ast.literal_eval(key) for key in table.values[0].keys]
    assert sorted(named) == sorted({gene.operation for _, genes in genotype.genes for gene in genes})


@every_space
def test_source_needs_torch_and_the_standard_library_only(space: SearchSpace):
    tree = ast.parse(export(varied(space), "pytorch"))
    imported = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    imported += [name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names]
    assert {name.split(".")[0] for name in imported} <= {"torch", *sys.stdlib_module_names}


@every_space
def test_source_says_what_it_is(space: SearchSpace):
    genotype = varied(space)
    header = ast.get_docstring(ast.parse(export(genotype, "pytorch")))
    cost = network_cost(genotype)
    assert genotype.notation in " ".join(header.split())
    assert f"{cost.params:,} parameters, {cost.macs / 1e6:,.2f} M multiply-accumulates" in header
    assert space.source in header
    assert "MIT" in header
    assert "cross_entropy" in header


def test_source_says_what_the_network_is_worth_in_any_words():
    genotype = varied(EVERY["nas-bench-201"])
    note = 'weak: see """table\\".csv\x00\n' + "long " * 40
    header = ast.get_docstring(ast.parse(export(genotype, "pytorch", note=note)))
    assert f"Worth weak: see '''table\\'.csv {'long ' * 40}" in " ".join(header.split()) + " "
    assert "Worth" not in export(genotype, "pytorch")


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=["check", "format"])
@every_space
def test_source_is_tidy(space: SearchSpace, command: list[str]):
    source = export(varied(space), "pytorch")
    ruff = [sys.executable, "-m", "ruff", *command, "--config", str(ROOT / "pyproject.toml"), "-"]
    run = subprocess.run(ruff, input=source, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


@every_space
def test_source_plans_any_size_as_the_space_does(space: SearchSpace, load):
    module = load(export(varied(space), "pytorch"))
    low, high = space.cells_range
    for channels in (1, 4, 5, 16, 41):
        for cells in range(low, min(high, 12) + 1):
            assert repr(module.plan(module.Size(channels, cells))) == repr(space.plan(Size(channels, cells)))


@every_space
def test_source_holds_the_definition_of_the_plan_as_it_stands(space: SearchSpace):
    assert inspect.getsource(space.planner.func) in export(varied(space), "pytorch")
