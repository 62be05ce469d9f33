"""The timing of calls on a device: its setup, features and modules put there, and the clock.

Nothing global changes: random states and threads are put back.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.common.environment import environment, resolve_device
from engine.common.errors import DeviceMemoryExhausted, quoted
from engine.common.threads import current_threads
from engine.data.images import IMAGE_SIZE
from engine.spaces import SearchSpace, Size
from engine.spaces.fields import Cells, Channels, ImageSize, check_cells, check_field

if TYPE_CHECKING:
    from torch import Tensor, nn

LARGEST_COUNT = 1024
"""The largest batch, and the most threads."""

Call = Callable[[], object]
"""A call to time, such as one pass of a network."""


@dataclass(frozen=True)
class LatencySetup:
    """The conditions of a measured latency: size of the network, its input, the device, and the versions in use."""

    channels: int
    cells: int
    image_size: int
    batch: int
    device: str
    device_name: str
    threads: int
    torch: str
    engine: str

    @classmethod
    def of(
        cls,
        space: SearchSpace,
        size: Size | None = None,
        image_size: int = IMAGE_SIZE,
        batch: int = 1,
        device: str = "auto",
        threads: int | None = None,
    ) -> LatencySetup:
        """Return the setup for networks of `space` at `size` (its evaluation size where it is None) on this device.

        `threads` are those that the engine computes with where None, by default one. Raises `ValueError`, in
        one sentence, for a value that is out of range and for a device that is not there.
        """
        size = size or space.evaluation_size
        if size != space.evaluation_size:  # which is always good, and may be wider than a supernet
            check_field("channels", Channels, size.channels)
            check_field("cells", Cells, size.cells)
            check_cells(space, size.cells)
        check_field("image_size", ImageSize, image_size)
        machine = environment(resolve_device(device))
        threads = current_threads() if threads is None else threads
        for name, count in {"batch": batch, "threads": threads}.items():
            if type(count) is not int or not 1 <= count <= LARGEST_COUNT:
                raise ValueError(
                    f"{name}: {quoted(count)} is out of range; whole numbers from 1 to {LARGEST_COUNT} are allowed"
                )
        names: dict[str, Any] = {name: str(machine[name]) for name in ("device", "device_name", "torch", "engine")}
        return cls(*size, image_size=image_size, batch=batch, threads=threads, **names)

    @property
    def size(self) -> Size:
        """Return the size of the network."""
        return Size(self.channels, self.cells)

    def features(self, channels: int, size: int) -> Tensor:
        """Return normal noise on the device, `(batch, channels, size, size)`, always the same."""
        import torch

        generator = torch.Generator().manual_seed(0)
        return torch.randn((self.batch, channels, size, size), generator=generator).to(self.device)

    def place(self, module: nn.Module) -> nn.Module:
        """Return `module` on the device, in evaluation mode."""
        return module.to(self.device).eval()


def time_repeatedly(call: Call, setup: LatencySetup, seconds: float) -> Sequence[float]:
    """Time a call again and again for `seconds`, after a warm-up; return seconds, each a mean where the call is short.

    `torch.utils.benchmark` sets the threads, and puts them back afterwards.
    """
    import torch
    from torch.utils.benchmark import Timer

    def clock() -> float:
        if setup.device != "cpu":
            torch.accelerator.synchronize(setup.device)
        return time.perf_counter()

    timer = Timer("call()", timer=clock, globals={"call": call}, num_threads=setup.threads)
    timer.timeit(1)  # a warm-up: three calls
    return timer.blocked_autorange(min_run_time=seconds).times


TimeCall = Callable[[Call, LatencySetup, float], Sequence[float]]
"""A function that times a call, as `time_repeatedly` does."""


def time_prepared(
    prepare: Callable[[], Call], setup: LatencySetup, seconds: float, time_call: TimeCall
) -> Sequence[float]:
    """Time the call that `prepare` returns, at inference; `DeviceMemoryExhausted` if the batch does not fit."""
    import torch

    device = torch.device(setup.device)
    drawn_from = [] if device.type == "cpu" else [device]
    with (
        _enough_memory(setup),
        torch.random.fork_rng(drawn_from, device_type=device.type),
        torch.inference_mode(),
    ):
        return time_call(prepare(), setup, seconds)


@contextmanager
def _enough_memory(setup: LatencySetup) -> Iterator[None]:
    import torch

    try:
        yield
    except RuntimeError as error:
        if not isinstance(error, torch.OutOfMemoryError) and "DefaultCPUAllocator" not in str(error):
            raise
        raise DeviceMemoryExhausted(
            f"{setup.device} has too little memory for a batch of {setup.batch}; take a smaller one"
        ) from None
