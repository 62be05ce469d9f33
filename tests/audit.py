"""`python -m tests.audit`: known vulnerabilities in all that is installed. One fails, the want of a network does not.

`--path FOLDER` looks at the packages of another environment, in its site-packages; the options behind `--` go to
pip-audit, such as `-- -s osv` for another database.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

_SECONDS = 120
_NO_NETWORK = re.compile("connect|network|time(d )?out|http|resolve|ssl|proxy", re.IGNORECASE)
"""The end of what pip-audit says where its database does not answer."""


def main(argv: Sequence[str] | None = None) -> int:
    """Print one line, or a line for each vulnerability; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.audit")
    parser.add_argument("--path", help="the site-packages of another environment")
    parser.add_argument("options", nargs="*", help="of pip-audit")
    arguments = parser.parse_args(argv)
    try:
        packages = _installed(arguments.path, arguments.options)
    except ValueError as error:
        print(f"audit: {error}")
        return 1
    lines = [
        f"{package['name']} {package['version']}: {one['id']}, "
        f"fixed in {', '.join(one['fix_versions']) or 'no version yet'}"
        for package in packages
        for one in package.get("vulns", ())
    ]
    print("\n".join(lines) or _summary(packages))
    return 1 if lines else 0


def _installed(path: str | None, options: list[str]) -> list[dict[str, Any]]:
    """Return what pip-audit knows of each package, nothing where no database answers; `ValueError` if it fails."""
    where = ["--local", "--skip-editable"] if path is None else ["--path", path]
    command = [sys.executable, "-m", "pip_audit", *where, "--progress-spinner", "off", "-f", "json"]
    try:
        done = subprocess.run([*command, *options], capture_output=True, text=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return []
    if done.stdout:
        return list(json.loads(done.stdout)["dependencies"])
    reason = (done.stderr.strip() or "pip-audit said nothing").splitlines()[-1]
    if _NO_NETWORK.search(reason):
        return []
    raise ValueError(reason)


def _summary(packages: list[dict[str, Any]]) -> str:
    """Say in one line what was audited and what could not be."""
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    if len(skipped) == len(packages):
        return "audit: no package could be audited, for the database of vulnerabilities does not answer from here"
    rest = f"; not audited, for want of data: {', '.join(skipped)}" if skipped else ""
    return f"audit: no known vulnerability in {len(packages) - len(skipped)} of {len(packages)} packages{rest}"


if __name__ == "__main__":
    sys.exit(main())
