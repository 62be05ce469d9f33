"""The tables of text on a page, as the browser is told of them."""

import json

from streamlit.testing.v1 import AppTest


def text_tables(at: AppTest) -> dict[str, list[dict[str, str]]]:
    """Rows by the name of their table, each the texts of its cells by the titles of their columns."""
    found = {}
    for element in at.get("bidi_component"):
        if element.proto.component_name == "freenas_table":
            data = json.loads(element.proto.json)
            titles = [column["title"] for column in data["columns"]]
            texts = [[cell["text"] for cell in row] for row in data["rows"]]
            found[data["name"]] = [dict(zip(titles, row, strict=True)) for row in texts]
    return found
