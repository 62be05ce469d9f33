"""The leaderboard, on numbers made up for it."""

import math

import pytest

from dashboard.evidence.leaderboard import against_params, bar_ends, best_searchers, board_columns, board_rows, ranked
from dashboard.parts.table import Bar, TableCell
from engine.studies.statistics import Interval, Pick
from tests.dashboard.evidence.test_words import NAN, made, score


def test_the_best_ranking_is_first_and_what_ranks_nothing_last():
    scores = [score("a", 0.1, 0.2), score("nothing", spearman=NAN), score("b", -0.9, -0.8), score("c", 0.5, 0.6)]
    assert [each.name for each in ranked(scores)] == ["c", "a", "b", "nothing"]


def test_the_best_ranking_may_be_another_than_the_best_searcher():
    finder = score("finder", 0.1, 0.2, picks=(Pick(1, 90.0, 3.0, 9.0), Pick(10, 93.9, 0.9, 99.0)), seconds=8e-6)
    first, second, params = board_rows(made(finder, score(), score("params", 0.0, 0.1)))
    assert (first[0], second[0]) == (TableCell("log-flow", "best ranking"), TableCell("finder", "best searcher"))
    assert first[1] == TableCell("0.750", "0.700 to 0.800", "strong", Bar(0.75, 0.7, 0.8))
    assert second[2:] == [
        TableCell("93.90 %", "0.10 below the best", "strong"),
        TableCell("93.00 %", "1.00 below the best"),
        TableCell("9 trainings", "+3.00 on one"),
        TableCell("no clear difference", "parameters 0.050"),
        "8 µs",
    ]
    assert params[0] == TableCell("Parameters", "baseline")
    assert params[5] == TableCell("-")
    assert [each.name for each in best_searchers(made(finder, score()))] == ["finder"]


@pytest.mark.parametrize(
    ("own", "cell"),
    [
        (Interval(0.8, 0.7, 0.9), TableCell("better", "parameters 0.500", "good")),
        (Interval(0.2, 0.1, 0.3), TableCell("worse", "parameters 0.500", "weak")),
        (Interval(0.3, 0.1, 0.5), TableCell("no clear difference", "parameters 0.500")),
        (NAN, TableCell("-")),
    ],
)
def test_a_ranking_is_better_where_the_intervals_part(own, cell):
    assert against_params(own, Interval(0.5, 0.4, 0.6)) == cell


def test_a_first_pick_that_is_worse_than_chance_is_marked():
    (row,) = board_rows(made(score(picks=(Pick(1, 86.0, -1.0, 1.0),))))
    assert row[2] == TableCell("-")
    assert row[4] == TableCell("worse than one", "-1.00 on one", "weak")
    (row,) = board_rows(made(score(picks=(Pick(1, 8.0, -1.0, 1.0),)), quantity="error", lower_is_better=True))
    assert row[4] == TableCell("worse than one", "+1.00 on one", "weak")


def test_first_picks_that_are_worse_than_chance_are_marked():
    (row,) = board_rows(made(score(picks=(Pick(1, 93.0, 6.0, 40.0), Pick(10, 93.0, -0.5, 4.0)))))
    assert row[2] == TableCell("93.00 %", "10 at random find 93.50", "weak")


def test_what_is_not_defined_is_no_number():
    nothing = score(spearman=NAN, accuracy=math.nan, regret=math.nan, picks=())
    (row, to_come) = board_rows(made(nothing), ["NASWOT"])
    assert row == [TableCell("log-flow"), TableCell("not defined"), *[TableCell("-")] * 4, "-"]
    assert to_come == [TableCell("NASWOT", "to come"), *["-"] * 6]
    assert len(board_columns(made(nothing))) == len(row) == len(to_come)


def test_bars_begin_where_the_lowest_interval_does():
    assert bar_ends([NAN, Interval(0.5, 0.4, 0.6)]) == (0.0, 1.0)
    assert bar_ends([Interval(-0.2, -0.31, 0.1)]) == (-0.4, 1.0)
