"""From the file to the contract, with every problem of the file in one go, each at its line."""

from pathlib import Path

from pydantic import ValidationError

from gateway.documents import Document, broken, parse, read_text
from gateway.problems import explain
from gateway.semantic import cache as stored
from gateway.semantic.check import problems_of
from gateway.semantic.model import Contract

_WHAT = "the semantic layer"
_HINT = "docs/semantic-layer.md explains every key; `gateway semantic schema` prints a JSON Schema for editors"


def load_contract(path: Path, cache: Path | None = None) -> Contract:
    """The contract in this file. Raises ContractError with every problem.

    `cache` is a folder that keeps the validated form, keyed by the file's bytes; without one, YAML is always read.
    """
    text = read_text(path, _WHAT)
    known = stored.recall(cache, text) if cache else None
    if known:
        return known
    contract = parse_contract(text, str(path))
    if cache:
        stored.remember(cache, text, contract)
    return contract


def parse_contract(text: str, name: str) -> Contract:
    """The contract in this text; `name` stands for the file in messages. Raises ContractError with every problem."""
    document = parse(text, name)
    if not document.problems and document.data is None:
        raise broken(_WHAT, [f"{name}:1: is empty: a contract needs version, assets and roles"], hint=_HINT)
    contract, problems = _validate(document)
    if contract is None or problems:
        raise broken(_WHAT, problems, hint=_HINT)
    return contract


def _validate(document: Document) -> tuple[Contract | None, list[str]]:
    """The contract, if there is one, and all problems in the order of the file."""
    found = [(line, document.top(line, message)) for line, message in document.problems]
    contract = None
    if document.data is not None:
        places = list(problems_of(document.data))
        try:
            contract = Contract.model_validate(document.data)
        except ValidationError as error:
            places += explain(error, Contract)
        found += [(document.line(place), document.say(place, message)) for place, message in places]
    return contract, [text for _, text in sorted(dict.fromkeys(found), key=lambda problem: problem[0])]
