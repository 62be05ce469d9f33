"""What a limit cost, in words."""

from dashboard.explore.prospects import budget_words
from dashboard.server.examples import FIRST_QUESTION, shipped
from engine import SearchConfig


def test_the_first_question_ships_with_its_answer_and_says_what_the_limit_cost(nas_bench_201):
    result = shipped()[SearchConfig.model_validate(FIRST_QUESTION)]
    assert result.cost["params"] <= 900_000
    budget = result.budget
    lost = 100 * (budget.free_log_flow - budget.log_flow) / budget.free_log_flow
    assert (
        budget_words(result)
        == f"The best of the {budget.within:,} cells that fit; the limit costs {lost:.2g} % of log-flow."
    )
    assert budget_words(nas_bench_201) == ""
