"""What ships is what the engine answers to its questions."""

import json

import pytest

from dashboard.server.examples import example_of, shipped
from engine import SearchConfig, load_space
from tests.engine.documents import NAS_BENCH_201


def test_every_shipped_result_is_found_by_its_question():
    assert shipped()
    for config, result in shipped().items():
        assert result.config == config
        assert result.space == config.search_space


@pytest.mark.parametrize("space", ["nas-bench-201", "darts"])
def test_the_example_of_a_space_answers_its_default_question(space):
    assert example_of(space).config == SearchConfig(space=space)


def test_a_space_of_ones_own_is_shown_the_first_example():
    assert example_of(load_space(json.dumps(NAS_BENCH_201 | {"name": "mine"}))).config == SearchConfig()
