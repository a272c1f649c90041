"""What `gateway doctor` looks at, one function for each check. Each returns what it found, or fails with a sentence."""

import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final, Literal, TypeVar

from gateway.adapters.duckdb_catalogue import DuckDBCatalogue
from gateway.adapters.duckdb_engine import DuckDBEngine
from gateway.adapters.probes import Probe, engine_probes, guard_probes
from gateway.adapters.sqlite_audit import SqliteAudit
from gateway.audit.event import AuditEvent
from gateway.cli.diagnostics import problems_of
from gateway.errors import ContractError, GatewayError
from gateway.guard import Approved, Policy, check
from gateway.guard.referee import disagreement
from gateway.ports import Referee
from gateway.semantic.lint import lint
from gateway.semantic.load import load_contract
from gateway.semantic.model import Contract
from gateway.settings import Settings
from gateway.wiring import policy_for

PACKAGES: Final = (
    "duckdb", "jinja2", "numpy", "prompt_toolkit", "pydantic", "pyyaml", "rapidfuzz", "rich", "scipy", "sqlglot",
    "typer",
)  # fmt: skip
OLDEST_PYTHON: Final = (3, 11)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Check:
    """One check and what it found."""

    name: str
    status: Literal["ok", "warning", "failed"]
    detail: str


@dataclass(slots=True)
class Diagnosis:
    """Everything that was found. What could not be looked at, for want of what comes before it, is not in it."""

    checks: list[Check] = field(default_factory=list)
    probes: list[Probe] = field(default_factory=list)

    @property
    def well(self) -> bool:
        """No check failed, both walls were tried, and every probe was refused."""
        walls = {probe.wall for probe in self.probes}
        return (
            all(check.status != "failed" for check in self.checks)
            and walls == {"guard", "engine"}
            and all(probe.refused for probe in self.probes)
        )

    def look(self, name: str, find: Callable[[], tuple[T, str]]) -> T | None:
        """Make one check: keep what it says, and return what it found, or None where it failed."""
        try:
            found, detail = find()
        except GatewayError as error:
            self.checks.append(Check(name, "failed", _sentence(error)))
            return None
        self.checks.append(Check(name, "ok", detail))
        return found


def examine(load: Callable[[], Settings]) -> Diagnosis:
    """Look at everything, as far as what comes before allows it."""
    diagnosis = Diagnosis()
    diagnosis.look("python", _python)
    diagnosis.look("packages", _packages)
    settings = diagnosis.look("settings", lambda: _settings(load))
    if settings is None:
        return diagnosis
    diagnosis.look("audit log", lambda: _audit(settings))
    if settings.planner == "openai" or settings.model.name:
        from gateway.cli.checkup_model import look_at_model

        diagnosis.look("model", lambda: look_at_model(settings))
    contract = diagnosis.look("contract", lambda: _contract(settings))
    if contract is not None and settings.engine == "clickhouse":
        from gateway.cli.checkup_clickhouse import look_at_clickhouse

        look_at_clickhouse(diagnosis, contract, settings)
    elif contract is not None:
        gold = settings.home / "gold.duckdb"
        diagnosis.look("published marts", lambda: _published(contract, gold))
        diagnosis.probes += diagnosis.look("guard", lambda: _guard_wall(contract, settings.role, gold)) or []
        diagnosis.probes += diagnosis.look("engine", lambda: _engine_wall(contract, settings, gold)) or []
        engine = DuckDBEngine(gold, memory_limit=settings.limits.memory, threads=settings.limits.threads)
        with closing(engine):
            diagnosis.look("referee", lambda: look_at_referee(contract, settings, engine))
    return diagnosis


def _python() -> tuple[str, str]:
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        raise ContractError(f"{found} is too old", hint="3.11 or newer is needed")
    return found, found


def _packages() -> tuple[dict[str, str], str]:
    found: dict[str, str] = {}
    missing = []
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        raise ContractError(f"not installed: {', '.join(missing)}", hint="install experiment-gateway again")
    return found, ", ".join(f"{name} {number}" for name, number in found.items())


