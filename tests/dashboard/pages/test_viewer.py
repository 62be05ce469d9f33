"""The viewer on its page: every text that holds a genotype, its place in the table, and the ways on."""

import pytest

from dashboard.server.navigation import PAGES
from engine import parse_genotype
from engine.exports.formats import export
from tests.dashboard.conftest import headline, texts, wait_for

PAGE = PAGES["viewer"].script
CONVOLUTIONS = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|nor_conv_3x3~0|nor_conv_3x3~1|nor_conv_3x3~2|"
MIXED = "|nor_conv_1x1~0|+|none~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|"


def shown(at):
    return at.session_state["ViewerState"].genotype


def test_a_genotype_of_the_table_has_its_place_in_it(app, tmp_path, monkeypatch):
    others = [MIXED, MIXED.replace("avg_pool_3x3", "none")]
    lines = ["arch,acc", f"{CONVOLUTIONS},93.5", *(f"{notation},{90 + place}" for place, notation in enumerate(others))]
    (tmp_path / "mine.csv").write_text("\n".join(lines) + "\n")
    monkeypatch.setenv("FREENAS_TABLES", str(tmp_path))
    at = wait_for(app(PAGE, table="mine.csv"), "table")
    assert any(said.startswith("**93.50 %, rank 1 of 3**") for said in texts(at))
    assert "The best: 93.50 %. Those with the most parameters: 93.50 %. At random: 91.50 %." in texts(at)
    at.text_area(key="genotype").set_value(CONVOLUTIONS.replace("nor_conv_3x3~2", "none~2")).run()
    assert "Nothing known: it is not in the table mine.csv." in texts(at)
    at.selectbox(key="sample").select("DARTS_V2 (Liu et al. 2019)").run()
    assert "Nothing known: the table mine.csv is of NAS-Bench-201." in texts(at)


def test_without_a_table_nothing_is_known(app):
    assert "Nothing known: bring a table in the header, or train it." in texts(app(PAGE))


def test_a_link_to_no_genotype_says_so_below_the_title_of_the_page(app):
    at = app(PAGE, genotype="nonsense")
    assert headline(at) == "Viewer"
    assert len(at.error) == 1


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
    assert any("3.349 M parameters" in said for said in texts(at))


@pytest.mark.parametrize("text", ["", "nonsense", "|a~0|", "{", '{"schema": 1}', "Genotype(normal=__import__('os'))"])
def test_a_malformed_text_gets_one_sentence_and_the_last_picture_stays(app, text):
    at = app(PAGE)
    at.text_area(key="genotype").set_value(MIXED).run()
    at.text_area(key="genotype").set_value(text).run()
    assert len(at.error) == 1
    assert "\n" not in at.error[0].value
    assert shown(at) == parse_genotype(MIXED)
    assert "NAS-Bench-201, the last genotype that could be read." in texts(at)
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
