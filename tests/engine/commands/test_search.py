"""The command `search`: its options, what it prints and what it writes."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from engine import PROXIES, SPACES, SearchConfig, SearchResult
from engine import __main__ as cli
from engine.commands import search as search_command
from engine.commands.search import replace_fields
from engine.studies.worth import result_worth
from tests.engine.conftest import TINY, Run, check_refused, let_search_fail


def test_search_prints_the_result_and_nothing_else(run: Run):
    status, out, err = run(*TINY)
    result = SearchResult.from_json(out)
    assert status == 0
    assert out == result.to_json()
    warnings = [f"warning: {notice.message}" for notice in result.notices]
    assert [*warnings, result_worth(result).sentence] == err.splitlines()


@pytest.mark.parametrize(
    "given",
    [
        {"space": "darts", "recipe": "released", "per_round": 5, "channels": 6, "cells": 4, "field": "full"}
        | {"pinned": "reduce:0-2:skip_connect, normal:3-5:max_pool_3x3", "banned": "normal:0-2:none"},
        {"seed": 3, "image_size": 12, "dtype": "float64", "device": "cpu", "proxy": "freeflow", "cells": 1}
        | {"max_params": 900_000, "max_macs": 120_000_000, "field": "interior"},
    ],
    ids=["constraints", "budget"],
)
def test_every_option_reaches_the_configuration(run: Run, given: dict[str, object]):
    _, out, _ = run("search", *(f"--{name.replace('_', '-')}={value}" for name, value in given.items()))
    texts = {name: str(given[name]).split(", ") for name in ("pinned", "banned") if name in given}
    assert json.loads(out)["config"] == json.loads(json.dumps(SearchConfig(**given | texts).to_dict()))


def configured(run: Run, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> SearchConfig:
    """The configuration that a command searches with."""
    found: list[SearchConfig] = []

    def search(config: SearchConfig, **_: object) -> None:
        found.append(config)
        raise KeyboardInterrupt

    monkeypatch.setattr(search_command, "search", search)
    run("search", *arguments)
    return found[0]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *[("900000", 900_000), ("900_000", 900_000), ("900k", 900_000), ("0.9M", 900_000), ("0.0009G", 900_000)],
        *[("1", 1), ("007", 7), ("1.25k", 1250), ("220.119040M", 220_119_040), ("1000G", 10**12)],
    ],
)
def test_counts_may_be_short(run: Run, monkeypatch: pytest.MonkeyPatch, text: str, number: int):
    found = configured(run, monkeypatch, "--max-params", text, "--max-macs", text, "--max-latency", "2.5")
    assert found.limits == {"params": number, "macs": number, "latency": 2.5}


def test_places_are_listed_with_commas(run: Run, monkeypatch: pytest.MonkeyPatch):
    found = configured(run, monkeypatch, "--pinned", " 1-2:none,0-1:skip_connect ", "--banned", "0-3:none,,0-3:none,")
    assert (found.pinned, found.banned) == (("0-1:skip_connect", "1-2:none"), ("0-3:none",))


def test_a_search_says_what_its_budget_asked_and_cost(run: Run, tmp_path: Path):
    path, limit = tmp_path / "result.json", 900_000
    status, out, err = run(*TINY, "--max-params", "0.9M", "--banned", "0-3:nor_conv_3x3", "--out", str(path))
    result = SearchResult.from_json(path.read_text())
    assert (status, err) == (0, "")
    assert result.cost["params"] <= limit
    assert "nor_conv_3x3~0" not in result.genotype.notation.split("+")[2]
    (line,) = [line for line in out.splitlines() if line.startswith("Budget: ")]
    free = int(result.budget.free_costs["params"])
    assert f"{result.cost['params']:,} of at most 900,000 parameters ({free:,} without a budget)" in line
    assert f"the best of {result.budget.within:,} among 12,500 cells" in line


def test_parts_override_the_recipe(run: Run):
    _, out, _ = run(*TINY, "--recipe", "released", "--normalisation", "bypass", "--alpha", "ones")
    config = json.loads(out)["config"]
    assert [config[part] for part in ("normalisation", "alpha", "method")] == ["bypass", "ones", "one-shot"]


def test_search_writes_a_file_and_prints_a_summary(run: Run, tmp_path: Path):
    path = tmp_path / "result.json"
    status, out, err = run(*TINY, "--out", str(path))
    result = SearchResult.from_json(path.read_text())
    assert (status, err) == (0, "")
    assert os.listdir(tmp_path) == ["result.json"]
    lines = out.splitlines()
    assert lines[0] == result.genotype.notation
    assert f"{result.cost['params']:,} parameters, {result.cost['macs'] / 1e6:,.2f} M MACs" in lines[1]
    assert lines[2].startswith(f"{len(result.passes)} passes in ")
    assert lines[3:-2] == [f"warning: {notice.message}" for notice in result.notices]
    assert lines[-2] == result_worth(result).sentence
    assert lines[-1] == f"written to {path}"


def test_quiet_leaves_the_warnings(run: Run, tmp_path: Path):
    path = tmp_path / "result.json"
    status, out, err = run(*TINY, "--quiet", "--out", str(path))
    notices = SearchResult.from_json(path.read_text()).notices
    assert (status, out) == (0, "")
    assert err.splitlines() == [f"warning: {notice.message}" for notice in notices]
    assert notices


def test_the_help_names_the_choices_and_ranges_of_the_configuration(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        cli.main(["search", "--help"])
    words = capsys.readouterr().out.replace("-\n", "-").split()
    text = "".join(words)  # lines break in names, too
    assert all(name in text for name in (*SPACES, *PROXIES, "synaptic", "plain", "iterative", "float64", "interior"))
    assert "--per-roundVALUEoperationstoprunebetweentwopasses,1to64" in text
    assert "--seedVALUEseedoftheweights,andofαwhereitisnoise,0to4,294,967,295" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["search", "--space", "nb101"], "unknown search space 'nb101'; allowed: nas-bench-201, darts"),
        (["search", "--seed", "one"], "argument --seed: 'one' is not a whole number"),
        (["search", "--seed", "-1"], "seed: input should be greater than or equal to 0, -1 given"),
        (["search", "--recipe", "best"], "unknown recipe 'best'; allowed: synaptic, released"),
        (["search", "--alpha", "two"], "alpha: input should be 'ones' or 'noise', 'two' given"),
        (["search", "--cells", "101"], "cells: 101 is out of range; nas-bench-201 takes 1 to 100"),
        (["search", "--device", "gpu"], "unknown device 'gpu'; allowed: auto, cpu, cuda, cuda:N, mps"),
        (["search", "--device", "cuda:99"], "device 'cuda:99' is not available here; available: cpu"),
        (["search", "--proxy", "naswot"], "unknown proxy 'naswot'; allowed: freeflow"),
        (["search", "--max-params", "0.5x"], "argument --max-params: '0.5x' is no count; written like 900000, 900k or"),
        (["search", "--max-params", "1.5"], "argument --max-params: '1.5' is not a whole number"),
        (["search", "--max-params", "0.0001k"], "argument --max-params: '0.0001k' is not a whole number"),
        (["search", "--max-params", "-3"], "argument --max-params: '-3' is no count"),
        (["search", "--max-params", "1e6"], "argument --max-params: '1e6' is no count"),
        (["search", "--max-params", ""], "argument --max-params: '' is no count"),
        (["search", "--max-params", "９"], "argument --max-params: '９' is no count"),
        (["search", "--max-params", "9" * 5000], "argument --max-params: '999"),
        (["search", "--max-params", "0"], "max_params: input should be greater than 0, 0 given"),
        (["search", "--max-params", "1001G"], "max_params: input should be less than or equal to 1000000000000, 1001"),
        (["search", "--max-macs", "many"], "argument --max-macs: 'many' is no count"),
        (["search", "--max-latency", "fast"], "argument --max-latency: 'fast' is not a number of milliseconds"),
        (["search", "--max-latency", "nan"], "max_latency: input should be"),
        (["search", "--max-latency=-1"], "max_latency: input should be greater than 0, -1.0 given"),
        (["search", "--recipe", "released", "--max-params", "1M"], "a budget needs the recipe 'synaptic'"),
        ([*TINY, "--max-params", "70k"], "has 73,306 parameters"),
        (["search", "--pinned", "0-1"], "'0-1' names no operation on an edge; written like '0-1:avg_pool_3x3'"),
        (["search", "--banned", "0-4:none"], "'0-4:none': NAS-Bench-201 has no edge from node 0 to node 4"),
        (["search", "--pinned", "0-1:none", "--banned", "0-1:none"], "'0-1:none' is pinned, and banned"),
        (["search", "--space", "darts", "--banned", "0-2:none"], "'0-2:none': a cell type expected before the edge"),
        (
            ["search", "--pinned", "0-1:none,0-2:none,0-3:none"],
            "cell: pins and bans leave no path from input to output",
        ),
        (["search", "--threads", "0"], "argument --threads: 0 is out of range; 1 to "),
        (["search", "--threads", "100000"], "argument --threads: 100000 is out of range; 1 to "),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_wrong_arguments_are_one_line(run: Run, arguments: list[str], message: str):
    check_refused(run, arguments, message)


def test_a_place_that_cannot_be_written_to_is_known_before_the_search(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    let_search_fail(monkeypatch, AssertionError("the search has begun"))
    for path in (tmp_path, tmp_path / "nowhere" / "result.json"):
        status, out, err = run(*TINY, "--out", str(path))
        assert (status, out) == (cli.FAILED, "")
        assert err.startswith(f"error: cannot write {str(path)!r}: it")
        assert err.count("\n") == 1


def test_a_question_is_taken_from_a_file(run: Run, tmp_path: Path):
    path = tmp_path / "question.json"
    path.write_text(json.dumps({"space": "darts", "seed": 3, "cells": 3, "pinned": ["normal:0-2:sep_conv_3x3"]}))
    tiny = ("--channels", "4", "--image-size", "8", "--field", "interior", "--device", "cpu", "--no-store")
    _, out, _ = run("search", "--config", str(path), *tiny, "--seed", "5", "--per-round", "64")
    config = json.loads(out)["config"]
    assert (config["space"], config["seed"], config["channels"]) == ("darts", 5, 4)
    assert config["pinned"] == ["normal:0-2:sep_conv_3x3"]


def test_a_result_is_asked_for_again_with_one_thing_changed(run: Run, tmp_path: Path):
    path = tmp_path / "result.json"
    run(*TINY, "--seed", "7", "--banned", "0-1:none", "--out", str(path), "--quiet")
    _, same, _ = run("search", "--like", str(path))
    assert json.loads(same)["config"] == json.loads(path.read_text())["config"]
    _, other, _ = run("search", "--like", str(path), "--recipe", "released")
    config = json.loads(other)["config"]
    assert (config["recipe"], config["normalisation"], config["seed"]) == ("released", "batch", 7)


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ({"space": "darts"}, {"seed", "recipe", "normalisation"}),
        ({"space": "nas-bench-201"}, {"seed", "recipe", "normalisation", "channels", "pinned"}),
        ({"proxy": "snip"}, {"seed", "channels", "pinned"}),
        ({"recipe": "released"}, {"seed", "channels", "pinned"}),
    ],
)
def test_what_another_choice_leaves_no_meaning_is_dropped(options: dict[str, str], kept: set[str]):
    fields = {"space": "nas-bench-201", "seed": 1, "recipe": "synaptic", "normalisation": "bypass", "channels": 4}
    fields |= {"pinned": ["0-1:none"]}
    assert replace_fields(fields, options).keys() == kept | options.keys() | ({"space"} - options.keys())


@pytest.mark.parametrize(
    ("option", "text", "message"),
    [
        ("--like", "{}", "is no search result"),
        ("--config", "[1]", "holds no question: an object of fields is expected"),
        ("--config", "{", "not JSON: line 1"),
        ("--config", '{"sed": 1}', "unknown field 'sed'; allowed: "),
        ("--config", '{"sed": 1}', "(did you mean 'seed'?)"),
        ("--config", '{"schema": "freenas/search-result@1"}', "is a search result; --like takes its question"),
        ("--config", '{"space": "dart"}', "did you mean 'darts'?"),
        ("--like", '{"schema": "freenas/search-result@1"}', "holds no question"),
    ],
)
def test_a_file_without_a_question_is_refused(run: Run, tmp_path: Path, option: str, text: str, message: str):
    path = tmp_path / "question.json"
    path.write_text(text)
    check_refused(run, ["search", option, str(path)], message)
    check_refused(run, ["search", option, str(path / "nowhere")], "cannot be read")


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (["search", "--sede", "3"], "--seed"),
        (["serch"], "search"),
        (["runs", "lst"], "list"),
        (["search", "--space", "nas-bench-210"], "nas-bench-201"),
        (["search", "--proxy", "FreeFlow"], "freeflow"),
    ],
)
def test_a_misspelled_word_is_answered_with_the_one_that_was_meant(run: Run, arguments: list[str], meant: str):
    check_refused(run, arguments, f"(did you mean '{meant}'?)")


def test_the_help_shows_groups_choices_and_defaults(run: Run, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        run("search", "--help")
    text = " ".join(capsys.readouterr().out.split())
    assert all(f"{title}:" in text for title in ("the question", "the supernet", "where to compute", "the result"))
    assert "iterative, one-shot: " in text
    assert "a multiple of 4, 8 to 64 (default 32)" in text
    assert "(default nas-bench-201)" in text


def test_the_older_spelling_of_a_format_is_still_read(run: Run):
    assert run("runs", "export", "--form", "csv")[1] == run("runs", "export", "--to", "csv")[1] != ""


def test_a_dash_is_standard_output(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    status, out, _ = run(*TINY, "--out", "-")
    assert (status, SearchResult.from_json(out).to_json()) == (0, out)
    assert not [*tmp_path.iterdir()]


def test_a_question_that_names_a_field_twice_is_refused(run: Run, tmp_path: Path):
    path = tmp_path / "question.json"
    path.write_text('{"space": "darts", "seed": 1, "seed": 2}')
    status, _, err = run("search", "--config", str(path))
    assert (status, err) == (2, f"error: {str(path)!r}: the name 'seed' stands twice in one JSON object\n")
