from dashboard.parts.notices import ANCHORS, explained_notice, tie_words
from engine.searches.diagnostics import COLLAPSE, ROUNDING, TIE
from engine.searches.result import Notice


def test_every_notice_leads_to_an_explanation():
    for code in (ROUNDING, COLLAPSE, TIE, "labels", "data"):
        assert f"](learn#{ANCHORS[code]})" in explained_notice(Notice(code, "So it is."))


def test_a_tie_is_told_by_titles_and_whether_it_matters():
    assert tie_words("skip_connect and avg_pool_3x3 tie on 6 edges (within 1%).") == (
        "skip and avg pool 3×3 score alike on 6 edges (within 1%); none of them was chosen, so the result does not "
        "depend on it."
    )
    decided = "a and b tie on 2 edges (within 1%); on 2 of them the chosen one is among these."
    assert tie_words(decided) == decided.replace("tie on", "score alike on")


def test_a_notice_of_another_version_is_shown_as_plain_text():
    said = explained_notice(Notice("unheard of", "<b>[x](http://y.z)"))
    assert said.startswith(r"\<b\>\[x\]\(")
    assert said.endswith("(learn#traps-and-what-the-warnings-mean)")
