from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import pytest

from dashboard.parts import heatmap
from dashboard.parts.view import Selection, View, importances
from engine.operations.registry import OPERATIONS


@pytest.fixture(params=["nas_bench_201", "darts"])
def result(request):
    return request.getfixturevalue(request.param)


def drawn(view, *selection):
    """The figure as Plotly understands it, which raises where it would not."""
    return go.Figure(heatmap.heatmap(view, *selection).to_dict())


def kinds(result):
    return result.space.cell_types


@pytest.mark.slow
def test_the_heatmap_holds_the_shares_of_every_live_operation(result):
    for kind in kinds(result):
        figure = drawn(View(result, kind, "share", log=False))
        shown = np.asarray(figure.data[0].z, dtype=float)
        expected = result.shares[kind]
        assert np.nan_to_num(shown) == pytest.approx(expected)
        assert np.isnan(shown).sum() == (expected == 0).sum()


def test_log_colour_and_linear_colour_show_the_same_numbers(result):
    kind = kinds(result)[0]
    logarithmic = np.asarray(drawn(View(result, kind, log=True)).data[0].z, dtype=float)
    linear = np.asarray(drawn(View(result, kind, log=False)).data[0].z, dtype=float)
    assert np.nan_to_num(10**logarithmic) == pytest.approx(np.nan_to_num(linear))


def test_every_field_reports_its_edge_and_operation(result):
    figure = drawn(View(result, kinds(result)[0]))
    overlay, swatches = figure.data[-1], figure.data[1]
    assert len(overlay.customdata) == len(result.space.edges) * len(result.space.operations)
    for x, y, (edge, name) in zip(overlay.x, overlay.y, overlay.customdata, strict=True):
        assert (y, result.space.operations[x]) == (edge, name)
    assert [name for _, name in swatches.customdata] == list(result.space.operations)
    assert list(swatches.marker.color) == [OPERATIONS[name].colour for name in result.space.operations]


def test_hover_names_the_exact_numbers_and_the_fate(result):
    kind = kinds(result)[0]
    figure = drawn(View(result, kind))
    fell = next(step for step in result.steps if step.cell == kind and step.share > 0)
    place = fell.edge * len(result.space.operations) + result.space.operations.index(fell.operation)
    text = figure.data[-1].text[place]
    assert f"{result.shares[kind][fell.edge, result.space.operations.index(fell.operation)]:.5g}" in text
    assert f"pruned after pass {fell.at_pass + 1}" in text
    chosen = result.chosen(kind)[0]
    assert "chosen" in figure.data[-1].text[result.space.operations.index(chosen)]


def test_a_selection_adds_one_frame(result):
    view = View(result, kinds(result)[0])
    plain = len(drawn(view).layout.shapes)
    assert len(drawn(view, Selection(1, None)).layout.shapes) == plain + 1
    assert len(drawn(view, Selection(None, "skip_connect")).layout.shapes) == plain + 1


def framed(view):
    """The fields in a white frame, and whether it is a solid one."""
    white = [shape for shape in drawn(view).layout.shapes if shape.line.color == "#FFFFFF"]
    return {(round(shape.y0 + 0.46), round(shape.x0 + 0.47)): shape.line.dash == "solid" for shape in white}


@pytest.mark.slow
def test_a_replay_frames_what_was_chosen_once_its_edge_is_decided(result):
    space, kind = result.space, kinds(result)[0]
    chosen = {edge: space.operations.index(name) for edge, name in result.chosen(kind).items()}
    left = dict.fromkeys(chosen, len(space.operations))
    for step in range(len(result.steps)):
        decided = {(edge, chosen[edge]): True for edge, count in left.items() if count == 1}
        if step % 5 == 0:
            assert framed(View(result, kind, step=step)) == decided
            assert heatmap.heatmap_alt(View(result, kind, step=step)).endswith("nothing yet.") == (not decided)
        if result.steps[step].cell == kind:
            left[result.steps[step].edge] -= 1
    kept = {gene[:2] for gene in result.genotype.cells[kind]}
    ended = {(edge, column): space.edges[edge] in kept for edge, column in chosen.items()}
    assert framed(View(result, kind, step=len(result.steps))) == framed(View(result, kind)) == ended


def test_titles_axes_and_units_are_there(result):
    for measure in importances(result.space):
        figure = drawn(View(result, kinds(result)[0], measure))
        assert figure.layout.title.text
        assert figure.layout.xaxis.title.text
        assert figure.layout.yaxis.title.text
        assert figure.data[0].colorbar.title.text


@pytest.mark.parametrize(("space", "noun"), [("nas-bench-201", "edge"), ("nas-bench-macro", "layer")])
def test_a_figure_speaks_of_edges_or_of_layers(tiny_results, space, noun):
    view = View(tiny_results[space], tiny_results[space].space.cell_types[0], "edge")
    figure = drawn(view)
    said = (figure.layout.title.text, figure.layout.yaxis.title.text, figure.data[0].colorbar.title.text)
    assert said[0].endswith(f": share of its {noun}, log colour")
    assert said[1:] == (noun, f"% of the {noun}")
    assert f", {len(view.result.space.edges)} {noun}s by " in heatmap.heatmap_alt(view)
    hover = "".join(figure.data[-1].text)
    assert f"chosen for this {noun}" in hover
    assert ({"edge", "layer"} - {noun}).pop() not in hover + heatmap.heatmap_alt(view)


def test_the_alternative_text_names_the_largest_and_the_chosen(result):
    kind = kinds(result)[0]
    text = heatmap.heatmap_alt(View(result, kind))
    row, column = np.unravel_index(result.shares[kind].argmax(), result.shares[kind].shape)
    assert f"{result.space.operations[column]} on {result.space.edge_name(result.space.edges[row])}" in text
    assert all(name in text for name in result.chosen(kind).values())


def test_heatmaps_beside_each_other_have_one_scale(nas_bench_201, darts):
    views = [View(result, result.space.cell_types[0], "edge") for result in (nas_bench_201, darts)]
    low, high = heatmap.value_range(views)
    assert low == min(heatmap.value_range([view])[0] for view in views)
    assert high == max(heatmap.value_range([view])[1] for view in views)
    for log in (True, False):
        fields = [drawn(View(view.result, view.kind, "edge", log, limits=(low, high))).data[0] for view in views]
        assert len({(field.zmin, field.zmax) for field in fields}) == 1


@pytest.mark.parametrize(("log_flow", "power"), [(20.0, None), (130.0, 56), (2000.0, 868)])
def test_huge_raw_scores_are_powers_of_ten(nas_bench_201, log_flow, power):
    first, *others = nas_bench_201.passes
    result = replace(nas_bench_201, passes=(replace(first, log_flow=log_flow), *others))
    bars = [drawn(View(result, "cell", "score", log)).data[0].colorbar for log in (True, False)]
    largest = float(np.log10(result.shares["cell"].max()) + log_flow / np.log(10))
    hover = "".join(drawn(View(result, "cell", "score")).data[-1].text)
    texts = (hover, heatmap.heatmap_alt(View(result, "cell", "score")))
    assert bars[0].title.text == "raw score"
    if power is None:
        assert bars[1].title.text == "raw score"
        assert all(f"{10**largest:.4g}" in text for text in texts)
    else:
        assert bars[1].title.text == f"raw score in 10<sup>{power}</sup>"
        assert all(f"10^{largest:.2f}" in text for text in texts)
        assert all(abs(float(text[7:-6]) - power) < 20 for text in bars[0].ticktext)
        assert "e+" not in hover + "".join(bars[0].ticktext)
