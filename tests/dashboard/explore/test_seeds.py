"""What is said of a study of seeds."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.waiting import PATIENCE


def page(notations, precision=0):
    import numpy as np

    from dashboard.explore import seeds
    from engine import SearchConfig
    from engine.studies.seeds import SeedStudy

    config, count = SearchConfig(), len(notations)
    shares, winners = np.ones((count, 6, 5)), np.zeros((count, 6), int)
    study = SeedStudy(
        config, tuple(range(count)), {"cell": shares}, {"cell": winners}, notations, 1.5, precision=precision
    )
    seeds.study_view(study)


@pytest.mark.parametrize(
    ("notations", "said"),
    [
        (("a", "a", "a"), "The seed does not matter here: all 3 find this cell (flow shares vary by under 1 %)."),
        (
            ("b", "a", "a"),
            "The seed matters: 3 seeds find 2 different cells, 2 of them this one (flow shares vary by under 1 %).",
        ),
    ],
)
def test_how_many_seeds_found_the_most_frequent_genotype(notations, said):
    at = AppTest.from_function(page, args=(notations,), default_timeout=PATIENCE).run()
    assert not at.exception
    assert (at.markdown[0].value, at.code[0].value) == (f"**{said}** :small[1.5 s]", "a")


def test_where_rounding_decides_it_says_for_how_many_seeds():
    at = AppTest.from_function(page, args=(("a", "b", "a"), 2), default_timeout=PATIENCE).run()
    assert not at.exception
    assert at.warning[0].value.startswith("Rounding decides for 2 of the seeds")
