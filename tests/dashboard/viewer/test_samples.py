from dashboard.viewer.samples import SAMPLE_NOTATIONS
from engine import parse_genotype
from engine.operations.registry import get_operation


def test_every_sample_is_a_genotype_of_the_space_in_its_title():
    genotypes = {title: parse_genotype(notation) for title, notation in SAMPLE_NOTATIONS.items()}
    assert [genotype.space_name for genotype in genotypes.values()] == ["nas-bench-201", "darts"]
    first = next(iter(genotypes.values()))
    assert {get_operation(gene.operation).short for gene in first.cells["cell"]} == {"conv 3"}
