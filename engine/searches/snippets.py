"""A search as others repeat it: the call in Python, and the command."""

from __future__ import annotations

import shlex
from typing import Any

from engine.proxies import PROXIES
from engine.searches.config import CUSTOM, OWN, SearchConfig
from engine.spaces import OwnSpace

_COLUMNS = 88


def python_snippet(config: SearchConfig) -> str:
    """Return the lines of Python that do this search; they name the files of `file_note`."""
    arguments = {name: repr(value) for name, value in _question_fields(config).items()}
    imports, names, files, images = [], ["SearchConfig", "search"], [], ""
    if isinstance(config.space, OwnSpace):
        imports.append("from pathlib import Path\n")
        names.insert(1, "load_space")
        files.append(f"space = load_space(Path({_space_file(config.space)!r}).read_text('utf-8'))")
        arguments["space"] = "space"
    if (path := _images_path(config)) is not None:
        imports.append("from engine.data.files import images_at")
        files.append(f"images = images_at({path!r})")
        images = ", images=images"
    call = _call("SearchConfig", arguments, len(f"result = search(){images}"))
    lines = [*imports, f"from freenas import {', '.join(names)}", "", *files, f"result = search({call}{images})"]
    return "\n".join((*lines, "print(result.genotype.notation)", ""))


def command_line(config: SearchConfig) -> str:
    """Return the command that does this search, quoted for a shell; it names the files of `file_note`."""
    options = _question_fields(config)
    if isinstance(config.space, OwnSpace):
        options["space"] = _space_file(config.space)
    if (path := _images_path(config)) is not None:
        options["images"] = path
    words = ["freenas", "search"]
    for name, value in options.items():
        words += [f"--{name.replace('_', '-')}", ",".join(value) if isinstance(value, tuple) else str(value)]
    return shlex.join(words)


def file_note(config: SearchConfig) -> str:
    """Return the sentence that names the files that a search takes beside its fields; empty where there are none."""
    files = []
    if isinstance(config.space, OwnSpace):
        files.append(f"the file of the space saved as {_space_file(config.space)}")
    if (path := _images_path(config)) is not None:
        files.append(f"your images at {path}")
    return f"It needs {' and '.join(files)}." if files else ""


def _question_fields(config: SearchConfig) -> dict[str, Any]:
    """Return the space, the seed, and the fields that differ from what the space, the proxy and the recipe give.

    The name of images that are a user's own is left out: a configuration cannot bring them.
    """
    proxy = PROXIES[config.proxy]
    default_recipe = next(iter(proxy.recipes))
    recipe = default_recipe if config.recipe == CUSTOM else config.recipe
    defaults = {name: field.default for name, field in SearchConfig.model_fields.items()}
    defaults |= {**proxy.fixed, **proxy.recipes[recipe], **config.search_space.search_size._asdict()}
    if config.data.startswith(OWN):
        defaults["data"] = config.data
    fields: dict[str, Any] = {"space": config.space, "seed": config.seed}
    if recipe != default_recipe:
        fields["recipe"] = recipe
    values = {name: getattr(config, name) for name in SearchConfig.model_fields}
    return fields | {name: value for name, value in values.items() if value != defaults[name]}


def _space_file(space: OwnSpace) -> str:
    return f"{space.name}.json"


def _images_path(config: SearchConfig) -> str | None:
    """Return the name of a user's own images as a path; None where a question has none."""
    if not config.data.startswith(OWN):
        return None
    name = config.data.removeprefix(OWN) or "images"
    return f"./{name}" if name.startswith("-") else name


def _call(function: str, arguments: dict[str, str], around: int) -> str:
    """Write a call on one line, or an argument a line where it is too long, with `around` columns beside it."""
    words = [f"{name}={value}" for name, value in arguments.items()]
    line = f"{function}({', '.join(words)})"
    if len(line) + around <= _COLUMNS:
        return line
    return "\n".join((f"{function}(", *(f"    {word}," for word in words), ")"))
