"""The steps from sources to the published file, as the commands `marts`, `import` and `demo` share them.

Which world was seeded, and from which definitions, is kept beside the warehouse once it is published, so that a later
run can tell whether the published world is the one it would make.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from gateway import __version__
from gateway.cli.progress import step
from gateway.cli.session import Session
from gateway.errors import ContractError, EngineError

if TYPE_CHECKING:
    from gateway.marts.build import BuildReport
    from gateway.marts.contracts import CheckResult
    from gateway.marts.publish import PublishReport, Status
    from gateway.marts.synthetic import SeedReport
    from gateway.semantic.model import Contract
    from gateway.settings import Settings

RECORD = "seeded.json"


@dataclass(frozen=True, slots=True)
class World:
    """The parameters of a seeded world. Equal parameters and definitions make equal worlds."""

    users: int = 60_000
    days: int = 30
    seed: int = 20_260_201


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The warehouse of these settings, and what may be done to it. Long steps show their progress."""

    session: Session
    settings: "Settings"

    @property
    def warehouse(self) -> Path:
        """The build side's file."""
        return self.settings.home / "warehouse.duckdb"

    @property
    def gold(self) -> Path:
        """The published file, the only one that queries open."""
        return self.settings.home / "gold.duckdb"

    @property
    def place(self) -> str:
        """Where queries find what is published, for people to read."""
        if self.settings.engine == "duckdb":
            return str(self.gold)
        from gateway.wiring import clickhouse_address

        address = clickhouse_address(self.settings)
        return f"database {address.database} of {address}"

    def seed(self, world: World) -> "SeedReport":
        """Write the demo world's sources."""
        from gateway.marts.synthetic import seed

        self._forget()
        with step("seeding", quiet=self.session.quiet) as progress:
            return seed(self.warehouse, seeds=_folder("seeds"), progress=progress, **asdict(world))

    def build(self) -> "BuildReport":
        """Build every mart."""
        from gateway.marts.build import build

        with step("building", quiet=self.session.quiet) as progress:
            return build(self.warehouse, _folder("marts_sql"), progress=progress)

    def check(self) -> "list[CheckResult]":
        """Run every check. Raises ContractError that names each failed one and the rows that fail it."""
        from gateway.marts.contracts import check

        with step("checking", quiet=self.session.quiet) as progress:
            results = check(self.warehouse, _folder("marts_sql"), progress=progress)
        require_passed(results)
        return results

    def publish_from(self, source: Path) -> "PublishReport":
        """Publish what the contract allows of marts that something else built, once they are as the contract says."""
        from gateway.marts.publish import publish
        from gateway.semantic.load import load_contract

        contract = load_contract(self.settings.semantic)
        problems = differences(contract, source)
        if problems:
            raise ContractError(
                f"{source} is not as {self.settings.semantic} says",
                problems=problems,
                hint="mend the contract or the marts; nothing was published",
            )
        built_at = datetime.fromtimestamp(source.stat().st_mtime, UTC).replace(tzinfo=None)
        with step("publishing", quiet=self.session.quiet) as progress:
            report = publish(source, self.gold, contract, built_at=built_at, progress=progress)
        return self._mirrored(report, contract)

    def publish(self) -> "PublishReport":
        """Check, then publish what the contract allows; where a check fails, the last good marts stay."""
        from gateway.marts.publish import publish
        from gateway.semantic.load import load_contract

        contract = load_contract(self.settings.semantic)
        self.check()
        with step("publishing", quiet=self.session.quiet) as progress:
            report = publish(self.warehouse, self.gold, contract, progress=progress)
        return self._mirrored(report, contract)

    def _mirrored(self, report: "PublishReport", contract: "Contract") -> "PublishReport":
        """Where the engine is ClickHouse, its database is made to hold what the published file holds."""
        if self.settings.engine == "duckdb":
            return report
        from gateway.adapters.clickhouse_connection import writing
        from gateway.marts.clickhouse_publish import mirror
        from gateway.wiring import clickhouse_address

        address = clickhouse_address(self.settings)
        with writing(address) as client, step("loading", quiet=self.session.quiet) as progress:
            done = mirror(self.gold, client, address.database, contract, progress=progress)
        return replace(report, tables=done.tables, seconds=report.seconds + done.seconds)

    def _is_mirrored(self) -> bool:
        """Whether the engine's own database holds what the published file holds."""
        if self.settings.engine == "duckdb":
            return True
        from gateway.adapters.clickhouse_connection import writing
        from gateway.marts.clickhouse_publish import published_at
        from gateway.wiring import clickhouse_address

        address = clickhouse_address(self.settings)
        with writing(address) as client:
            return published_at(client, address.database) == self.status().published_at

    def status(self) -> "Status":
        """Where the pipeline stands."""
        from gateway.marts.publish import status

        return status(self.warehouse, self.gold)

    def is_published(self, world: World) -> bool:
        """Whether the published file holds this world, made from the definitions there are now."""
        try:
            record = json.loads(self._record_file.read_text("utf-8"))
        except (OSError, ValueError):
            return False
        from gateway.marts.publish import is_published

        known = self.warehouse.is_file() and record == self._record(world)
        return known and is_published(self.gold) and self._is_mirrored()

    def remember(self, world: World) -> None:
        """Note that the published file now holds this world."""
        self._record_file.write_text(json.dumps(self._record(world)), "utf-8")

    def _forget(self) -> None:
        """From here on the published file may hold another world than the warehouse."""
        try:
            self._record_file.unlink(missing_ok=True)
        except OSError as error:
            raise EngineError(
                f"{self.settings.home} can't be written: {error.strerror}",
                hint="Choose another GATEWAY_HOME, or make this one writable. Nothing was changed.",
            ) from error

    @property
    def _record_file(self) -> Path:
        return self.settings.home / RECORD

    def _record(self, world: World) -> dict[str, object]:
        definitions = [_folder("seeds"), _folder("marts_sql"), self.settings.semantic]
        return {**asdict(world), "version": __version__, "definitions": fingerprint(definitions)}


def require_passed(results: "Iterable[CheckResult]") -> None:
    """Raise ContractError that names each failed check and the rows that fail it."""
    failed = tuple(result.describe() for result in results if not result.passed)
    if failed:
        raise ContractError(
            f"{len(failed)} check{'s' if len(failed) > 1 else ''} failed; the last published marts stay as they are",
            problems=failed,
            hint="mend the rows at their source, then: gateway marts build, gateway marts publish",
        )


def fingerprint(paths: Iterable[Path]) -> str:
    """Of the files named, and of all files in the folders named: their names and what is in them."""
    found = hashlib.sha256()
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                found.update(f"{file.name}\0{file.stat().st_size}\0".encode())
                found.update(file.read_bytes())
    return found.hexdigest()


def _folder(name: str) -> Path:
    from gateway.settings import resource

    return resource(name)


def differences(contract: "Contract", source: Path) -> tuple[str, ...]:
    """Where a DuckDB file and the contract differ, but for the one table that publishing itself makes."""
    from gateway.adapters.duckdb_catalogue import DuckDBCatalogue
    from gateway.marts.publish import ALLOWED_ASSETS
    from gateway.semantic.lint import lint

    held = {name: asset for name, asset in contract.assets.items() if name != ALLOWED_ASSETS}
    with DuckDBCatalogue(source) as catalogue:
        return tuple(lint(contract.model_copy(update={"assets": held}), catalogue))
