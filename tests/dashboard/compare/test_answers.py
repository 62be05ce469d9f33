import pytest

from dashboard.compare import answers
from dashboard.parts.comparison import MOST_COMPARED
from engine import SearchResult, search
from tests.conftest import tiny


@pytest.fixture(scope="module")
def two() -> list[SearchResult]:
    return [search(tiny("darts", recipe="released", seed=seed)) for seed in (0, 1)]


def test_every_combination_is_asked_and_named_by_what_tells_it_apart():
    asked = answers.compared_questions("nas-bench-201", ["synaptic", "released"], ["freeflow"], [0, 3])
    assert [(each.recipe, each.seed) for each in asked] == [
        ("synaptic", 0), ("synaptic", 3), ("released", 0), ("released", 3)
    ]  # fmt: skip
    assert answers.question_labels(asked) == [
        "synaptic, seed 0",
        "synaptic, seed 3",
        "released, seed 0",
        "released, seed 3",
    ]
    assert answers.question_labels(asked[:2]) == ["seed 0", "seed 3"]
    assert answers.question_labels(asked[:1]) == ["synaptic, freeflow, seed 0"]
    small = asked[0].model_copy(update={"channels": 8, "banned": ("0-1:none",)})
    assert answers.question_labels([asked[0], small]) == ["channels 16, banned —", "channels 8, banned 0-1:none"]
    assert answers.question_labels([asked[0], small, asked[1]]) == [
        "seed 0, channels 16, banned —",
        "seed 0, channels 8, banned 0-1:none",
        "seed 3, channels 16, banned —",
    ]
    assert answers.question_labels([]) == []
    asked = answers.compared_questions("nas-bench-201", ["released", "synaptic"], ["snip", "freeflow"], [0])
    assert [(each.proxy, each.recipe) for each in asked] == [
        ("snip", "plain"), ("freeflow", "released"), ("freeflow", "synaptic")
    ]  # fmt: skip
    assert len(answers.compared_questions("darts", ["synaptic"], ["freeflow"], range(20))) == MOST_COMPARED


@pytest.mark.slow
def test_agreement_is_counted_edge_by_edge(two):
    agreed, total = answers.shared_edges(two)
    rows = [row for kind in ("normal", "reduce") for row in answers.agreement_rows(two, ["a", "b"], kind)]
    assert (agreed, total) == (sum(row["agree"] for row in rows), len(rows))
    assert 0 <= agreed < total
    cell = {gene[:2]: gene.operation for gene in two[0].genotype.cells["normal"]}
    named = {two[0].space.edge_name(edge): cell.get(edge, answers.DASH) for edge in two[0].space.edges}
    assert all(row["a"] == named[row["edge"]] for row in answers.agreement_rows(two, ["a", "b"], "normal"))
    same = [two[0], two[0]]
    assert answers.shared_edges(same) == (16, 16)


def test_a_space_of_layers_is_compared_layer_by_layer(tiny_results):
    result = tiny_results["nas-bench-macro"]
    rows = answers.agreement_rows([result, result], ["a", "b"], "network")
    assert [row["layer"] for row in rows] == [f"layer {number}" for number in range(1, 9)]
    assert all("edge" not in row for row in rows)


def test_a_difference_shows_both_operations(two):
    one, other = (answers.kept_operations(result, "normal") for result in two)
    drawn = {arrow.gene[:2]: arrow for arrow in answers.difference(*two, "normal")}
    assert set(drawn) == set(one) | set(other)
    for edge, arrow in drawn.items():
        assert (arrow.colour == answers._SAME) == (one.get(edge) == other.get(edge))
        assert arrow.faint == (edge not in one)
        assert arrow.gene.operation == one.get(edge, other.get(edge))
    assert all(arrow.colour == answers._SAME for arrow in answers.difference(two[0], two[0], "reduce"))
