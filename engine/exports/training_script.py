"""Training of a network that FreeNAS wrote.

    python SCRIPT network.py cifar-10-batches-bin

`network.py` is the PyTorch file of the network, the other a folder with CIFAR in its binary version, unpacked, or a
NumPy archive. The recipe is the usual one for CIFAR-10: stochastic gradient descent with Nesterov momentum, a learning
rate that falls as a cosine, weight decay, random flips and crops, and cutout where it is asked for. Every epoch prints
a line and leaves a checkpoint to go on from. It needs Python 3.11, torch and NumPy.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import os
import sys
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

RECIPE = ("epochs", "batch", "lr", "weight_decay", "cutout", "clip", "channels", "cells", "seed")
"""The arguments that a training keeps when it is resumed."""
MOMENTUM = 0.9
PADDING = 4
"""Pixels around an image that is cropped at random."""


def positive(text: str) -> int:
    """Read a whole number of at least 1."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not at least 1")
    return number


def argument_parser() -> argparse.ArgumentParser:
    """Return the parser of the arguments."""
    defaults = argparse.ArgumentDefaultsHelpFormatter
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0], formatter_class=defaults)
    parser.add_argument("network", type=Path, help="the PyTorch file of the network")
    parser.add_argument(
        "data",
        type=Path,
        help="folder with CIFAR-10 or CIFAR-100 in the binary version, or a NumPy archive (.npz) of images, labels, "
        "test_images and test_labels; without the last two a tenth of the images is held out",
    )
    parser.add_argument(
        "--torchvision", action="store_true", help="CIFAR-10 by torchvision, which downloads it into the folder"
    )
    parser.add_argument("--epochs", type=positive, default=200, help="passes over the images")
    parser.add_argument("--batch", type=positive, default=128, help="images a step")
    parser.add_argument("--lr", type=float, default=0.1, help="learning rate of the first epoch")
    parser.add_argument("--weight-decay", type=float, default=5e-4, help="factor of the weights in their gradient")
    parser.add_argument("--cutout", type=int, default=0, help="side in pixels of the square blanked in every image")
    parser.add_argument("--clip", type=float, help="largest norm of a gradient")
    parser.add_argument("--channels", type=int, help="channels of the network, where not those of its file")
    parser.add_argument("--cells", type=int, help="cells of the network, likewise")
    parser.add_argument("--seed", type=int, default=0, help="seed of weights, order and augmentation")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu", help="where to compute")
    parser.add_argument("--out", type=Path, default=Path("training"), help="folder for checkpoint.pt and accuracy.json")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in that folder")
    return parser


class Split(NamedTuple):
    """Images `(N, 3, H, W)` and labels `(N,)`, to train on and to test on."""

    images: Tensor
    labels: Tensor
    test_images: Tensor
    test_labels: Tensor


def read_split(arguments: argparse.Namespace) -> Split:
    """Read the data that the arguments name; `ValueError` in one sentence for what is none."""
    path: Path = arguments.data
    if arguments.torchvision:
        arrays = torchvision_arrays(path)
    elif path.suffix.lower() == ".npz":
        arrays = archive_arrays(path, arguments.seed)
    else:
        arrays = binary_arrays(path)
    images, labels, test_images, test_labels = arrays
    split = Split(as_images(images), as_labels(labels), as_images(test_images), as_labels(test_labels))
    if (len(images), len(test_images)) != (len(labels), len(test_labels)):
        raise ValueError(f"{path} has not as many labels as images")
    return split


Arrays = tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]
"""Images and labels to train on, images and labels to test on."""


def archive_arrays(path: Path, seed: int) -> Arrays:
    """Read a NumPy archive."""
    with np.load(path, allow_pickle=False) as archive:
        arrays = dict(archive.items())
    if missing := {"images", "labels"} - arrays.keys():
        raise ValueError(f"{path} holds no array called {' and none called '.join(sorted(missing))}")
    images, labels = arrays["images"], arrays["labels"]
    if {"test_images", "test_labels"} <= arrays.keys():
        return images, labels, arrays["test_images"], arrays["test_labels"]
    order = np.random.default_rng(seed).permutation(len(images))
    held, kept = np.split(order, [math.ceil(len(images) / 10)])
    return images[kept], labels[kept], images[held], labels[held]


def binary_arrays(folder: Path) -> Arrays:
    """Read CIFAR-10 or CIFAR-100, whose records are a label, or a coarse and a fine one, and the pixels of an image."""
    files = {file.stem: file for file in folder.rglob("*.bin")}
    batches = ("train",) if "train" in files else tuple(f"data_batch_{number}" for number in range(1, 6))
    labels, test = (2, "test") if "train" in files else (1, "test_batch")
    if missing := [name for name in (*batches, test) if name not in files]:
        raise ValueError(f"{folder} holds no {missing[0]}.bin; CIFAR in its binary version, unpacked, is expected")

    def arrays(*names: str) -> tuple[NDArray[Any], NDArray[Any]]:
        records = np.concatenate([np.fromfile(files[name], np.uint8) for name in names]).reshape(-1, labels + 3072)
        return records[:, labels:].reshape(-1, 3, 32, 32), records[:, labels - 1]

    return *arrays(*batches), *arrays(test)


