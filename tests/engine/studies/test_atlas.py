from __future__ import annotations

import itertools
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import SearchStopped, flow, parse_genotype
from engine.common.work import Work
from engine.data.images import load_data
from engine.measures import MEASURES, MeasureSetting
from engine.networks.cost import network_cost
from engine.spaces import load_space
from engine.studies.atlas import Atlas, AtlasTask, compute_atlas, draw_population, pareto_front
from tests.engine.documents import SMALL

CONVOLUTIONS = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|nor_conv_3x3~0|nor_conv_3x3~1|nor_conv_3x3~2|"
DARTS_V2 = (
    "Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('sep_conv_3x3', 1), "
    "('sep_conv_3x3', 1), ('skip_connect', 0), ('skip_connect', 0), ('dil_conv_3x3', 2)], normal_concat=range(2, 6), "
    "reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 1), ('max_pool_3x3', 0), "
    "('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)], reduce_concat=range(2, 6))"
)
CHEAP = ("flow", "params", "macs")


@pytest.fixture(scope="module")
def darts() -> Atlas:
    return compute_atlas(
        AtlasTask(space="darts", count=40, measures=CHEAP, seed=3, sample_seed=5, also=[DARTS_V2], device="cpu")
    )


@pytest.fixture(scope="module")
def whole() -> Atlas:
    return compute_atlas(AtlasTask(space="nas-bench-201", count=None, measures=CHEAP, device="cpu"))


def test_every_number_is_that_of_the_architecture_in_its_row(darts: Atlas):
    genotypes = darts.population.genotypes()
    assert len(genotypes) == 41
    assert len(set(genotypes)) == 41
    np.testing.assert_allclose(darts.values["flow"], flow("darts", genotypes, 3, device="cpu"), rtol=1e-6)
    for row in (0, 7, 40):
        cost = network_cost(genotypes[row])
        assert (darts.values["params"][row], darts.values["macs"][row]) == (cost.params, cost.macs)


def test_what_is_asked_for_besides_comes_last(darts: Atlas):
    cells = darts.population.genotype(40).cells  # its edges in the order of the space
    assert {kind: set(genes) for kind, genes in cells.items()} == {
        kind: set(genes) for kind, genes in parse_genotype(DARTS_V2).cells.items()
    }
    assert darts.values["params"][40] == 3_349_342  # Liu et al. 2019 give 3.3 M
    assert darts.population.genotypes()[:40] == draw_population("darts", 40, 5).genotypes()


def test_architectures_that_no_search_answers_with_join_an_atlas():
    also = [DARTS_V2.replace("('sep_conv_3x3', 0)", after, 1) for after in ("('none', 0)", "('sep_conv_3x3', 1)")]
    task = AtlasTask(space="darts", count=3, measures=CHEAP, also=[*also, also[0]], device="cpu")
    atlas = compute_atlas(task)
    genotypes = atlas.population.genotypes()
    assert [genotype.derivable for genotype in genotypes] == [True] * 3 + [False] * 2
    params = [network_cost(parse_genotype(text)).params for text in also]
    assert atlas.values["params"][3:].tolist() == params
    np.testing.assert_allclose(atlas.values["flow"], flow("darts", genotypes, device="cpu"), rtol=1e-6)
    again = Atlas.from_json(atlas.to_json())
    assert again.population.genotypes() == genotypes


def test_the_whole_space_is_all_of_it(whole: Atlas):
    assert len(whole.population) == 15625
    row = int(whole.values["params"].argmax())
    assert whole.population.genotype(row).notation == CONVOLUTIONS
    assert whole.values["params"][row] == 1_531_546


def test_an_architecture_without_a_path_has_no_flow(whole: Atlas):
    edges, dead = whole.population.space.edges, []
    for names in whole.population.operations[0].tolist():
        open_edges = [edge for edge, name in zip(edges, names, strict=True) if name != 0]
        reached = {0}
        for source, target in open_edges:  # listed by target
            reached |= {target} if source in reached else set()
        dead.append(3 not in reached)
    np.testing.assert_array_equal(np.isneginf(whole.values["flow"]), dead)


@pytest.mark.parametrize("name", ["darts", "whole"])
def test_an_atlas_survives_json(request: pytest.FixtureRequest, name: str):
    atlas: Atlas = request.getfixturevalue(name)
    again = Atlas.from_json(atlas.to_json())
    assert (again.population.operations == atlas.population.operations).all()
    np.testing.assert_allclose(again.values["flow"], atlas.values["flow"], rtol=1e-6)
    for counted in ("params", "macs"):
        assert (again.values[counted] == atlas.values[counted]).all()
    for field in ("space", "count", "sample_seed", "seed", "also", "seconds", "environment"):
        assert getattr(again, field) == getattr(atlas, field)
    assert again.to_json() == atlas.to_json()


def test_a_small_space_is_drawn_from_without_repeats():
    """One of one's own that cannot be listed, since it has two cell types; every draw is an architecture of it."""
    described = load_space(json.dumps(SMALL))
    atlas = compute_atlas(AtlasTask(space=described, count=1000, measures=["params"], sample_seed=4))
    found = [genotype.notation for genotype in atlas.population.genotypes()]
    second, shortcut = ("skip_connect", "max_pool_3x3"), SMALL["operations"]
    wide = [f"wide: |nor_conv_3x3~0|+|{a}~0|{b}~1|" for a, b in itertools.product(second, shortcut)]
    half = [f"half: |noise~0|+|{a}~0|skip_connect~1|" for a in shortcut]
    assert sorted(found) == sorted(map("; ".join, itertools.product(wide, half)))
    again = Atlas.from_json(atlas.to_json())
    assert (again.space, again.population.genotypes()) == (described, atlas.population.genotypes())
    drawn, more = draw_population(described, 5, 4).genotypes(), [again.population.genotype(row) for row in (0, 31)]
    joined = draw_population(described, 5, 4, [each.notation for each in (*more, *drawn)])
    assert joined.genotypes() == list(dict.fromkeys([*drawn, *more]))


