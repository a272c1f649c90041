"""Scorecards as JSON files under the gateway's home, one for each experiment and kind, each replaced as a whole."""

import json
import os
import tempfile
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from gateway.errors import ContractError, EngineError
from gateway.experiments.scorecards import Kept

_VERSION: Final = 1
_LONGEST: Final = 100
"""Characters of an experiment's id that a file's name may bear; a longer one is told by its hash."""
_TIMES: Final = ("as_of", "computed_at", "ended_at", "closes_at", "last_error_at")


class ScorecardFiles:
    """Implements `Keeper`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, experiment_id: str, kind: str) -> Kept | None:
        """The last one, or None. Raises ContractError for one that can't be read."""
        file = self._file(experiment_id, kind)
        try:
            document = json.loads(file.read_text("utf-8"))
            if document["version"] != _VERSION or document["experiment_id"] != experiment_id:
                raise ValueError(document["version"])
            return _kept(document["kept"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise ContractError(
                f"the scorecard kept in {file} can't be read", hint="Move the file away, and it is computed anew."
            ) from error

    def put(self, experiment_id: str, kind: str, kept: Kept) -> None:
        """Keep it in the place of the last one. Raises EngineError when it can't be written."""
        document = {"version": _VERSION, "experiment_id": experiment_id, "kind": kind, "kept": asdict(kept)}
        text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False, default=_written)
        try:
            _replace(self._file(experiment_id, kind), text)
        except OSError as error:
            raise EngineError(
                f"the scorecard can't be kept in {self.folder}: {error.strerror}",
                hint="Make the folder writable, or choose another GATEWAY_HOME.",
            ) from error

    def place(self, experiment_id: str, kind: str) -> str:
        """The file it is in."""
        return str(self._file(experiment_id, kind))

    def forget(self) -> None:
        """Drop all of them: they are of sources that are replaced. Raises OSError."""
        for file in self.folder.glob("*.json"):
            file.unlink(missing_ok=True)

    def _file(self, experiment_id: str, kind: str) -> Path:
        """Any id makes a name of its own: what a name can't bear is %XX, and where it may be mistaken it has a hash."""
        named = quote(experiment_id, safe="").replace(".", "%2E")
        if len(named) > _LONGEST or experiment_id != experiment_id.lower():
            named = f"{named[:40]}-{sha256(experiment_id.encode()).hexdigest()}"
        return self.folder / f"{named}.{kind}.json"


def _replace(file: Path, text: str) -> None:
    """Written beside and put in place: a reader finds the old one or the new one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=file.parent, prefix=".", suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        Path(beside).replace(file)
    except BaseException:
        with suppress(OSError):
            Path(beside).unlink()
        raise


def _written(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is no part of a scorecard")


def _kept(found: dict[str, Any]) -> Kept:
    times = {name: datetime.fromisoformat(found[name]) for name in _TIMES if found[name] is not None}
    return Kept(**found | times)
