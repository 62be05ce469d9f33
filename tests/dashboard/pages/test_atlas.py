"""The page Atlas: axes, filters, marks, the architecture that is chosen, and its link."""

import json
import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.atlas.marks import PUBLISHED_CELLS
from dashboard.atlas.request import FAST_MEASURES, AtlasRequest
from dashboard.server import session
from dashboard.server.examples import example_of
from dashboard.server.installation import PACKAGE
from dashboard.server.jobs import STOPPED, Job
from dashboard.server.navigation import PAGES
from engine import SPACES, flow, parse_genotype
from engine.genotypes.population import Population, listable
from engine.measures import MEASURES, Measure
from engine.networks.cost import network_cost
from engine.studies.atlas import Atlas, AtlasTask, compute_atlas, draw_population
from tests.dashboard.conftest import texts, wait_for
from tests.waiting import PATIENCE

PAGE = PAGES["atlas"].script
CONVOLUTIONS = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|nor_conv_3x3~0|nor_conv_3x3~1|nor_conv_3x3~2|"
DARTS_V2 = "DARTS_V2 (Liu et al. 2019)"
SKIPS = CONVOLUTIONS.replace("nor_conv_3x3", "skip_connect")
ROW_OF_SKIPS = int("111111", base=5)
DEAD = CONVOLUTIONS.replace("nor_conv_3x3", "none")


@pytest.fixture(scope="module")
def whole() -> Atlas:
    return compute_atlas(AtlasTask(space="nas-bench-201", count=None, measures=FAST_MEASURES, device="cpu"))


@pytest.fixture
def known(whole):
    """The atlas of NAS-Bench-201 is known to the server."""
    session.answer_cache().put(AtlasRequest("nas-bench-201", None, 0, 0).tasks[0], whole)
    return whole


def atlas(job=None, **query):
    """The page by itself, opened by a link, in a session whose last job was `job`."""
    at = AppTest.from_file(str(PACKAGE / PAGE), default_timeout=PATIENCE)
    if job is not None:
        at.session_state["SessionJobs"] = session.SessionJobs(last={session.CHARTING: job})
    for name, value in query.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception
    return at


def title(at):
    return re.sub(r"\\(.)", r"\1", at.title[0].value)


def shown(at):
    """How many architectures are in the picture."""
    said = next(text for text in texts(at) if " shown. Click a point" in text)
    return int(said.split(" of ")[0].replace(",", ""))


def ranks(at):
    """The numbers of the architecture that is chosen, with their ranks."""
    table = next(part.proto.body for part in at.get("html") if "Numbers and ranks" in part.proto.body)
    rows = [re.findall(r">([^<]+)<", row) for row in re.findall("<tr>(.*?)</tr>", table)[1:]]
    return {name: rest for name, *rest in rows}


def figure(at):
    return at.get("plotly_chart")[0].proto.spec


def marked(at):
    return [trace["name"] for trace in json.loads(figure(at))["data"] if trace["type"] == "scatter"]


def chosen(at):
    return next(code.value for code in at.code)


@pytest.mark.slow
def test_an_atlas_of_a_space_of_layers_is_one_of_networks():
    at = atlas(space="nas-bench-macro")
    wait_for(at, "atlas")
    assert title(at).startswith("6,561 networks: the one that flow ranks first ")
    assert shown(at) == 6561
    assert any("Click a point to see its network;" in text for text in texts(at))


def test_the_first_picture_comes_by_itself_with_its_provenance():
    at = atlas(seed="1")
    wait_for(at, "atlas")
    assert title(at) == "15,625 cells: the one that flow ranks first has the most parameters"
    assert shown(at) == 15284
    said = next(text for text in texts(at) if "computed here in" in text)
    assert "log-flow, Parameters, MACs" in said
    assert "with the weights of seed 1 on" in said
    assert "engine 0." in said
    assert any("341 whose log-flow is −∞ (nothing flows)" in text for text in texts(at))
    expected = flow("nas-bench-201", [parse_genotype(CONVOLUTIONS)], 1)[0]
    assert ranks(at)["log-flow (log R)"] == [f"{expected:.5g}", "1 of 15,625"]


def test_a_sample_of_darts_has_the_size_and_the_seeds_that_are_asked_for():
    at = atlas(space="darts", sample="1000", sample_seed="3", seed="2")
    wait_for(at, "atlas")
    assert title(at).startswith("1,002 of 1.1 · 10¹⁸ genotypes: the one that flow ranks first ")
    assert shown(at) == 1002
    assert any("Drawn uniformly with the sample seed 3, 1,000 times;" in text for text in texts(at))
    at.number_input(key="atlas place").set_value(2).run()
    found = example_of("darts").genotype.notation
    there = compute_atlas(
        AtlasTask(
            space="darts",
            count=1000,
            measures=["flow"],
            seed=2,
            sample_seed=3,
            also=[PUBLISHED_CELLS["darts"][DARTS_V2], found],
        )
    )
    row = np.argsort(-there.values["flow"])[1]
    genotype = there.population.genotype(int(row))
    assert chosen(at) == genotype.notation
    assert ranks(at)["Parameters (M)"][0] == f"{network_cost(genotype).params / 1e6:.5g}"


