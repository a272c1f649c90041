"""YAML files whose every value remembers its line, so that a problem can be said where it is.

Only plain data is read: text, numbers, booleans, null, lists and mappings with text keys. The reader walks parser
events with a stack of its own; a file that is nested too deeply or expands too far is a problem, never a crash.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from gateway.errors import ContractError

if TYPE_CHECKING:
    import yaml

Place = tuple[str | int, ...]
"""Keys and list positions from the top of the document to a value."""

MAX_DEPTH = 32
MAX_VALUES = 100_000


@dataclass(slots=True)
class Document:
    """What a file holds. `problems` are those of the YAML itself; `data` is None when it could not be read at all."""

    name: str
    data: Any = None
    problems: list[tuple[int, str]] = field(default_factory=list)
    """(line, message) pairs, lines from 1."""
    key_lines: dict[int, dict[str | int, int]] = field(default_factory=dict)
    """For each mapping or list, by identity, the line of each key or position."""
    value_counts: dict[int, int] = field(default_factory=dict)
    """For each mapping or list, by identity, how many values it holds when aliases are written out."""

    def line(self, place: Place) -> int:
        """The line of a value, or of the nearest thing around it that the file has."""
        line, here = 1, self.data
        for step in place:
            lines = self.key_lines.get(id(here), {})
            if step not in lines:
                break
            line, here = lines[step], here[step]
        return line

    def say(self, place: Place, message: str) -> str:
        """One problem the way every tool prints them: `file:line: path: message`."""
        path = dotted(place)
        return f"{self.name}:{self.line(place)}: {path}: {message}" if path else self.top(self.line(place), message)

    def top(self, line: int, message: str) -> str:
        """A problem that belongs to a line, not to a value."""
        return f"{self.name}:{line}: {message}"


def dotted(place: Place) -> str:
    """A place as people write it: `assets.fct_results.joins[0].to`."""
    text = ""
    for step in place:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def read_text(path: Path, what: str) -> str:
    """The file as text. Raises ContractError that says what is there instead of a readable UTF-8 file."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        problem = "no such file"
    except IsADirectoryError:
        problem = "is a folder, not a file"
    except UnicodeDecodeError as error:
        problem = f"is not UTF-8 text: byte {error.object[error.start]:#04x} at position {error.start}"
    except (OSError, ValueError) as error:
        problem = getattr(error, "strerror", None) or str(error)
    raise broken(what, [f"{path}: {problem}"])


def broken(what: str, problems: Iterable[str], *, hint: str = "") -> ContractError:
    """The error for a file with problems: the first in the message, all of them in `problems`."""
    found = tuple(problems)
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return ContractError(f"{what} can't be used: {found[0]}{more}", problems=found, hint=hint)


def parse(text: str, name: str) -> Document:
    """Read one YAML document. Never raises: what is wrong with it is in `problems`."""
    import yaml

    document = Document(name)
    unprintable = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if unprintable:
        line = text.count("\n", 0, unprintable.start()) + 1
        document.problems.append((line, f"character {ord(unprintable.group()):#06x} is not allowed in YAML"))
        return document
    try:
        _Builder(document).run(text)
    except _Stop:
        document.data = None
    except yaml.MarkedYAMLError as error:
        document.data = None
        mark = error.problem_mark or error.context_mark
        reason = "; ".join(part for part in (error.context, error.problem) if part)
        document.problems.append((mark.line + 1 if mark else 1, f"not valid YAML: {reason}"))
    return document


class _Stop(Exception):
    """Nothing after this point can be read."""


@dataclass(slots=True)
class _Frame:
    """A mapping or list that is being filled."""

    container: dict[str, Any] | list[Any]
    lines: dict[str | int, int] = field(default_factory=dict)
    key: str | None = None
    """The key whose value comes next, with its line: a problem with a value is said where its key stands."""
    key_line: int = 0


