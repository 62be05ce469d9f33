"""Search spaces of one's own: the published ones as documents, any document at all, and what is no document."""

from __future__ import annotations

import copy
import json
from dataclasses import FrozenInstanceError
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import Genotype, SearchConfig, SearchResult, flow, parse_genotype, search
from engine.__main__ import main
from engine.genotypes.population import Population
from engine.networks.cost import network_cost
from engine.networks.derived import build
from engine.proxies.base import Scores
from engine.proxies.freeflow import score_masks
from engine.spaces import SPACES, Gene, SearchSpace, Size, get_space
from engine.studies.seeds import SeedStudy, study_seeds
from engine.supernets.supernet import Supernet
from tests.engine.documents import DARTS, NAS_BENCH_201, SMALL, Document, documents
from tests.engine.reference import DocumentReference
from tests.engine.schemas import VALIDATORS
from tests.engine.spaces.test_own_document import VALIDATOR, at, own
from tests.engine.strategies import genotypes, masks

PUBLISHED = [(NAS_BENCH_201, "nas-bench-201"), (DARTS, "darts")]
published = pytest.mark.parametrize(("document", "name"), PUBLISHED, ids=[name for _, name in PUBLISHED])


def tiny(described: SearchSpace | Document, **parts: object) -> SearchConfig:
    size = {"channels": 4, "cells": 1, "image_size": 8, "device": "cpu"}
    return SearchConfig(**{"space": described, **size, **parts})


def scores(config: SearchConfig, live: np.ndarray) -> Scores:
    supernet = Supernet(config.supernet, "cpu", getattr(torch, config.dtype))
    (found,) = score_masks(supernet, [live])
    return found


def translated(size: Size, name: str) -> Size:
    """The size of a published space whose network is that of its document at `size`."""
    return size if name == "nas-bench-201" else Size(size.channels, 3 * size.cells + 2)


# The published spaces are documents too.


@published
def test_a_published_space_as_a_document_has_its_networks(document: Document, name: str):
    mine, theirs = own(document), get_space(name)
    for size in (Size(4, 1), Size(16, 2), mine.search_size, mine.evaluation_size, Size(8, mine.cells_range.high)):
        assert mine.plan(size) == theirs.plan(translated(size, name))
    assert translated(mine.search_size, name) == theirs.search_size
    assert translated(mine.evaluation_size, name) == theirs.evaluation_size
    same = ("cell_types", "input_nodes", "nodes", "edges", "operations", "kept_edges", "concatenated", "outputs")
    for attribute in (*same, "normalised_pooling", "genotype_operations"):
        assert getattr(mine, attribute) == getattr(theirs, attribute), attribute
    assert (mine.candidates == theirs.candidates).all()
    assert mine.architectures() == theirs.architectures()


@settings(max_examples=10)
@given(st.data())
@published
def test_a_published_space_as_a_document_has_its_costs(document: Document, name: str, data: st.DataObject):
    mine, theirs = own(document), data.draw(genotypes(get_space(name)))
    ours = Genotype.of(mine, dict(theirs.genes))
    assert network_cost(ours) == network_cost(theirs)
    assert network_cost(ours, mine.search_size) == network_cost(theirs, theirs.space.search_size)


@published
@pytest.mark.parametrize(
    "parts", [{}, {"field": "interior"}, {"recipe": "released"}], ids=["full", "interior", "released"]
)
def test_a_published_space_as_a_document_has_its_scores(document: Document, name: str, parts: dict[str, str]):
    """To the last digit, and so the same steps and the same genotype."""
    mine = search(tiny(own(document), seed=3, per_round=8, **parts))
    size = translated(Size(4, 1), name)
    theirs = search(tiny(name, seed=3, per_round=8, **parts, cells=size.cells))
    assert mine.steps == theirs.steps
    assert mine.genotype.genes == theirs.genotype.genes
    for ours, known in zip(mine.passes, theirs.passes, strict=True):
        assert ours.log_flow == known.log_flow
        assert all((ours.shares[kind] == known.shares[kind]).all() for kind in known.shares)


@published
def test_a_published_space_as_a_document_has_its_flow(document: Document, name: str):
    drawn = Population.sample(name, 20, seed=4)
    mine = Population(own(document), drawn.operations)
    size = translated(Size(4, 1), name)
    np.testing.assert_array_equal(flow(mine.space, mine, channels=4, cells=1), flow(name, drawn, **size._asdict()))


def test_the_text_of_nas_bench_201_is_that_of_its_document():
    text = "|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_3x3~1|none~2|"
    assert parse_genotype(text, own(NAS_BENCH_201)).notation == text


# Any document.


