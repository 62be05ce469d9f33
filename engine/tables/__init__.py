"""Tables of accuracies that a user brings: readers, checks, a cache, lookup by architecture.

from engine.tables import load_table
table = load_table(Path("nas-bench-201-cifar10-200ep.csv"))
table.accuracies()[0].description  # "CIFAR-10 test accuracy (%), 200 epochs"
"""

from __future__ import annotations

from engine.tables.cache import find_tables, load_table
from engine.tables.readers import MAX_TABLE_BYTES, READERS, Reader, read_table
from engine.tables.table import SPLITS, AccuracyTable, Column, Report

__all__ = [
    "MAX_TABLE_BYTES",
    "READERS",
    "SPLITS",
    "AccuracyTable",
    "Column",
    "Reader",
    "Report",
    "find_tables",
    "load_table",
    "read_table",
]