class _Builder:
    """Turns parser events into plain data, remembering lines."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.stack: list[_Frame] = []
        self.anchors: dict[str, Any] = {}

    def run(self, text: str) -> None:
        import yaml

        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
        self.scalars = _Scalars(loader)
        documents = 0
        try:
            while loader.check_event():
                event = loader.get_event()
                documents += isinstance(event, yaml.DocumentStartEvent)
                if documents > 1:
                    self.stop(event, "a second document starts here: one file holds one document")
                self.take(event)
        finally:
            loader.dispose()

    def take(self, event: yaml.Event) -> None:
        """One event: open, close, or place a value."""
        import yaml

        if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self.open(event, {} if isinstance(event, yaml.MappingStartEvent) else [])
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self.stack.pop()
        elif isinstance(event, yaml.ScalarEvent):
            self.scalar(event)
        elif isinstance(event, yaml.AliasEvent):
            self.alias(event)

    def open(self, event: yaml.CollectionStartEvent, container: dict[str, Any] | list[Any]) -> None:
        if len(self.stack) >= MAX_DEPTH:
            self.stop(event, f"nested deeper than {MAX_DEPTH} levels")
        self.place(container, event)
        frame = _Frame(container)
        self.stack.append(frame)
        self.document.key_lines[id(container)] = frame.lines
        self.document.value_counts[id(container)] = 1
        if event.anchor:
            self.anchors[event.anchor] = container

    def scalar(self, event: yaml.ScalarEvent) -> None:
        """A key is taken as it is written (`on` and `yes` too); a value is read by YAML's rules."""
        frame = self.stack[-1] if self.stack else None
        if frame and isinstance(frame.container, dict) and frame.key is None:
            frame.key, frame.key_line = event.value, _line(event)
            return
        value, problem = self.scalars.read(event)
        if problem:
            self.problem(event, problem)
        if event.anchor:
            self.anchors[event.anchor] = value
        self.place(value, event)

    def alias(self, event: yaml.AliasEvent) -> None:
        if event.anchor not in self.anchors:
            self.stop(event, f"alias '*{event.anchor}' names no anchor above it")
        value = self.anchors[event.anchor]
        if any(frame.container is value for frame in self.stack):
            self.stop(event, f"alias '*{event.anchor}' stands inside the value it names")
        self.place(value, event)

    def place(self, value: object, event: yaml.NodeEvent) -> None:
        """Put a value where it belongs: the top, the next list position, or under the pending key."""
        self.count(value, event)
        if not self.stack:
            self.document.data = value
            return
        frame = self.stack[-1]
        if isinstance(frame.container, list):
            frame.lines[len(frame.container)] = _line(event)
            frame.container.append(value)
            return
        key, frame.key = frame.key, None
        if key is None:
            self.stop(event, "a key must be plain text")
        if key in frame.container:
            self.document.problems.append((frame.key_line, f"key {key!r} is already given on line {frame.lines[key]}"))
            return
        frame.lines[key] = frame.key_line
        frame.container[key] = value

    def count(self, value: object, event: yaml.NodeEvent) -> None:
        """Bound what aliases expand to: every container still open grows by what is placed."""
        size = self.document.value_counts.get(id(value), 1) if isinstance(value, dict | list) else 1
        for frame in self.stack:
            self.document.value_counts[id(frame.container)] += size
        if self.stack and self.document.value_counts[id(self.stack[0].container)] > MAX_VALUES:
            self.stop(event, f"more than {MAX_VALUES:,} values")

    def problem(self, event: yaml.Event, message: str) -> None:
        self.document.problems.append((_line(event), message))

    def stop(self, event: yaml.Event, message: str) -> NoReturn:
        self.problem(event, message)
        raise _Stop


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


class _Scalars:
    """YAML's reading of plain values, without dates: a date stays the text that it is."""

    def __init__(self, loader: Any) -> None:
        import yaml

        self.resolve = loader.resolve
        self.node = yaml.ScalarNode
        self.constructor = yaml.constructor.SafeConstructor()

    def read(self, event: yaml.ScalarEvent) -> tuple[Any, str]:
        """The value and '', or None and what is wrong with it."""
        tag = event.tag if event.tag not in {None, "!"} else self.resolve(self.node, event.value, event.implicit)
        kind = tag.removeprefix("tag:yaml.org,2002:")
        if kind in {"str", "timestamp", "value", "merge"}:
            return event.value, ""
        if kind == "null":
            return None, ""
        if kind not in {"bool", "int", "float"}:
            return None, f"tag {tag!r} is not supported: write plain values"
        try:
            return getattr(self.constructor, f"construct_yaml_{kind}")(self.node(tag, event.value)), ""
        except (ValueError, KeyError, IndexError, OverflowError):
            return None, f"{event.value!r} is not of type {kind}"