@pytest.mark.parametrize("name", [each.name for each in SPACES.values() if not listable(each)])
def test_a_sample_of_every_space_can_be_looked_at(name):
    at = atlas(space=name, sample="1000")
    wait_for(at, "atlas")
    assert not at.error
    also = [*PUBLISHED_CELLS.get(name, {}).values(), *([example_of(name).genotype.notation] if name == "darts" else [])]
    everything = [*Population.sample(name, 1000, 0).genotypes(), *(parse_genotype(text, name) for text in also)]
    assert shown(at) == len({each.to_json() for each in everything})
    assert parse_genotype(chosen(at), name).space_name == name


def test_the_marks_name_what_stands_out(known):
    names = [name.replace("<br>", " ") for name in marked(atlas())]
    assert names[0].startswith("Pareto front (")
    assert names[1:] == ["search (synaptic, seed 0) = highest log-flow = most parameters = all conv 3", "all skip"]


def test_a_sample_is_joined_by_known_cells_and_those_found_by_search():
    at = atlas(space="darts", sample="1000", sample_seed="1")
    wait_for(at, "atlas")
    names = [name.replace("<br>", " ") for name in marked(at)]
    assert any(name.startswith("search (synaptic, seed 0)") for name in names)
    at.selectbox(key="atlas mark").select(DARTS_V2).run()
    assert ranks(at)["Parameters (M)"][0] == "3.3493"


@pytest.mark.slow
def test_the_architectures_of_a_table_join_a_sample(app, monkeypatch, tmp_path):
    monkeypatch.setenv("FREENAS_TABLES", str(tmp_path))
    drawn = draw_population("darts", 5, 9).genotypes()
    rows = [f'"{genotype.notation}",{90 + row / 10}' for row, genotype in enumerate(drawn)]
    (tmp_path / "mine.csv").write_text("\n".join(["arch,cifar10_test_accuracy_200ep", *rows]))
    at = app(PAGE, space="darts", sample="1000", table="mine.csv")
    for role in ("atlas", "table", "atlas"):
        wait_for(at, role)
    assert title(at).startswith("1,007 of 1.1 · 10¹⁸ genotypes: of 5 with accuracy, ")
    assert shown(at) == 5
    at.number_input(key="atlas place").set_value(1).run()
    assert chosen(at) == drawn[4].notation


def test_filters_act_at_once_and_keep_what_was_chosen(known):
    at = atlas()
    at.text_input(key="atlas notation").set_value(CONVOLUTIONS).run()
    at.slider(key="only_flow").set_value((80.0, 113.0)).run()
    values = known.values["flow"]
    assert shown(at) == (values >= 80).sum()
    at.slider(key="count_nor_conv_3x3").set_value((0, 2)).run()
    few = known.population.counts()[:, known.population.space.operations.index("nor_conv_3x3")] <= 2
    assert shown(at) == ((values >= 80) & few).sum()
    assert chosen(at) == CONVOLUTIONS
    assert any("The filters leave this one out" in text for text in texts(at))
    assert not any("Not drawn" in text for text in texts(at))
    at.slider(key="only_params").set_value((0.07, 0.08)).run()
    assert not at.exception
    assert shown(at) == 0


def test_the_first_by_flow_of_those_that_pass_is_offered_until_one_is_chosen(known):
    at = atlas()
    at.slider(key="only_params").set_value((0.07, 0.9)).run()
    assert title(at) == "15,360 of 15,625 cells: the one that flow ranks first has the most parameters"
    passing = known.values["params"] <= 0.9e6
    first = np.where(passing, known.values["flow"], -np.inf).argmax()
    assert chosen(at) == known.population.genotype(int(first)).notation
    assert "row" not in at.query_params


@pytest.mark.slow
def test_filters_follow_their_sliders_to_other_seeds_and_begin_afresh_in_another_space(known):
    at = atlas()
    at.slider(key="only_flow").set_value((80.0, at.slider(key="only_flow").max)).run()
    at.slider(key="count_skip_connect").set_value((1, 2)).run()
    at.number_input(key="seed").set_value(4).run()
    wait_for(at, "atlas")
    slider = at.slider(key="only_flow")
    assert slider.value == (80.0, slider.max)
    assert slider.min != 13.2
    assert at.slider(key="count_skip_connect").value == (1, 2)
    at.selectbox(key="space").select("darts").run()
    wait_for(at, "atlas")
    assert shown(at) == 10002
    assert at.query_params.get("only_flow") is None


