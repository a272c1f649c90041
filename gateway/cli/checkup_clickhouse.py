"""What `gateway doctor` looks at where the engine is ClickHouse: its marts, and both walls."""

from typing import TYPE_CHECKING

from gateway.adapters.clickhouse_catalogue import ClickHouseCatalogue
from gateway.adapters.clickhouse_engine import ClickHouseEngine
from gateway.adapters.clickhouse_probes import engine_probes, guard_probes, user_probes
from gateway.adapters.clickhouse_wall import Finding, findings
from gateway.adapters.probes import Probe
from gateway.errors import ContractError
from gateway.guard.policy import filter_texts
from gateway.semantic.grants import readable
from gateway.semantic.lint import lint
from gateway.semantic.model import Contract
from gateway.settings import Settings
from gateway.wiring import clickhouse_engine, policy_for

if TYPE_CHECKING:
    from gateway.cli.checkup import Diagnosis

_LINT_SECONDS = 300.0


def look_at_clickhouse(diagnosis: "Diagnosis", contract: Contract, settings: Settings) -> None:
    """The checks and probes of the published database."""
    mapping = contract.mapping()
    diagnosis.probes += (
        diagnosis.look("guard", lambda: _counted(guard_probes(policy_for(mapping, settings.role), mapping))) or []
    )
    engine = diagnosis.look("address", lambda: _engine(settings))
    if engine is None:
        return
    try:
        diagnosis.look("published marts", lambda: _published(contract, engine))
        diagnosis.probes += diagnosis.look("engine", lambda: _counted(engine_probes(engine, mapping))) or []
        _look_at_user(diagnosis, contract, settings, engine)
        diagnosis.look("referee", lambda: _referee(contract, settings, engine))
    finally:
        engine.close()


def _look_at_user(diagnosis: "Diagnosis", contract: Contract, settings: Settings, engine: ClickHouseEngine) -> None:
    """The user of the address, whom a stolen password would be: a wall only where it can do nothing else."""
    from gateway.cli.checkup import Check

    mapping = contract.mapping()

    def look() -> tuple[list[Finding], str]:
        filters = filter_texts(policy_for(mapping, settings.role), "clickhouse")
        return findings(engine, readable(contract, settings.role), filters), f"{engine.address.user}, looked at below"

    found = diagnosis.look("user", look) or []
    diagnosis.checks += [Check(f"user: {one.name}", one.status, one.detail) for one in found]
    if not engine.address.is_embedded:
        diagnosis.probes += diagnosis.look("user alone", lambda: _counted(user_probes(engine, mapping))) or []


def _engine(settings: Settings) -> tuple[ClickHouseEngine, str]:
    """A connection to the server, which proves host, port, user, certificate, version, database and cluster."""
    engine = clickhouse_engine(settings)
    engine.server()
    return engine, f"{engine.address}, database {engine.address.database}: answers, and can be read without writing"


def _published(contract: Contract, engine: ClickHouseEngine) -> tuple[str, str]:
    database = engine.address.database
    with engine.session(_LINT_SECONDS) as lease:
        problems = lint(contract, ClickHouseCatalogue(lease), published=True)
    if problems:
        raise ContractError(
            f"database {database} differs from the contract",
            problems=tuple(problems),
            hint="gateway marts publish; or, for another team's marts, a user as gateway semantic grants prints it",
        )
    return database, f"database {database} is as the contract says"


def _referee(contract: Contract, settings: Settings, engine: ClickHouseEngine) -> tuple[int, str]:
    from gateway.cli.checkup import look_at_referee

    return look_at_referee(contract, settings, engine)


def _counted(probes: list[Probe]) -> tuple[list[Probe], str]:
    from gateway.cli.checkup import counted

    return counted(probes)
