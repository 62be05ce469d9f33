"""The headline of an atlas and the sentences on its numbers."""

import numpy as np
import pytest

from dashboard.atlas.quantities import Quantity
from dashboard.atlas.request import AtlasRequest
from dashboard.atlas.words import atlas_provenance, count_text, population_words
from dashboard.parts.accuracy_table import TableColumn
from engine.genotypes.population import Population
from engine.studies.atlas import Atlas
from engine.tables.table import AccuracyTable, Column, Report
from engine.tables.task import TableTask

MACHINE = {"threads": 2, "device": "cpu", "engine": "0.1", "torch": "2.0", "device_name": "a processor"}


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0"), (999_999, "999,999"), (1_000_000, "1.0 · 10⁶"), (5**6 * 10**10, "1.6 · 10¹⁴")],
)
def test_large_counts_are_powers_of_ten(count, text):
    assert count_text(count) == text


def finding_of(request, **values):
    """The heading of four architectures with these numbers, all of which pass."""
    given = {"flow": [3.0, 1.0, 2.0, -np.inf], "params": [0.9, 0.5, 1.1, 0.1]} | values
    quantities = {name: Quantity(name, name.capitalize(), "%", np.array(numbers)) for name, numbers in given.items()}
    return population_words(request, quantities, np.ones(4, dtype=bool))


def test_the_heading_says_what_is_worth_that_flow_ranks_first():
    whole, sample = AtlasRequest("nas-bench-201", None, 0, 4), AtlasRequest("darts", 1000, 0, 0)
    assert finding_of(whole) == "4 cells: the one that flow ranks first is number 2 by parameters"
    assert finding_of(whole, params=[2, 1, 0, 0]) == "4 cells: the one that flow ranks first has the most parameters"
    assert finding_of(whole, accuracy=[93.76, 1, 2, 3]) == "4 cells: the one that flow ranks first has 93.76 %"
    some = "4 cells: of 2 with accuracy, the one that flow ranks first has 2.00 %"
    assert finding_of(whole, accuracy=[np.nan, 1, 2, np.nan]) == some
    tied = "4 of 1.1 · 10¹⁸ genotypes: the 2 that flow ranks first have 1.00 to 3.00 %"
    assert finding_of(sample, flow=[5, 5, 0, 0], accuracy=[3, 1, 9, 9]) == tied
    assert finding_of(sample, flow=[-np.inf] * 4) == "4 of 1.1 · 10¹⁸ genotypes of DARTS"


def test_the_heading_counts_those_that_pass():
    quantities = {"params": Quantity("params", "Parameters", "M", np.arange(4.0))}
    passing = np.array([True, False, True, False])
    request = AtlasRequest("nas-bench-201", None, 0, 4)
    assert population_words(request, quantities, passing) == "2 of 4 cells of NAS-Bench-201"


def test_every_atlas_says_how_it_was_computed():
    atlas = Atlas("darts", 1000, 3, 4, {"naswot": np.zeros(1)}, 12.345, MACHINE, data="Gaussian noise")
    one = Atlas("darts", 1000, 3, 4, {"params": np.zeros(1)}, 1.0, MACHINE | {"threads": 1})
    text = atlas_provenance(AtlasRequest("darts", None, 0, 4), [atlas, one], None, 0)
    assert "of Gaussian noise: computed here in 12.3 s with the weights of seed 4 on CPU" in text
    assert "(engine 0.1, torch 2.0, a processor, 2 threads). Parameters: computed here" in text
    assert text.endswith("a processor, 1 thread).")


def test_a_sample_and_a_table_say_where_they_come_from():
    population = Population.sample("darts", 1, 0)
    table = AccuracyTable("t.csv", population, (Column("acc", True),), np.full((1, 1), 90.0), Report(1))
    column = TableColumn(TableTask(path="t.csv", stamp=0), table, "acc")
    request = AtlasRequest("darts", 1000, 3, 4)
    text = atlas_provenance(request, [], column, 0)
    assert text.startswith("Accuracy: ")
    assert "table t.csv; known of none of these architectures. Drawn uniformly with the sample seed 3" in text
    assert text.endswith("1,000 times; each architecture stands there once.")
    joined = atlas_provenance(AtlasRequest("darts", 1000, 3, 4, also=("x",)), [], column, 1_234)
    assert "known of 1,234 of these architectures" in joined
    assert joined.endswith("and joined by known architectures, those found by search and those of the table.")
