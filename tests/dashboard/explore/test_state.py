"""What Explore remembers at first: nothing is open, selected or playing."""

from dashboard.explore.state import ExploreState, OpenedRun
from dashboard.parts.view import NO_SELECTION
from tests.dashboard.conftest import small


def test_at_first_nothing_is_open_selected_or_playing():
    explore = ExploreState()
    assert (explore.selection, explore.playing, explore.run, explore.run_id) == (NO_SELECTION, False, None, "")
    assert not explore.link_complaint


def test_a_run_and_its_result_belong_together(store):
    result = small(7)
    opened = OpenedRun(store.add(result), result)
    assert opened.run.seed == opened.result.config.seed == 7