def test_a_link_holds_the_filters(known):
    at = atlas()
    at.slider(key="only_flow").set_value((80.0, 90.0)).run()
    at.slider(key="count_skip_connect").set_value((1, 2)).run()
    link = {name: at.query_params[name] for name in ("only_flow", "count_skip_connect")}
    assert link == {"only_flow": ["80", "90"], "count_skip_connect": ["1", "2"]}
    again = atlas(**link)
    assert title(again) == title(at)
    assert again.slider(key="only_flow").value == (80.0, 90.0)
    at.slider(key="only_flow").set_value((13.2, 113.0)).run()
    assert "only_flow" not in at.query_params


def test_filters_are_kept_while_another_page_is_looked_at(app, known):
    at = app(PAGE)
    at.slider(key="only_flow").set_value((80.0, 90.0)).run()
    before = title(at)
    at.switch_page(PAGES["viewer"].script).run()
    at.switch_page(PAGES["atlas"].script).run()
    assert title(at) == before


@pytest.mark.parametrize("axis", ["x", "y", "colour"])
def test_any_number_can_be_on_either_axis_and_be_the_colour(known, axis):
    at = atlas()
    for name in FAST_MEASURES:
        at.selectbox(key=axis).select(name).run()
        assert not at.exception
        labels = json.loads(figure(at))["layout"]
        if axis != "colour":
            assert MEASURES[name].title in labels[f"{axis}axis"]["title"]["text"]


def test_an_architecture_is_chosen_by_place_by_mark_and_by_notation(known):
    at = atlas()
    at.selectbox(key="atlas mark").select("all skip").run()
    assert chosen(at) == SKIPS
    at.number_input(key="atlas place").set_value(1).run()
    assert chosen(at) == CONVOLUTIONS
    at.text_input(key="atlas notation").set_value(DEAD).run()
    assert chosen(at) == DEAD
    assert at.number_input(key="atlas place").value is None
    assert any("It has no place in the picture" in text for text in texts(at))
    assert ranks(at)["log-flow (log R)"] == ["−∞", "15,285–15,625 of 15,625"]


def test_a_text_that_is_no_architecture_here_is_explained_and_the_last_one_stays(known):
    at = atlas()
    before = chosen(at)
    for text, words in (("[x](e.example)+", "this text has 2"), ("Genotype(normal=[])", "Not found")):
        at.text_input(key="atlas notation").set_value(text).run()
        assert not at.exception
        assert any(words in said for said in texts(at))
        assert chosen(at) == before
    at.text_input(key="atlas notation").set_value(SKIPS).run()
    assert chosen(at) == SKIPS
    assert not at.error


def test_a_click_does_not_draw_the_picture_again_and_any_other_choice_does(known):
    at = atlas()
    drawn = figure(at)
    view = at.session_state["AtlasState"].viewpoints["nas-bench-201", None, 0]
    view.chosen = ROW_OF_SKIPS  # what a click does
    at.run()
    assert chosen(at) == SKIPS
    assert figure(at) == drawn
    at.number_input(key="atlas place").set_value(3).run()
    assert figure(at) != drawn
    points = next(trace for trace in json.loads(figure(at))["data"] if trace["type"] == "scattergl")
    assert len(points["selectedpoints"]) == 1


def test_marks_stay_in_sight_and_stand_in_the_link(known):
    at = atlas()
    at.text_input(key="atlas notation").set_value(SKIPS).run()
    at.button(key="mark").click().run()
    row = str(ROW_OF_SKIPS)
    assert at.query_params["mark"] == row
    assert marked(at)[-1] == "all skip = mark 1"
    again = atlas(mark=[row, "-1", "99999", "x", row], row=row)
    assert chosen(again) == SKIPS
    assert again.query_params["mark"] == row
    again.button(key="mark").click().run()
    assert "mark" not in again.query_params
    assert marked(again)[-1] == "all skip"


@pytest.mark.slow
def test_the_choice_of_each_population_is_kept(known):
    at = atlas()
    at.text_input(key="atlas notation").set_value(SKIPS).run()
    at.selectbox(key="space").select("darts").run()
    at.number_input(key="sample").set_value(1000).run()
    wait_for(at, "atlas")
    assert chosen(at).startswith("Genotype(")
    at.selectbox(key="space").select("nas-bench-201").run()
    assert chosen(at) == SKIPS


