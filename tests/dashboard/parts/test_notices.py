from dashboard.parts.notices import ANCHORS, explained_notice
from engine.searches.diagnostics import COLLAPSE, ROUNDING, TIE
from engine.searches.result import Notice


def test_every_notice_leads_to_an_explanation():
    for code in (ROUNDING, COLLAPSE, TIE, "labels", "data"):
        assert f"](learn#{ANCHORS[code]})" in explained_notice(Notice(code, "So it is."))


def test_a_notice_of_another_version_is_shown_as_plain_text():
    said = explained_notice(Notice("unheard of", "<b>[x](http://y.z)"))
    assert said.startswith(r"\<b\>\[x\]\(")
    assert said.endswith("(learn#traps-and-what-the-warnings-mean)")