def torchvision_arrays(folder: Path) -> Arrays:
    """Read CIFAR-10 by torchvision, which downloads it where it is not there."""
    try:
        from torchvision.datasets import CIFAR10
    except ImportError:
        raise ValueError("--torchvision needs torchvision, which is not installed") from None
    train, test = (CIFAR10(folder, train=train, download=True) for train in (True, False))
    return train.data, np.array(train.targets), test.data, np.array(test.targets)


def as_images(array: NDArray[Any]) -> Tensor:
    """Return images `(N, 3, H, W)` of an array `(N, H, W)`, `(N, H, W, C)` or `(N, C, H, W)`, C 1 or 3."""
    images = torch.from_numpy(np.ascontiguousarray(array))
    if images.ndim == 3:
        images = images[:, None]
    elif images.ndim == 4 and images.shape[3] in (1, 3):
        images = images.movedim(3, 1)
    shape = tuple(images.shape)
    if len(shape) != 4 or shape[1] not in (1, 3) or shape[2] % 4 or shape[3] % 4 or not shape[0]:
        raise ValueError(f"{array.shape} is no shape of N images whose sides 4 divides, grey or of three colours")
    return images.expand(-1, 3, -1, -1)


def as_labels(array: NDArray[Any]) -> Tensor:
    """Return labels `(N,)`, whole numbers from 0."""
    if array.ndim != 1 or array.dtype.kind not in "iu" or array.min(initial=0) < 0:
        raise ValueError(f"labels of the shape {array.shape} and the type {array.dtype} are no N whole numbers from 0")
    return torch.from_numpy(array.astype(np.int64))


def augment(images: Tensor, cutout: int) -> Tensor:
    """Return images `(B, C, H, W)`, each flipped or not, cropped, and blanked in a square of side `cutout`."""
    flipped = (torch.rand(len(images), 1, 1, 1) < 0.5).to(images.device)
    cropped = crop(torch.where(flipped, images.flip(3), images))
    return blank(cropped, cutout) if cutout else cropped


def crop(images: Tensor) -> Tensor:
    """Return images, each shifted by at most `PADDING` pixels either way, with zeros where there was nothing."""
    padded = nn.functional.pad(images, [PADDING] * 4).movedim(1, 3)
    starts = torch.randint(0, 2 * PADDING + 1, (2, len(images), 1))
    rows, columns = (
        (start + torch.arange(size)).to(images.device) for start, size in zip(starts, images.shape[2:], strict=True)
    )
    every = torch.arange(len(images), device=images.device)[:, None, None]
    return padded[every, rows[:, :, None], columns[:, None, :]].movedim(3, 1).contiguous()


def blank(images: Tensor, side: int) -> Tensor:
    """Return images with zeros in a square around a pixel drawn for each (DeVries & Taylor 2017)."""
    covered = []
    for size in images.shape[2:]:
        start = torch.randint(0, size, (len(images), 1)) - side // 2
        places = torch.arange(size)
        covered.append(((places >= start) & (places < start + side)).to(images.device))
    rows, columns = covered
    return images.masked_fill((rows[:, :, None] & columns[:, None, :])[:, None], 0)


def load_network(path: Path) -> ModuleType:
    """Import the PyTorch file of a network; `ValueError` where it has no function `build`."""
    spec = importlib.util.spec_from_file_location("network", path)
    if spec is None or spec.loader is None:
        raise ValueError(f"{path} is no Python file; the PyTorch file of the network is expected")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if not hasattr(module, "build"):
        raise ValueError(f"{path} has no function build(); the PyTorch file of the network is expected")
    return module


