"""The files of the dashboard that are no modules, in a clone and where it is installed."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
"""The folder of the package `dashboard`."""
ROOT = PACKAGE.parent if (PACKAGE.parent / "app.py").is_file() else PACKAGE
"""The folder of the app and of the assets: the root of a clone, or the package as it is installed."""
APP = ROOT / "app.py"
SCRIPT = PACKAGE / "frame" / "script.py"
"""The script that the app runs for every session."""
ASSETS = ROOT / "assets"
