from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from engine import PROXIES, RECIPES, SPACES, SearchConfig, explain
from engine.common.errors import quoted, unknown_name
from engine.searches.config import field_bounds
from tests.engine.strategies import NORMALISED

INTEGERS = {
    "seed": (0, 2**32 - 1, 1),
    "per_round": (1, 64, 1),
    "channels": (4, 64, 2),
    "image_size": (8, 64, 4),
    "batch": (2, 256, 1),
}
LIMITS = {"max_params": 10**12, "max_macs": 10**15}
CHOICES = {
    "space": ["nas-bench-201", "darts"],
    "proxy": list(PROXIES),
    "normalisation": ["bypass", "batch"],
    "alpha": ["ones", "noise"],
    "method": ["iterative", "one-shot"],
    "field": ["full", "interior"],
    "device": ["auto", "cpu", "mps", "cuda", "cuda:0", "cuda:15"],
    "dtype": ["float32", "float64"],
    "recipe": ["synaptic", "released", "custom"],
}


@pytest.mark.parametrize("field", INTEGERS)
def test_whole_numbers_are_taken_in_their_range_only(field: str):
    low, high, step = INTEGERS[field]
    for good in (low, low + step, high):
        assert getattr(SearchConfig(**{field: good}), field) == good
    for bad in (low - step, high + step, *([low + 1] if step > 1 else [])):
        with pytest.raises(ValueError, match=rf"(?s){field}.*"):
            SearchConfig(**{field: bad})


@pytest.mark.parametrize("field", INTEGERS)
def test_bounds_of_whole_numbers_are_those_that_are_taken(field: str):
    bounds = field_bounds(field)
    assert (bounds.low, bounds.high, bounds.step or 1) == INTEGERS[field]
    assert bounds.choices == ()
    assert bounds.default == getattr(SearchConfig(), field)


def test_bounds_of_other_fields():
    assert [(field_bounds(name).low, field_bounds(name).high) for name in LIMITS] == [(1, 10**12), (1, 10**15)]
    assert (field_bounds("max_latency").low, field_bounds("max_latency").high) == (0, 1e7)
    for name in ("proxy", "normalisation", "alpha", "method", "field", "dtype"):
        assert list(field_bounds(name).choices) == CHOICES[name]
    assert field_bounds("space").choices == ()
    assert all(field_bounds(name).description for name in SearchConfig.model_fields)
    with pytest.raises(KeyError):
        field_bounds("recipe")


@pytest.mark.parametrize("field", LIMITS)
def test_counts_are_bounded_by_whole_numbers(field: str):
    for good in (1, 900_000, LIMITS[field]):
        config = SearchConfig(**{field: good})
        assert config.limits == {field.removeprefix("max_"): good}
        assert getattr(config, field) == config.to_dict()[field] == good
    for bad in (0, -1, LIMITS[field] + 1):
        with pytest.raises(ValueError, match=f"(?s){field}.*"):
            SearchConfig(**{field: bad})


@pytest.mark.parametrize("field", ["pinned", "banned"])
def test_operations_are_read_up_to_the_first_error(field: str):
    with pytest.raises(ValidationError) as caught:
        SearchConfig(**{field: [{}] * 9})
    assert caught.value.error_count() == 1


def test_latency_is_bounded_in_milliseconds():
    for good in (1e-3, 3.5, 20, 1e7):
        assert SearchConfig(max_latency=good).limits == {"latency": good}
    for bad in (0, -1.0, 1.1e7, float("nan"), float("inf")):
        with pytest.raises(ValueError, match=r"(?s)max_latency.*"):
            SearchConfig(max_latency=bad)


def test_a_budget_has_any_of_three_bounds():
    assert SearchConfig().limits == {}
    every = {"max_params": 10**6, "max_macs": 10**8, "max_latency": 5.0}
    assert SearchConfig(**every).limits == {"params": 10**6, "macs": 10**8, "latency": 5.0}
    assert SearchConfig(**every | {"max_macs": None}).limits == {"params": 10**6, "latency": 5.0}


@pytest.mark.parametrize("field", ["max_params", "max_macs", "max_latency"])
@pytest.mark.parametrize(
    ("parts", "name"),
    [({"recipe": "released"}, "released"), ({"method": "one-shot"}, "custom"), ({"alpha": "noise"}, "custom")],
)
def test_a_budget_needs_the_closed_form_of_the_recipe(field: str, parts: dict[str, str], name: str):
    sentence = rf"a budget needs the recipe 'synaptic' \(normalisation, α, method\); '{name}' given"
    with pytest.raises(ValueError, match=sentence):
        SearchConfig(**parts, **{field: 1000})
    for allowed in ({"field": "full"}, {"field": "interior"}, {"per_round": 8, "dtype": "float64"}):
        assert SearchConfig(**allowed, **{field: 1000}).limits != {}


