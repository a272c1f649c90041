"""The validated form of a contract, kept so that the next cold start reads JSON instead of YAML.

Keyed by the file's bytes and the source that decides: whatever could change the outcome changes the key. It lives under
the gateway's home, beside the published marts, and is no more trusted than they are. A cache that is missing, broken or
not writable only costs time.
"""

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from gateway.semantic.model import Contract

_FILE = "semantic_layer.json"
_DECIDES = ("model.py", "check.py", "row_filter.py", "load.py")
"""Modules beside this one that decide whether a text is a contract, and which."""


def recall(folder: Path, text: str) -> Contract | None:
    """The contract that this text was validated to before, or None."""
    try:
        key, _, content = (folder / _FILE).read_bytes().partition(b"\n")
        return Contract.model_validate_json(content) if key.decode() == _key(text) else None
    except (OSError, ValidationError, UnicodeDecodeError):
        return None


def remember(folder: Path, text: str, contract: Contract) -> None:
    """Keep it: written beside and renamed, so that another process never reads half of it."""
    beside = folder / f".{_FILE}.{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(f"{_key(text)}\n".encode() + contract.model_dump_json().encode())
        beside.replace(folder / _FILE)
    except OSError:
        with suppress(OSError):
            beside.unlink()


def _key(text: str) -> str:
    known = hashlib.sha256(text.encode())
    for module in _DECIDES:
        known.update(Path(__file__).with_name(module).read_bytes())
    return known.hexdigest()
