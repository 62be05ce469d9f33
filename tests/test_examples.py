"""The notebook runs, and prints what stands in it."""

import copy

import nbformat
from nbclient import NotebookClient

from tests.paths import ROOT

NOTEBOOK = ROOT / "examples" / "getting_started.ipynb"


def told(notebook):
    """What every code cell printed, and the forms of what it showed."""
    return [
        (
            "".join(out.text for out in cell.outputs if out.output_type == "stream" and out.name == "stdout"),
            [sorted(out.data) for out in cell.outputs if "data" in out],
        )
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


def test_the_notebook_prints_what_stands_in_it():
    kept = nbformat.read(NOTEBOOK, as_version=4)
    again = copy.deepcopy(kept)
    resources = {"metadata": {"path": str(NOTEBOOK.parent)}}
    NotebookClient(again, timeout=120, kernel_name="python3", resources=resources).execute()
    assert told(again) == told(kept)
    assert sum(len(shown) for _, shown in told(kept)) == 3
