import json

from dashboard.explore import controls
from dashboard.server.navigation import PAGES
from engine import SearchConfig, load_space, search
from tests.dashboard.conftest import SMALL, headline, job_of, texts, wait_for

SMALL_QUERY = {name: str(value) for name, value in SMALL.items()} | {"cells": "1"}


def test_the_first_screen_says_what_was_found_how_good_it_is_and_what_it_costs(app):
    at = app()
    assert headline(at) == "conv 1×1 on 3 of 6 connections, conv 3×3 on 3"
    assert any(text.endswith("seed 0, synaptic, ≤ 0.9 M params · ships with FreeNAS") for text in texts(at))
    assert any("93.89 %, rank 77 of 15,625" in text for text in texts(at))
    assert any("0.886 M parameters" in text for text in texts(at))
    assert at.button(key="search").label == "Computed"
    assert at.button(key="search").disabled
    assert [button.label for button in at.button if button.key == "chip max_params"] == ["≤ 0.9 M params"]


def test_a_limit_is_let_go_of_by_its_chip(app):
    at = app()
    at.button(key="chip max_params").click().run()
    assert headline(at) == "conv 3×3 on all 6 connections"
    assert at.number_input(key="max_params").value is None
    assert at.query_params["max_params"] == "none"
    again = app(max_params="none")
    assert headline(again) == headline(at)
    assert again.number_input(key="max_params").value is None


def test_the_page_gives_the_numbers_of_the_engine(app):
    at = app(seed="4", **SMALL_QUERY)
    at.button(key="search").click().run()
    wait_for(at)
    expected = search(SearchConfig(seed=4, cells=1, **SMALL))
    found = at.session_state["LastResult"].shown.result
    assert found.genotype == expected.genotype
    assert abs(found.shares["cell"] - expected.shares["cell"]).max() < 1e-4
    assert expected.genotype.notation in [code.value for code in at.code]


def test_a_new_question_is_previewed_in_the_closed_form(app):
    at = app(seed="6", **SMALL_QUERY)
    wait_for(at, "preview")
    assert any(text.startswith("Quick estimate that ignores the image border") for text in texts(at))
    expected = search(SearchConfig(seed=6, cells=1, field="interior", **SMALL))
    assert abs(at.session_state["LastResult"].shown.result.shares["cell"] - expected.shares["cell"]).max() < 1e-4
    at.number_input(key="seed").set_value(0).run()
    at.number_input(key="seed").set_value(6).run()
    assert at.session_state["LastResult"].shown.result.config.seed == 6


def test_the_address_holds_the_controls_of_closed_menus(app):
    query = SMALL_QUERY | {"max_params": "900000", "banned": "0-1:none", "space": "NAS-Bench-201"}
    at = app(**query)
    assert {name: at.query_params[name] for name in ("channels", "max_params", "banned")} == {
        "channels": "4", "max_params": "900000", "banned": "0-1:none"
    }  # fmt: skip
    at.multiselect(key="banned").set_value(["0-1:none", "0-2:none"]).run()
    assert at.query_params["banned"] == ["0-1:none", "0-2:none"]
    at.button(key="chip banned").click().run()
    assert "banned" not in at.query_params


def test_the_question_is_there_again_after_another_page(app):
    at = app(**SMALL_QUERY, seed="77", max_params="900000")
    at.switch_page(PAGES["viewer"].script).run()
    for name in [*at.query_params]:
        del at.query_params[name]
    at.switch_page(PAGES["explore"].script).run()
    assert (at.number_input(key="seed").value, at.number_input(key="max_params").value) == (77, 900_000)


def test_no_stale_answer_looks_current(app):
    at = app(seed="7", recipe="released")
    assert headline(at) == "Not computed yet: NAS-Bench-201, seed 7, released"
    assert any(text.endswith("Below is still: NAS-Bench-201, seed 0, synaptic.") for text in texts(at))
    assert popover(at, "export").disabled
    assert not popover(at, "share").disabled
    assert not any(" M parameters" in text for text in texts(at))
    assert job_of(at, "preview") is None


def popover(at, key):
    return next(each.proto.popover for each in at.get("popover") if key in each.proto.popover.id)


