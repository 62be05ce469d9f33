"""The controls of Explore: a link holds the whole question."""

import pytest

from dashboard.explore import controls
from dashboard.explore.question_link import link_complaints, link_query
from engine import PROXIES, SearchConfig
from engine.data.images import DATA
from tests.dashboard.conftest import job_of

QUESTIONS = [
    *(
        SearchConfig(proxy=name, recipe=recipe, data=data, seed=3, **({"batch": 8} if proxy.needs_data else {}))
        for name, proxy in PROXIES.items()
        for recipe in proxy.recipes
        for data in (DATA if proxy.needs_data else DATA[:1])
    ),
    SearchConfig(space="mobilenet", recipe="released", image_size=36),
    SearchConfig(space="robust-darts-s4", proxy="grasp", data="digits"),
    SearchConfig(normalisation="bypass", alpha="noise", method="one-shot"),
    SearchConfig(proxy="snip", normalisation="bypass", data="digits", dtype="float64"),
    SearchConfig(max_params=10**6, max_macs=10**8),
    SearchConfig(max_latency=0.001),
    SearchConfig(max_latency=1234.5),
    SearchConfig(space="darts", pinned=["normal:0-2:sep_conv_3x3"], banned=["reduce:1-3:none"]),
]


def query(config):
    return {
        name: value if isinstance(value, list) else [value] for name, value in link_query(config).items() if value != []
    }


@pytest.mark.parametrize("config", QUESTIONS, ids=lambda config: f"{config.space}, {config.proxy}, {config.recipe}")
def test_no_link_to_a_question_is_complained_about(config):
    assert link_complaints(query(config)) == {}


@pytest.mark.parametrize(
    ("available", "asked", "options"),
    [
        ([], [None, None], ["auto", "cpu"]),
        (["cpu"], [None, "auto"], ["auto", "cpu"]),
        (["cuda:0", "cuda:1", "cpu"], [None, None], ["auto", "cuda:0", "cuda:1", "cpu"]),
        (["cuda:0", "cuda:1", "cpu"], ["cuda:1", "cuda:1"], ["auto", "cuda:0", "cuda:1", "cpu"]),
        (["mps", "cpu"], ["cuda:1", None], ["auto", "mps", "cpu", "cuda:1"]),
        ([], ["cuda", "mps"], ["auto", "cpu", "cuda", "mps"]),
    ],
)
def test_the_devices_are_those_of_the_server_and_those_asked_for(available, asked, options):
    assert controls.device_options(available, asked) == options


@pytest.mark.parametrize(
    "config",
    [each for each in QUESTIONS if each.proxy in ("snip", "params") or each.space == "mobilenet" or each.max_latency],
    ids=lambda config: f"{config.space}, {config.proxy}, {config.data}",
)
def test_the_page_asks_what_its_own_link_says(app, config):
    at = app(**{name: values[-1] for name, values in query(config).items()})
    assert not any("not understood" in warning.value for warning in at.warning)
    at.button(key="search").click().run()
    assert job_of(at, "search").task.config == config
    for stop in [button for button in at.button if button.key == "stop"]:  # a count of parameters may have ended by now
        stop.click().run()
    assert not at.exception