@pytest.mark.parametrize(("space", "low", "high", "default"), [("nas-bench-201", 1, 100, 5), ("darts", 3, 100, 8)])
def test_cells_and_channels_depend_on_the_space(space: str, low: int, high: int, default: int):
    assert SearchConfig(space=space).size == (16, default)
    assert SearchConfig(space=space, channels=8).size == (8, default)
    assert [SearchConfig(space=space, cells=cells).cells for cells in (low, high)] == [low, high]
    for cells in (low - 1, high + 1):
        with pytest.raises(ValueError, match=f"cells: {cells} is out of range; {space} takes {low} to {high}"):
            SearchConfig(space=space, cells=cells)


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in CHOICES.items() for value in values])
def test_every_choice_is_taken(field: str, value: str):
    assert getattr(SearchConfig(**{field: value}), field) == (value if value != "custom" else "synaptic")


@pytest.mark.parametrize(
    ("given", "parts", "name"),
    [
        ({}, ("bypass", "ones", "iterative"), "synaptic"),
        ({"recipe": "synaptic"}, ("bypass", "ones", "iterative"), "synaptic"),
        ({"recipe": "released"}, ("batch", "noise", "one-shot"), "released"),
        ({"recipe": "released", "method": "iterative"}, ("batch", "noise", "iterative"), "custom"),
        ({"recipe": "released", "alpha": "ones"}, ("batch", "ones", "one-shot"), "custom"),
        ({"recipe": "synaptic", "normalisation": "batch"}, ("batch", "ones", "iterative"), "custom"),
        ({"recipe": "custom"}, ("bypass", "ones", "iterative"), "synaptic"),
        ({"recipe": "custom", "alpha": "noise"}, ("bypass", "noise", "iterative"), "custom"),
        (
            {"normalisation": "batch", "alpha": "noise", "method": "one-shot"},
            ("batch", "noise", "one-shot"),
            "released",
        ),
        (
            {"recipe": "synaptic", "normalisation": "batch", "alpha": "noise", "method": "one-shot"},
            ("batch", "noise", "one-shot"),
            "released",
        ),
    ],
)
def test_a_recipe_gives_the_parts_that_are_not_given(given: dict[str, str], parts: tuple[str, str, str], name: str):
    config = SearchConfig(**given)
    assert (config.normalisation, config.alpha, config.method) == parts
    assert config.recipe == name


@pytest.mark.parametrize(
    ("given", "parts", "name"),
    [
        ({"proxy": "snip"}, ("batch", "ones", "one-shot", "full", "float64"), "plain"),
        ({"proxy": "grasp"}, ("batch", "ones", "one-shot", "full", "float64"), "plain"),
        ({"proxy": "grasp", "recipe": "plain"}, ("batch", "ones", "one-shot", "full", "float64"), "plain"),
        ({"proxy": "grasp", "dtype": "float32"}, ("batch", "ones", "one-shot", "full", "float32"), "plain"),
        ({"proxy": "snip", "method": "iterative"}, ("batch", "ones", "iterative", "full", "float64"), "custom"),
        (
            {"proxy": "snip", "recipe": "custom", "normalisation": "bypass"},
            ("bypass", "ones", "one-shot", "full", "float64"),
            "custom",
        ),
        ({"proxy": "zero-cost-pt-flow"}, ("bypass", "ones", "iterative", "interior", "float64"), "synaptic"),
        ({"proxy": "zero-cost-pt-naswot"}, ("batch", "ones", "one-shot", "full", "float64"), "plain"),
        ({"proxy": "freeflow"}, ("bypass", "ones", "iterative", "full", "float32"), "synaptic"),
        ({"proxy": "freeflow", "method": "one-shot"}, ("bypass", "ones", "one-shot", "full", "float32"), "custom"),
    ],
)
def test_every_proxy_has_its_own_recipes(given: dict[str, str], parts: tuple[str, ...], name: str):
    config = SearchConfig(**given)
    fields = (config.normalisation, config.alpha, config.method, config.field, config.dtype)
    assert (fields, config.recipe) == (parts, name)


def test_images_are_named_in_the_configuration():
    assert SearchConfig().data == "gaussian"
    for name in ("gaussian", "digits", "own:photos.npz", "own:"):
        config = SearchConfig(proxy="snip", data=name)
        assert config.data == name
        assert SearchConfig.model_validate(config.to_dict()) == config


def test_a_configuration_from_before_there_were_images_is_read():
    plain = SearchConfig(space="darts", seed=3, recipe="released").to_dict()
    del plain["data"], plain["batch"]
    assert SearchConfig(**plain) == SearchConfig(space="darts", seed=3, recipe="released")


