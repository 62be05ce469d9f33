from dashboard.learn.pruning import ReaderPruning
from dashboard.learn.state import LearnState
from engine.supernets.toy import Toy


def test_a_reader_begins_with_everything():
    learn = LearnState()
    assert (learn.toy, learn.pruning) == (Toy(), ReaderPruning())
    assert learn.pruning.live.all()
