"""Which runs may stand side by side."""

from dashboard.parts.comparison import MOST_COMPARED, comparison_complaint
from tests.dashboard.conftest import small


def test_two_to_six_runs_of_one_space_may_be_compared(store):
    runs = [store.add(small(seed)) for seed in range(MOST_COMPARED + 1)]
    words = f"Choose 2 to {MOST_COMPARED} runs in one space."
    assert [comparison_complaint(runs[:count]) for count in (0, 1, 2, MOST_COMPARED, MOST_COMPARED + 1)] == [
        words, words, "", "", words
    ]  # fmt: skip


def test_runs_of_two_spaces_may_not(store):
    runs = [store.add(small(1)), store.add(small(1, space="darts", cells=3)), store.add(small(2))]
    assert comparison_complaint(runs) == "These runs are in different spaces: nas-bench-201, darts."
