import pytest
from streamlit.testing.v1 import AppTest

from dashboard.learn.toy import moved_toy, toy_data
from engine.supernets.toy import Toy
from tests.waiting import PATIENCE


def test_the_figure_holds_the_numbers_of_the_toy():
    toy = Toy(0.5, 4, (1, 2, 0.5, 1))
    data = toy_data(toy)
    strands = [strand for edge in data["graph"]["edges"] for strand in edge["strands"]]
    assert [strand["share"] for strand in strands] == [score.share for score in toy.scores()]
    assert [float(path["value"]) for path in data["paths"]] == [path.value for path in toy.paths()]
    assert data["flow"] == f"{toy.flow:.4g}"
    assert {id for path in data["paths"] for id in path["strands"]} == {strand["id"] for strand in strands}


def test_every_slider_moves_the_value_of_its_place():
    data = toy_data(Toy(3, 2))
    for row in data["rows"]:
        for place in filter(lambda place: place is not None, (row["weight"], row["alpha"])):
            values = list(data["values"])
            values[place] = 0.5
            toy = moved_toy(values)
            score = next(score for score in toy.scores() if f"{score.operation} on {score.edge}" == row["id"])
            assert 0.5 in (score.weight, score.alpha)


@pytest.mark.parametrize(
    "values",
    [
        *(None, "x", [1, 2], {"a": 1}, [1, 2, 1, 1, 1, "1"]),
        *([6, 2, 1, 1, 1, 1], [1, 2, 1, 1, 1, float("nan")], [10**400, 2, 1, 1, 1, 1]),
    ],
)
def test_what_no_slider_sends_changes_nothing(values):
    assert moved_toy(values) is None


def page():
    from dashboard.learn.toy import toy_view

    toy_view()


def test_the_figure_is_drawn():
    at = AppTest.from_function(page, default_timeout=PATIENCE).run()
    assert not at.exception
