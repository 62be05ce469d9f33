import numpy as np
import pytest

from dashboard.learn.failure_charts import FlowPoints
from dashboard.learn.failures import precision_sentence, weight_sentence
from engine.spaces import get_space

SPACE = get_space("nas-bench-201")
FLOW = np.array([1.0, 2.0, 3.0, 4.0])


def test_the_first_by_flow_is_the_largest_or_not():
    params = np.array([1e6, 3e6, 2e6, 4e6])
    sentence = weight_sentence(FlowPoints(SPACE, FLOW, params / 1e6, params, "parameters (M)", "parameters"))
    assert sentence.startswith("4 architectures of NAS-Bench-201: ")
    assert "is 0.80" in sentence
    assert "flow is the one with the most parameters" in sentence
    assert "is not the one" in weight_sentence(FlowPoints(SPACE, FLOW[::-1], params, params, "", ""))


def test_architectures_through_which_nothing_flows_are_counted():
    points = FlowPoints(SPACE, np.array([1.0, -np.inf, 2.0]), FLOW[:3], FLOW[:3], "", "parameters")
    assert "not drawn: the 1 through which nothing flows" in weight_sentence(points)


@pytest.mark.parametrize(("accuracies", "verdict"), [([1, 2, 4, 3], "worse"), ([1, 3, 2, 4], "better")])
def test_counting_parameters_is_compared(accuracies, verdict):
    params = np.array([1e6, 3e6, 2e6, 4e6])
    points = FlowPoints(SPACE, FLOW, np.array(accuracies, dtype=float), params, "", "accuracy", table=True)
    assert weight_sentence(points).endswith(f"does {verdict}.")


def test_the_fall_with_the_precision_is_told():
    assert "million times smaller in 64 bits" in precision_sentence()
