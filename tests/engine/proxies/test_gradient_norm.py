"""The gradient norm against plain autograd on a supernet that shares no code, and beside SNIP."""

from __future__ import annotations

import numpy as np
import pytest

from tests.engine.plain import Plain
from tests.engine.proxies.questions import CASES, question, raw, scored


@pytest.mark.slow
@pytest.mark.parametrize(("space", "parts"), CASES)
def test_the_gradient_norm_is_that_of_plain_autograd(
    space: str, parts: dict[str, object], monkeypatch: pytest.MonkeyPatch
):
    plain = Plain(question(space, **parts), monkeypatch)
    expected = np.sqrt(plain.tied([gradient**2 for gradient in plain.gradients()]))
    found = scored(question(space, "gradient-norm", **parts))
    np.testing.assert_allclose(raw(found), expected, rtol=1e-6, atol=1e-9 * expected.max())
    assert found.shares.sum() == pytest.approx(1)


def test_cells_cancel_each_other_in_snip_and_not_in_the_gradient_norm():
    snip, norm = (raw(scored(question("nas-bench-201", name, cells=2))) for name in ("snip", "gradient-norm"))
    passing = snip > 0
    assert (snip <= np.sqrt(6) * norm * (1 + 1e-9)).all()  # |Σ g| ≤ √cells · ‖g‖
    assert (snip[passing] < 0.5 * norm[passing]).any(), "gradients of opposite sign"
    assert (snip[passing] > norm[passing]).any()
