"""The structure of the code, read from its source: `python -m tests.house` prints what can be counted."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import networkx as nx

from tests.paths import ROOT

ENGINE = (
    *("common", "operations", "data", "spaces", "genotypes", "networks", "exports", "supernets", "tables"),
    *("proxies", "measures", "searches", "runs", "studies", "worker", "testing", "commands"),
)
"""The folders of the engine: each imports only those before it, and `proxies` and `measures` not each other."""
DASHBOARD = (
    *("server", "parts"),
    *("explore", "atlas", "compare", "evidence", "runs", "viewer", "learn"),
    *("pages", "frame"),
)
"""The rooms of the dashboard, in the same way; no page's folder imports that of another."""
OPTIONAL = {
    "torch",
    "torchvision",
    "scipy",
    "sklearn",
    "PIL",
    "networkx",
    "graphviz",
    "pygraphviz",
    "sqlalchemy",
    "platformdirs",
    "tqdm",
    "shtab",
}
"""Packages that may be imported inside a function, beside our modules that need torch: optional or slow to load."""
CONVENTIONS = {
    *("PROXY", "MEASURE", "SPACE", "FAMILY", "FORM", "SCHEMA", "BATCH", "SOURCE", "SUFFIXES"),
    *("add", "run", "read", "saliency", "main", "page"),
}
"""Names that stand in every file of a kind, and mean the same there."""
QUESTION_WORDS = {"what", "whose", "whether", "how", "which", "where", "why"}
GRAMMAR = {"found", "described", "each", "there", "said", "asked", "told", "given", "known"}
"""Words that say nothing of what a variable holds."""


@cache
def trees() -> dict[str, ast.Module]:
    """Return the syntax tree of every module of the engine and the dashboard, by its dotted name."""
    files = [path for root in ("engine", "dashboard") for path in sorted(ROOT.glob(f"{root}/**/*.py"))]
    return {_dotted(path): ast.parse(path.read_text("utf-8")) for path in (*files, ROOT / "app.py")}


def _dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def imports() -> nx.DiGraph:
    """Return the graph of imports among our modules, those for types and inside functions included."""
    graph = nx.DiGraph()
    graph.add_nodes_from(trees())
    for module, tree in trees().items():
        graph.add_edges_from((module, target) for target in imported(tree) if target in graph and target != module)
    return graph


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield the dotted names of everything that a module imports, anywhere in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = (f"{node.module}.{alias.name}" for alias in node.names)
            yield from (name if name in trees() else node.module for name in names)


def circles() -> list[list[str]]:
    """Return the modules that import each other in a circle."""
    return [sorted(component) for component in nx.strongly_connected_components(imports()) if len(component) > 1]


def longest_chain() -> list[str]:
    """Return the longest chain of imports."""
    return list(nx.dag_longest_path(imports()))


def backward() -> list[str]:
    """Return the imports that run against the order of the folders."""
    return [f"{a} imports {b}" for a, b in imports().edges if not _allowed(a.split("."), b.split("."))]


def _allowed(source: list[str], target: list[str]) -> bool:
    if source[0] == "app" or len(source) == 1 or source[1:2] == ["__main__"]:
        return True
    if source[0] == "engine":
        return (
            target[0] == "engine"
            and len(target) > 1
            and _in_order(ENGINE, source[1], target[1], {"proxies", "measures"})
        )
    if target[0] == "engine":
        return True
    return len(target) > 1 and _in_order(DASHBOARD, source[1], target[1], set(DASHBOARD[2:-2]))


def _in_order(order: tuple[str, ...], source: str, target: str, apart: set[str]) -> bool:
    if source == target:
        return True
    return order.index(target) < order.index(source) and not {source, target} <= apart


def late_imports() -> list[str]:
    """Return the imports inside functions of what is neither optional nor needs an optional package."""
    return [
        f"{module}: {name}"
        for module, tree in trees().items()
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for name in imported(function)
        if name.split(".")[0] not in OPTIONAL and name not in heavy()
    ]


@cache
def heavy() -> set[str]:
    """Return our modules whose import needs torch, or another package that is optional or slow to load."""
    graph = nx.DiGraph()
    for module, tree in trees().items():
        statements = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
        for name in imported(ast.Module(statements, [])):
            graph.add_edge(name if name in trees() else name.split(".")[0], module)
    return set().union(*(nx.descendants(graph, name) for name in OPTIONAL & set(graph)))


def shared_names() -> dict[str, list[str]]:
    """Return the public names that several modules define, conventions aside, and those modules."""
    homes = defaultdict(list)
    for module, tree in trees().items():
        for name in _public(tree):
            homes[name].append(module)
    return {name: modules for name, modules in sorted(homes.items()) if len(modules) > 1 and name not in CONVENTIONS}


def _public(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
                names = [name]
            case ast.Assign(targets=targets):
                names = [target.id for target in targets if isinstance(target, ast.Name)]
            case _:
                names = []
        yield from (name for name in names if not name.startswith("_"))


def docstrings() -> list[tuple[str, str]]:
    """Return where every docstring stands, and its first line."""
    lines = []
    for module, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module) and (text := ast.get_docstring(node)):
                lines.append((f"{module}:{getattr(node, 'lineno', 1)}", text.splitlines()[0]))
    return lines


def question_docstrings() -> list[str]:
    """Return where docstrings begin with a question word."""
    return [place for place, line in docstrings() if line.split()[0].lower() in QUESTION_WORDS]


def grammar_names() -> Counter[str]:
    """Count the variables, arguments and functions whose names are mere words of grammar."""
    names: Counter[str] = Counter()
    for tree in trees().values():
        for node in ast.walk(tree):
            match node:
                case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name) | ast.FunctionDef(name=name):
                    names[name] += name in GRAMMAR
    return +names


def untested() -> list[str]:
    """Return the modules that no test file is named after."""
    tests = {str(path.relative_to(ROOT / "tests")) for path in ROOT.glob("tests/**/test_*.py")}
    missing = []
    for module, tree in trees().items():
        folder, _, name = module.replace(".", "/").rpartition("/")
        defines = any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in tree.body)
        if defines and f"{folder}/test_{name.strip('_')}.py" not in tests:
            missing.append(module)
    return missing


def main() -> None:
    """Print the counts."""
    questions, lines = len(question_docstrings()), len(docstrings())
    chain = longest_chain() if not circles() else []
    print(f"modules {len(trees())}, circles of imports {len(circles())}, imports against the order {len(backward())}")
    print(f"longest chain of imports, {len(chain)}: {' → '.join(chain)}")
    print(f"docstrings that begin with a question word: {questions} of {lines} ({questions / lines:.1%})")
    print(f"public names with several homes: {len(shared_names())}: {', '.join(shared_names())}")
    names = grammar_names()
    print(
        f"names of mere grammar: {names.total()}: {', '.join(f'{name} {count}' for name, count in names.most_common())}"
    )
    print(f"modules without a test of their name: {len(untested())}: {', '.join(untested())}")
    print(f"imports inside functions that need not be there: {len(late_imports())}: {', '.join(late_imports())}")


if __name__ == "__main__":
    main()
