"""Bearer tokens of the HTTP door: who holds one is its principal, and asks in its role.

A token is 256 random bits, shown once. The file keeps a keyed SHA-256 of it: with that much chance in the token, nobody
finds it by trying, so a slow hash would only slow down each request. Only the owner may read the file.
"""

import hashlib
import hmac
import json
import os
import secrets
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from gateway.errors import ContractError, EngineError, UsageError

FILE: Final = "mcp_tokens.json"
"""Under the gateway's home."""
PREFIX: Final = "gwt_"
"""Leads every token, so that scanners for leaked secrets can know one."""
_VERSION: Final = 1
_SECRET_BYTES: Final = 32
_LONGEST: Final = 200
_ID: Final = "t-"


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of a token once it was given away."""

    id: str
    principal: str
    role: str
    created: str
    """UTC, ISO 8601."""
    expires: str | None = None
    """The first moment at which it is worth nothing; UTC, ISO 8601. None: it does not expire."""

    def expired(self, now: datetime) -> bool:
        """Whether its time is over."""
        return self.expires is not None and datetime.fromisoformat(self.expires) <= now


@dataclass(frozen=True, slots=True)
class _File:
    """The file's content: the key of the digests, and each token with its digest."""

    key: bytes = b""
    tokens: tuple[tuple[Token, str], ...] = ()

    def digest(self, text: str) -> str:
        return hmac.digest(self.key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hex()


class Tokens:
    """The tokens of one gateway. Changes by other processes are seen at the next use."""

    def __init__(self, home: Path) -> None:
        self.path = home / FILE
        self._identity: tuple[int, ...] = ()
        self._file = _File()

    def add(self, principal: str, role: str, expires: datetime | None = None) -> tuple[str, Token]:
        """A new token: its text, which is kept nowhere, and what is known of it. Raises UsageError, EngineError."""
        _require_name(principal)
        now = datetime.now(UTC)
        if expires is not None and expires <= now:
            raise UsageError("the token would have expired already", hint="--expires 90d, or a date to come")
        text = PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
        token = Token(
            _ID + secrets.token_hex(4), principal, role, _written(now), _written(expires) if expires else None
        )
        with self._changing() as file:
            self._write(replace(file, tokens=(*file.tokens, (token, file.digest(text)))))
        return text, token

    def all(self) -> tuple[Token, ...]:
        """Every token, oldest first; also those that have expired."""
        return tuple(token for token, _ in self._current().tokens)

    def revoke(self, token_id: str) -> Token:
        """Forget a token; who holds it is turned away from the next request on. Raises UsageError for an unknown id."""
        with self._changing() as file:
            found = [token for token, _ in file.tokens if token.id == token_id]
            if not found:
                known = ", ".join(token.id for token, _ in file.tokens) or "none"
                raise UsageError(f"no token {token_id!r}", hint=f"there is: {known}")
            self._write(replace(file, tokens=tuple(entry for entry in file.tokens if entry[0].id != token_id)))
        return found[0]

    def holder(self, text: str) -> Token | None:
        """Whose token this text is, if it is one that is still good.

        Every digest is compared, and each comparison takes as long whatever it finds.
        """
        file = self._current()
        if not file.tokens:
            return None
        given = file.digest(text)
        equal = [token for token, digest in file.tokens if hmac.compare_digest(digest, given)]
        return next((token for token in equal if not token.expired(datetime.now(UTC))), None)

    def _current(self) -> _File:
        """The file as it is now: read again where it has changed."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            self._identity, self._file = (), _File()
            return self._file
        identity = (found.st_ino, found.st_mtime_ns, found.st_size, found.st_mode)
        if identity != self._identity:
            self._file = _read(self.path, found)
            self._identity = identity
        return self._file

    @contextmanager
    def _changing(self) -> Iterator[_File]:
        """The file as no other process changes it meanwhile, with a key where it is to be made."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.with_suffix(".lock").open("a") as lock:
                _only_we(lock.fileno())
                self._identity = ()
                file = self._current()
                yield file if file.key else replace(file, key=secrets.token_bytes(_SECRET_BYTES))
        except OSError as error:
            raise EngineError(f"{self.path} can't be written: {error.strerror}") from error

    def _write(self, file: _File) -> None:
        """Beside, then renamed: who reads meanwhile sees all of the old file or all of the new one."""
        beside = self.path.with_name(f".{FILE}.{secrets.token_hex(4)}")
        entries = [{**asdict(token), "digest": digest} for token, digest in file.tokens]
        content = json.dumps({"version": _VERSION, "key": file.key.hex(), "tokens": entries}, indent=2)
        try:
            with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
                out.write(content + "\n")
                out.flush()
                os.fsync(out.fileno())
            beside.replace(self.path)
        finally:
            with suppress(OSError):
                beside.unlink()


def _read(path: Path, found: os.stat_result) -> _File:
    """The file's content. Raises ContractError where others may read it too, or where it is no file of tokens."""
    if os.name == "posix" and stat.S_IMODE(found.st_mode) & 0o077:
        raise ContractError(f"{path} can be read or changed by others", hint=f"chmod 600 {path}")
    try:
        data = json.loads(path.read_text("utf-8"))
        if data["version"] != _VERSION:
            raise ValueError(f"version {data['version']}")
        return _File(bytes.fromhex(data["key"]), tuple(_entry(entry) for entry in data["tokens"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ContractError(
            f"{path} is not a file of tokens ({error})", hint="Move it aside, and hand out new tokens."
        ) from error


def _entry(entry: Mapping[str, Any]) -> tuple[Token, str]:
    known = {name: entry[name] for name in ("id", "principal", "role", "created", "expires")}
    token = Token(**known)
    token.expired(datetime.now(UTC))  # a date that is none is found here, and not at a request
    return token, str(entry["digest"])


def _require_name(principal: str) -> None:
    if not principal.strip() or not principal.isprintable() or len(principal) > _LONGEST:
        raise UsageError(
            f"{principal[:40]!r} is no name of a principal", hint=f"one line of 1 to {_LONGEST} printable characters"
        )


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _only_we(lock: int) -> None:
    """Wait until no other process holds the lock; given back when the file is closed."""
    try:
        import fcntl
    except ImportError:  # not on this platform, where two changes at once are left to chance
        return
    fcntl.flock(lock, fcntl.LOCK_EX)
