"""The version of FreeNAS, as it stands in every result: the release, and the commit that tells its builds apart."""

from __future__ import annotations

from contextlib import suppress
from importlib import metadata
from pathlib import Path

RELEASE = "0.2.0"
DISTRIBUTION = "freenas-dashboard"


def commit(clone: Path) -> str:
    """Return the first nine digits of the commit that a clone is at, nothing where the folder is no clone."""
    git = clone / ".git"
    with suppress(OSError, ValueError, StopIteration):
        if git.is_file():  # of another work tree of the same clone
            git = clone / git.read_text().removeprefix("gitdir:").strip()
        head = (git / "HEAD").read_text().strip()
        if not head.startswith("ref: "):
            return head[:9]
        name = head.removeprefix("ref: ")
        common = git / "commondir"
        shared = git / common.read_text().strip() if common.is_file() else git
        if (shared / name).is_file():
            return (shared / name).read_text()[:9]
        packed = (shared / "packed-refs").read_text().splitlines()
        return next(line for line in packed if line.endswith(f" {name}"))[:9]
    return ""


def version(root: Path) -> str:
    """Return the version of the code under `root`: of a clone by its commit, else as it was installed."""
    if digits := commit(root):
        return f"{RELEASE}+g{digits}"
    with suppress(metadata.PackageNotFoundError):
        return metadata.version(DISTRIBUTION)
    return RELEASE


__version__ = version(Path(__file__).resolve().parents[2])
