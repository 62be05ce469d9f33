"""The page Learn: one title, sections that its contents lead to, and an explanation of every warning."""

import re

from dashboard.learn.words import CONTENTS
from dashboard.parts.notices import ANCHORS
from dashboard.server.navigation import PAGES
from tests.waiting import until

PAGE = PAGES["learn"].script


def test_the_contents_lead_to_sections_and_every_warning_is_explained(app):
    at = app(PAGE)
    assert [title.value for title in at.title] == ["Learn"]
    titles = [*at.header, *at.subheader]
    anchors = {title.anchor or title.value.lower().replace(" ", "-") for title in titles}
    assert set(re.findall(r"\(#([-a-z0-9]+)\)", CONTENTS)) <= anchors
    text = "\n".join(each.value for each in at.markdown)
    headings = {found.lower().replace(" ", "-") for found in re.findall(r"### (.+)\n", text)}
    assert set(ANCHORS.values()) <= headings
    until(lambda: any("the one with the most parameters" in each.value for each in at.run().markdown))