def test_the_recipes_cannot_be_changed():
    with pytest.raises(TypeError):
        RECIPES["synaptic"] = {}  # type: ignore[index]


@pytest.mark.parametrize("field", [*SearchConfig.model_fields, "recipe"])
def test_none_stands_for_the_default(field: str):
    assert SearchConfig(**{field: None}) == SearchConfig()


def test_a_config_is_a_frozen_value():
    config = SearchConfig(space="darts", seed=7)
    same = SearchConfig(seed=7, space="darts", recipe="synaptic", channels=16, cells=8)
    assert config == same
    assert hash(config) == hash(same)
    assert config != SearchConfig(space="darts", seed=8)
    with pytest.raises(ValidationError):
        config.seed = 8


@pytest.mark.slow
@given(st.data())
def test_plain_data_gives_the_same_config(data: st.DataObject):
    space = data.draw(st.sampled_from(list(SPACES)))
    low, high = SPACES[space].cells_range
    parts: dict[str, object] = {"space": space, "cells": data.draw(st.integers(low, high))}
    for field, (least, most, step) in INTEGERS.items():
        parts[field] = data.draw(st.integers(least // step, most // step)) * step
    for field in ("normalisation", "alpha", "method", "device", "dtype"):
        parts[field] = data.draw(st.sampled_from(CHOICES[field]))
    if parts["normalisation"] == "batch":
        parts["image_size"] = max(int(parts["image_size"]), NORMALISED[space]["image_size"])
    if parts["normalisation"] == "bypass" and SPACES[space].no_closed_form is None:
        parts["field"] = data.draw(st.sampled_from(CHOICES["field"]))
    if SearchConfig(**parts).recipe == "synaptic" and SPACES[space].no_closed_form is None:
        limits = {"max_params": st.integers(1, 10**12), "max_macs": st.integers(1, 10**15)}
        limits["max_latency"] = st.floats(0, 1e7, exclude_min=True)
        parts |= data.draw(st.fixed_dictionaries({}, optional=limits))
    config = SearchConfig(**parts)
    plain = config.to_dict()
    assert {field: plain[field] for field in parts} == parts
    assert SearchConfig(**plain) == config


BAD = [
    ({"seed": "1"}, "'1'", "integer"),
    ({"seed": True}, "True", "integer"),
    ({"seed": 1.5}, "1.5", "integer"),
    ({"seed": 1.0}, "1.0", "integer"),
    ({"seed": float("nan")}, "nan", "integer"),
    ({"seed": -1}, "-1", "0"),
    ({"seed": 10**30}, str(10**30), "4294967295"),
    pytest.param({"seed": 10**5000}, "seed", "4294967295"),
    ({"seed": []}, "[]", "integer"),
    ({"cells": "5"}, "'5'", "integer"),
    ({"cells": True}, "True", "integer"),
    ({"cells": 0}, "0", "1 to 100"),
    ({"cells": 10**30}, str(10**30), "1 to 100"),
    ({"space": "darts", "cells": 2}, "2", "3 to 100"),
    ({"channels": 5}, "5", "multiple of 2"),
    ({"channels": 66}, "66", "64"),
    ({"image_size": 10}, "10", "multiple of 4"),
    ({"image_size": 4}, "4", "8"),
    ({"per_round": 0}, "0", "1"),
    ({"per_round": 65}, "65", "64"),
    ({"space": "nasbench201"}, "'nasbench201'", "nas-bench-201, darts"),
    ({"space": ""}, "''", "nas-bench-201, darts"),
    ({"space": 201}, "201", "string"),
    pytest.param({"space": ["darts"]}, "['darts']", "string"),
    pytest.param({"space": {}}, "space: schema", "required"),
    ({"space": "x" * 10_000}, "'xxx", "nas-bench-201, darts"),
    ({"space": "darts\n"}, r"'darts\n'", "nas-bench-201, darts"),
    ({"proxy": "synflow"}, "'synflow'", "freeflow"),
    ({"proxy": 1}, "1", "string"),
    ({"recipe": "authors"}, "'authors'", "synaptic, released"),
    ({"recipe": ["released"]}, "['released']", "synaptic, released"),
    ({"normalisation": "none"}, "'none'", "'bypass' or 'batch'"),
    ({"alpha": 1}, "1", "'ones' or 'noise'"),
    ({"method": "oneshot"}, "'oneshot'", "'iterative' or 'one-shot'"),
    ({"field": "border"}, "'border'", "'full' or 'interior'"),
    ({"dtype": "float16"}, "'float16'", "'float32' or 'float64'"),
    ({"device": "gpu"}, "'gpu'", "auto, cpu, cuda, cuda:N, mps"),
    ({"device": "cuda:100"}, "'cuda:100'", "cuda:N"),
    ({"device": "cpu\n"}, r"'cpu\n'", "cpu"),
    ({"device": 0}, "0", "string"),
    ({"field": "interior", "normalisation": "batch"}, "'interior'", "'bypass'"),
    ({"pinned": "0-1:none"}, "'0-1:none'", "valid tuple"),
    ({"pinned": [1]}, "1 given", "pinned[0]: input should be a valid string"),
    ({"banned": [["0-1:none"]]}, "['0-1:none'] given", "banned[0]: input should be a valid string"),
    ({"banned": {"0-1": "none"}}, "banned", "valid tuple"),
    ({"pinned": ["0-1:none"] * 257}, "257", "at most 256"),
    ({"banned": ["x" * 10_000]}, "'xxx", "written like '0-1:avg_pool_3x3'"),
    ({"max_params": 0}, "0", "greater than 0"),
    ({"max_params": 1.5}, "1.5", "integer"),
    ({"max_params": "900000"}, "'900000'", "integer"),
    ({"max_params": True}, "True", "integer"),
    ({"max_params": 10**13}, str(10**13), "1000000000000"),
    ({"max_macs": -1}, "-1", "greater than 0"),
    ({"max_macs": 1e8}, "100000000.0", "integer"),
    pytest.param({"max_macs": 10**5000}, "max_macs", "1000000000000000"),
    ({"max_latency": 0}, "0", "greater than 0"),
    ({"max_latency": float("nan")}, "nan", "finite"),
    ({"max_latency": float("inf")}, "inf", "finite"),
    ({"max_latency": 1e8}, "100000000", "10000000"),
    ({"max_latency": True}, "True", "number"),
    ({"max_latency": "5"}, "'5'", "number"),
    ({"max_latency": "soon"}, "'soon'", "number"),
    ({"max_latency": [1.0]}, "[1.0]", "number"),
    ({"colour": "red"}, "colour", "not permitted"),
    ({"proxy": "snip", "recipe": "synaptic"}, "'synaptic'", "plain with proxy 'snip'"),
    ({"recipe": "plain"}, "'plain'", "synaptic, released with proxy 'freeflow'"),
    ({"proxy": ["snip"], "recipe": "plain"}, "'plain'", "synaptic, released"),
    ({"proxy": "snip", "field": "interior"}, "'interior'", "proxy 'snip' needs field 'full'"),
    ({"proxy": "zero-cost-pt-flow", "field": "full"}, "'full'", "proxy 'zero-cost-pt-flow' needs field 'interior'"),
    ({"proxy": "zero-cost-pt-flow", "normalisation": "batch"}, "'batch'", "needs normalisation 'bypass'"),
    ({"proxy": "snip", "max_params": 10**6}, "'snip'", "a budget is kept by flow and needs proxy 'freeflow'"),
    ({"data": "digits"}, "'digits'", "proxy 'freeflow' looks at no images"),
    ({"proxy": "snip", "data": "cifar10"}, "'cifar10'", "gaussian, smooth, digits, or images given to the search"),
    ({"proxy": "snip", "data": "/etc/passwd"}, "'/etc/passwd'", "gaussian, smooth, digits"),
    ({"proxy": "snip", "data": "own:a\nb"}, r"'own:a\nb'", "gaussian, smooth, digits"),
    ({"proxy": "snip", "data": 3}, "3", "string"),
    ({"proxy": "snip", "batch": 32.0}, "32.0", "integer"),
    ({"normalisation": ["a"] * 1000}, "['a'", "'bypass' or 'batch'"),
]


@pytest.mark.parametrize(("given", "value", "allowed"), BAD)
def test_a_bad_value_is_explained_in_a_sentence(given: dict[str, object], value: str, allowed: str):
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        SearchConfig(**given)
    sentence = explain(caught.value)
    assert value in sentence
    assert allowed in sentence
    assert sentence.isprintable()
    assert len(sentence) <= 300


def test_explain_leaves_other_errors_as_they_are():
    assert explain(ValueError("no such thing")) == "no such thing"


@given(st.one_of(st.text(), st.binary(), st.lists(st.text()), st.floats(), st.none()), st.integers(10, 80))
def test_values_are_shown_on_one_line_within_their_limit(value: object, limit: int):
    text = quoted(value, limit)
    assert text.isprintable()
    assert 0 < len(text) <= limit


def test_an_unknown_name_lists_the_allowed_ones():
    assert str(unknown_name("fruit", "tomato", ["apple", "pear"])) == "unknown fruit 'tomato'; allowed: apple, pear"