def test_a_preview_that_was_stopped_is_asked_for_again(app):
    at = app(seed="16", **SMALL_QUERY)
    at.button(key="search").click().run()
    job_of(at, "preview").state = "stopped"
    wait_for(at)
    other = app(seed="17", **SMALL_QUERY)
    wait_for(other, "preview")
    assert other.session_state["LastResult"].shown.result.config.seed == 17


def test_a_preview_without_a_result_says_why(app):
    for device in ("cuda", "cuda:1", "mps"):
        at = app(device=device, **SMALL_QUERY)
        wait_for(at, "preview")
        assert at.selectbox(key="device").value == device
        words = f"No answer: device '{device}' is not available here; available: cpu"
        assert any(words in text for text in texts(at))


def test_every_device_of_the_server_can_be_chosen(app, monkeypatch):
    cards = {"cuda:0": "A card", "cuda:1": "Another [card]", "cpu": "A processor"}
    monkeypatch.setattr(controls, "worker_devices", lambda: cards)
    at = app()
    assert at.selectbox(key="device").options == ["auto", *cards]
    assert any(text == "cuda:0: A card" for text in texts(at))
    at.selectbox(key="device").set_value("cuda:1").run()
    assert not at.exception
    assert any(text == "cuda:1: Another [card]" for text in texts(at))


def test_many_seeds_tell_whether_the_seed_matters(app):
    at = app(seed="4", **SMALL_QUERY)
    at.session_state["seeds"] = True
    at.run()
    at.button(key="run_seeds").click().run()
    wait_for(at, "study")
    assert any(text.startswith("**The seed ") for text in texts(at))
    assert len(at.get("plotly_chart")) == 2


def test_what_next_asks_the_seeds_at_once_and_says_what_came_of_it(app):
    at = app(seed="4", **SMALL_QUERY | {"channels": "6"})
    at.button(key="ask seeds").click().run()
    wait_for(at, "study")
    assert any(text.startswith("**The seed ") for text in texts(at))
    assert any(text.startswith(":material/casino: The seed ") for text in texts(at))


def test_the_same_question_is_answered_from_the_cache(app):
    first = app(seed="5", **SMALL_QUERY)
    first.button(key="search").click().run()
    wait_for(first)
    second = app(seed="5", **SMALL_QUERY)
    assert any(text.endswith("seed 5, synaptic · computed here before") for text in texts(second))
    assert second.button(key="search").label == "Keep as a run"


def test_a_link_sets_every_control(app):
    at = app(
        space="darts", seed="9", recipe="custom", normalisation="batch", alpha="noise", method="one-shot",
        per_round="3", channels="6", cells="4", image_size="16", device="cpu", dtype="float64",
    )  # fmt: skip
    assert at.selectbox(key="space").value == "darts"
    numbers = {key: at.number_input(key=key).value for key in ("seed", "per_round", "cells")}
    assert numbers == {"seed": 9, "per_round": 3, "cells": 4}
    assert (at.selectbox(key="channels").value, at.selectbox(key="image_size").value) == (6, 16)
    at.button(key="search").click().run()
    wait_for(at)
    config = at.session_state["LastResult"].shown.result.config
    assert config == SearchConfig(
        space="darts", seed=9, normalisation="batch", alpha="noise", method="one-shot", per_round=3,
        channels=6, cells=4, image_size=16, device="cpu", dtype="float64",
    )  # fmt: skip


def test_a_link_that_asks_for_what_is_not_allowed_is_explained(app):
    for query, words in (
        ({"seed": "-1"}, "greater than or equal to 0, -1 given"),
        ({"space": "<b>x</b>"}, "unknown search space '<b>x</b>'; allowed: nas-bench-201, darts"),
        ({"channels": "5"}, "multiple of 2, 5 given"),
        ({"method": "one-shot"}, "method is set by the recipe"),
        ({"device": "gpu"}, "unknown device 'gpu'; allowed: auto, cpu, cuda, cuda:N, mps"),
        ({"cells": "9999"}, "cells: 9999 is out of range; nas-bench-201 takes 1 to 100"),
        ({"recipe": "magic"}, "unknown recipe 'magic'; allowed: synaptic, released"),
        ({"channels": "1e3"}, "channels"),
        ({"max_params": "0"}, "max_params: input should be greater than 0, 0 given"),
        ({"max_latency": "fast"}, "max_latency"),
        ({"pinned": "0-9:none"}, "NAS-Bench-201 has no edge from node 0 to node 9"),
        ({"banned": "<b>"}, "'<b>' names no operation on an edge"),
    ):
        at = app(**query)
        assert any("not understood in full" in text and words in text for text in texts(at)), query
        assert at.session_state["LastResult"].shown.result.space.name == "nas-bench-201"
        at.number_input(key="seed").set_value(2).run()
        assert not any("not understood in full" in text for text in texts(at))


