"""ClickHouse's failures as the gateway's: what happened and what to do, and never what was in a row.

ClickHouse repeats values, names and whole statements in its messages. They are therefore replaced, by the number of the
error; names that the caller did not write are never repeated.
"""

import re
from typing import Final

from clickhouse_connect.driver.exceptions import ClickHouseError, Error, OperationalError
from urllib3 import exceptions as http

from gateway.adapters.clickhouse_address import Address
from gateway.errors import ContractError, EngineError, EngineTimeout, GatewayError
from gateway.guard import Approved

OLDEST: Final = (24, 8)
"""The oldest server that the marts and the guard's list of functions are for."""
_LONG_AGO: Final = re.compile(r"\bCode: (\d+), e\.displayText\(\)")
"""How servers of before 2022 tell an error; those of before 2020 tell its number nowhere else."""
PUBLISH_HINT: Final = "Publish the marts: gateway marts publish"
_TIME: Final = frozenset({159, 160, 394})
_MEMORY: Final = frozenset({241, 173})
_READ: Final = frozenset({158, 307})
_LOST: Final = frozenset({209, 210, 216, 279})
"""Timeouts and breaks on the way; 216 is a statement still running that a broken connection left behind."""
_LOGIN: Final = frozenset({192, 193, 194, 516})
NOT_THERE: Final = frozenset({10, 16, 47, 60, 81})
"""No such column, table or database."""
_TYPES: Final = frozenset({6, 27, 32, 38, 41, 43, 44, 53, 70, 72, 349, 386})

_DENIED: Final = 497
_NOT_ALLOWED: Final = "may not read what the statement reads"
_GRANTS_HINT: Final = "`gateway semantic grants` prints what its user needs."

_BY_CODE: Final[dict[int, tuple[str, str]]] = {
    153: ("a number is divided by zero", "Guard divisions with nullIf."),
    125: ("a scalar subquery returned more than one row", "Make it return one row."),
    407: ("a number is outside the range of its type", "Cast to Float64 before multiplying or adding."),
    69: ("a number is outside the range of its type", "Cast to Float64 before multiplying or adding."),
    395: ("a function was given a value that it does not take", ""),
    36: ("a function was given a value that it does not take", ""),
    42: ("a function was given a wrong number of arguments", ""),
    46: ("the engine has no function of that name", "Its version may be older than the guard's list."),
    48: (
        "the engine can't carry out a statement of this form",
        "A subquery that reads the rows around it can be written as a join.",
    ),
    62: ("the engine reads the approved text as something other than one SELECT, and did not run it", ""),
    164: ("the read-only session refused the statement", "It changes something, or reaches beyond the marts."),
    201: ("the user's quota is used up", "Try again later; the platform's owner can raise the quota."),
    202: ("the server runs as many statements as it may", "Try again in a moment."),
    396: (
        "the result is larger than the server's profile allows, which sends nothing of it",
        "Filter, aggregate or add a LIMIT.",
    ),
    452: (
        "the server's profile does not allow the limits asked for",
        "Set limits in gateway.yaml within the profile's.",
    ),
    701: ("there is no cluster of that name", "Ask the server: SELECT DISTINCT cluster FROM system.clusters."),
}

_WHY: Final[dict[int, tuple[str, str]]] = {
    _DENIED: (f"the user {_NOT_ALLOWED}", _GRANTS_HINT),
    **dict.fromkeys(_MEMORY, ("it needs more memory than there is", "Try again later.")),
    **dict.fromkeys(_TIME, ("it took longer than the user's profile allows", "A user with more time can look.")),
    **dict.fromkeys(_READ, ("it reads more than the user's profile allows", "A user who may read more can look.")),
}
"""Of the gateway's own questions, where nothing in a statement can be mended."""

_INSTEAD: Final[tuple[tuple[type[Exception], str, str], ...]] = (
    (http.NameResolutionError, "no host of that name", "Check the host in GATEWAY_CLICKHOUSE_URL."),
    (http.NewConnectionError, "nothing listens there", "Is the server running, and is this its HTTP port?"),
    (http.ConnectTimeoutError, "nothing answered in time", "Check host, port and firewall."),
    (http.ReadTimeoutError, "no answer came in time", "Try again; if it stays so, is it http:// or https://?"),
)


