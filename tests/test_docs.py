"""The documentation is built without a warning, publishes the schemas at their `$id`s, and fetches nothing."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.paths import ASSETS, ROOT


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    return folder


def test_schemas_stand_at_the_path_of_their_ids(site: Path):
    schemas = sorted(ASSETS.glob("*.schema.json"))
    assert schemas
    for path in schemas:
        text = path.read_text("utf-8")
        assert (site / urlsplit(json.loads(text)["$id"]).path.lstrip("/")).read_text("utf-8") == text


def test_reading_it_fetches_nothing(site: Path):
    fetched = re.compile(
        r'<(?:script|img|iframe|link rel="(?:stylesheet|icon|preconnect)")[^>]*(?:src|href)="(?:https?:)?//[^"]*"'
    )
    assert [found for page in site.rglob("*.html") for found in fetched.findall(page.read_text("utf-8"))] == []


def test_every_comment_became_its_table_or_help(site: Path):
    pages = {page.parent.name: page.read_text("utf-8") for page in site.rglob("index.html")}
    assert [name for name, text in pages.items() if "<!-- table" in text or "<!-- help" in text] == []
    words = {"spaces": "nor_conv_3x3", "scores": "2002.07376", "notations": "1462", "command-line": "--max-params"}
    assert [name for name, word in words.items() if word not in pages[name]] == []


def test_what_examples_import_is_there():
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    blocks = re.findall(r"^```python\n(.*?)^```", "\n".join(page.read_text("utf-8") for page in pages), re.S | re.M)
    imports = [line for block in blocks for line in block.splitlines() if re.match("from|import", line)]
    assert len(imports) > 5
    for line in imports:
        exec(line, {})


def test_links_of_the_readme_lead_somewhere():
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", (ROOT / "README.md").read_text("utf-8"))
    assert len(links) > 10
    assert [link for link in links if not (ROOT / link).exists()] == []
