import pytest

from dashboard.compare import answers
from engine import SearchConfig, SearchResult, parse_genotype, search
from tests.conftest import tiny
from tests.dashboard.atlas.conftest import CONVOLUTIONS
from tests.dashboard.conftest import small


@pytest.fixture(scope="module")
def two() -> list[SearchResult]:
    return [search(tiny("darts", recipe="released", seed=seed)) for seed in (0, 1)]


def asked(*parts):
    return [SearchConfig.model_validate(each) for each in answers.asked_parts(*parts)]


def test_every_combination_is_asked_and_named_by_what_tells_it_apart():
    four = asked("nas-bench-201", ["synaptic", "released"], ["freeflow"], [0, 3])
    assert [(each.recipe, each.seed) for each in four] == [
        ("synaptic", 0), ("synaptic", 3), ("released", 0), ("released", 3)
    ]  # fmt: skip
    assert answers.question_labels(four) == [
        "synaptic, seed 0",
        "synaptic, seed 3",
        "released, seed 0",
        "released, seed 3",
    ]
    assert answers.question_labels(four[:2]) == ["seed 0", "seed 3"]
    assert answers.question_labels(four[:1]) == ["synaptic, FreeFlow, seed 0"]
    small = four[0].model_copy(update={"channels": 8, "banned": ("0-1:none",)})
    assert answers.question_labels([four[0], small]) == ["channels 16", "channels 8, banned 0-1:none"]
    assert answers.question_labels([four[0], small, four[1]]) == [
        "seed 0, channels 16",
        "seed 0, channels 8, banned 0-1:none",
        "seed 3, channels 16",
    ]
    assert answers.question_labels([]) == []
    limits = [{"max_params": 900_000}, {"max_macs": 10**8}, {"max_latency": 2.5}, {}, {"recipe": "released"}]
    assert answers.question_labels([SearchConfig(**limit) for limit in limits]) == [
        "synaptic, at most 0.9 M parameters",
        "synaptic, at most 100 M MACs",
        "synaptic, at most 2.5 ms",
        "synaptic",
        "released",
    ]
    assert answers.question_labels([SearchConfig(), SearchConfig(max_params=900_000)]) == [
        "synaptic, FreeFlow, seed 0",
        "at most 0.9 M parameters",
    ]
    others = asked("nas-bench-201", ["released", "synaptic"], ["snip", "freeflow"], [0])
    assert [(each.proxy, each.recipe) for each in others] == [
        ("snip", "plain"), ("freeflow", "released"), ("freeflow", "synaptic")
    ]  # fmt: skip


def test_runs_go_by_their_names_and_architectures_by_numbers(store):
    runs = [store.add(small(51), name="one"), store.add(small(52)), store.add(small(53), name="one")]
    items = [*runs, parse_genotype(CONVOLUTIONS)]
    configs = [small(seed).config for seed in (51, 52, 53)]
    assert answers.item_labels(items, [*configs, None]) == [
        f"one ({runs[0].id[:6]})",
        "seed 52",
        f"one ({runs[2].id[:6]})",
        "architecture 1",
    ]


def test_no_name_of_a_run_is_the_label_of_another_answer(store):
    results = [small(51), small(52)]
    names = ("architecture 1", "architecture 1 (3)")
    runs = [store.add(result, name=name) for result, name in zip(results, names, strict=True)]
    configs = [*(result.config for result in results), None]
    labels = answers.item_labels([*runs, parse_genotype(CONVOLUTIONS)], configs)
    assert labels == [f"architecture 1 ({runs[0].id[:6]})", "architecture 1 (3)", "architecture 1 (3)′"]


@pytest.mark.slow
def test_agreement_is_counted_edge_by_edge(two):
    genotypes = [result.genotype for result in two]
    agreed, total = answers.shared_edges(genotypes)
    rows = [row for kind in ("normal", "reduce") for row in answers.agreement_rows(genotypes, kind)]
    assert (agreed, total) == (sum(len(set(names)) == 1 for _, names in rows), len(rows))
    assert 0 <= agreed < total
    cell = {gene[:2]: gene.operation for gene in genotypes[0].cells["normal"]}
    assert all(names[0] == cell.get(edge, answers.DASH) for edge, names in answers.agreement_rows(genotypes, "normal"))
    assert answers.shared_edges(genotypes[:1] * 2) == (16, 16)


def test_a_difference_shows_both_operations(two):
    first, second = (result.genotype for result in two)
    one, other = (answers.kept_operations(genotype, "normal") for genotype in (first, second))
    drawn = {arrow.gene[:2]: arrow for arrow in answers.difference(first, second, "normal")}
    assert set(drawn) == set(one) | set(other)
    for edge, arrow in drawn.items():
        assert (arrow.colour == answers._SAME) == (one.get(edge) == other.get(edge))
        assert arrow.faint == (edge not in one)
        assert arrow.gene.operation == one.get(edge, other.get(edge))
        assert len(arrow.note) <= len(answers.difference_room(first.space))
    assert all(arrow.colour == answers._SAME for arrow in answers.difference(first, first, "reduce"))