class Training:
    """A network, its optimiser, and the epochs that are done."""

    def __init__(self, arguments: argparse.Namespace, split: Split) -> None:
        self.arguments = arguments
        self.recipe = {name: getattr(arguments, name) for name in RECIPE}
        self.history: list[dict[str, float]] = []
        self.split = Split(*(tensor.to(arguments.device) for tensor in split))
        deviation, self.mean = torch.std_mean(self.split.images.float(), (0, 2, 3), keepdim=True)
        self.deviation = deviation.clamp(min=1e-8)
        self.seed_epoch(0)
        size = {name: self.recipe[name] for name in ("channels", "cells") if self.recipe[name] is not None}
        classes = int(max(split.labels.max(), split.test_labels.max())) + 1
        self.network: nn.Module = load_network(arguments.network).build(**size, classes=classes).to(arguments.device)
        self.optimiser = torch.optim.SGD(
            self.network.parameters(), arguments.lr, MOMENTUM, weight_decay=arguments.weight_decay, nesterov=True
        )

    def seed_epoch(self, epoch: int) -> None:
        """Seed the draws of an epoch, so that a training that is resumed goes on as it would have."""
        torch.manual_seed((self.recipe["seed"] << 20) + epoch)

    def run(self) -> None:
        """Train all epochs that are left."""
        epochs = self.recipe["epochs"]
        while len(self.history) < epochs:
            start = time.monotonic()
            loss, train = self.train_epoch(len(self.history) + 1)
            test = self.test()
            self.history.append({"loss": loss, "train": train, "test": test})
            seconds = time.monotonic() - start
            line = f"epoch {len(self.history)} of {epochs}: loss {loss:.4f}, train {train:.2f} %, test {test:.2f} %"
            print(f"{line}, {seconds:.1f} s", flush=True)
            self.save()

    def train_epoch(self, epoch: int) -> tuple[float, float]:
        """Train an epoch, counted from 1, and return its loss and the accuracy on the way, in percent."""
        self.seed_epoch(epoch)
        self.network.train()
        turn = math.pi * (epoch - 1) / self.recipe["epochs"]
        self.optimiser.param_groups[0]["lr"] = self.recipe["lr"] * (1 + math.cos(turn)) / 2
        total = torch.zeros(2, device=self.mean.device)
        order = torch.randperm(len(self.split.labels)).to(self.mean.device)
        for rows in order.split(self.recipe["batch"]):
            if len(rows) > 1:  # batch norm has no deviation of one
                total += self.step(rows)
        loss, correct = (number / len(order) for number in total.tolist())
        if not math.isfinite(loss):
            raise ValueError(f"the loss of epoch {epoch} is {loss}; take a smaller --lr, or --clip 5")
        return loss, 100 * correct

    def step(self, rows: Tensor) -> Tensor:
        """Take a step on the images of some rows, and return the sum of their losses, and how many are right."""
        images, labels = self.normalised(self.split.images[rows]), self.split.labels[rows]
        logits = self.network(augment(images, self.recipe["cutout"]))
        loss = nn.functional.cross_entropy(logits, labels)
        self.optimiser.zero_grad()
        loss.backward()
        if self.recipe["clip"] is not None:
            nn.utils.clip_grad_norm_(self.network.parameters(), self.recipe["clip"])
        self.optimiser.step()
        return torch.stack([loss.detach() * len(rows), (logits.argmax(1) == labels).sum()])

    @torch.no_grad()
    def test(self) -> float:
        """Return the accuracy on the images to test on, in percent."""
        self.network.eval()
        images, labels = self.split.test_images, self.split.test_labels
        answers = [self.network(self.normalised(part)).argmax(1) for part in images.split(self.recipe["batch"])]
        return 100 * int((torch.cat(answers) == labels).sum()) / len(labels)

    def normalised(self, images: Tensor) -> Tensor:
        """Return images with the mean 0 and deviation 1 a channel of those to train on."""
        return (images.float() - self.mean) / self.deviation

    def save(self) -> None:
        """Write the checkpoint and the accuracy, each whole or not at all."""
        folder: Path = self.arguments.out
        folder.mkdir(parents=True, exist_ok=True)
        states = {"network": self.network.state_dict(), "optimiser": self.optimiser.state_dict()}
        torch.save(states | {"recipe": self.recipe, "history": self.history}, folder / "checkpoint.new")
        os.replace(folder / "checkpoint.new", folder / "checkpoint.pt")
        files = {"network": str(self.arguments.network), "data": str(self.arguments.data)}
        report = {"accuracy": self.history[-1]["test"], **files, **self.recipe, "history": self.history}
        (folder / "accuracy.new").write_text(json.dumps(report, indent=2) + "\n")
        os.replace(folder / "accuracy.new", folder / "accuracy.json")

    def load(self) -> None:
        """Go back to the checkpoint; `ValueError` where it is of another recipe."""
        states = torch.load(self.arguments.out / "checkpoint.pt", self.arguments.device, weights_only=True)
        for name, value in states["recipe"].items():
            if value != self.recipe[name]:
                raise ValueError(
                    f"--{name.replace('_', '-')} was {value} for the checkpoint, {self.recipe[name]} given"
                )
        self.network.load_state_dict(states["network"])
        self.optimiser.load_state_dict(states["optimiser"])
        self.history = states["history"]


def main(words: Sequence[str] | None = None) -> None:
    """Train the network that the arguments name."""
    arguments = argument_parser().parse_args(words)
    try:
        checkpoint = arguments.out / "checkpoint.pt"
        if checkpoint.exists() and not arguments.resume:
            raise ValueError(f"{checkpoint} is there; go on from it with --resume, or name another --out")
        training = Training(arguments, read_split(arguments))
        if arguments.resume:
            training.load()
        training.run()
    except (ValueError, OSError, zipfile.BadZipFile) as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
