"""The steps from sources to the published marts, as the commands `marts`, `import` and `demo` share them.

Which world was seeded, and from which definitions, is kept beside the warehouse once it is published, so that a later
run can tell whether the published world is the one it would make.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from gateway import __version__
from gateway.cli.progress import step
from gateway.cli.session import Session
from gateway.errors import ContractError, EngineError, UsageError

if TYPE_CHECKING:
    from gateway.marts.build import BuildReport
    from gateway.marts.clickhouse.loading import LoadReport
    from gateway.marts.clickhouse.stamp import ClickHouseStatus
    from gateway.marts.contracts import CheckResult
    from gateway.marts.publish import Status
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


class Published(Protocol):
    """What a publish tells."""

    @property
    def tables(self) -> tuple[tuple[str, int], ...]: ...

    @property
    def seconds(self) -> float: ...


def pipeline_for(session: Session, settings: "Settings") -> "Pipeline":
    """The steps where these settings have the marts made."""
    if settings.engine == "duckdb":
        return Pipeline(session, settings)
    from gateway.cli.pipeline_clickhouse import ClickHousePipeline

    return ClickHousePipeline(session, settings)


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
        return str(self.gold)

    def seed(self, world: World) -> "SeedReport":
        """Write the demo world's sources. Scorecards of earlier ones go: they were of other events."""
        from gateway.adapters.scorecard_files import ScorecardFiles
        from gateway.marts.synthetic import seed

        self._forget()
        ScorecardFiles(self.settings.home / "scorecards").forget()
        with step("seeding", quiet=self.session.quiet) as progress:
            return seed(self.warehouse, seeds=folder("seeds"), progress=progress, **asdict(world))

    def load(self) -> "LoadReport | None":
        """Bring the sources to where the marts are built; None where they are there already, as here."""
        return None

    def build(self, *, incremental: bool = False) -> "BuildReport":
        """Build every mart."""
        from gateway.marts.build import build

        if incremental:
            raise UsageError("--incremental is for ClickHouse; on DuckDB every build is a full one")
        with step("building", quiet=self.session.quiet) as progress:
            return build(self.warehouse, folder("marts_sql"), progress=progress)

    def check(self) -> "list[CheckResult]":
        """Run every check. Raises ContractError that names each failed one and the rows that fail it."""
        from gateway.marts.contracts import check

        with step("checking", quiet=self.session.quiet) as progress:
            results = check(self.warehouse, folder("marts_sql"), progress=progress)
        require_passed(results)
        return results

    def publish_from(self, source: Path) -> Published:
        """Publish what the contract allows of marts that something else built, once they are as the contract says."""
        from gateway.marts.publish import publish
        from gateway.semantic.load import load_contract

        contract = load_contract(self.settings.semantic)
        built_at = self._held_against(contract, source)
        with step("publishing", quiet=self.session.quiet) as progress:
            return publish(source, self.gold, contract, built_at=built_at, progress=progress)

    def _held_against(self, contract: "Contract", source: Path) -> datetime:
        """When the marts in a file were built, once they are as the contract says."""
        problems = differences(contract, source)
        if problems:
            raise ContractError(
                f"{source} is not as {self.settings.semantic} says",
                problems=problems,
                hint="mend the contract or the marts; nothing was published",
            )
        return datetime.fromtimestamp(source.stat().st_mtime, UTC).replace(tzinfo=None)

    def publish(self) -> Published:
        """Check, then publish what the contract allows; where a check fails, the last good marts stay."""
        from gateway.marts.publish import publish
        from gateway.semantic.load import load_contract

        contract = load_contract(self.settings.semantic)
        self.check()
        with step("publishing", quiet=self.session.quiet) as progress:
            return publish(self.warehouse, self.gold, contract, progress=progress)

    def status(self) -> "Status | ClickHouseStatus":
        """Where the pipeline stands."""
        from gateway.marts.publish import status

        return status(self.warehouse, self.gold)

    def is_published(self, world: World) -> bool:
        """Whether the published file holds this world, made from the definitions there are now."""
        try:
            record = json.loads(self._record_file.read_text("utf-8"))
        except (OSError, ValueError):
            return False
        return self.warehouse.is_file() and record == self._record(world) and self._holds_marts()

    def remember(self, world: World) -> None:
        """Note that the published file now holds this world."""
        self._record_file.write_text(json.dumps(self._record(world)), "utf-8")

    def _holds_marts(self) -> bool:
        from gateway.marts.publish import is_published

        return is_published(self.gold)

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
        definitions = [folder("seeds"), folder("marts_sql"), self.settings.semantic]
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


def folder(name: str) -> Path:
    """A folder that comes with the gateway."""
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
