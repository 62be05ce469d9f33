from dashboard.evidence.state import EvidenceState


def test_sessions_share_nothing():
    first, second = EvidenceState(), EvidenceState()
    first.ended["a task"] = ""
    assert second == EvidenceState()
    assert second.shown is None