@pytest.mark.slow
@settings(max_examples=60)
@given(documents())
def test_a_document_is_read_and_written(document: Document):
    VALIDATOR.validate(document)
    described = own(document)
    assert own(described.reference) == get_space(described.reference) == described
    assert hash(own(described.reference)) == hash(described)
    VALIDATOR.validate(described.reference)
    assert str(described) == described.name == "drawn"
    assert all([described.title, described.summary, described.source])
    with pytest.raises(FrozenInstanceError):
        described.nodes = 3  # type: ignore[misc]


@pytest.mark.slow
@settings(max_examples=25)
@given(document=documents(), data=st.data())
def test_shares_are_those_of_plain_autograd(document: Document, data: st.DataObject):
    """Of a supernet that is built from the document by other code: plain layers, one operation at a time."""
    described = own(document)
    fields = ["full"] if described.no_closed_form else ["full", "interior"]
    parts = {"field": data.draw(st.sampled_from(fields)), "alpha": data.draw(st.sampled_from(["ones", "noise"]))}
    config = tiny(
        described, seed=data.draw(st.integers(0, 99)), dtype="float64", cells=data.draw(st.integers(1, 2)), **parts
    )
    plain = DocumentReference(
        document,
        seed=config.seed,
        channels=4,
        cells=config.cells,
        image_size=8,
        alpha=config.alpha,
        wrap=config.field == "interior",
    )
    live = data.draw(masks(described) | st.just(described.candidates.copy()))
    expected, total = plain.saliencies(live)
    found = scores(config, live)
    tolerance = 1e-8 if config.field == "full" else 1e-5
    np.testing.assert_allclose(found.shares, abs(expected / total), rtol=tolerance, atol=1e-12)
    assert found.log_flow == pytest.approx(np.log(abs(total)), abs=tolerance)


@pytest.mark.slow
@settings(max_examples=10)
@given(document=documents(), data=st.data())
def test_cost_is_that_of_a_network_that_runs(document: Document, data: st.DataObject):
    described = own(document)
    genotype = data.draw(genotypes(described))
    size = Size(4, data.draw(st.integers(1, 2)))
    cost = network_cost(genotype, size, image_size=8)
    network = build(genotype, size)
    assert sum(parameter.numel() for parameter in network.parameters()) == cost.params
    assert network(torch.rand(2, 3, 8, 8)).shape == (2, 10)
    live = Population.of(described, [genotype]).operations[:, 0, :, None] == np.arange(len(described.operations))
    plain = DocumentReference(document, channels=4, cells=size.cells, image_size=8, derived=True)
    assert (cost.params, cost.macs) == plain.cost(live)


@pytest.mark.slow
@settings(max_examples=15)
@given(documents(), st.integers(0, 9))
def test_a_result_carries_its_space(document: Document, seed: int):
    """What a search of one's own space wrote is read where nothing is known of that space."""
    described = own(document)
    config = tiny(document, seed=seed, per_round=8)
    assert config == tiny(described, seed=seed, per_round=8)
    assert SearchConfig(**json.loads(json.dumps(config.to_dict()))) == config
    result = search(config)
    VALIDATORS["search-result"].validate(json.loads(result.to_json()))
    VALIDATORS["genotype"].validate(json.loads(result.genotype.to_json()))
    again = SearchResult.from_json(result.to_json())
    assert again.to_json() == result.to_json()
    assert again.space == again.genotype.space == described
    text = result.genotype.to_json()
    assert Genotype.from_json(text) == parse_genotype(text) == parse_genotype(result.to_json()) == result.genotype
    assert json.loads(text)["space"] == described.reference
    assert {gene[:2] for _, genes in result.genotype.genes for gene in genes} <= set(described.edges)


@settings(max_examples=30)
@given(document=documents(), data=st.data())
def test_the_text_of_a_genotype_is_read_where_the_space_is_known(document: Document, data: st.DataObject):
    genotype = data.draw(genotypes(own(document)))
    assert parse_genotype(genotype.notation, genotype.space) == genotype
    assert parse_genotype(f"  {genotype.notation}\n", genotype.space) == genotype


@settings(max_examples=20)
@given(documents())
def test_samples_are_genotypes_and_there_are_as_many_as_are_listed(document: Document):
    described = own(document)
    drawn = Population.sample(described, 20, seed=1)
    assert Population.of(described, drawn.genotypes()).operations.tolist() == drawn.operations.tolist()
    if described.kept_edges is None and len(described.cell_types) == 1 and described.architectures() < 2000:
        whole = Population.whole(described)
        assert len(whole) == described.architectures() == len(set(whole.keys().tolist()))


def test_other_tools_take_a_space_of_ones_own():
    described = own(NAS_BENCH_201)
    config = tiny(described, max_params=10**5, pinned=("0-3:skip_connect",), banned=("0-1:none",))
    result = search(config)
    assert result.budget.listed == 4 * 5**4
    assert result.genotype.cells["cell"][3] == Gene(0, 3, "skip_connect")
    study = study_seeds(tiny(described), [0, 1])
    assert SeedStudy.from_json(study.to_json()).space == described
    assert SeedStudy.from_json(study.to_json()).notations == study.notations


