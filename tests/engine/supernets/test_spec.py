from __future__ import annotations

import pytest
from pydantic import ValidationError

from engine import SPACES
from engine.spaces import Size
from engine.supernets.spec import SupernetSpec, check_closed_form

SMALL = {"space": SPACES["nas-bench-201"], "channels": 4, "cells": 1}


def test_a_specification_has_the_defaults_of_the_synaptic_recipe():
    spec = SupernetSpec(**SMALL)
    assert (spec.seed, spec.normalisation, spec.alpha, spec.field, spec.image_size) == (0, "bypass", "ones", "full", 32)
    assert spec.size == Size(4, 1)
    assert not spec.interior
    assert not spec.normalised


def test_normalised_and_interior_say_what_is_specified():
    assert SupernetSpec(**SMALL, normalisation="batch").normalised
    assert SupernetSpec(**SMALL, field="interior").interior


def test_a_specification_is_frozen_and_equal_to_its_like():
    spec = SupernetSpec(**SMALL)
    assert spec == SupernetSpec(**SMALL)
    assert spec != SupernetSpec(**SMALL, seed=1)
    with pytest.raises(ValidationError):
        spec.seed = 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("channels", value) for value in (0, 3, 5, 66, "4")),
        *(("cells", value) for value in (0, 1000, 1.5)),
        *(("seed", value) for value in (-1, 2**32)),
        *(("image_size", value) for value in (4, 10, 68)),
        *(("normalisation", "layer"), ("alpha", "zeros"), ("field", "border"), ("space", "nas-bench-201")),
        ("depth", 3),
    ],
)
def test_a_wrong_value_is_refused_by_its_field(field: str, value: object):
    with pytest.raises(ValueError, match=field):
        SupernetSpec(**{**SMALL, field: value})


def test_the_interior_needs_a_closed_form():
    with pytest.raises(ValueError, match="needs normalisation 'bypass'"):
        SupernetSpec(**SMALL, field="interior", normalisation="batch")
    with pytest.raises(ValueError, match="noise"):
        check_closed_form(SPACES["robust-darts-s4"], "bypass")
    check_closed_form(SPACES["darts"], "bypass")
