from dashboard.viewer.state import ViewerState


def test_a_session_begins_without_a_genotype_and_without_a_complaint():
    assert ViewerState() == ViewerState(genotype=None, complaint="")