def test_the_chosen_one_goes_to_the_viewer_and_to_the_exports(app, known):
    at = app(PAGE)
    at.text_input(key="atlas notation").set_value(SKIPS).run()
    at.session_state["atlas export"] = True
    at.run()
    assert [each.label for each in at.get("download_button")][:2] == ["Genotype JSON", "PyTorch file"]
    at.button(key="atlas open").click().run()
    assert not at.exception
    assert at.text_area(key="genotype").value == SKIPS


def test_the_viewer_hears_of_the_space_where_its_notation_does_not_say_it(app):
    at = app(PAGE)
    at.selectbox(key="space").select("robust-darts-s4").run()
    at.number_input(key="sample").set_value(1000).run()
    wait_for(at, "atlas")
    expected = parse_genotype(chosen(at), "robust-darts-s4")
    at.button(key="atlas open").click().run()
    assert not at.exception
    assert at.session_state["ViewerState"].genotype == expected


def test_the_first_of_those_shown_are_small_pictures(known):
    at = atlas()
    at.slider(key="count_nor_conv_3x3").set_value((0, 0)).run()
    small = next(part.proto.json for part in at.get("bidi_component") if "The first 20" in part.proto.json)
    items = json.loads(small)["items"]
    none = known.population.counts()[:, known.population.space.operations.index("nor_conv_3x3")] == 0
    best = known.values["flow"][none].max()
    assert [item["label"].split(" · ")[0] for item in items] == [str(place) for place in range(1, 21)]
    assert items[0]["label"] == f"1 · {best:.5g}"
    assert all(none[item["row"]] for item in items)


TABLE = f"arch,cifar10_test_accuracy_200ep\n{CONVOLUTIONS},93.76\n{SKIPS},54.29\n{DEAD},10\n"


def test_a_table_of_accuracies_gives_axes_a_filter_a_heading_and_its_provenance(app, known, monkeypatch, tmp_path):
    monkeypatch.setenv("FREENAS_TABLES", str(tmp_path))
    (tmp_path / "mine.csv").write_text(TABLE)
    at = app(PAGE, table="mine.csv")
    wait_for(at, "table")
    assert (at.selectbox(key="x").value, at.selectbox(key="y").value) == ("flow", "accuracy")
    assert title(at) == "15,625 cells: of 3 with accuracy, the one that flow ranks first has 93.76 %"
    assert any(
        "Accuracy: CIFAR-10 test accuracy (%), 200 epochs, table mine.csv; known of 3 of these architectures." in text
        for text in texts(at)
    )
    assert any("15,622 whose Accuracy is not known" in text for text in texts(at))
    assert shown(at) == 2
    assert "highest accuracy" in marked(at)[0]
    at.selectbox(key="x").select("macs").run()
    assert shown(at) == 3
    at.slider(key="only_accuracy").set_value((54.0, 60.0)).run()
    assert shown(at) == 1


EXTRA = Measure("extra", "Extra", "", "a measure that takes its time", "nobody", of=lambda population, setting: None)


@pytest.mark.slow
def test_more_measures_are_computed_when_chosen_and_the_picture_stays(known, monkeypatch):
    monkeypatch.setitem(MEASURES, "extra", EXTRA)
    at = atlas()
    assert "extra" not in at.selectbox(key="y").options
    at.multiselect(key="measures").select("extra").run()
    wait_for(at, "atlas")  # the worker does not know it
    assert any("Extra: ended without a result: unknown measure 'extra'" in text for text in texts(at))
    assert shown(at) == 15284
    task = AtlasTask(space="nas-bench-201", count=None, measures=("extra",))
    values = {"extra": np.arange(15625.0)}
    more = Atlas("nas-bench-201", None, 0, 0, values, 60.0, known.environment)
    session.answer_cache().put(task, more)
    at.run()
    assert not at.error
    at.selectbox(key="y").select("extra").run()
    assert shown(at) == 15625
    assert any("Extra: computed here in 60 s" in text for text in texts(at))


def test_what_was_stopped_is_asked_for_again_by_a_button(known):
    at = atlas(Job(1, AtlasRequest("nas-bench-201", None, 0, 8).tasks[0], state=STOPPED), seed="8")
    assert any("log-flow, Parameters, MACs: stopped." in text for text in texts(at))
    at.button(key="atlas again").click().run()
    wait_for(at, "atlas")
    assert shown(at)


@pytest.mark.parametrize(
    "query",
    [
        {"seed": "-4"},
        {"space": "<b>"},
        {"x": "oops"},
        {"front": "maybe"},
        {"only_flow": ["7", "x"]},
        {"only_flow": ["nan", "nan"]},
        {"count_none": ["-inf", "inf"]},
        {"only_flow": "3"},
    ],
)
def test_a_bad_link_is_not_followed(known, query):
    at = atlas(**query)
    assert not at.exception
    assert shown(at) or at.error