def test_rounding_level_results_say_so_on_the_page(app):
    at = app(space="darts", recipe="released")
    assert any("rounding" in badge for badge in badges(at))
    open_notices(at)
    assert any("These scores are rounding error" in warning.value for warning in at.warning)


def open_notices(at):
    at.session_state["below"] = next(tab.label for tab in at.tabs if tab.label.startswith("Notices"))
    at.run()


def badges(at):
    return [text for text in texts(at) if "-badge[" in text]


def test_a_search_without_a_result_keeps_the_last_one(app):
    at = app(recipe="custom", normalisation="batch", alpha="ones", cells="20")
    before = at.session_state["LastResult"].shown.result
    at.button(key="search").click().run()
    wait_for(at)
    assert any("the scores are not numbers" in text for text in texts(at))
    assert at.session_state["LastResult"].shown.result is before
    assert headline(at).startswith("No answer to: ")


def test_an_inconsistent_question_is_refused_before_it_runs(app):
    at = app(recipe="custom", normalisation="batch", field="interior")
    assert any("field 'interior' needs normalisation 'bypass'" in text for text in texts(at))
    assert at.button(key="search").disabled


def test_a_link_holds_budget_and_constraints(app):
    query = SMALL_QUERY | {"max_params": "900000", "pinned": "0-3:skip_connect", "banned": "0-1:none"}
    at = app(**query)
    wait_for(at, "preview")
    expected = search(
        SearchConfig(cells=1, field="interior", max_params=900_000, pinned=("0-3:skip_connect",), banned=("0-1:none",),
                     **SMALL)
    )  # fmt: skip
    found = at.session_state["LastResult"].shown.result
    assert (found.genotype, found.budget) == (expected.genotype, expected.budget)
    assert expected.genotype.cells["cell"][3].operation == "skip_connect"
    assert [button.label for button in at.button if str(button.key).startswith("chip")] == [
        "≤ 0.9 M params", "Pinned: skip on 0→3", "Banned: none on 0→1"
    ]  # fmt: skip


def test_a_budget_that_cannot_be_kept_is_refused_in_words(app):
    at = app(**SMALL_QUERY, max_params="1000")
    wait_for(at, "preview")
    assert any("the budget of 1,000 parameters cannot be kept: the cheapest" in text for text in texts(at))
    least = at.button(key="least max_params")
    assert least.label.startswith("Allow 0.07")
    least.click().run()
    wait_for(at, "preview")
    assert at.session_state["LastResult"].shown.result.cost["params"] == at.number_input(key="max_params").value
    at = app(recipe="released", max_params="900000")
    assert any("a budget needs the recipe 'synaptic'" in text for text in texts(at))


def test_a_proxy_begins_with_the_precision_that_its_recipe_asks_for(app):
    for at in (app(**SMALL_QUERY, proxy="grasp", seed="31"), app(**SMALL_QUERY, seed="31")):
        at.selectbox(key="proxy").select("grasp").run()
        if not at.button(key="search").disabled:  # the second one is known
            at.button(key="search").click().run()
        wait_for(at)
        result = at.session_state["LastResult"].shown.result
        assert result.config == SearchConfig(proxy="grasp", cells=1, seed=31, **SMALL)
        assert result.config.dtype == "float64"
        assert not result.has("rounding")


def test_where_rounding_decides_a_button_searches_again_in_double_precision(app):
    query = SMALL_QUERY | {"cells": "5", "batch": "4"}
    at = app(**query, proxy="grasp", dtype="float32")
    assert not [button for button in at.button if button.key == "search in float64"]
    at.button(key="search").click().run()
    wait_for(at)
    open_notices(at)
    assert any(text.startswith("Rounding decides here: float64 finds another genotype; ") for text in texts(at))
    at.button(key="search in float64").click().run()
    wait_for(at)
    result = at.session_state["LastResult"].shown.result
    assert (result.config.dtype, at.segmented_control(key="dtype").value) == ("float64", "float64")
    assert not result.has("precision")
    assert not [button for button in at.button if button.key == "search in float64"]


