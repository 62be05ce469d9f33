"""The words of a replay name what the engine pruned."""

from dashboard.explore.replay import step_sentence
from engine.operations.registry import get_operation


def test_every_step_names_what_it_dropped(nas_bench_201, darts):
    for result in (nas_bench_201, darts):
        count = len(result.steps)
        assert step_sentence(result, 0) == f"Step 0 of {count}: every operation is live."
        for number, step in enumerate(result.steps, 1):
            words = step_sentence(result, number)
            assert words.startswith(f"Step {number} of {count}: dropped **{get_operation(step.operation).name}** on ")
            assert f" in pass {step.at_pass + 1})." in words
            assert result.space.edge_name(result.space.edges[step.edge]) in words
            assert ("normal" in words or "reduc" in words) == (len(result.space.cell_types) > 1)
