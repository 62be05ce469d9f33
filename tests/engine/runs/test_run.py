from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from engine.runs.run import identity, owner_name, run_of, search_text
from tests.engine.runs.samples import FIRST, OWN, variant

RUN = run_of(FIRST, created=1.0e9 + 0.12345, name=" a  name ", tags=["b", "a", "b"])


def test_a_run_is_told_by_its_result():
    assert RUN.id == identity(FIRST) == hashlib.sha256(FIRST.to_json().encode()).hexdigest()[:16]
    assert identity(variant(1)) not in (RUN.id, identity(OWN))
    assert RUN.architecture == FIRST.genotype
    assert RUN.when == datetime(2001, 9, 9, 1, 46, 40, 123000, tzinfo=UTC)


def test_the_title_of_a_run_without_a_name_is_its_question():
    assert RUN.title == "a name"
    assert replace(RUN, name="").title == f"{RUN.space}, {RUN.proxy}, {RUN.recipe}, seed {RUN.seed}"


def test_a_run_as_plain_data_has_everything_but_its_genotype():
    data = RUN.to_dict()
    assert list(data) == [
        *("id", "name", "note", "tags", "space", "proxy", "recipe", "seed"),
        *("device", "created", "seconds", "params", "macs", "notation"),
    ]
    assert (data["tags"], data["created"]) == (["a", "b"], "2001-09-09T01:46:40.123+00:00")
    assert all(data[name] == getattr(RUN, name) for name in data if name not in ("tags", "created"))


def test_the_name_of_an_owner_tells_nothing_of_the_person():
    assert re.fullmatch("[0-9a-f]{32}", owner_name("me@example.org"))
    assert owner_name("me@example.org") != owner_name("you@example.org")


@pytest.mark.parametrize("count", [-1, 2**63])
def test_costs_beyond_a_database_are_refused(count: int):
    with pytest.raises(ValueError, match=f"cost.macs: {count} found, 0 to {2**63 - 1} expected"):
        run_of(replace(FIRST, cost={**FIRST.cost, "macs": count}), created=0.0)


def test_texts_are_looked_for_in_all_words():
    words = search_text(replace(RUN, note="Über"))
    assert all(word in words for word in ("a name", "über", "a\nb", RUN.space, RUN.id))
