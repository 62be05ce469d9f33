"""The section of the cells that searches find."""

import numpy as np
import pytest

from dashboard.evidence import recipes
from dashboard.evidence.charts import recipe_window
from engine.searches.config import SearchConfig, default_questions
from engine.spaces import SPACES
from engine.studies.found_cells import RecipeCells
from engine.studies.seeds import SeedStudy
from tests.dashboard.evidence.test_words import group

AMONG = np.linspace(10, 94, 1001)


@pytest.mark.parametrize("space", SPACES)
def test_every_recipe_of_a_space_has_a_study_of_a_hundred_seeds(space):
    tasks = recipes.study_tasks(space)
    assert [task.config.recipe for task in tasks] == [config.recipe for config in default_questions(space)]
    assert {(task.seeds, task.config.seed, task.config.space) for task in tasks} == {(100, 0, space)}


def test_a_group_that_is_in_no_table_has_counts_and_nothing_else():
    assert recipes.group_row(group("a", [np.nan, np.nan], AMONG), "%") == ["a", "2", "2", *["-"] * 6]


def test_a_group_has_its_numbers():
    row = recipes.group_row(group("a", [90.0, 94.0, np.nan], AMONG), "%")
    assert row[:3] == ["a", "3", "1"]
    assert row[3].startswith("92.00 ± ")
    assert row[4:7] == ["92.00", "94.00", "90.00"]
    assert row[8] == "2.00"


def test_the_legend_counts_what_lies_left_of_the_picture():
    cells = RecipeCells("acc", (group("synaptic", [93.0], AMONG),), (group("random cells", AMONG, AMONG),))
    low, _ = recipe_window(cells)
    hidden = int((low > AMONG).sum())
    assert 0 < hidden < 251
    assert f"{hidden:,} random cells lie left of the picture, the worst at 10.00 %." in recipes._legend(cells, "cells")
    near = RecipeCells("acc", (group("synaptic", [10.0], AMONG),), (group("random cells", [50.0, 50.0], AMONG),))
    assert "left of the picture" not in recipes._legend(near, "cells")
    errors = RecipeCells("err", (group("a", [6.0], AMONG),), (group("random cells", AMONG, AMONG),), "%", True)
    hidden = int((recipe_window(errors)[1] < AMONG).sum())
    assert 0 < hidden < 251
    assert f"{hidden:,} random cells lie right of the picture" in recipes._legend(errors, "cells")


def test_a_study_says_how_it_was_made():
    config = SearchConfig(space="nas-bench-201", field="interior")
    sentence = recipes._study_sentence(SeedStudy(config, (0, 1), {}, {}, ("a", "a"), 1.5))
    assert sentence.startswith("synaptic: seeds 0 to 1 in the closed form, 16 channels and 5 cells")
    assert sentence.endswith("computed here in 1.5 s; 1 different genotype.")
