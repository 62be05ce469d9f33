"""Small pictures of cells: every edge is there, in the colour of its operation."""

import re
from base64 import b64decode

import pytest

from dashboard.runs.thumbnails import thumbnail
from engine import SPACES, SearchResult
from engine.genotypes.population import Population
from engine.operations.registry import get_operation
from tests.paths import FILES

OWN = SearchResult.from_json((FILES / "search-result-1.json").read_text())


@pytest.mark.parametrize("name", [*SPACES, "own"])
def test_a_thumbnail_shows_every_edge_in_the_colour_of_its_operation(name):
    found = OWN.genotype if name == "own" else Population.sample(SPACES[name], 1, seed=3).genotype(0)
    uri = thumbnail(found.to_json())
    svg = b64decode(uri.removeprefix("data:image/svg+xml;base64,")).decode()
    genes = found.genes[0][1]
    assert svg.count('class="edge"') == len(genes)
    for operation in (get_operation(gene.operation) for gene in genes):
        assert operation.zero or operation.colour in svg
    assert "<text" not in svg
    assert re.match('<svg [^>]*viewBox="[^"]*" width="88" height="54"', svg)