def test_another_proxy_says_what_it_needs_and_is_searched(app):
    at = app(**SMALL_QUERY)
    at.selectbox(key="proxy").select("snip").run()
    assert any("SNIP needs images and labels" in text for text in texts(at))
    assert at.selectbox(key="recipe").value == "plain"
    at.number_input(key="batch").set_value(4).run()
    at.button(key="search").click().run()
    wait_for(at)
    expected = search(SearchConfig(proxy="snip", cells=1, batch=4, **SMALL))
    found = at.session_state["LastResult"].shown.result
    assert (found.genotype, found.config.proxy) == (expected.genotype, "snip")
    open_notices(at)
    assert any("The labels are random" in text for text in texts(at))
    at.selectbox(key="proxy").select("zero-cost-pt-flow").run()
    assert at.segmented_control(key="field").value == "interior"
    at.selectbox(key="proxy").select("freeflow").run()
    assert at.selectbox(key="recipe").value == "synaptic"
    assert not at.error


OWN = {
    "schema": "freenas/search-space@1",
    "name": "my-cells",
    "title": "Mine, all of it",
    "inputs": ["in"],
    "nodes": 3,
    "operations": ["none", "skip_connect", "nor_conv_3x3"],
    "cells": {"cell": {"edges": [{"from": 0, "to": 1}, {"from": 0, "to": 2}, {"from": 1, "to": 2}]}},
    "network": {"entry": "plain", "search": {"channels": 4, "cells": 1}, "stages": [{"cell": "cell"}]},
}


def test_a_space_of_ones_own_is_searched_like_any_other(app):
    at = app()
    at.file_uploader(key="space_upload").upload("mine.json", json.dumps(OWN).encode()).run()
    assert at.selectbox(key="space").value == "my-cells (yours)"
    wait_for(at, "preview")
    at.button(key="search").click().run()
    wait_for(at)
    assert any("Mine, all of it, seed 0" in text for text in texts(at))
    expected = search(SearchConfig(space=load_space(json.dumps(OWN))))
    assert at.session_state["LastResult"].shown.result.genotype == expected.genotype
    at.file_uploader(key="space_upload").upload("bad.json", json.dumps(OWN | {"nodes": 99}).encode()).run()
    assert any(text.startswith("bad.json is no search space: nodes") for text in texts(at))
    assert at.selectbox(key="space").value == "my-cells (yours)"


def test_changing_the_space_adopts_its_size(app):
    at = app()
    at.selectbox(key="space").select("darts").run()
    assert at.number_input(key="cells").value == 8
    at.selectbox(key="space").select("nas-bench-macro").run()
    assert (at.number_input(key="cells").value, at.selectbox(key="channels").value) == (1, 32)
    at.selectbox(key="space").select("nas-bench-201").run()
    assert (at.number_input(key="cells").value, at.selectbox(key="channels").value) == (5, 16)


def test_a_space_of_layers_is_spoken_of_as_one(app):
    at = app(space="nas-bench-macro", image_size="8")
    assert at.selectbox(key="channels").value == 32
    wait_for(at, "preview")
    assert any("The best network within them is found by listing all networks." in text for text in texts(at))
    assert at.multiselect(key="pinned").help.startswith("Every layer keeps")
    assert " on " in headline(at)
    assert " layers" in headline(at)


def test_every_number_of_darts_can_be_looked_at(app):
    at = app(space="darts")
    for measure in ("share", "score", "edge"):
        at.segmented_control(key="measure").set_value(measure).run()
        at.segmented_control(key="scale").set_value("linear").run()
        assert not at.exception


def test_a_table_gives_the_accuracy_of_what_was_found(app, tmp_path, monkeypatch):
    best = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|nor_conv_3x3~0|nor_conv_3x3~1|nor_conv_3x3~2|"
    (tmp_path / "cifar10_test_200ep.csv").write_text(f"arch,acc\n{best},93.76\n")
    monkeypatch.setenv("FREENAS_TABLES", str(tmp_path))
    at = app(space="nas-bench-201", table="cifar10_test_200ep.csv")
    wait_for(at, "table")
    assert any("93.76 %, rank 1 of 1" in text and "200 epochs, table cifar10" in text for text in texts(at))
