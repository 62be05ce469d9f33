"""The batch of images of proxies that need some."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.common.errors import quoted
from engine.data import images as data
from engine.data.images import Data
from engine.proxies import get_proxy
from engine.searches.config import OWN, SearchConfig


def draw_batch(config: SearchConfig, images: Data | None = None) -> Data | None:
    """Draw the batch of a question from its seed, at its image size; None for a proxy that needs no data.

    `images` are a user's own: a configuration cannot bring them. Noise is labelled at random. `ValueError` for
    images that are not there, without labels where some are needed, or given to a proxy that takes none.
    """
    proxy = get_proxy(config.proxy)
    if not proxy.needs_data:
        if images is not None:
            raise ValueError(f"proxy '{proxy.name}' looks at no images, and some were given")
        return None
    batch = _noise(config) if images is None and config.data in data.NOISE else _drawn(config, images)
    if proxy.needs_labels and batch.labels is None:
        raise ValueError(f"{quoted(batch.name)} has no labels, and proxy '{proxy.name}' needs some")
    places = np.arange(config.image_size) * batch.images.shape[2] // config.image_size
    return replace(batch, images=np.ascontiguousarray(batch.images[:, :, places][..., places]))


def own_data_name(images: Data) -> str:
    """Return the name that stands for a user's `images` in a configuration."""
    return OWN + "".join(character for character in images.name if character.isprintable())[:200]


def _noise(config: SearchConfig) -> Data:
    draw = data.gaussian if config.data == "gaussian" else data.smooth
    noise = draw(config.seed, config.batch, config.image_size)
    labels = np.random.default_rng((config.seed, 1)).integers(noise.classes, size=config.batch)
    return replace(noise, labels=labels)


def _drawn(config: SearchConfig, images: Data | None) -> Data:
    if images is None and config.data != "digits":
        raise ValueError(f"data {quoted(config.data)} stands for images that must be given to the search itself")
    return (images or data.digits()).batch(config.batch, config.seed)
