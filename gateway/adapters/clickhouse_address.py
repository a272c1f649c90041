"""Where ClickHouse is: a server over HTTP(S), or the engine in this process. The password never leaves this value."""

from dataclasses import dataclass, field
from typing import Final, Self
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from gateway.errors import ContractError
from gateway.problems import did_you_mean

EMBEDDED: Final = "chdb"
_PORTS: Final = {"http": 8123, "https": 8443}
_OPTIONS: Final = ("ca_cert", "database")
_EXAMPLE: Final = "GATEWAY_CLICKHOUSE_URL is like https://user:password@host:8443/database, or chdb:///folder"
PUBLISHED: Final = "gold"
"""Database of the published marts where the address names none: only for the embedded engine, which is all ours."""


@dataclass(frozen=True, slots=True)
class Address:
    """One ClickHouse, and the database of the published marts on it."""

    database: str
    host: str = ""
    """Empty for the embedded engine."""
    port: int = 0
    secure: bool = False
    user: str = "default"
    password: str = field(default="", repr=False)
    ca_cert: str = ""
    """File with the authority that signed the server's certificate; empty for the system's own."""
    folder: str = ""
    """Of the embedded engine; empty means that everything is kept in memory."""
    cluster: str = ""
    """Over which the marts are spread; empty where they are on one server."""

    @property
    def is_embedded(self) -> bool:
        """Whether the engine runs in this process."""
        return not self.host

    def __str__(self) -> str:
        """How messages name it: never with the password."""
        return f"{EMBEDDED} in {self.folder or 'memory'}" if self.is_embedded else f"{self.host}:{self.port}"

    @classmethod
    def parse(cls, url: str, *, cluster: str = "") -> Self:
        """Read an address. Raises ContractError, which never repeats the text: it may hold a password."""
        try:
            parts = urlsplit(url.strip())
            port = parts.port
        except ValueError as error:
            raise ContractError("the ClickHouse address can't be read", hint=_EXAMPLE) from error
        options = _options(parts)
        if parts.scheme == EMBEDDED:
            if parts.netloc:
                raise ContractError(f"a {EMBEDDED} address has a folder and no host", hint=_EXAMPLE)
            return cls(options.get("database", PUBLISHED), folder=unquote(parts.path), cluster=cluster)
        if parts.scheme not in _PORTS:
            raise ContractError("the ClickHouse address begins with none of http://, https://, chdb://", hint=_EXAMPLE)
        if not parts.hostname:
            raise ContractError("the ClickHouse address names no host", hint=_EXAMPLE)
        return cls(
            options.get("database") or _database(parts.path),
            parts.hostname,
            port or _PORTS[parts.scheme],
            parts.scheme == "https",
            unquote(parts.username or "default"),
            unquote(parts.password or ""),
            options.get("ca_cert", ""),
            cluster=cluster,
        )


def _options(parts: SplitResult) -> dict[str, str]:
    options = dict(parse_qsl(parts.query))
    for name in options:
        if name not in _OPTIONS:
            hint = did_you_mean(name, _OPTIONS, otherwise="Known")
            raise ContractError(f"the ClickHouse address has an option that isn't known: {name!r}.{hint}")
    return options


def _database(path: str) -> str:
    names = [unquote(name) for name in path.split("/") if name]
    if len(names) > 1:
        raise ContractError("the ClickHouse address names more than one database", hint=_EXAMPLE)
    return names[0] if names else "default"
