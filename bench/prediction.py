"""How well flow predicts a table of accuracies: `python -m bench.prediction TABLE.csv GENOTYPE_COLUMN ACCURACY_COLUMN`.

Prints Spearman's rank correlation of flow (closed form), parameters and MACs with the accuracies, and the rank that
each gives to the best architecture. The table is yours; none ships with the project.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from engine import flow, parse_genotype
from engine.cost import network_cost


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", type=Path)
    parser.add_argument("genotypes", help="the column with genotypes in any notation")
    parser.add_argument("accuracies", help="the column with accuracies")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    with options.table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    genotypes = [parse_genotype(row[options.genotypes]) for row in rows]
    accuracies = np.array([float(row[options.accuracies]) for row in rows])
    costs = [network_cost(genotype) for genotype in genotypes]
    scores: dict[str, NDArray[np.float64]] = {
        "flow": flow(genotypes[0].space_name, genotypes, seed=options.seed),
        "parameters": np.array([float(cost.params) for cost in costs]),
        "MACs": np.array([float(cost.macs) for cost in costs]),
    }
    best = int(accuracies.argmax())
    print(f"{len(rows)} architectures, best accuracy {accuracies[best]:.2f}")
    for name, values in scores.items():
        rank = 1 + int((values > values[best]).sum())
        print(f"{name:<12} Spearman {spearmanr(values, accuracies).statistic:6.3f}   rank of the best {rank}")


if __name__ == "__main__":
    main()
