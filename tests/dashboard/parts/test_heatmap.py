import numpy as np
import pytest

from dashboard.how_it_works.toy import Toy
from dashboard.parts import heatmap
from dashboard.parts.heatmap import Choice, View
from engine.operations.registry import OPERATIONS
from engine.studies.seeds import SeedStudy


@pytest.fixture(params=["nas_bench_201", "darts"])
def result(request):
    return request.getfixturevalue(request.param)


def kinds(result):
    return result.space.cell_types


def test_the_heatmap_holds_the_shares_of_every_live_operation(result):
    for kind in kinds(result):
        figure = heatmap.heatmap(View(result, kind, "share", log=False))
        shown = np.asarray(figure.data[0].z, dtype=float)
        expected = result.shares[kind]
        assert np.nan_to_num(shown) == pytest.approx(expected)
        assert np.isnan(shown).sum() == (expected == 0).sum()


def test_log_colour_and_linear_colour_show_the_same_numbers(result):
    kind = kinds(result)[0]
    logarithmic = np.asarray(heatmap.heatmap(View(result, kind, log=True)).data[0].z, dtype=float)
    linear = np.asarray(heatmap.heatmap(View(result, kind, log=False)).data[0].z, dtype=float)
    assert np.nan_to_num(10**logarithmic) == pytest.approx(np.nan_to_num(linear))


def test_shares_of_an_edge_sum_to_a_hundred_per_cent(result):
    for step in (None, len(result.steps) // 2, len(result.steps)):
        values = View(result, kinds(result)[0], "edge", step=step).values()
        assert values.sum(axis=1) == pytest.approx(100)


def test_raw_saliency_is_share_times_flow(result):
    kind = kinds(result)[0]
    values = View(result, kind, "score").values()
    assert values == pytest.approx(result.shares[kind] * np.exp(result.passes[0].log_flow - result.log_scale))


def test_a_replay_blanks_what_was_pruned_and_ends_with_one_operation_an_edge(result):
    for step in range(0, len(result.steps) + 1, 7):
        for kind in kinds(result):
            view = View(result, kind, step=step)
            pruned = sum(each.cell == kind for each in result.steps[:step])
            assert (~view.live).sum() == pruned
            assert (view.shares()[~view.live] == 0).all()
    final = View(result, kinds(result)[0], step=len(result.steps))
    assert (final.live.sum(axis=1) == 1).all()
    assert final.at_pass == len(result.passes) - 1


def test_the_pass_shown_is_the_one_that_condemns_the_next_operation(result):
    steps = result.steps
    for index in (0, len(steps) // 2, len(steps) - 1):
        view = View(result, steps[index].cell, step=index)
        column = result.space.operations.index(steps[index].operation)
        assert view.shares()[steps[index].edge, column] == pytest.approx(steps[index].share, rel=1e-5)


def test_every_field_reports_its_edge_and_operation(result):
    figure = heatmap.heatmap(View(result, kinds(result)[0]))
    overlay, swatches = figure.data[-1], figure.data[1]
    assert len(overlay.customdata) == len(result.space.edges) * len(result.space.operations)
    for x, y, (edge, name) in zip(overlay.x, overlay.y, overlay.customdata, strict=True):
        assert (y, result.space.operations[x]) == (edge, name)
    assert [name for _, name in swatches.customdata] == list(result.space.operations)
    assert list(swatches.marker.color) == [OPERATIONS[name].colour for name in result.space.operations]


def test_hover_names_the_exact_numbers_and_the_fate(result):
    kind = kinds(result)[0]
    figure = heatmap.heatmap(View(result, kind))
    fell = next(step for step in result.steps if step.cell == kind and step.share > 0)
    place = fell.edge * len(result.space.operations) + result.space.operations.index(fell.operation)
    text = figure.data[-1].text[place]
    assert f"{result.shares[kind][fell.edge, result.space.operations.index(fell.operation)]:.5g}" in text
    assert f"pruned after pass {fell.at_pass + 1}" in text
    chosen = result.chosen(kind)[0]
    assert "chosen" in figure.data[-1].text[result.space.operations.index(chosen)]


def test_a_selection_adds_one_frame(result):
    view = View(result, kinds(result)[0])
    plain = len(heatmap.heatmap(view).layout.shapes)
    assert len(heatmap.heatmap(view, Choice(1, None)).layout.shapes) == plain + 1
    assert len(heatmap.heatmap(view, Choice(None, "skip_connect")).layout.shapes) == plain + 1


def framed(view):
    """The fields in a white frame, and whether it is a solid one."""
    white = [shape for shape in heatmap.heatmap(view).layout.shapes if shape.line.color == "#FFFFFF"]
    return {(round(shape.y0 + 0.46), round(shape.x0 + 0.47)): shape.line.dash == "solid" for shape in white}


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


def test_the_colours_of_seeds_are_told_as_those_of_one_answer(nas_bench_201):
    space = nas_bench_201.space
    shares = np.full((2, len(space.edges), len(space.operations)), 0.02)
    shares[0, 1, 2], shares[:, 0, 0], shares[:, 0, 1] = 0.78, 1, 0
    winners = np.zeros((2, len(space.edges)), int)
    study = SeedStudy(nas_bench_201.config, (0, 1), {"cell": shares}, {"cell": winners}, ("x", "x"), 1.0)
    (mean, alt), (wins, _) = heatmap.seed_figures(study, "cell")
    bar = mean.data[0].colorbar
    assert (bar.title.text, *bar.ticktext) == ("share", "0.1", "1")
    assert 10 ** np.array(bar.tickvals) == pytest.approx([0.1, 1])
    expected = np.where(np.arange(30).reshape(6, 5) == 7, 0.4, 0.02)
    expected[0, :2] = 1, np.nan
    assert 10 ** np.array(mean.data[0].z, dtype=float) == pytest.approx(expected, nan_ok=True)
    assert (wins.data[0].zmin, wins.data[0].zmax) == (0, 100)
    assert np.array(wins.data[0].z)[:, 0] == pytest.approx(100)
    assert "mean share 0.4<br>standard deviation 0.38<br>wins 0 %" in mean.data[0].text[1][2]
    assert alt.startswith("Cell: mean share, log colour over 2 seeds. Most frequent winners: 0→1 none, ")


def test_titles_axes_and_units_are_there(result):
    for measure in heatmap.measures(result.space):
        figure = heatmap.heatmap(View(result, kinds(result)[0], measure))
        assert figure.layout.title.text
        assert figure.layout.xaxis.title.text
        assert figure.layout.yaxis.title.text
        assert figure.data[0].colorbar.title.text


@pytest.mark.parametrize(("space", "noun"), [("nas-bench-201", "edge"), ("nas-bench-macro", "layer")])
def test_a_figure_speaks_of_edges_or_of_layers(tiny_results, space, noun):
    view = View(tiny_results[space], tiny_results[space].space.cell_types[0], "edge")
    figure = heatmap.heatmap(view)
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


def test_the_toy_figure_shows_the_shares_of_the_toy():
    toy = Toy(3, 2)
    bars = heatmap.toy_bars(toy).data
    assert {(bar.name, *bar.x) for bar in bars} == {("skip", 1 / 4, 1 / 3), ("conv", 3 / 4, 2 / 3)}