def failed_to_connect(error: ClickHouseError, address: Address) -> GatewayError:
    """What is wrong with the address, its user or its server."""
    before = _LONG_AGO.search(str(error))
    code = int(before[1]) if before else code_of(error)
    if code in _LOGIN:
        return ContractError(
            f"{address} refuses user {address.user!r}: wrong name or password",
            hint="Check user and password in GATEWAY_CLICKHOUSE_URL.",
        )
    if code == 81:
        return no_database(address)
    if before:
        return too_old(address, "a ClickHouse of before 2022")
    if code is not None and code not in _LOST:
        return not_told(f"{address} refused the gateway's first question", error)
    cause = _transport(error)
    if isinstance(cause, http.SSLError):
        return _not_secure(cause, address)
    for kind, what, hint in _INSTEAD:
        if isinstance(cause, kind):
            wrong = ContractError if kind is http.NameResolutionError else EngineError
            return wrong(f"ClickHouse can't be reached at {address}: {what}", hint=hint)
    if cause is not None:
        return EngineError(
            f"the connection to {address} broke before ClickHouse answered",
            hint="Try again; if it stays so, is this its HTTP port, and is it http:// or https://?",
        )
    return ContractError(
        f"what answers at {address} is not ClickHouse", hint="Check host and port; the HTTP port is 8123 or 8443."
    )


def too_old(address: Address, what: str) -> ContractError:
    """The server's version is below all that the marts and the guard's list of functions are for."""
    hint = f"{OLDEST[0]}.{OLDEST[1]} or newer is needed."
    return ContractError(f"{address} runs {what}, which is too old", hint=hint)


def not_told(what: str, error: ClickHouseError) -> EngineError:
    """A question of the gateway's own, about the database or its user, that got no answer."""
    code = code_of(error)
    if code is not None and code not in _LOST:
        why, hint = _WHY.get(code) or _BY_CODE.get(code, (f"ClickHouse error {code}", ""))
        return EngineError(f"{what}: {why}", hint=hint)
    return EngineError(f"{what}: the connection broke", hint="Try again.")


def no_database(address: Address) -> ContractError:
    """The address names a database that the server has not, or that this user may not see."""
    hint = "Check its name, and that the user may see it; gateway marts publish makes the gateway's own."
    return ContractError(f"no database {address.database!r} at {address}", hint=hint)


def _not_secure(cause: http.SSLError, address: Address) -> ContractError:
    if "WRONG_VERSION_NUMBER" in str(cause) or "RECORD_LAYER" in str(cause):
        return ContractError(f"{address} does not speak TLS", hint="Use http://, or the server's HTTPS port.")
    return ContractError(
        f"the certificate of {address} is not to be trusted",
        hint="Name the authority that signed it: https://…/database?ca_cert=FILE",
    )


def _transport(error: BaseException) -> BaseException | None:
    """The HTTP library's own reason, below whatever was wrapped around it."""
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, http.MaxRetryError) and found.reason is not None:
            return found.reason
        if isinstance(found, http.HTTPError):
            return found
        found = found.__cause__ or found.__context__
    return None


def code_of(error: ClickHouseError) -> int | None:
    """ClickHouse's number of the error, or None where the failure is not the server's."""
    return error.code if isinstance(error, Error) else None


def is_lost_connection(error: ClickHouseError) -> bool:
    """Whether the way to the server failed, and not the statement. A read may then be tried again."""
    code = code_of(error)
    if code is not None:
        return code in _LOST
    return isinstance(error, OperationalError) and not isinstance(_transport(error), http.SSLError)


def too_slow(seconds: float) -> EngineTimeout:
    """The statement's time is up."""
    return EngineTimeout(
        f"the statement ran longer than its limit of {seconds:g} s and was stopped",
        hint="Filter more, or join and group less; the limit is set for the role in the semantic layer.",
    )


def translate(error: ClickHouseError, approved: Approved, address: Address, memory: str, read: str) -> GatewayError:
    """The gateway's error for an approved statement that ClickHouse did not carry out."""
    code = code_of(error)
    if is_lost_connection(error):
        return EngineError(f"the connection to {address} broke while the statement ran", hint="Try again.")
    if code in _TIME:
        return too_slow(approved.max_seconds)
    if code in _MEMORY:
        return _no_memory(error, memory)
    if code in _READ:
        return EngineError(
            f"the statement reads more than the {read} that one may read",
            hint="Filter by the first columns of the mart's grain; `limits.read` in gateway.yaml sets the limit.",
        )
    if code in _LOGIN:
        return failed_to_connect(error, address)
    if code == _DENIED:
        return ContractError(f"the gateway's user {_NOT_ALLOWED}", hint=_GRANTS_HINT)
    if code in _TYPES:
        return EngineError(
            "a value or a mart's column is not of the type that the statement needs",
            hint="Compare like with like; `gateway doctor` tells whether the marts are as the contract says.",
        )
    if code is None:
        return EngineError(f"what {address} answered can't be read ({type(error).__name__})")
    message, hint = _BY_CODE.get(code, (f"the engine could not carry out the statement (ClickHouse error {code})", ""))
    return EngineError(message, hint=hint)


def _no_memory(error: ClickHouseError, memory: str) -> EngineError:
    if "(total)" in str(error) or "otal memory limit" in str(error):
        return EngineError("the ClickHouse server is out of memory", hint="Try again later, or filter more.")
    return EngineError(
        f"the statement needs more than the {memory} of memory that statements may use",
        hint="Filter more, or group by fewer columns; the platform's owner can raise the limit.",
    )
