"""`python -m tests.audit`: are known vulnerabilities in what is pinned? Fails for one, never for want of a network.

What stands behind `--` goes to pip-audit, such as `-- -s osv` for another database.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.paths import ROOT

PINNED = ROOT / "requirements-dev.txt"
"""All that is pinned; it holds what runs the app as well."""
_SECONDS = 120
_NO_NETWORK = re.compile("connect|network|time(d )?out|http|resolve|ssl|proxy", re.IGNORECASE)
"""What pip-audit ends with where its database does not answer."""


def main(argv: Sequence[str] | None = None) -> int:
    """Print one line, or a line for each vulnerability; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.audit")
    parser.add_argument("--pinned", type=Path, default=PINNED)
    parser.add_argument("options", nargs="*", help="of pip-audit")
    arguments = parser.parse_args(argv)
    try:
        found = _dependencies(arguments.pinned, arguments.options)
    except ValueError as error:
        print(f"audit: {error}")
        return 1
    lines = [
        f"{each['name']} {each['version']}: {one['id']}, fixed in {', '.join(one['fix_versions']) or 'no version yet'}"
        for each in found
        for one in each.get("vulns", ())
    ]
    print("\n".join(lines) or _said(found))
    return 1 if lines else 0


def _dependencies(pinned: Path, options: list[str]) -> list[dict[str, Any]]:
    """What pip-audit says of each dependency, nothing where no database answers; `ValueError` if it fails."""
    command = [sys.executable, "-m", "pip_audit", "-r", str(pinned), "--no-deps", "--disable-pip", "-f", "json"]
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


def _said(found: list[dict[str, Any]]) -> str:
    """What was audited and what could not be, in one line."""
    skipped = [each["name"] for each in found if "skip_reason" in each]
    if len(skipped) == len(found):
        return "audit: no dependency could be audited, for the database of vulnerabilities does not answer from here"
    rest = f"; not audited, for want of data: {', '.join(skipped)}" if skipped else ""
    return f"audit: no known vulnerability in {len(found) - len(skipped)} of {len(found)} dependencies{rest}"


if __name__ == "__main__":
    sys.exit(main())