def test_two_spaces_of_one_name_are_two_spaces():
    other = copy.deepcopy(NAS_BENCH_201)
    other["operations"] = ["none", "skip_connect", "nor_conv_3x3"]
    mine, theirs = own(NAS_BENCH_201), own(other)
    assert mine.name == theirs.name
    assert mine != theirs
    drawn = Population.sample(theirs, 3, seed=0)
    with pytest.raises(ValueError, match="genotype 1 is one of"):
        Population.of(mine, drawn.genotypes())
    with pytest.raises(ValueError, match="a genotype of as-nas-bench-201 found, one of as-nas-bench-201 expected"):
        parse_genotype(drawn.genotype(0).to_json(), mine)


def test_reading_a_space_leaves_nothing_behind():
    before = dict(SPACES)
    own(SMALL)
    assert before == SPACES
    with pytest.raises(ValueError, match="unknown search space 'small'"):
        get_space("small")


def test_a_space_with_noise_has_no_closed_form():
    with pytest.raises(
        ValueError, match="A small one has no closed form: the maps that 'noise' passes are not constant"
    ):
        tiny(SMALL, field="interior")


# What is no document.


# Genotypes of one's own space.

TEXT = "wide: |nor_conv_3x3~0|+|skip_connect~0|noise~1|; half: |noise~0|+|nor_conv_3x3~0|skip_connect~1|"


def test_the_text_of_a_space_with_several_cells():
    genotype = parse_genotype(TEXT, own(SMALL))
    assert genotype.cells["half"] == (Gene(0, 1, "noise"), Gene(0, 2, "nor_conv_3x3"), Gene(1, 2, "skip_connect"))
    assert genotype.notation == TEXT


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (TEXT.replace("noise~0", "max_pool_3x3~0"), "half, edge 1: unknown operation 'max_pool_3x3'; allowed: noise"),
        (TEXT.replace("half: ", ""), "one of each of wide, half expected before ':'"),
        (TEXT.replace("half", "wide"), "one of each of wide, half expected before ':'"),
        (TEXT.split(";")[0], r"has the cell types wide, half; found \['wide'\]"),
        (TEXT.replace("noise~0|", "noise~0"), "half, node 1: '|noise~0' must begin and end with"),
        (TEXT.replace("noise~0", "noise"), "half, node 1: 'noise' is not written operation~node"),
        (TEXT.replace("noise~0", "noise~٠"), "half, node 1: 'noise~٠' is not written operation~node"),
        (TEXT.replace("|+|nor", "|nor"), "half, edge 2: unknown operation 'nor_conv_3x3'; allowed: noise"),
        (TEXT + "+|noise~0|", "half, edge 4: no edge from node 0 to node 3"),
        ("Genotype(normal=[])", "one of each of wide, half expected before ':'"),
    ],
)
def test_a_wrong_text_is_refused_with_its_place(text: str, message: str):
    with pytest.raises(ValueError, match=message):
        parse_genotype(text, own(SMALL))


# The command line.


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "space.json"
    path.write_text(json.dumps(SMALL), "utf-8")
    return str(path)


def test_a_file_is_taken_where_a_name_is(file: str, capsys: pytest.CaptureFixture[str], tmp_path: Path):
    out = tmp_path / "result.json"
    arguments = ["--channels", "4", "--cells", "1", "--image-size", "8", "--quiet", "--out", str(out)]
    assert main(["search", "--space", file, *arguments]) == 0
    result = SearchResult.from_json(out.read_text())
    assert result.config == tiny(SMALL, device="auto")
    assert main(["show", str(out)]) == 0
    assert f"A small one: two edges and a shortcut\n{result.genotype.notation}\n" in capsys.readouterr().out
    assert main(["show", TEXT, "--space", file]) == 0
    assert TEXT in capsys.readouterr().out
    for form, start in (("cells", TEXT), ("json", "{"), ("pytorch", '"""A A small one network')):
        assert main(["export", TEXT, "--space", file, "--to", form]) == 0
        assert capsys.readouterr().out.startswith(start)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{}", "': schema: field required"),
        (json.dumps(at("nodes", 13)), "': nodes: input should be less than or equal to 12, 13 given"),
        ("\ufeff{", "': not JSON: line 1, column 2"),
    ],
)
def test_a_wrong_file_is_one_line_and_status_2(
    content: str, message: str, file: str, capsys: pytest.CaptureFixture[str]
):
    Path(file).write_text(content, "utf-8")
    assert main(["search", "--space", file]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: argument --space: '")
    assert message in captured.err
    assert captured.err.count("\n") == 1


def test_a_file_that_is_not_there(capsys: pytest.CaptureFixture[str]):
    assert main(["search", "--space", "nowhere.json"]) == 2
    assert (
        capsys.readouterr().err == "error: argument --space: 'nowhere.json' cannot be read: No such file or directory\n"
    )
