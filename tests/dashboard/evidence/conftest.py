"""A column of a small table, as the page has it."""

import numpy as np
import pytest

from dashboard.parts.accuracy_table import TableColumn
from engine.genotypes.population import Population
from engine.tables.table import AccuracyTable, Column, Report
from engine.tables.task import TableTask


@pytest.fixture
def table_column() -> TableColumn:
    """The accuracies of four cells of NAS-Bench-201, beside the columns `place` and `other`."""
    population = Population.sample("nas-bench-201", 4, 3)
    columns = (Column("acc", True, "CIFAR-10", "test", 200), Column("place", False), Column("other", False))
    values = np.array([[90.0, 92.0, 91.0, 10.0], [1.0, 2.0, 3.0, 4.0], [4.0, 3.0, 2.0, 1.0]])
    table = AccuracyTable("t.csv", population, columns, values, Report(4))
    return TableColumn(TableTask(path="t.csv", stamp=7), table, "acc")
