"""Three cells, and files of tables with them."""

from __future__ import annotations

from pathlib import Path

from engine.genotypes.population import Population
from engine.tables import AccuracyTable, read_table

CELL = "|{}~0|+|none~0|none~1|+|none~0|none~1|none~2|"
A, B, C = (CELL.format(name) for name in ("none", "skip_connect", "nor_conv_1x1"))
DARTS = Population.sample("darts", 3, 0).genotypes()
QUOTED = f'"{DARTS[0].notation}"'
GOOD = f"arch,acc\n{A},10\n{B},20\n{C},30\n"


def read(folder: Path, content: str | bytes, name: str = "t.csv", **options: object) -> AccuracyTable:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_table(path, **options)


def write_csv(path: Path, accuracy: float = 90.5) -> Path:
    path.write_text(f"arch,acc\n{A},{accuracy}\n{B},91.25\n")
    return path
