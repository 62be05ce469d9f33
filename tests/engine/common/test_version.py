import re
import subprocess
from importlib import metadata
from pathlib import Path

import pytest

from engine.common.version import DISTRIBUTION, RELEASE, commit, version
from tests.paths import ROOT


def git(folder: Path, *arguments: str) -> str:
    names = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    run = subprocess.run(["git", *names, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return run.stdout.strip()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet", "--initial-branch=main", "clone")
    folder = tmp_path / "clone"
    git(folder, "commit", "--quiet", "--allow-empty", "--message=first")
    return folder


def test_a_clone_says_the_commit_that_it_is_at(clone: Path):
    first = git(clone, "rev-parse", "HEAD")
    assert commit(clone) == first[:9]
    git(clone, "commit", "--quiet", "--allow-empty", "--message=second")
    assert version(clone) == f"{RELEASE}+g{git(clone, 'rev-parse', 'HEAD')[:9]}"
    git(clone, "pack-refs", "--all")
    assert commit(clone) == git(clone, "rev-parse", "HEAD")[:9]
    git(clone, "checkout", "--quiet", "--detach", first)
    assert commit(clone) == first[:9]


def test_another_work_tree_says_its_own_commit(clone: Path, tmp_path: Path):
    other = tmp_path / "other"
    git(clone, "worktree", "add", "--quiet", "-b", "side", str(other))
    git(other, "commit", "--quiet", "--allow-empty", "--message=aside")
    assert commit(other) == git(other, "rev-parse", "HEAD")[:9] != commit(clone)


@pytest.mark.parametrize("head", [None, "ref: refs/heads/nowhere", ""])
def test_a_folder_that_says_nothing_has_no_commit(tmp_path: Path, head: str | None):
    if head is not None:
        (tmp_path / ".git").mkdir()
        (tmp_path / ".git" / "HEAD").write_text(head)
    assert commit(tmp_path) == ""


def test_what_is_installed_has_the_version_that_it_was_built_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(metadata, "version", {DISTRIBUTION: "0.9.0+g012345678"}.__getitem__)
    assert version(tmp_path) == "0.9.0+g012345678"

    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    assert version(tmp_path) == RELEASE


def test_this_code_has_a_version_that_packaging_tools_take():
    assert re.fullmatch(r"\d+\.\d+\.\d+(\+g[0-9a-f]{9})?", version(ROOT))
