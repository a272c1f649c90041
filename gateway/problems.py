"""What is wrong with plain data held against a model: what was expected, what is there, which name was likely meant."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from gateway.documents import Place

_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "tuple_type": "a list",
    "dict_type": "keys with values",
    "model_type": "keys with values",
    "mapping_type": "keys with values",
    "path_type": "a path",
}
_BOUNDS = {"greater_than": "above {gt:g}", "greater_than_equal": "at least {ge:g}",
           "less_than": "below {lt:g}", "less_than_equal": "at most {le:g}"}  # fmt: skip


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that `name` most likely meant, or ''."""
    from difflib import get_close_matches  # only on the way to an error

    by_fold = {candidate.casefold(): candidate for candidate in known}
    found = get_close_matches(name.casefold(), by_fold, n=1, cutoff=0.6)
    return by_fold[found[0]] if found else ""


def did_you_mean(name: str, known: Iterable[str], *, otherwise: str = "") -> str:
    """` Did you mean 'x'?`, or ` {otherwise}: a, b, c.` when nothing is near and the list is short, or nothing."""
    names = list(known)
    near = nearest(name, names)
    if near:
        return f" Did you mean {near!r}?"
    if otherwise and 0 < len(names) <= 12:
        return f" {otherwise}: {', '.join(names)}."
    return ""


def shown(value: object) -> str:
    """A value in a message: short, and by kind where it is large."""
    if isinstance(value, Mapping):
        return "keys with values"
    if isinstance(value, list | tuple):
        return "a list"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def explain(error: ValidationError, model: type[BaseModel]) -> Iterator[tuple[Place, str]]:
    """Each problem pydantic found as (place, message); a missing or unknown key is placed at its own name."""
    for item in error.errors(include_url=False):
        place: Place = tuple(step for step in item["loc"] if step != "[key]")
        yield place, _message(dict(item), place, model)


def _message(item: dict[str, Any], place: Place, model: type[BaseModel]) -> str:
    kind, got, context = item["type"], item["input"], item.get("ctx", {})
    if kind == "missing":
        return "is required, and is not there"
    if kind == "extra_forbidden":
        return "unknown key." + did_you_mean(str(place[-1]), keys_at(model, place[:-1]), otherwise="Known keys")
    if kind == "literal_error":
        choices = [choice.strip("'") for choice in context["expected"].replace(" or ", ", ").split(", ")]
        near = nearest(got, choices) if isinstance(got, str) else ""
        return f"{shown(got)} is not one of {', '.join(choices)}." + (f" Did you mean {near!r}?" if near else "")
    if kind in _EXPECTED:
        return f"expected {_EXPECTED[kind]}, got {shown(got)}"
    if kind in _BOUNDS:
        return f"expected a number {_BOUNDS[kind].format(**context)}, got {shown(got)}"
    if kind in {"too_short", "string_too_short"}:
        return "must not be empty"
    if kind == "value_error":
        return str(context["error"])
    return f"{item['msg'][0].lower()}{item['msg'][1:]}, got {shown(got)}"


def keys_at(model: type[BaseModel], place: Place) -> tuple[str, ...]:
    """The keys that the model knows at a place."""
    here: Any = model
    for step in place:
        found = _model_in(here)
        if found is None:
            here = _value_type(here)
        else:
            field = found.model_fields.get(str(step))
            here = field.annotation if field else None
    found = _model_in(here)
    return tuple(field.alias or name for name, field in found.model_fields.items()) if found else ()


def _model_in(annotation: Any) -> type[BaseModel] | None:
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def _value_type(annotation: Any) -> Any:
    """What a dict, tuple or optional of models holds: the model among its arguments."""
    for argument in get_args(annotation):
        inner = _model_in(argument) or _value_type(argument)
        if inner is not None:
            return inner
    return None
