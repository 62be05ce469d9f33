import pytest

from dashboard.server.navigation import PAGES
from engine import parse_genotype
from engine.exports.formats import export
from engine.spaces import SPACES

PAGE = PAGES["viewer"].script
CONVOLUTIONS = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|nor_conv_3x3~0|nor_conv_3x3~1|nor_conv_3x3~2|"
MIXED = "|nor_conv_1x1~0|+|none~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|"


def shown(at):
    return at.session_state["ViewerState"].genotype


def metric(at, label):
    return next(each.value for each in at.metric if each.label == label)


def test_a_genotype_gets_its_cost(app):
    at = app(PAGE)
    assert (metric(at, "Parameters"), metric(at, "MACs")) == ("1.532 M", "220.1 M")
    at.text_area(key="genotype").set_value(MIXED).run()
    assert shown(at) == parse_genotype(MIXED)


def test_the_page_says_how_genotypes_of_every_notation_begin(app):
    said = next(each.value for each in app(PAGE).caption).replace("\\", "")
    assert said.startswith("Paste a genotype, which begins with ")
    assert all(space.notation_hint in said for space in SPACES.values())


@pytest.mark.parametrize("form", ["json", "nas-bench-201"])
def test_every_notation_is_read(app, form):
    at = app(PAGE)
    at.text_area(key="genotype").set_value(export(parse_genotype(MIXED), form)).run()
    assert not at.error
    assert shown(at) == parse_genotype(MIXED)


def test_json_is_replaced_by_its_notation_so_that_the_link_stays_short(app):
    at = app(PAGE)
    at.text_area(key="genotype").set_value(export(parse_genotype(MIXED), "json")).run()
    assert at.text_area(key="genotype").value == MIXED


def test_a_sample_fills_the_field(app):
    at = app(PAGE)
    at.selectbox(key="sample").select("DARTS_V2 (Liu et al. 2019)").run()
    assert shown(at).space_name == "darts"
    assert metric(at, "Parameters") == "3.349 M"


@pytest.mark.parametrize("text", ["", "nonsense", "|a~0|", "{", '{"schema": 1}', "Genotype(normal=__import__('os'))"])
def test_a_malformed_text_gets_one_sentence_and_the_last_picture_stays(app, text):
    at = app(PAGE)
    at.text_area(key="genotype").set_value(MIXED).run()
    at.text_area(key="genotype").set_value(text).run()
    assert len(at.error) == 1
    assert "\n" not in at.error[0].value
    assert shown(at) == parse_genotype(MIXED)
    assert not at.exception


def test_an_upload_is_shown_and_a_bad_one_explained(app):
    at = app(PAGE)
    at.file_uploader(key="upload").upload("cell.json", export(parse_genotype(MIXED), "json").encode()).run()
    assert shown(at) == parse_genotype(MIXED)
    at.file_uploader(key="upload").clear()
    at.file_uploader(key="upload").upload("x.json", b"\x80\x04\x95").run()
    assert "the file is not UTF\\-8 text" in at.error[0].value
    at.text_area(key="genotype").set_value(CONVOLUTIONS).run()
    assert not at.error
    at.text_area(key="genotype").set_value(MIXED).run()
    assert shown(at) == parse_genotype(MIXED)


def test_open_as_a_search_leads_to_its_space(app):
    at = app(PAGE)
    at.selectbox(key="sample").select("DARTS_V2 (Liu et al. 2019)").run()
    at.button(key="open").click().run()
    assert not at.exception
    assert at.selectbox(key="space").value == "darts"