def test_the_document_of_an_atlas_is_this():
    values = {"flow": np.array([-np.inf, 1.23456789123]), "params": np.array([3.0, 12345678.0])}
    atlas = Atlas("darts", 2, 5, 3, values, 0.5, {"device": "cpu"}, data="digits")
    assert json.loads(atlas.to_json()) == {
        "schema": "freenas/atlas@1",
        "space": "darts",
        "count": 2,
        "sample_seed": 5,
        "seed": 3,
        "values": {"flow": [-np.inf, 1.234567891], "params": [3, 12345678]},
        "seconds": 0.5,
        "environment": {"device": "cpu"},
        "also": [],
        "data": "digits",
        "net_size": "full",
    }
    before = json.dumps({name: value for name, value in json.loads(atlas.to_json()).items() if name != "net_size"})
    assert Atlas.from_json(before).net_size == "full"
    assert Atlas.from_json(atlas.to_json()).population.genotypes() == draw_population("darts", 2, 5).genotypes()


@pytest.mark.parametrize("text", ["[]", "3", '{"schema": "freenas/search-result@1"}', json.dumps({"values": {}})])
def test_what_is_no_atlas_is_named(text: str):
    with pytest.raises(ValueError, match="'freenas/atlas@1' expected"):
        Atlas.from_json(text)


def test_seeds_and_measures_are_those_that_were_asked_for():
    other = compute_atlas(AtlasTask(space="darts", count=5, measures=["params"], sample_seed=6))
    assert list(other.values) == ["params"]
    assert other.population.genotypes() == draw_population("darts", 5, 6).genotypes()
    assert other.population.genotypes() != draw_population("darts", 5, 5).genotypes()
    first, second = (
        compute_atlas(AtlasTask(space="nas-bench-201", count=5, measures=["flow"], seed=seed)).values["flow"]
        for seed in (0, 1)
    )
    there = np.isfinite(first)
    assert there.any()
    assert (first[there] != second[there]).all()


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"space": "imagenet"}, "unknown search space 'imagenet'"),
        ({"measures": ["oops"]}, "unknown measure 'oops'; allowed: flow"),
        ({"count": None}, "too many to list"),
        ({"count": 0}, "0 architectures asked for"),
        ({"also": [CONVOLUTIONS]}, "a genotype of NAS-Bench-201 found, one of DARTS expected"),
        ({"also": ['{"schema": 1}']}, "schema: 1 found"),
    ],
)
def test_what_cannot_be_charted_is_named(asked: dict[str, object], words: str):
    with pytest.raises(ValueError, match=words):
        compute_atlas(AtlasTask(**{"space": "darts", "count": 3, "measures": ["params"], **asked}))


@pytest.mark.slow
def test_measures_that_look_at_images_look_at_those_given():
    images = load_data("digits")
    atlas = compute_atlas(
        AtlasTask(space="nas-bench-201", count=3, measures=("params", "snip"), seed=2, device="cpu"), images=images
    )
    expected = MEASURES["snip"].scores(atlas.population, MeasureSetting(2, "cpu", images, net_size="small"))
    np.testing.assert_array_equal(atlas.values["snip"], expected)
    assert (atlas.data, atlas.net_size) == ("scikit-learn digits", "small")
    assert Atlas.from_json(atlas.to_json()).data == atlas.data
    assert (
        compute_atlas(AtlasTask(space="nas-bench-201", count=3, measures=("params",), device="cpu"), images=images).data
        == ""
    )
    with pytest.raises(ValueError, match="Gaussian noise has no labels"):
        compute_atlas(
            AtlasTask(space="nas-bench-201", count=3, measures=("snip",), device="cpu"), images=load_data("gaussian")
        )


def test_progress_rises_to_its_end_and_stop_ends_it():
    seen = []
    compute_atlas(AtlasTask(space="darts", count=3000, measures=CHEAP, device="cpu"), work=Work(seen.append))
    done = [each.done for each in seen]
    assert done == sorted(done)
    assert len(set(done)) > 3
    assert (done[-1], {each.total for each in seen}) == (1000, {1000})
    with pytest.raises(SearchStopped):
        compute_atlas(AtlasTask(space="darts", count=3, measures=["params"]), work=Work(should_stop=lambda: True))


few = st.sampled_from([0.0, 1.0, 2.0, 3.5, -np.inf, np.inf, np.nan])


@given(st.lists(st.tuples(few, few), max_size=12), st.booleans(), st.booleans())
def test_the_front_is_what_no_other_point_dominates(points: list[tuple[float, float]], less_x: bool, less_y: bool):
    def worth(index: int) -> tuple[float, float]:
        x, y = points[index]
        return (-x if less_x else x, -y if less_y else y)

    there = [index for index, point in enumerate(points) if np.isfinite(point).all()]
    first = [i for i in there if not any(points[j] == points[i] for j in there if j < i)]
    expected = {
        i
        for i in first
        if not any(a >= c and b >= d and (a, b) != (c, d) for (a, b), (c, d) in ((worth(j), worth(i)) for j in there))
    }
    x, y = np.array(points, dtype=float).reshape(-1, 2).T
    found = pareto_front(x, y, less_x=less_x, less_y=less_y)
    assert set(found.tolist()) == expected
    assert all(before < after for before, after in itertools.pairwise(x[found]))
