"""What Explore remembers at first: nothing is open, replayed or on its way."""

from dashboard.explore.state import ExploreState, OpenedRun
from tests.dashboard.conftest import small


def test_at_first_nothing_is_open_replayed_or_on_its_way():
    explore = ExploreState()
    assert (explore.replayed, explore.run, explore.run_id, explore.file) == (None, None, "", {})
    assert not explore.link_complaint
    assert not explore.visited


def test_a_run_and_its_result_belong_together(store):
    result = small(7)
    opened = OpenedRun(store.add(result), result)
    assert opened.run.seed == opened.result.config.seed == 7
