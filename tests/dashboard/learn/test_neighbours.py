import re

from dashboard.learn.neighbours import NEIGHBOURS
from tests.test_citations import AUTHORS


def test_every_neighbour_has_a_source_by_its_first_author():
    for neighbour in NEIGHBOURS:
        (number,) = re.findall(r"arXiv (\d{4}\.\d{5})", neighbour.source)
        assert neighbour.source.startswith(AUTHORS[number])


def test_freenas_needs_nothing_and_its_neighbours_something():
    first, *others = NEIGHBOURS
    assert {first.data, first.labels, first.training} == {"no"}
    assert all({neighbour.data, neighbour.labels, neighbour.training} != {"no"} for neighbour in others)
