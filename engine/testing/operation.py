"""The contract of an operation: its layers at every stride and width, its looks, and its flow in a small supernet."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import torch

from engine.operations.layers import strided
from engine.operations.registry import OPERATIONS, Operation
from engine.proxies.base import ProxySetting
from engine.proxies.freeflow import open_freeflow
from engine.spaces import SPACES, SearchSpace
from engine.supernets.plain import PlainSupernet
from engine.supernets.spec import SupernetSpec
from engine.testing.readings import Case, check_readings, result_shape
from engine.testing.requirement import registered, require, require_texts, succeeding

_CHANNELS, _WIDER, _PIXELS = 4, 6, 8
"""Channels before an operation, those behind it where its width changes, and pixels a side."""
_LEAST_CONTRAST = 3.0
"""The contrast of a colour to a white and to a black page (WCAG 2.2, 1.4.11)."""
_TOLERANCE = 1e-4
"""The relative error of flow shares; the closed form sums its kernels in single precision."""


def check_operation(operation: Operation) -> None:
    """Check an operation, registered or not; raise `AssertionError` with the first thing that does not hold.

    At strides 1 and 2, and where the width changes if its layers can change it, the readings of its layers agree (see
    `check_layer`), and the result has the right size and width. Colour, short name and summary can be shown. In small
    supernets of NAS-Bench-201 and DARTS flow goes through it, and none through an operation that passes nothing; its
    shares are those of the plain supernet (`engine.supernets.plain`).
    """
    _check_description(operation)
    if operation.zero:
        layers = operation.layers or operation.changing
        require(not layers, f"operation '{operation.name}' passes nothing, and so it has no layers")
    else:
        _check_layers(operation)
    with registered(OPERATIONS, operation.name, operation):
        for space in _small_spaces(operation):
            _check_flow(operation, space)


def _check_description(operation: Operation) -> None:
    name = f"operation '{operation.name}'"
    require_texts(name, [(field, getattr(operation, field)) for field in ("name", "short", "summary")])
    require(bool(re.fullmatch("[a-z0-9_]+", operation.name)), f"{name}: its name is not lower-case letters and digits")
    require(len(operation.short) <= 8, f"{name}: its short name {operation.short!r} has more than 8 characters")
    valid = bool(re.fullmatch("#[0-9A-F]{6}", operation.colour))
    require(valid, f"{name}: its colour {operation.colour!r} is not written like #2F6FE0")
    luminance = _luminance(operation.colour)
    for page, contrast in (("white", 1.05 / (luminance + 0.05)), ("black", (luminance + 0.05) / 0.05)):
        require(contrast >= _LEAST_CONTRAST, f"{name}: its colour has a contrast of {contrast:.1f}:1 to a {page} page")


def _luminance(colour: str) -> float:
    """Return the relative luminance of a colour such as #2F6FE0, 0 to 1."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _check_layers(operation: Operation) -> None:
    """Check the layers where size and width stay, where the size changes, and where the width can change."""
    for stride in (1, 2):
        _check_case(operation, Case(_CHANNELS, _CHANNELS, stride, _PIXELS))
    wider = Case(_CHANNELS, _WIDER, 1, _PIXELS)
    if result_shape(operation.at(1, same_width=False), wider) == (_WIDER, _PIXELS):
        _check_case(operation, wider)
        _check_case(operation, wider._replace(stride=2))


def _check_case(operation: Operation, case: Case) -> None:
    name = f"operation '{operation.name}'"
    layers = operation.at(case.stride, same_width=case.c_in == case.c_out)
    shape = result_shape(layers, case)
    expected = case.c_out, strided(case.size, case.stride)
    require(shape == expected, f"{name} gives channels and pixels {shape} {case}, not {expected}")
    check_readings(name, layers, case)


def _small_spaces(operation: Operation) -> list[SearchSpace]:
    """Return two spaces with this operation and a convolution: without a stride on edges, and with one."""
    names = tuple(dict.fromkeys((operation.name, "nor_conv_3x3")))
    return [
        replace(SPACES[name], name=f"{name}-of-{operation.name}", operations=names, edge_operations=())
        for name in ("nas-bench-201", "darts")
    ]


def _check_flow(operation: Operation, space: SearchSpace) -> None:
    """Check that flow goes through the operation, and is that of the plain supernet, which is computed by autograd."""
    name = f"operation '{operation.name}'"
    for field in ["full"] if space.no_closed_form else ["full", "interior"]:
        size = {"channels": _CHANNELS, "cells": space.cells_range.low, "image_size": _PIXELS}
        spec = SupernetSpec.model_validate({"space": space, "field": field, **size})
        with succeeding(f"{name} can be scored in a small supernet like that of {space.title} (field '{field}')"):
            (scores,) = open_freeflow(ProxySetting(spec, dtype="float64"))([space.candidates])
            (plain,) = PlainSupernet(spec, torch.float64).scores([space.candidates])
        shares = scores.shares[..., 0]
        require(not shares.any() or not operation.zero, f"{name} passes nothing, and has a share of the flow")
        require(bool((shares > 0).all()) or operation.zero, f"no flow goes through {name} on some edges")
        same = np.allclose(scores.shares, plain.shares, rtol=_TOLERANCE, atol=0)
        require(same, f"{name} has other shares in a supernet than in a plain one (field '{field}')")
