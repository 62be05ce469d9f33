"""What the evidence says, on numbers made up for it."""

import math

import numpy as np
import pytest

from dashboard.evidence.words import (
    enumeration,
    evidence_provenance,
    place_sentence,
    recipe_sentences,
    score_paragraphs,
)
from engine.spaces import Size
from engine.studies.evidence import Evidence, Score
from engine.studies.found_cells import CellGroup, RecipeCells
from engine.studies.statistics import Interval, Pick, RankRange, Summary, summary

NAN = Interval(math.nan, math.nan, math.nan)


def score(name="flow", low=0.7, high=0.8, **parts):
    spearman = Interval((low + high) / 2, low, high)
    picks = (Pick(1, 93.0, 6.0, 40.0), Pick(10, 93.5, 0.5, 90.0))
    usual = {
        "architectures": 100,
        "left_out": 0,
        "accuracy": 93.0,
        "regret": 1.0,
        "rank_of_best": RankRange(12, 12),
        "curve": (93.0,),
        "picks": picks,
        "name": name,
        "title": {"flow": "log-flow", "params": "Parameters", "macs": "MACs"}.get(name, name),
        "summary": "",
        "source": "",
        "from_table": False,
        "spearman": spearman,
        "kendall": spearman,
    }
    return Score(**(usual | parts))


def made(*scores, **parts):
    usual = {
        "table": "t.csv",
        "space": "nas-bench-201",
        "column": "acc",
        "description": "CIFAR-10 test accuracy (%), 200 epochs",
        "architectures": 100,
        "left_out": 0,
        "notes": (),
        "best": 94.0,
        "best_notation": "",
        "seed": 3,
        "data": "Gaussian noise",
        "resamples": 500,
        "search_size": Size(16, 5),
        "evaluation_size": Size(36, 20),
        "ks": (1,),
        "random": (87.0,),
        "scores": scores,
    }
    return Evidence(**(usual | parts))


def said(*scores):
    return " ".join(score_paragraphs(scores[0], made(*scores)))


def test_a_score_is_a_searcher_a_ranking_and_has_a_place_for_the_best():
    first, order, best = score_paragraphs(score(), made(score()))
    assert first == (
        "If you train only the cell it ranks first, you get 93.00 %, 1.00 points below the best (94.00 %). "
        "At random you would need about 40 trainings for that; one gives 87.00 on average."
    )
    assert order.startswith(
        "**log\\-flow** orders the 100 architectures of NAS\\-Bench\\-201 with Spearman 0.750 [0.700, 0.800] and "
        "Kendall"
    )
    assert best == "The best of the table (94.00 %) stands at rank 12 of 100."
    assert ":orange" not in first + order
    assert "you get 94.00 %, the best of the table." in said(score(picks=(Pick(1, 94.0, 7.0, 100.0),)))


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.1, 0.3, "The order by Parameters (0.200) is less good."),
        (0.85, 0.9, ":orange[The order by Parameters (0.875) is better.]"),
        (0.79, 0.9, "The order by Parameters (0.845) is not clearly another one, the intervals overlap."),
    ],
)
def test_a_baseline_is_named_where_it_is_better(low, high, expected):
    assert expected in said(score(), score("params", low, high))


def test_baselines_with_the_same_verdict_are_named_together():
    text = said(score(), score("params", 0.9, 0.92), score("macs", 0.95, 0.97))
    assert ":orange[The order by Parameters (0.910) and by MACs (0.960) is better.]" in text
    assert "The order by" not in said(score("params"), score(), score("macs"))


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(-0.1, 0.1, "Its interval holds 0"), (-0.5, -0.3, "What it ranks high is worse")],
)
def test_an_order_that_is_none_is_called_so(low, high, expected):
    assert expected in said(score(low=low, high=high))


def test_random_search_is_named_where_it_is_better():
    text = said(score(picks=(Pick(1, 86.0, -1.0, 1.0), Pick(10, 93.0, -0.25, 4.0))))
    assert ":orange[The best of its first (86.00) is below what 1 random training gives (87.00).]" in text
    assert ":orange[The best of its first 10 (93.00) is below what 10 random trainings give (93.25).]" in text
    assert "At random you would need" not in text


