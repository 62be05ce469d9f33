from types import SimpleNamespace

import pytest

from dashboard.parts import table
from dashboard.parts.table import Bar, TableCell, TextColumn, table_data, text_table

COLUMNS = [TextColumn("Score"), TextColumn("Ranks", number=True, ends=(-1.0, 1.0))]


def test_a_table_is_plain_data_whose_texts_are_as_they_were_given():
    data = table_data("Scores", COLUMNS, [["<b>x</b>", TableCell("0.7", "0.6 to 0.8", "good", Bar(0.7, 0.6, 0.8))]])
    assert data["name"] == "Scores"
    assert [column["number"] for column in data["columns"]] == [False, True]
    assert data["rows"] == [
        [
            {"text": "<b>x</b>"},
            {"text": "0.7", "note": "0.6 to 0.8", "tone": "good", "bar": {"value": 0.7, "low": 0.6, "high": 0.8}},
        ]
    ]


def test_a_row_has_a_cell_for_every_column():
    with pytest.raises(ValueError, match="a row of 1 cells in a table of 2 columns"):
        table_data("Scores", COLUMNS, [["x"]])


def test_a_chosen_row_is_heard_of_if_there_is_one(monkeypatch):
    drawn, chosen = {}, []
    monkeypatch.setattr(table, "_COMPONENT", lambda **arguments: drawn.update(arguments))
    text_table("Scores", COLUMNS, [["a", "1"], ["b", "2"]], "board", selected=1, on_select=chosen.append)
    assert (drawn["data"]["selected"], drawn["data"]["selectable"]) == (1, True)
    for place in (1, 2, -1, None, "0"):
        monkeypatch.setattr(table, "widget_value", lambda key, place=place: SimpleNamespace(chosen=place))
        drawn["on_chosen_change"]()
    assert chosen == [1]
    text_table("Scores", COLUMNS, [], "board")
    assert drawn["data"]["selectable"] is False
