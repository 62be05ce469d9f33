"""What the parts of the house may know of each other, read from the source."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENGINE = sorted(ROOT.glob("engine/**/*.py"))
DASHBOARD = sorted([*ROOT.glob("dashboard/**/*.py"), *ROOT.glob("app.py")])
PROGRAMS = {"terminal.py", "process.py"}
"""Modules of a process of its own, which may choose its threads."""
named = {"argnames": "path", "ids": lambda path: str(path.relative_to(ROOT))}


def imported(path: Path) -> set[str]:
    """The top-level packages that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").split(".")[0])
    return found


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Every call in a file, with the name of what is called, such as `torch.load`."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def test_there_is_something_to_read():
    assert len(ENGINE) > 10


@pytest.mark.parametrize(argvalues=ENGINE, **named)
def test_the_engine_draws_nothing(path: Path):
    assert not imported(path) & {"streamlit", "plotly", "altair", "matplotlib", "dashboard", "app"}


@pytest.mark.parametrize(argvalues=DASHBOARD, **named)
def test_the_dashboard_computes_nothing(path: Path):
    assert not imported(path) & {"torch", "torchvision"}


@pytest.mark.parametrize(argvalues=ENGINE + DASHBOARD, **named)
def test_nothing_runs_or_renders_what_a_user_gives(path: Path):
    assert not imported(path) & {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}
    for name, call in calls(path):
        assert name not in {"eval", "exec", "compile", "__import__", "builtins.eval", "builtins.exec"}, name
        assert name not in {"os.system", "os.popen"}, name
        keywords = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
        if name in ("np.load", "numpy.load"):
            assert keywords.get("allow_pickle") == "False", f"line {call.lineno}"
        if name == "torch.load":
            assert keywords.get("weights_only") == "True", f"line {call.lineno}"
        assert not any(keyword.arg == "unsafe_allow_html" for keyword in call.keywords), name
        shell = next((keyword.value for keyword in call.keywords if keyword.arg == "shell"), None)
        assert shell is None or ast.unparse(shell) == "False", name


@pytest.mark.parametrize(argvalues=[path for path in ENGINE if path.name not in PROGRAMS], **named)
def test_the_engine_reads_and_changes_no_global_state(path: Path):
    forbidden = {"manual_seed", "set_num_threads", "set_default_dtype", "use_deterministic_algorithms", "seed"}
    for name, call in calls(path):
        owner, _, function = name.rpartition(".")
        if function in forbidden:
            assert owner.endswith(("generator", "Generator()")), f"{name} in line {call.lineno}"
    assert "random" not in imported(path)


def _modules_after(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nprint(' '.join(sorted({{name.split('.')[0] for name in sys.modules}})))"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(found.stdout.split())


@pytest.mark.parametrize(
    "statement",
    [
        "import engine",
        "from engine import SPACES; [space.architectures() for space in SPACES.values()]",
        "import engine; engine.parse_genotype('|none~0|+|none~0|none~1|+|none~0|none~1|none~2|').to_json()",
        "from engine import SearchConfig; SearchConfig(space='darts').to_dict()",
    ],
)
def test_the_engine_is_light_until_it_searches(statement: str):
    assert not _modules_after(statement) & {"torch", "streamlit", "plotly", "scipy", "pandas"}
