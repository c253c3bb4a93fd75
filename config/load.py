"""Reads the estate from its folder. An error names file, line, field, what was found and what was expected.

The last good estate is kept as a file: a process that starts while estate.yaml is wrong still watches what it should.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from config.alerting import Alerting
from config.base import Part
from config.estate import Estate

FILE = "estate.yaml"
ALERTS_FILE = "alerts.yaml"
SECRET_FIELDS = {"ping_key", "source", "apprise", "password", "heartbeat_url"}
LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)(:-[^}]*)?\}")


class EstateError(ValueError):
    """The estate cannot be used; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """An estate in force, with the problem that keeps a newer one from it (None when it is the newest)."""

    estate: Estate
    problem: str | None = None


Model = TypeVar("Model", bound=Part)


def parse(text: str, name: str = FILE) -> Estate:
    """The estate in `text`; raises EstateError with every error, one a line, as `file:line: field: found, expected`."""
    return parse_as(Estate, text, name)


def parse_as(model: type[Model], text: str, name: str) -> Model:
    """The model in `text`, with the errors of `parse`."""
    text = _with_variables(text, name)
    try:
        loader = LOADER(text)
        root = loader.get_single_node()
        content = loader.construct_document(root) if root is not None else None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise EstateError(
            f"{name}:{line}: not YAML: {getattr(error, 'problem', error)}; check indent and quotes"
        ) from error
    for line, key in _repeated(root):
        raise EstateError(f"{name}:{line}: {key}: found this field twice, expected it once; the first would be lost")
    if not isinstance(content, dict):
        fields = " and ".join(f"`{field}:`" for field in list(model.model_fields)[:2])
        raise EstateError(f"{name}:1: found {type(content).__name__}, expected fields such as {fields}")
    try:
        return model.model_validate(content)
    except ValidationError as error:
        lines = [_describe(name, root, dict(found), model) for found in error.errors()]
        raise EstateError("\n".join(lines)) from error


def read(folder: Path) -> Estate:
    """The estate in `folder`/estate.yaml; raises EstateError."""
    return parse(_text(folder), str(folder / FILE))


def read_alerting(folder: Path) -> Alerting:
    """Who is told of what, from `folder`/alerts.yaml; nobody when there is no such file. Raises EstateError."""
    path = folder / ALERTS_FILE
    try:
        text = path.read_text()
    except FileNotFoundError:
        return Alerting()
    except (OSError, UnicodeDecodeError) as error:
        raise EstateError(f"{path}: cannot be read ({error}); correct it, or remove it to alert nobody") from error
    return parse_as(Alerting, text, str(path)) if text.strip() else Alerting()


def _text(folder: Path) -> str:
    path = folder / FILE
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise EstateError(f"{path}: cannot be read ({error}); `python -m app init` makes an example") from error


def in_force(folder: Path, kept: Path) -> Loaded:
    """The newest estate, or the last good one at `kept` with the newest's problem; raises EstateError if neither."""
    try:
        text = _text(folder)
        estate = _parsed(text, str(folder / FILE))
    except EstateError as error:
        if not kept.exists():
            raise
        return Loaded(parse(kept.read_text(), str(kept)), str(error))
    if not kept.exists() or kept.read_text() != text:
        kept.parent.mkdir(parents=True, exist_ok=True)
        beside = kept.with_suffix(f".{os.getpid()}.new")  # several processes do this at the same time
        beside.write_text(text)
        beside.rename(kept)
    return Loaded(estate)


@lru_cache(maxsize=2)
def _parsed(text: str, name: str) -> Estate:
    """As `parse`; processes ask every few seconds for an estate that rarely changes."""
    return parse(text, name)


def _repeated(node: yaml.Node | None) -> Iterator[tuple[int, str]]:
    """Line and name of every field that stands twice in the same place: YAML would keep the last without a word."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if str(key.value) in seen:
                yield key.start_mark.line + 1, str(key.value)
            seen.add(str(key.value))
            yield from _repeated(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _repeated(item)


def _with_variables(text: str, name: str) -> str:
    """`${NAME}` and `${NAME:-default}` replaced by environment variables, so that no secret stands in the file."""
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines):
        if line.lstrip().startswith("#"):
            continue
        for variable, default in VARIABLE.findall(line):
            if variable not in os.environ and not default:
                raise EstateError(
                    f"{name}:{number + 1}: ${{{variable}}}: found no such environment variable, expected it to be set "
                    f"or a default as in ${{{variable}:-value}}"
                )
        lines[number] = VARIABLE.sub(lambda found: os.environ.get(found[1], (found[2] or "").removeprefix(":-")), line)
    return "".join(lines)


def _describe(name: str, root: yaml.Node | None, found: dict[str, Any], model: type[BaseModel]) -> str:
    location = found["loc"]
    field = ".".join(str(part) for part in location) or model.__name__.lower()
    message = found["msg"].removeprefix("Value error, ")
    line = _line(root, location) if location else _line_of_named(root, message)
    if found["type"] == "extra_forbidden":
        return f"{name}:{line}: {field}: found an unknown field, expected {_suggestion(location, model)}"
    if found["type"] == "missing":
        return f"{name}:{line}: {field}: found nothing, expected a value for this field"
    if found["type"] == "value_error":
        return f"{name}:{line}: {field}: {message}"
    shown = "a value that is not shown" if location and location[-1] in SECRET_FIELDS else repr(found["input"])
    return f"{name}:{line}: {field}: found {shown}, expected: {message}"


def _line(node: yaml.Node | None, location: tuple[Any, ...]) -> int:
    """The line of the deepest part of `location` that the file has."""
    line = node.start_mark.line + 1 if node else 1
    for part in location:
        if isinstance(node, yaml.MappingNode):
            pair = next(((key, value) for key, value in node.value if key.value == str(part)), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            break
    return line


def _line_of_named(root: yaml.Node | None, message: str) -> int:
    """The line of the part whose id the message names first, for an error about how parts hang together."""
    named = re.search(r"'([^']+)'", message)
    lines = [line for line, value in _ids(root) if named and value == named[1]]
    return lines[-1] if lines else 1  # of an id that stands twice, the second is the one too many


def _ids(node: yaml.Node | None) -> Iterator[tuple[int, str]]:
    """Line and value of every `id` in the file."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == "id" and isinstance(value, yaml.ScalarNode):
                yield value.start_mark.line + 1, value.value
            yield from _ids(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _ids(item)


def _suggestion(location: tuple[Any, ...], model: type[BaseModel]) -> str:
    """The field that was probably meant, or all that are possible there."""
    for part in location[:-1]:
        if isinstance(part, str):
            model = _model_of(model, part)
    names = list(model.model_fields)
    close = difflib.get_close_matches(str(location[-1]), names, n=1)
    return f"`{close[0]}`" if close else f"one of {', '.join(names)}"


def _model_of(model: type[BaseModel], field: str) -> type[BaseModel]:
    annotation = model.model_fields[field].annotation
    candidates = [annotation, *getattr(annotation, "__args__", ())]
    return next((kind for kind in candidates if isinstance(kind, type) and issubclass(kind, BaseModel)), model)
