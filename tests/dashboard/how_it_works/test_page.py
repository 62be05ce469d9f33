import re

from dashboard.how_it_works.toy import Toy
from dashboard.parts.notices import ANCHORS, explained
from engine.searches.diagnostics import COLLAPSE, ROUNDING, TIE
from engine.searches.result import Notice

PAGE = "dashboard/pages/how_it_works.py"


def test_the_toy_follows_its_sliders(app):
    at = app(PAGE)
    at.slider(key="toy_a").set_value(0.5).run()
    at.slider(key="toy_b").set_value(4.0).run()
    toy = Toy(0.5, 4.0)
    table = at.dataframe[0].value
    assert list(table["F = S / R"]) == [score.share for score in toy.scores()]
    assert any(f"= {toy.flow:.4g}" in each.value for each in at.markdown)
    assert any(toy.pruned()[0] in each.value for each in at.caption)


def test_every_warning_has_its_place_to_be_explained(app):
    text = "\n".join(each.value for each in app(PAGE).markdown)
    headings = {found.lower().replace(" ", "-") for found in re.findall(r"###### (.+)\n", text)}
    assert set(ANCHORS.values()) <= headings


def test_every_notice_leads_to_an_explanation():
    for code in (ROUNDING, COLLAPSE, TIE, "labels", "data"):
        assert f"](how_it_works#{ANCHORS[code]})" in explained(Notice(code, "So it is."))


def test_a_notice_of_another_version_is_shown_as_plain_text():
    said = explained(Notice("unheard of", "<b>[x](http://y.z)"))
    assert said.startswith(r"\<b\>\[x\]\(")
    assert said.endswith("(how_it_works#traps-and-what-the-warnings-mean)")
