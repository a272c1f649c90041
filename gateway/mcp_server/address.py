"""Where the HTTP door is, and for whom it stands open: loopback and tokens, unless more was asked for by name."""

from dataclasses import dataclass
from ipaddress import ip_address

from mcp.server.transport_security import TransportSecuritySettings

from gateway.errors import UsageError


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen, and for whom."""

    host: str = "127.0.0.1"
    port: int = 8765
    """0: any that is free."""
    auth: bool = True
    allow_remote: bool = False
    """Whether other machines may connect."""
    hosts: tuple[str, ...] = ()
    """Names that clients use for this server, beside those of loopback."""
    origins: tuple[str, ...] = ()
    """Web pages that may call, such as http://localhost:6274."""

    def require_safe(self) -> None:
        """Raise UsageError for a door that stands open."""
        if self.is_loopback:
            return
        if not self.allow_remote:
            raise UsageError(
                f"{self.host} can be reached from other machines", hint="--allow-remote says that this is meant"
            )
        if not self.auth:
            raise UsageError("without tokens only this machine may connect", hint="leave out --no-auth, or --host")
        if not self.hosts:
            raise UsageError(
                "other machines need a name for this server", hint="--allow-host gateway.example.com, once for each"
            )

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def written(self) -> str:
        """The host as a URL has it."""
        return f"[{self.host}]" if ":" in self.host else self.host


def security(address: Address, port: int) -> TransportSecuritySettings:
    """Exactly the names of loopback and those that were allowed: a page that rebinds its own name gets nowhere."""
    names = ["127.0.0.1", "localhost", "[::1]", address.written]
    ours = [f"{name}:{port}" for name in dict.fromkeys(names)]
    return TransportSecuritySettings(
        allowed_hosts=[*ours, *address.hosts, *(f"{name}:{port}" for name in address.hosts)],
        allowed_origins=[*(f"http://{name}" for name in ours), *address.origins],
    )
