"""Networks with their weights, as files of other programs: ONNX models, and programs of `torch.export`.

The weights are PyTorch's default initialisation, drawn from a seed; networks are in evaluation mode, and take batches
of any length.
"""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from engine.data.images import IMAGE_SIZE
from engine.genotypes.genotype import Genotype
from engine.spaces import Size
from engine.spaces.fields import Seed, check_field

if TYPE_CHECKING:
    import torch

ONNX_PACKAGES = ("onnx", "onnxscript")
"""The packages that ONNX is written through."""


def onnx_model(genotype: Genotype, seed: int = 0, size: Size | None = None) -> bytes:
    """Write the network of `genotype` at `size` as an ONNX model from `images` to `logits`.

    `ValueError` where the packages of the extra `onnx` are not installed.
    """
    if not onnx_installed():
        packages = " and ".join(ONNX_PACKAGES)
        raise ValueError(
            f"ONNX is written through {packages}, which are not installed (pip install 'freenas-dashboard[onnx]')"
        )
    import torch

    program = _exported(genotype, seed, size)
    with _quietly():
        model = torch.onnx.export(program, input_names=["images"], output_names=["logits"], dynamo=True, verbose=False)
    assert model is not None
    return bytes(model.model_proto.SerializeToString())


@contextmanager
def _quietly() -> Iterator[None]:
    """Drop what the exporter says of torchvision, which nothing here needs, and of what it deprecates in itself."""
    logger = logging.getLogger("torch.onnx._internal.exporter._registration")
    logger.addFilter(_no_record)
    try:
        with warnings.catch_warnings(action="ignore", category=FutureWarning):
            yield
    finally:
        logger.removeFilter(_no_record)


def _no_record(record: logging.LogRecord) -> bool:
    return False


def onnx_installed() -> bool:
    """Return True where ONNX can be written."""
    return all(find_spec(name) is not None for name in ONNX_PACKAGES)


def exported_program(genotype: Genotype, seed: int = 0, size: Size | None = None) -> bytes:
    """Write the network of `genotype` at `size` as `torch.export.load` reads it."""
    import torch

    file = io.BytesIO()
    torch.export.save(_exported(genotype, seed, size), file)
    return file.getvalue()


def _exported(genotype: Genotype, seed: int, size: Size | None) -> torch.export.ExportedProgram:
    """Trace the network of `genotype`, with weights drawn from `seed`, for any number of images."""
    import torch

    from engine.networks.derived import build

    check_field("seed", Seed, seed)
    with torch.random.fork_rng(devices=[]):
        torch.set_rng_state(torch.Generator().manual_seed(seed).get_state())
        network = build(genotype, size).eval()
    images = torch.zeros(2, 3, IMAGE_SIZE, IMAGE_SIZE)
    return torch.export.export(network, (images,), dynamic_shapes={"images": {0: torch.export.Dim("batch")}})
