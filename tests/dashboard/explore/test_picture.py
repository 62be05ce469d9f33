"""The pictures hold the engine's numbers, as they are read, and the replay ends with the result."""

from dataclasses import replace

import numpy as np
import pytest

from dashboard.explore import picture as pictures
from dashboard.explore.picture import DROPPED, KEPT, NOTHING, PictureLook, number_text, palette, picture, replay_frames
from engine.exports.colours import contrast
from engine.operations.registry import get_operation


def test_the_fields_are_the_numbers_of_the_engine(darts):
    drawn = picture(PictureLook(darts, "share"))
    for kind, cell in zip(darts.space.cell_types, drawn["cells"], strict=True):
        shares = darts.shares[kind]
        assert len(cell["texts"]) == shares.size
        for text, share in zip(cell["texts"], shares.ravel(), strict=True):
            assert text == number_text("share", share)
        levels = np.array(cell["levels"])
        order = np.argsort(shares.ravel(), kind="stable")
        assert (np.diff(levels[order]) >= 0).all()
        assert (levels == NOTHING).tolist() == (shares.ravel() == 0).tolist()
    assert (drawn["steps"], drawn["about"]) == (len(darts.steps), "how the supernet was pruned, step by step")


def test_a_replay_of_more_than_a_page_can_take_is_not_offered(darts, monkeypatch):
    monkeypatch.setattr(pictures, "_MOST_REPLAYED", 1000)
    drawn = picture.__wrapped__(PictureLook(darts))
    words = f"{len(darts.steps)} steps are too many here; the replay under Export shows some"
    assert (drawn["steps"], drawn["about"]) == (0, words)


@pytest.mark.parametrize(
    ("importance", "value", "text"),
    [
        ("edge", 0.0, "·"), ("edge", 0.2, "<1"), ("edge", 7.83, "8"), ("edge", 100.0, "100"),
        ("share", 0.0004, "<.01"), ("share", 0.2168, ".22"), ("share", 3.456, "3.46"), ("share", 0.999, "1.00"),
        ("score", 1234.5, "1.23e+03"),
    ],
)  # fmt: skip
def test_a_field_holds_a_few_signs(importance, value, text):
    assert number_text(importance, value) == text


def test_every_ink_is_read_on_its_colour():
    assert all(contrast(*pair) >= 4.5 for dark in (False, True) for pair in palette(dark))


def test_the_edges_of_the_cell_are_those_of_the_genotype(darts):
    for kind, cell in zip(darts.space.cell_types, picture(PictureLook(darts))["cells"], strict=True):
        genes = darts.genotype.cells[kind]
        edges = list(map(tuple, darts.space.edges))
        kept = {edges.index(gene[:2]): gene.operation for gene in genes}
        ways = {edge: (darts.space.operations[arrow[0]], arrow[2]) for edge, arrow in enumerate(cell["arrows"])}
        assert {edge: name for edge, (name, way) in ways.items() if way == KEPT} == kept
        assert {way for edge, (_, way) in ways.items() if edge not in kept} == {DROPPED}
        assert cell["kept"] == [int(edge in kept) for edge in range(len(edges))]


@pytest.mark.parametrize("name", ["nas_bench_201", "darts"])
def test_a_replay_drops_what_the_search_dropped_and_ends_with_its_result(request, name):
    result = request.getfixturevalue(name)
    frames, kinds = replay_frames(PictureLook(result)), result.space.cell_types
    assert len(frames["at"]) == len(frames["arrows"]) == len(frames["sentences"]) == len(result.steps) + 1
    for (kind, edge, operation), step, sentence in zip(
        frames["drops"], result.steps, frames["sentences"][1:], strict=True
    ):
        assert (kinds[kind], edge, result.space.operations[operation]) == (step.cell, step.edge, step.operation)
        assert get_operation(step.operation).title in sentence
        assert result.space.edge_name(result.space.edges[step.edge]) in sentence
    last = [[arrow[0] for arrow in arrows] for arrows in frames["arrows"][-1]]
    assert last == [[*map(result.space.operations.index, result.chosen(kind).values())] for kind in kinds]


def test_the_words_of_a_field_are_its_share_and_rank(darts):
    cell = picture(PictureLook(darts))["cells"][0]
    shares, space = darts.shares["normal"], darts.space
    width = len(space.operations)
    percent = darts.frame("normal").numbers("edge").values
    for edge in (0, 5):
        best = int(shares[edge].argmax())
        words = cell["words"][edge * width + best]
        assert f"{space.edge_name(space.edges[edge])} · {get_operation(space.operations[best]).title}" in words
        assert f" carries {percent[edge, best]:.3g} % of this connection's signal, first of 8 " in words
        kept = darts.chosen("normal")[edge]
        assert words.endswith("Kept." if kept == space.operations[best] else ").") or get_operation(kept).title in words


@pytest.mark.parametrize("noise", [0.0, 1e-6])
def test_operations_that_differ_by_rounding_share_a_rank(tiny_results, noise):
    """Away from the border skip and pooling pass the same, so their shares differ by rounding alone."""
    result = tiny_results["nas-bench-201"]
    first, *others = result.passes
    rough = 1 + noise * np.random.default_rng(0).uniform(-1, 1, first.shares["cell"].shape)
    passes = (replace(first, shares={"cell": first.shares["cell"] * rough}), *others)
    words = picture(PictureLook(replace(result, passes=passes)))["cells"][0]["words"]
    for edge in range(6):
        ranks = {words[5 * edge + column].split("signal, ")[1].split(" (")[0] for column in (1, 4)}
        assert len(ranks) == 1
