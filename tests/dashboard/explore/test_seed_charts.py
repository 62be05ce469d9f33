import numpy as np
import plotly.graph_objects as go
import pytest

from dashboard.explore.seed_charts import seed_figures
from engine.studies.seeds import SeedStudy


def test_the_colours_of_seeds_are_told_as_those_of_one_answer(nas_bench_201):
    space = nas_bench_201.space
    shares = np.full((2, len(space.edges), len(space.operations)), 0.02)
    shares[0, 1, 2], shares[:, 0, 0], shares[:, 0, 1] = 0.78, 1, 0
    winners = np.zeros((2, len(space.edges)), int)
    study = SeedStudy(nas_bench_201.config, (0, 1), {"cell": shares}, {"cell": winners}, ("x", "x"), 1.0)
    (drawn, alt), (counted, _) = seed_figures(study, "cell")
    mean, wins = (go.Figure(figure.to_dict()) for figure in (drawn, counted))
    bar = mean.data[0].colorbar
    assert (bar.title.text, *bar.ticktext) == ("flow share", "0.1", "1")
    assert 10 ** np.array(bar.tickvals) == pytest.approx([0.1, 1])
    expected = np.where(np.arange(30).reshape(6, 5) == 7, 0.4, 0.02)
    expected[0, :2] = 1, np.nan
    assert 10 ** np.array(mean.data[0].z, dtype=float) == pytest.approx(expected, nan_ok=True)
    assert (wins.data[0].zmin, wins.data[0].zmax) == (0, 100)
    assert np.array(wins.data[0].z)[:, 0] == pytest.approx(100)
    assert "mean share 0.4<br>standard deviation 0.38<br>wins 0 %" in mean.data[0].customdata[1][2]
    assert alt.startswith("Cell: mean flow share, log colour over 2 seeds. Most frequent winners: 0→1 none, ")
