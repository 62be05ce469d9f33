"""The worth beside an answer: of the result, or of the score that was asked for where there is none yet."""

from dashboard.explore import ranking, result
from dashboard.explore.controls import Question
from dashboard.server.results import CACHED, ShownResult
from engine import SearchConfig


def test_the_worth_is_that_of_the_answer_or_of_what_is_asked(nas_bench_201, monkeypatch):
    monkeypatch.setattr(ranking, "chosen_column", lambda space: None)
    asked = Question(SearchConfig(space="nas-bench-macro"))
    stale = ShownResult(nas_bench_201, CACHED, answers=False)
    assert result._worth(stale, asked).verdict == "nothing known"
    assert result._worth(ShownResult(nas_bench_201, CACHED), Question(nas_bench_201.config)).verdict == "supported"
