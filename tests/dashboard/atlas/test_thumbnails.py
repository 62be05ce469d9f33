"""Small pictures that are buttons."""

import json
from base64 import b64decode

from streamlit.testing.v1 import AppTest

from dashboard.atlas.thumbnails import Thumbnail
from tests.waiting import PATIENCE


def page(items, chosen):
    from dashboard.atlas.thumbnails import thumbnails

    thumbnails("The first 2", items, chosen, lambda row: None)


def test_every_picture_has_its_row_and_its_label(population):
    items = [Thumbnail(row, f"{row} · 1", population.genotype(row)) for row in (2, 0)]
    at = AppTest.from_function(page, kwargs={"items": items, "chosen": 0}, default_timeout=PATIENCE).run()
    assert not at.exception
    data = json.loads(at.get("bidi_component")[0].proto.json)
    assert (data["name"], data["chosen"]) == ("The first 2", 0)
    assert [(item["row"], item["label"]) for item in data["items"]] == [(2, "2 · 1"), (0, "0 · 1")]
    pictures = [b64decode(item["picture"].partition(",")[2]).decode() for item in data["items"]]
    assert all(picture.startswith("<svg") for picture in pictures)
    assert pictures[0] != pictures[1]
