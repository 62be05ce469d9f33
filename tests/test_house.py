"""The rules of the house, one test each, read from the source; offenders are listed."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests import house
from tests.paths import ROOT

SCOPES = {"engine.common.threads"}
"""Modules that put back afterwards what they change."""
PROGRAMS = {"engine.exports.training_script"}
"""Modules that nothing imports: they are written out, and run by themselves."""
PIPES = {"engine.common.processes"}
"""Modules that pickle between two processes of this program: what one reads, the other wrote, and no user."""
STATE = {"manual_seed", "set_num_threads", "set_default_dtype", "use_deterministic_algorithms", "seed"}
"""Functions that change what others share."""


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Every call in a module, with the name of what is called, such as `torch.load`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def importers(folder: str, packages: set[str]) -> list[str]:
    """The modules of a folder that import one of some packages, anywhere in them."""
    return [
        f"{module} imports {name}"
        for module, tree in house.trees().items()
        if module.split(".")[0] in folder.split()
        for name in house.imported(tree)
        if name.split(".")[0] in packages
    ]


@pytest.mark.slow
def test_there_is_something_to_read():
    assert len(house.trees()) > 100


@pytest.mark.slow
def test_the_engine_draws_nothing():
    assert importers("engine", {"streamlit", "plotly", "altair", "matplotlib", "dashboard", "app"}) == []


def test_the_dashboard_computes_nothing():
    assert importers("dashboard app", {"torch", "torchvision"}) == []


@pytest.mark.slow
def test_no_module_imports_itself_through_others():
    assert house.circles() == []


def test_folders_import_only_those_before_them():
    assert house.backward() == []


@pytest.mark.slow
def test_imports_inside_functions_are_of_torch_and_optional_packages():
    assert house.late_imports() == []


def test_a_public_name_has_one_home():
    assert house.shared_names() == {}


@pytest.mark.slow
def test_docstrings_begin_with_a_verb_or_a_noun():
    assert len(house.question_docstrings()) < 0.02 * len(house.docstrings()), house.question_docstrings()


@pytest.mark.slow
def test_names_say_what_they_hold():
    assert house.grammar_names() == {}


def test_every_module_has_a_test_of_its_name():
    assert house.untested() == []


@pytest.mark.slow
def test_nothing_runs_or_renders_what_a_user_gives():
    packages = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}
    assert importers("engine dashboard app", packages) == [f"{module} imports pickle" for module in PIPES]
    assert [f"{module}: {offence}" for module, tree in house.trees().items() for offence in unsafe(tree)] == []


def test_programs_are_imported_by_nobody():
    assert [list(house.imports().predecessors(module)) for module in PROGRAMS] == [[]]


def test_pickles_come_from_pipes_between_processes_alone():
    made = [call for module in PIPES for name, call in calls(house.trees()[module]) if name.startswith("pickle.")]
    read = {text for text in map(ast.unparse, made) if not text.startswith("pickle.dump")}
    assert read == {"pickle.load(child.stdout)", "pickle.load(sys.stdin.buffer)", "pickle.loads(request)"}


def unsafe(tree: ast.AST) -> Iterator[str]:
    """The calls that evaluate code, unpickle, or write HTML."""
    evaluating = {"eval", "exec", "compile", "__import__", "builtins.eval", "builtins.exec", "os.system", "os.popen"}
    for name, call in calls(tree):
        keywords = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
        pickled = name in ("np.load", "numpy.load") and keywords.get("allow_pickle") != "False"
        pickled = pickled or (name == "torch.load" and keywords.get("weights_only") != "True")
        shell = keywords.get("shell", "False") != "False"
        if name in evaluating or pickled or shell or "unsafe_allow_html" in keywords:
            yield f"line {call.lineno}, {name}"


@pytest.mark.slow
def test_the_engine_reads_and_changes_no_global_state():
    changed = []
    for module, tree in house.trees().items():
        if module.split(".")[0] == "engine" and module not in SCOPES | PROGRAMS:
            for name, call in calls(tree):
                owner, _, function = name.rpartition(".")
                if function in STATE and not owner.endswith(("generator", "Generator()")):
                    changed.append(f"{module}, line {call.lineno}: {name}")
    assert changed == []
    shuffled = "engine.genotypes.notations.nas_bench_201_index"  # by a generator of its own: the order of the benchmark
    assert {line.split()[0] for line in importers("engine", {"random"})} == {shuffled}


def _modules_after(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nprint(' '.join(sorted({{name.split('.')[0] for name in sys.modules}})))"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(found.stdout.split())


@pytest.mark.slow
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
