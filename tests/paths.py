"""The folders that tests read from."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ASSETS = ROOT / "assets"
FILES = ROOT / "tests" / "engine" / "files"
"""Documents that earlier versions wrote."""
