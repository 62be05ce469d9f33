"""The kernel of activation patterns, on paper."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.networks.rectifiers import AgreementKernel, agreement_matrix


def images_of(rows: list[list[float]]) -> torch.Tensor:
    """Features `(B, C, 1, 1)`."""
    return torch.tensor(rows)[:, :, None, None]


def test_codes_agree_where_both_images_are_on_the_same_side():
    first = images_of([[1.0, -2, 3], [0.5, 0.1, -1]])  # 101 and 110: they agree in the first alone
    assert agreement_matrix(first).tolist() == [[3, 1], [1, 3]]
    kernel = AgreementKernel(2)
    kernel.add(first)
    assert np.linalg.slogdet(kernel.total)[1] == pytest.approx(np.log(8))


def test_zero_is_off_and_every_rectifier_counts():
    first, second = images_of([[0.0], [-1.0]]), images_of([[2.0], [0.0]])
    kernel = AgreementKernel(2)
    for features in (first, second, first, first.clone()):
        kernel.add(features)
    assert kernel.total.tolist() == [[4, 3], [3, 4]]


@given(st.integers(1, 6), st.integers(1, 9), st.integers(0, 99))
def test_an_image_agrees_with_itself_and_pairs_by_the_hamming_distance(images: int, rectifiers: int, seed: int):
    features = torch.randn(images, rectifiers, 2, 1, generator=torch.Generator().manual_seed(seed))
    codes = (features > 0).flatten(1).numpy()
    distances = (codes[:, None] != codes[None]).sum(2)
    np.testing.assert_array_equal(agreement_matrix(features), 2 * rectifiers - distances)
