"""The figure of a study of seeds, against numbers by hand."""

from __future__ import annotations

import numpy as np
import pytest

from engine import SearchConfig
from engine.studies.seed_figure import check_study, seeds_figure, spread_heatmap, wins_heatmap
from engine.studies.seeds import SeedStudy


@pytest.fixture
def study() -> SeedStudy:
    """Four seeds: three leave the last operation everywhere, one the second, whose share alone varies."""
    shares = np.ones((4, 6, 5))
    shares[:, :, 0] = 0
    shares[:, :, 1] = np.array([1.0, 3.0, 1.0, 3.0])[:, None]
    winners = np.full((4, 6), 4)
    winners[0] = 1
    return SeedStudy(
        SearchConfig(space="nas-bench-201"), (0, 1, 2, 3), {"cell": shares}, {"cell": winners}, ("",) * 4, 1
    )


def test_wins_are_shares_of_the_seeds(study: SeedStudy):
    for row in wins_heatmap(study, "cell").fields:
        assert [field.text for field in row] == ["0", "25", "0", "0", "75"]
        assert [field.border for field in row] == ["", "", "", "", "solid"]


def test_shares_have_their_spread(study: SeedStudy):
    heatmap = spread_heatmap(study, "cell")
    assert heatmap.limits == (1, 2)
    for row in heatmap.fields:
        assert [field.text for field in row] == ["0", "2", "1", "1", "1"]
        assert [field.note for field in row] == ["", "± 1", "± 0", "± 0", "± 0"]


def test_both_stand_in_one_figure(study: SeedStudy):
    drawing = seeds_figure(study).decode()
    assert drawing.index("Cell: chosen under 4 seeds") < drawing.index("Cell: mean flow share")
    with pytest.raises(ValueError, match="unknown cell type 'normal'; allowed: cell"):
        seeds_figure(study, cell="normal")


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        (np.ones((3, 6, 5)), "shares.cell: a table of 4 by 6 by 5 numbers expected"),
        (np.full((4, 6, 5), "x"), "shares.cell: a table of 4 by 6 by 5 numbers expected"),
        (np.full((4, 6, 5), np.nan), "shares.cell: numbers of at least 0 expected"),
    ],
)
def test_a_study_that_does_not_fit_is_refused(study: SeedStudy, shares: np.ndarray, message: str):
    check_study(study)
    study.shares["cell"] = shares  # type: ignore[index]
    with pytest.raises(ValueError, match=message):
        check_study(study)
