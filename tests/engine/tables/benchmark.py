"""Three cells of a benchmark, the numbers of each, and the check that a table holds them."""

import numpy as np

from engine.tables import AccuracyTable

CELLS = [f"|none~0|+|none~0|none~1|+|none~0|none~1|{name}~2|" for name in ("none", "skip_connect", "nor_conv_1x1")]


def accuracy(index: int, dataset: str, metric: str, hp: str) -> float:
    """A number that tells all of its origin."""
    names = ("cifar10-valid", "cifar10", "cifar100", "ImageNet16-120")
    return 10 + index + 10 * names.index(dataset) + (metric == "test-accuracy") / 2 + (hp == "200") / 4


def assert_all_numbers(table: AccuracyTable) -> None:
    assert [genotype.notation for genotype in table.population.genotypes()] == CELLS
    assert len(table.columns) == 12
    origins = {"CIFAR-10 validation": "cifar10-valid", "CIFAR-10 test": "cifar10", "CIFAR-100": "cifar100"}
    for column in table.columns:
        assert not column.missing
        dataset = origins.get(f"{column.dataset} {column.split}", origins.get(str(column.dataset), "ImageNet16-120"))
        metric = "test-accuracy" if column.split == "test" else "valid-accuracy"
        expected = [accuracy(index, dataset, metric, str(column.epochs)) for index in range(3)]
        if dataset == "cifar10":
            expected[2] = np.nan
        np.testing.assert_allclose(table.of(column.name), expected)
    assert {column.description for column in table.columns} >= {
        "CIFAR-10 test accuracy (%), 200 epochs",
        "ImageNet16-120 validation accuracy (%), 12 epochs",
    }
    assert "training and validation halves together" in table.report.notes[0]
