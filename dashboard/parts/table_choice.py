"""The choice of a table, of a column, and what the user says of it, as an address holds them on every page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from engine.tables import Column

_PARAMETERS = MappingProxyType(
    {
        "table": "table",
        "space": "table_space",
        "column": "accuracy_column",
        "meaning": "accuracy_meaning",
        "dataset": "accuracy_dataset",
        "split": "accuracy_split",
        "epochs": "accuracy_epochs",
    }
)
"""The parameters of an address by the fields of a choice."""
_NONE = "none"
"""The table of an address that asks for none, where the server has one for those that ask for nothing."""


class Meaning(NamedTuple):
    """A meaning of the numbers of a column: accuracies or not, less is better or not."""

    title: str
    accuracy: bool
    lower_is_better: bool


MEANINGS = MappingProxyType(
    {
        "accuracy": Meaning("accuracy in per cent", accuracy=True, lower_is_better=False),
        "error": Meaning("error in per cent, less is better", accuracy=True, lower_is_better=True),
        "more": Meaning("other numbers, more is better", accuracy=False, lower_is_better=False),
        "less": Meaning("other numbers, less is better", accuracy=False, lower_is_better=True),
    }
)
"""The meanings that the numbers of a column can have, by their names in an address."""


@dataclass(frozen=True)
class TableChoice:
    """A choice of a table and a column of it, and what the user says of both; "" is what the file says.

    `table` is a name among those of the server or the digest of an upload, "" without a table; `column` is "" for the
    first. `space` is the label of the space in whose notation the table is read.
    """

    table: str = ""
    space: str = ""
    column: str = ""
    meaning: str = ""
    dataset: str = ""
    split: str = ""
    epochs: str = ""

    @classmethod
    def of_query(cls, query: Mapping[str, str]) -> TableChoice:
        """Return the choice in the parameters of an address; only its epochs and meaning have been looked at."""
        fields = {name: query.get(parameter, "") for name, parameter in _PARAMETERS.items()}
        if fields["table"] in ("", _NONE):
            return cls()
        if fields["meaning"] not in MEANINGS:
            fields["meaning"] = ""
        if not (fields["epochs"].isascii() and fields["epochs"].isdecimal() and len(fields["epochs"]) < 10):
            fields["epochs"] = ""
        return cls(**fields)

    def query(self, *, default: bool) -> dict[str, str]:
        """Return the parameters of an address; `default` is True where the server has a table for those without."""
        if not self.table:
            return {"table": _NONE} if default else {}
        return {_PARAMETERS[name]: text for name, text in asdict(self).items() if text}

    def facts(self, column: Column) -> dict[str, Any]:
        """Return what is said of dataset, split and epochs of `column`, where its file does not say it."""
        facts = {"dataset": self.dataset or None, "split": self.split or None, "epochs": int(self.epochs or 0) or None}
        return {name: facts[name] for name in column.missing}


def address_choice() -> TableChoice | None:
    """Return the choice that the address asks for, None where it asks for none."""
    return TableChoice.of_query(st.query_params.to_dict()) if "table" in st.query_params else None


def write_address(query: Mapping[str, str]) -> None:
    """Have the address ask for the choice in these parameters alone; the other parameters stay."""
    for parameter in _PARAMETERS.values():
        if parameter in st.query_params and parameter not in query:
            del st.query_params[parameter]
    changed = {name: text for name, text in query.items() if st.query_params.get_all(name) != [text]}
    if changed:
        st.query_params.update(changed)


def went_back() -> bool:
    """Return True where the page is drawn since the browser went back or forward, to an address of before."""
    context = get_script_run_ctx(suppress_warning=True)
    return context is not None and context.is_history_navigation