def test_what_is_not_defined_is_not_said():
    text = said(score(spearman=NAN, kendall=NAN, picks=(), rank_of_best=RankRange(math.nan, math.nan), left_out=100))
    assert "orders nothing here" in text
    assert "The best of the table has no score." in text
    assert "nan" not in text


def test_ties_and_missing_scores_are_said():
    text = said(score(rank_of_best=RankRange(12, 20), architectures=90, left_out=10))
    assert "orders the 90 architectures of NAS\\-Bench\\-201 (10 have no score)" in text
    assert "stands at rank 12–28, tied, of 90" in text


def test_names_of_users_are_escaped():
    column = score("![x](http://evil)", from_table=True)
    evil = made(column, description="[x](http://evil)", table="$x$")
    for text in (*score_paragraphs(column, evil), evidence_provenance(evil)):
        assert "](http" not in text
        assert "$x$" not in text.replace("\\$", "")
    assert "(from the table)" in " ".join(score_paragraphs(column, evil))


def test_provenance_names_what_made_the_numbers():
    text = evidence_provenance(made(score(), left_out=7))
    for part in (
        "100 architectures of NAS\\-Bench\\-201 in the table",
        "7 without a number left out",
        "seed 3",
        "16 channels",
        "(36, 20)",
    ):
        assert part in text


def group(name, values, among):
    return CellGroup(name, np.asarray(values, dtype=float), summary(values, among))


def test_recipes_stand_beside_the_groups_of_the_table():
    among = np.linspace(80, 94, 141)
    references = (
        group("random cells", among, among),
        group("most parameters", [93.0], among),
        group("none", [], among),
    )
    found = RecipeCells("acc", (group("synaptic, 2 seeds", [93.0, 93.0], among),), references)
    (text,) = recipe_sentences(found, 141)
    assert text == (
        "**synaptic\\, 2 seeds**: 93.00 ± 0.00 %, median rank 11 of 141, mean regret 1.00. "
        "Its mean is above that of *random cells*. :orange[Its mean is not above that of *most parameters*.]"
    )
    for value, verdict in ((94.0, "Its mean is above that of *random cells* and *most parameters*."), (80.0, "orange")):
        (text,) = recipe_sentences(RecipeCells("acc", (group("a", [value], among),), references), 141)
        assert verdict in text
        assert text.count("Its mean") == 1
    missing = RecipeCells("acc", (group("a", [np.nan], among), group("b", [90.0, np.nan], among)), references)
    nothing, half = recipe_sentences(missing, 141)
    assert "none of the genotypes found is in the table" in nothing
    assert "90.00 % (1 of 2 are not in the table)" in half


def test_one_found_cell_has_a_rank_and_a_regret():
    among = [90.0, 94.0, 92.0]
    assert place_sentence("It", summary([92.0], among), 3, "%") == ("It: 92.00 %, rank 2 of 3, 2.00 from the best.")
    best = place_sentence("It", summary([94.0], among), 3, "%")
    assert best.endswith("; at random you would need about 3 trainings for that.")
    nowhere = Summary(1, 1, *[math.nan] * 8)
    assert place_sentence("It", nowhere, 3, "%") == "It: its genotype is not in the table."


def test_errors_are_better_below():
    one = score(picks=(Pick(1, 8.0, -1.0, 1.0), Pick(10, 6.5, 0.25, 4.0)), regret=2.0)
    text = " ".join(score_paragraphs(one, made(one, quantity="error", lower_is_better=True, best=6.0)))
    assert "you get 8.00 %, 2.00 points above the best (6.00 %)." in text
    assert ":orange[The best of its first (8.00) is above what 1 random training gives (7.00).]" in text
    assert "The best of the table (6.00 %) stands at rank 12 of 100." in text
    losses = RecipeCells(
        "loss", (group("a", [93.0], [94.0, 93.0]),), (group("random", [92.0], [94.0, 93.0]),), "", lower_is_better=True
    )
    (sentence,) = recipe_sentences(losses, 2)
    assert sentence.startswith("**a**: 93, median rank 2 of 2, mean regret 1.")
    assert "Its mean is below that of *random*." in sentence


def test_lists_read_well():
    assert enumeration(["a"]) == "a"
    assert enumeration(["a", "b", "c"]) == "a, b and c"
