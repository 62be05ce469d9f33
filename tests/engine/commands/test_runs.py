"""The command line keeps what it finds, and lists, shows, deletes, exports and imports runs."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
import torch

from engine import SearchConfig, SearchResult
from engine.commands import search as command
from tests.engine.conftest import Run
from tests.paths import FILES

TINY = ["search", "--channels", "4", "--cells", "1", "--image-size", "8", "--device", "cpu", "--field", "interior"]


@pytest.fixture(autouse=True)
def _own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FREENAS_STORE", f"sqlite:///{tmp_path / 'runs.sqlite3'}")
    monkeypatch.setattr(torch, "set_num_threads", lambda count: None)


def listed(run: Run, *arguments: str) -> list[dict[str, object]]:
    status, out, _ = run("runs", "list", "--json", *arguments)
    assert status == 0
    return json.loads(out)


def test_a_search_is_kept_as_it_is_printed(run: Run):
    _, out, err = run(*TINY, "--seed", "5")
    assert "kept" not in err
    (found,) = listed(run)
    assert (found["seed"], found["space"]) == (5, "nas-bench-201")
    assert run("runs", "show", found["id"]) == (0, out, "")


def test_a_search_written_to_a_file_says_its_run(run: Run, tmp_path: Path):
    _, out, _ = run(*TINY, "--out", str(tmp_path / "result.json"))
    (found,) = listed(run)
    assert out.splitlines()[2].endswith(f" s on cpu, kept as run {found['id']}")


def test_a_run_is_kept_before_its_file_fails(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(command, "write", full)
    assert run(*TINY, "--out", str(tmp_path / "result.json"))[0] == 1
    assert len(listed(run)) == 1


def test_no_store_keeps_nothing(run: Run, tmp_path: Path):
    assert run(*TINY, "--no-store")[0] == 0
    assert listed(run) == []
    _, out, _ = run(*TINY, "--no-store", "--out", str(tmp_path / "result.json"))
    assert "kept" not in out


def test_a_search_ends_well_without_a_store(run: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FREENAS_STORE", "sqlite:////proc/none/runs.sqlite3")
    status, out, err = run(*TINY)
    assert status == 0
    assert SearchResult.from_json(out).config == SearchConfig(
        channels=4, cells=1, image_size=8, device="cpu", field="interior"
    )
    assert "warning: the run was not kept: the store of runs (/proc/none/runs.sqlite3) cannot be opened" in err
    assert run("runs", "list")[0] == 1


def test_runs_are_listed_for_people(run: Run):
    assert run("runs", "list") == (0, "", "no runs\n")
    run("runs", "import", str(FILES / "runs-1.json"))
    _, out, err = run("runs", "list", "--order", "seconds", "--limit", "1")
    header, row = out.splitlines()
    assert header.split()[:2] == ["id", "kept"]
    assert row.split()[0] == max(listed(run), key=lambda found: found["seconds"])["id"]
    assert err == "1 of 2 runs; --limit 2 lists all\n"


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (["--text", "größe SKIP"], ["Größe klein"]),
        (["--spaces", "nas-bench-201"], [""]),
        (["--tags", "paper,own space"], ["Größe klein"]),
        (["--tags", "paper,other"], []),
        (["--recipes", "synaptic", "--order", "name", "--ascending"], ["", "Größe klein"]),
        (["--order", "params"], ["", "Größe klein"]),
        (["--limit", "1", "--order", "created", "--ascending"], ["Größe klein"]),
    ],
)
def test_a_list_is_filtered_and_sorted(run: Run, given: list[str], names: list[str]):
    run("runs", "import", str(FILES / "runs-1.json"))
    assert [found["name"] for found in listed(run, *given)] == names


def test_a_deletion_is_taken_back(run: Run):
    run("runs", "import", str(FILES / "runs-1.json"))
    first, second = (found["id"] for found in listed(run))
    assert run("runs", "delete", first, first) == (0, "1 run deleted; `runs restore` takes it back for a day\n", "")
    assert [found["id"] for found in listed(run)] == [second]
    status, _, err = run("runs", "delete", second, first)
    assert (status, err) == (2, f"error: no run '{first}' in this store\n")
    unknown = "0123456789abcdef"
    status, out, err = run("runs", "restore", first, unknown)
    assert (status, out, err) == (2, "", f"error: no run '{unknown}' in this store, nor a deleted one\n")
    assert [found["id"] for found in listed(run)] == [second]
    assert run("runs", "restore", first) == (0, "1 run restored\n", "")
    assert run("runs", "restore", first) == (0, "0 runs restored\n", "")
    assert [found["id"] for found in listed(run)] == [first, second]


def test_deleted_runs_are_removed_for_good_where_one_says_so(run: Run):
    run("runs", "import", str(FILES / "runs-1.json"))
    first, second = (found["id"] for found in listed(run))
    run("runs", "delete", first)
    assert run("runs", "purge") == (0, "1 run removed for good\n", "")
    assert run("runs", "restore", first)[0] == 2
    assert [found["id"] for found in listed(run)] == [second]


def test_an_export_is_imported_elsewhere(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    assert run("runs", "import", str(FILES / "runs-1.json"))[1] == "2 runs kept, 0 of 2 were there\n"
    assert run("runs", "import", str(FILES / "runs-1.json"))[1] == "0 runs kept, 2 of 2 were there\n"
    _, out, _ = run("runs", "export", "--tags", "paper")
    (found,) = listed(run, "--tags", "paper")
    run("runs", "export", found["id"], "--out", str(tmp_path / "runs.json"))
    assert (tmp_path / "runs.json").read_text() == out
    _, table, _ = run("runs", "export", "--form", "csv")
    assert len(table.splitlines()) == 1 + 2 + 1  # a note has two lines
    monkeypatch.setenv("FREENAS_STORE", f"sqlite:///{tmp_path / 'elsewhere.sqlite3'}")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(out.encode())))
    assert run("runs", "import", "-")[1] == "1 run kept, 0 of 1 were there\n"
    assert listed(run) == [found]


def test_what_no_run_has_yet_may_be_asked_for(run: Run):
    for name, value in (("spaces", "darts"), ("proxies", "snip"), ("recipes", "plain"), ("devices", "cuda:1,mps")):
        assert run("runs", "list", f"--{name}", value) == (0, "", "no runs\n")


def test_an_own_space_may_be_asked_for_once_a_run_has_it(run: Run):
    run("runs", "import", str(FILES / "runs-1.json"))
    assert [found["space"] for found in listed(run, "--spaces", "my-cells,darts")] == ["my-cells"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["list", "--order", "colour"], "unknown order 'colour'; allowed: created, name"),
        (["list", "--spaces", "darts,foo"], "unknown search space 'foo'; allowed: nas-bench-201, darts, "),
        (["list", "--proxies", "foo"], "unknown proxy 'foo'; allowed: freeflow, "),
        (["list", "--recipes", "foo"], "unknown recipe 'foo'; allowed: synaptic, released, plain, custom"),
        (["list", "--devices", "cpu,auto"], "unknown device 'auto'; allowed: cpu, cuda, cuda:N, mps"),
        (["export", "--spaces", "my-cells"], "unknown search space 'my-cells'; allowed: nas-bench-201, darts, "),
        (["list", "--limit", "0"], "argument --limit: 0 given, 1 or more expected"),
        (["show", "x"], "no run 'x' in this store"),
        (["export", "x"], "no run 'x' in this store"),
        (["export", "--form", "xml"], "unknown format 'xml'; allowed: json, csv"),
        (["import", "nowhere.json"], "'nowhere.json' cannot be read: No such file"),
        (["import", str(FILES.parent / "__init__.py")], "a JSON document of runs expected"),
        (["delete"], "the following arguments are required: ID"),
    ],
)
def test_a_wrong_argument_is_told_in_a_line(run: Run, given: list[str], said: str):
    status, out, err = run("runs", *given)
    assert (status, out) == (2, "")
    assert err.startswith(f"error: {said}")
    assert err.count("\n") == 1


def test_a_run_in_an_own_space_shows_its_space(run: Run):
    run("runs", "import", str(FILES / "search-result-1.json"))
    (found,) = listed(run)
    assert found["space"] == "my-cells"
    shown = SearchResult.from_json(run("runs", "show", found["id"])[1])
    assert shown.config.max_params == 700_000
    assert shown.to_json() == SearchResult.from_json((FILES / "search-result-1.json").read_text()).to_json()


@pytest.mark.parametrize(
    "url", ["postgresql://127.0.0.1:1/runs?password=hidden", "postgresql://me:hid@den@127.0.0.1:1/r"]
)
def test_a_store_that_is_away_is_told_of_in_a_line_without_its_password(
    run: Run, monkeypatch: pytest.MonkeyPatch, url: str
):
    monkeypatch.setenv("FREENAS_STORE", url)
    status, out, err = run("runs", "list")
    assert (status, out) == (1, "")
    assert err.startswith("error: the store of runs (postgresql")
    assert err.count("\n") == 1
    assert "hid" not in err
    assert "den" not in err
