"""A search as Python and as a command asks the same question again."""

from __future__ import annotations

import ast
import json
import shlex
from collections.abc import Iterator
from contextlib import chdir

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from engine import PROXIES, SPACES, SearchConfig, load_space
from engine.__main__ import command_parser
from engine.commands.search import _question
from engine.data.images import Data
from engine.searches.constraints import candidate_operations
from engine.searches.snippets import command_line, file_note, python_snippet
from tests.engine.documents import SMALL

IMAGES = "my photos.npz"
PARTS = {
    "recipe": ["synaptic", "released", "plain"],
    "normalisation": ["bypass", "batch"],
    "alpha": ["ones", "noise"],
    "method": ["iterative", "one-shot"],
    "field": ["full", "interior"],
    "per_round": [1, 7],
    "channels": [6, 16],
    "cells": [1, 5],
    "image_size": [16, 32],
    "device": ["auto", "cuda:1"],
    "dtype": ["float32", "float64"],
    "max_params": [1, 900_000],
    "max_latency": [0.1, 12],
    "data": ["gaussian", "digits"],
    "batch": [32, 64],
}


@st.composite
def questions(draw: st.DrawFn) -> SearchConfig:
    """Any question that is one."""
    space = draw(st.sampled_from([*SPACES, load_space(json.dumps(SMALL))]))
    fields = {"space": space, "proxy": draw(st.sampled_from(list(PROXIES))), "seed": draw(st.integers(0, 2**32 - 1))}
    for name in draw(st.lists(st.sampled_from(list(PARTS)), max_size=3)):
        fields[name] = draw(st.sampled_from(PARTS[name]))
    operations = candidate_operations(SearchConfig(space=space).search_space)
    fields[draw(st.sampled_from(["pinned", "banned"]))] = draw(st.lists(st.sampled_from(operations), max_size=2))
    try:
        return SearchConfig(**fields)
    except ValidationError:
        reject()


@pytest.fixture(autouse=True, scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The working directory, with the files that are named."""
    path = tmp_path_factory.mktemp("files")
    (path / f"{SMALL['name']}.json").write_text(json.dumps(SMALL))
    np.savez(path / IMAGES, images=np.arange(32).reshape(2, 4, 4))
    with chdir(path):
        yield


def run_snippet(snippet: str) -> tuple[SearchConfig, Data | None]:
    """The question and the images that a snippet searches with."""
    *before, search, _ = ast.parse(snippet).body
    scope: dict[str, object] = {}
    exec(compile(ast.Module(before, []), "snippet", "exec"), scope)
    (question,), images = search.value.args, [keyword.value for keyword in search.value.keywords]
    values = [eval(compile(ast.Expression(node), "snippet", "eval"), scope) for node in (question, *images)]
    return values[0], values[1] if images else None


def run_command(line: str) -> tuple[SearchConfig, str | None]:
    """The question and the path of the images that a command searches with."""
    program, *words = shlex.split(line)
    arguments = command_parser(program).parse_args(words)
    return _question(arguments), arguments.images


@pytest.mark.slow
@settings(max_examples=60)
@given(config=questions())
def test_any_search_is_asked_again(config: SearchConfig):
    assert run_snippet(python_snippet(config)) == (config, None)
    assert run_command(command_line(config)) == (config, None)


def test_only_what_differs_is_written():
    assert python_snippet(SearchConfig()) == (
        "from freenas import SearchConfig, search\n\n"
        "result = search(SearchConfig(space='nas-bench-201', seed=0))\nprint(result.genotype.notation)\n"
    )
    banned = ["normal:0-2:none", "normal:0-3:none"]
    config = SearchConfig(space="darts", recipe="released", pinned=["reduce:0-2:skip_connect"], banned=banned)
    assert max(map(len, python_snippet(config).splitlines())) <= 88
    assert command_line(config) == (
        "freenas search --space darts --seed 0 --recipe released "
        "--pinned reduce:0-2:skip_connect --banned normal:0-2:none,normal:0-3:none"
    )


def test_own_spaces_and_images_are_files():
    space = load_space(json.dumps(SMALL))
    config = SearchConfig(space=space, proxy="snip", data=f"own:{IMAGES}")
    question, images = run_snippet(python_snippet(config))
    assert (question, images.name) == (SearchConfig(space=space, proxy="snip"), IMAGES)
    assert run_command(command_line(config)) == (question, IMAGES)
    assert file_note(config) == (
        f"It needs the file of the space saved as {space.name}.json and your images at {IMAGES}."
    )
    assert file_note(SearchConfig()) == ""
    odd = SearchConfig(proxy="snip", data="own:--$(rm); 'x'")
    assert run_command(command_line(odd))[1] == "./--$(rm); 'x'"
