"""Reads the demo world's definitions from `seeds/`: every problem at once, each with its line."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from gateway.documents import broken, parse, read_text
from gateway.errors import ContractError
from gateway.marts.synthetic_definitions import Definitions, problems_between
from gateway.marts.synthetic_units import ATTRIBUTES, Lookup
from gateway.problems import explain

DEFINITIONS = "experiments.yaml"
LOOKUPS = "unit_attributes.csv"
HINT = "Correct what is named and seed again."


def load_definitions(seeds: Path) -> Definitions:
    """`experiments.yaml`. Raises ContractError with all problems, each as `file:line: where: what`."""
    path = seeds / DEFINITIONS
    document = parse(read_text(path, "the demo world's definitions"), path.name)
    problems = [document.top(line, message) for line, message in document.problems]
    definitions = None
    if document.data is None:
        problems = problems or [document.top(1, "the file is empty")]
    else:
        try:
            definitions = Definitions.model_validate(document.data)
        except ValidationError as error:
            problems += [document.say(place, message) for place, message in explain(error, Definitions)]
        else:
            problems += [document.say(place, message) for place, message in problems_between(definitions)]
    if definitions is None or problems:
        raise _refused(path, problems)
    return definitions


def load_lookups(seeds: Path) -> dict[str, Lookup]:
    """`unit_attributes.csv`: the values of each unit attribute and their shares."""
    path = seeds / LOOKUPS
    found: dict[str, list[tuple[str, float]]] = {attribute: [] for attribute in ATTRIBUTES}
    problems: list[str] = []
    for line, row in enumerate(csv.DictReader(io.StringIO(read_text(path, "the unit attributes"))), start=2):
        try:
            found[row["attribute"]].append((row["value"], _share(row["share"])))
        except (KeyError, TypeError, ValueError):
            problems.append(f"{path.name}:{line}: not an attribute, a value and a positive share: {row}")
    problems += [f"{path.name}: no values for {attribute}" for attribute, rows in found.items() if not rows]
    if problems:
        raise _refused(path, problems)
    return {name: Lookup(tuple(v for v, _ in rows), tuple(s for _, s in rows)) for name, rows in found.items()}


def attribute_problems(definitions: Definitions, lookups: dict[str, Lookup]) -> Iterator[str]:
    """Values that `eligible` and `where` name and no unit has."""
    for experiment_id, experiment in definitions.experiments.items():
        if experiment.planted is None:
            continue
        for wanted in (experiment.planted.eligible, *(effect.where for effect in experiment.planted.effects)):
            for attribute, values in wanted.items():
                for value in values:
                    if value not in lookups[attribute].values:
                        yield f"{DEFINITIONS}: experiments.{experiment_id}.planted: no {attribute} is {value!r}"


def _share(text: str) -> float:
    share = float(text)
    if not 0 < share < float("inf"):
        raise ValueError(text)
    return share


def _refused(path: Path, problems: list[str]) -> ContractError:
    return broken(str(path), problems, hint=HINT)
