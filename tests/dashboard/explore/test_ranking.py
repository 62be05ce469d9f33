"""The table of the header ranks what was found, and is ranked by its score."""

import pytest

from engine.genotypes.population import Population
from engine.networks.cost import edge_costs
from engine.spaces import get_space
from tests.dashboard.conftest import texts, wait_for

COUNT = 40


@pytest.fixture
def counted(tmp_path, monkeypatch):
    """A table whose accuracies are the parameters of its cells."""
    population = Population.sample(get_space("nas-bench-201"), COUNT, 0)
    params = edge_costs(population.space)["params"].of(population)
    rows = [f"{population.genotype(row).notation},{80 + value / 1e6:.5f}" for row, value in enumerate(params)]
    (tmp_path / "cifar10_test_200ep.csv").write_text("\n".join(["arch,acc", *rows]))
    monkeypatch.setenv("FREENAS_TABLES", str(tmp_path))
    return population


def test_a_table_is_ranked_by_the_score_that_was_asked_for(app, counted):
    at = wait_for(app(space="nas-bench-201", table="cifar10_test_200ep.csv"), "table")
    at.button(key="rank table").click().run()
    wait_for(at, "evidence")
    assert any("parameters 1.00)" in text and f"{COUNT} cells" in text for text in texts(at))
    assert not [button for button in at.button if button.key == "rank table"]
