"""The hook of the documentation: pages and files from the repository, tables and help from the code itself."""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))  # the engine of this clone, wherever mkdocs was started

from engine import MEASURES, PROXIES, SPACES  # noqa: E402
from engine.__main__ import main  # noqa: E402
from engine.genotypes.notations import FORMS  # noqa: E402
from engine.operations.registry import OPERATIONS  # noqa: E402
from engine.searches.config import FieldBounds, SearchConfig, field_bounds  # noqa: E402

PAGES = {"CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
"""Pages that stand in the root of the repository."""
FILES = (
    *sorted(f"assets/{path.name}" for path in (ROOT / "assets").glob("*.schema.json")),  # the path of their `$id`s
    *("assets/icon.svg", "assets/screenshot.png"),
    *("examples/getting_started.ipynb", "examples/nginx.conf"),
)
"""Files that pages link to, published at the path that they have in the repository."""
_YES = {True: "yes", False: ""}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages and files that stand outside of the folder of the documentation."""
    for source, target in PAGES.items():
        files.append(File.generated(config, target, abs_src_path=str(ROOT / source)))
    for path in FILES:
        files.append(File.generated(config, path, abs_src_path=str(ROOT / path)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Lead links to where files are published, and write tables and help in the place of their comments."""
    if page.file.src_uri in PAGES.values():
        markdown = markdown.replace("](docs/", "](")
    for source, target in PAGES.items():
        markdown = markdown.replace(f"](../{source}", f"]({target}")
    markdown = markdown.replace("](../", "](")
    markdown = re.sub(r"<!-- table: (\w+) -->", lambda match: _TABLES[match[1]](), markdown)
    return re.sub(r"<!-- help: ([\w ]+) -->", lambda match: _help(match[1].split()), markdown)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *([text.replace("|", r"\|") for text in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _spaces() -> str:
    header = ("name", "title", "what is chosen", "architectures", "source")
    rows = (
        (f"`{space.name}`", space.title, space.summary, _count(space.architectures()), space.source)
        for space in SPACES.values()
    )
    return _table(header, rows)


def _count(number: int) -> str:
    if number < 10_000_000:
        return f"{number:,}"
    digits, power = f"{number:.1e}".split("e+")
    return f"{digits} · 10<sup>{int(power)}</sup>"


def _operations() -> str:
    return _table(
        ("name", "on an edge", "what it is"),
        ((f"`{operation.name}`", operation.short, operation.summary) for operation in OPERATIONS.values()),
    )


def _proxies() -> str:
    header = ("name", "what an operation is scored by", "images", "labels", "recipes", "source")
    rows = (
        (
            f"`{proxy.name}`",
            proxy.summary,
            _YES[proxy.needs_data],
            _YES[proxy.needs_labels],
            ", ".join(proxy.recipes),
            proxy.source,
        )
        for proxy in PROXIES.values()
    )
    return _table(header, rows)


def _measures() -> str:
    header = ("name", "title", "what it is", "images", "labels", "source")
    rows = (
        (
            f"`{measure.name}`",
            measure.title,
            measure.summary,
            _YES[measure.needs_data],
            _YES[measure.needs_labels],
            measure.source,
        )
        for measure in MEASURES.values()
    )
    return _table(header, rows)


def _forms() -> str:
    header = ("form", "such as", "written by")
    rows = ((form.title, f"`{form.example}`", f"`--to {form.name}`" if form.write else "") for form in FORMS.values())
    return _table(header, rows)


def _question() -> str:
    header = ("field", "default", "allowed", "what it is")
    return _table(header, (_field(field_bounds(name)) for name in SearchConfig.model_fields))


def _field(field: FieldBounds) -> tuple[str, ...]:
    allowed = ", ".join(f"`{choice}`" for choice in field.choices)
    if field.low is not None:
        allowed = f"{field.low:,} to {field.high:,}" + (f", multiples of {field.step}" if field.step else "")
    return (f"`{field.name}`", f"`{field.default!r}`", allowed, field.description)


_TABLES = {
    "spaces": _spaces,
    "operations": _operations,
    "proxies": _proxies,
    "measures": _measures,
    "forms": _forms,
    "question": _question,
}


def _help(command: list[str]) -> str:
    """Return the help of a command as it prints it, 100 characters wide."""
    os.environ["COLUMNS"] = "100"
    with contextlib.redirect_stdout(io.StringIO()) as output, contextlib.suppress(SystemExit):
        main([*command, "--help"])
    if not output.getvalue():
        raise PluginError(f"there is no help of the command '{' '.join(command)}'")
    return f"```text\n{output.getvalue().strip()}\n```"
