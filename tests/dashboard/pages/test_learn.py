"""The page Learn: the toy follows its sliders, and every warning is explained."""

import re

from dashboard.learn.toy import Toy
from dashboard.parts.notices import ANCHORS
from dashboard.server.navigation import PAGES

PAGE = PAGES["learn"].script


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