def _settings(load: Callable[[], Settings]) -> tuple[Settings, str]:
    settings = load()
    population = settings.population or "asked each time"
    return settings, (f"home {settings.home}, engine {settings.engine}, role {settings.role}, population {population}")


def _contract(settings: Settings) -> tuple[Contract, str]:
    """The contract, after the guard has made a policy of each of its roles."""
    contract = load_contract(settings.semantic)
    mapping = contract.mapping()
    for role in dict.fromkeys([settings.role, *contract.roles]):
        policy_for(mapping, role)
    return contract, f"{settings.semantic}: {len(contract.assets)} marts, roles {', '.join(contract.roles)}"


def _published(contract: Contract, gold: Path) -> tuple[Path, str]:
    with DuckDBCatalogue(gold) as catalogue:
        problems = lint(contract, catalogue, published=True)
    if problems:
        raise ContractError(f"{gold} differs from the contract", problems=tuple(problems), hint="gateway marts publish")
    return gold, f"{gold} is as the contract says"


def _audit(settings: Settings) -> tuple[str, str]:
    """Writes one event, which proves that one can be written, and checks the chain with it."""
    log = SqliteAudit(settings.home / "audit.sqlite")
    try:
        event = AuditEvent(
            channel="cli.doctor", status="answered", principal=settings.principal, role=settings.role, question="doctor"
        )
        event_id = log.append(event)
        problems = log.verify()
    finally:
        log.close()
    if problems:
        lines = tuple(f"{problem.event_id or 'log'}: {problem.message}" for problem in problems)
        raise ContractError("it is not as it was written", problems=lines, hint="gateway audit verify")
    return event_id, f"{log.path}: writable, every event as it was written"


def _guard_wall(contract: Contract, role: str, gold: Path) -> tuple[list[Probe], str]:
    mapping = contract.mapping()
    return counted(guard_probes(policy_for(mapping, role), gold, mapping))


def _engine_wall(contract: Contract, settings: Settings, gold: Path) -> tuple[list[Probe], str]:
    engine = DuckDBEngine(gold, memory_limit=settings.limits.memory, threads=settings.limits.threads)
    try:
        return counted(engine_probes(engine, contract.mapping()))
    finally:
        engine.close()


def look_at_referee(contract: Contract, settings: Settings, referee: Referee) -> tuple[int, str]:
    """Whether the engine's parser, asked about every mart, agrees with the guard, and tells one mart from the next."""
    approved = _one_read_each(policy_for(contract.mapping(), settings.role), settings.engine)
    named = [referee.named(verdict) for verdict in approved]
    problems = [told for verdict, found in zip(approved, named, strict=True) if (told := disagreement(verdict, found))]
    others = named[1:] + named[:1]
    problems += [
        f"a read of {', '.join(found.relations)} passes for one of {', '.join(verdict.assets)}"
        for verdict, found in zip(approved, others, strict=True)
        if len(approved) > 1 and not disagreement(verdict, found)
    ]
    if problems:
        raise ContractError("the engine's parser and the guard differ", problems=tuple(problems))
    use = "asked before every statement" if settings.guard.referee else "not asked (guard.referee is off)"
    return len(approved), f"{use}; the engine's parser agrees with the guard on {len(approved)} marts"


def _one_read_each(policy: Policy, dialect: str) -> list[Approved]:
    """An approved statement for every mart of the role."""
    statements = [f'SELECT * FROM "{asset.name}"' for asset in policy.assets.values()]  # noqa: S608  names of the contract
    verdicts = [check(statement, policy, dialect=dialect) for statement in statements]
    return [verdict for verdict in verdicts if isinstance(verdict, Approved)]


def counted(probes: list[Probe]) -> tuple[list[Probe], str]:
    """The probes are kept whatever came of them; the verdict is read off each."""
    return probes, f"{sum(probe.refused for probe in probes)} of {len(probes)} probes refused"


def _sentence(error: GatewayError) -> str:
    problems = "; ".join(problems_of(error))
    hint = f" ({error.hint})" if error.hint else ""
    return f"{error.message}{': ' + problems if problems else ''}{hint}"
