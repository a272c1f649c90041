"""The same steps where the engine is ClickHouse: sources are loaded, and marts built, checked and published, there."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.cli.pipeline import Pipeline, Published, World, folder, require_passed
from gateway.cli.progress import step

if TYPE_CHECKING:
    from gateway.marts.build import BuildReport
    from gateway.marts.clickhouse.loading import LoadReport
    from gateway.marts.clickhouse.server import Server
    from gateway.marts.clickhouse.stamp import ClickHouseStatus
    from gateway.marts.contracts import CheckResult


@dataclass(frozen=True, slots=True)
class ClickHousePipeline(Pipeline):
    """Seeds and imports still write the local warehouse, whose sources are then loaded."""

    @property
    def place(self) -> str:
        """Where queries find what is published, for people to read."""
        from gateway.wiring import clickhouse_address

        address = clickhouse_address(self.settings)
        return f"database {address.database} of {address}"

    def load(self) -> "LoadReport":
        """Load the local warehouse's sources, but for what is there already."""
        from gateway.marts.clickhouse.loading import load_sources

        with self._server() as server, step("loading", quiet=self.session.quiet) as progress:
            return load_sources(server, self.warehouse, progress=progress)

    def build(self, *, incremental: bool = False) -> "BuildReport":
        """Build every mart from the sources in the warehouse's database."""
        from gateway.marts.clickhouse.build import build

        with self._server() as server, step("building", quiet=self.session.quiet) as progress:
            return build(server, folder("marts_sql"), incremental=incremental, progress=progress)

    def check(self) -> "list[CheckResult]":
        """Run every check. Raises ContractError that names each failed one and the rows that fail it."""
        from gateway.marts.clickhouse.checks import check

        with self._server() as server, step("checking", quiet=self.session.quiet) as progress:
            results = check(server, folder("marts_sql"), progress=progress)
        require_passed(results)
        return results

    def publish(self) -> Published:
        """Check, then publish what the contract allows; where a check fails, the last good marts stay."""
        from gateway.marts.clickhouse.publish import publish
        from gateway.semantic.load import load_contract

        contract = load_contract(self.settings.semantic)
        self.check()
        with self._server() as server, step("publishing", quiet=self.session.quiet) as progress:
            return publish(server, contract, progress=progress)

    def publish_from(self, source: Path) -> Published:
        """Publish marts that something else built into a DuckDB file."""
        from gateway.marts.clickhouse.mirror import mirror
        from gateway.marts.publish import publish
        from gateway.semantic.load import load_contract

        contract = load_contract(self.settings.semantic)
        built_at = self._held_against(contract, source)
        with (
            tempfile.TemporaryDirectory() as temporary,
            self._server() as server,
            step("publishing", quiet=self.session.quiet) as progress,
        ):
            gold = Path(temporary) / "gold.duckdb"
            publish(source, gold, contract, built_at=built_at)
            return mirror(gold, server, contract, progress=progress)

    def status(self) -> "ClickHouseStatus":
        """Where the pipeline stands."""
        from gateway.marts.clickhouse.stamp import status

        with self._server() as server:
            return status(server)

    @contextmanager
    def _server(self) -> "Iterator[Server]":
        from gateway.adapters.clickhouse_connection import writing
        from gateway.marts.clickhouse.server import Server
        from gateway.wiring import clickhouse_address

        address = clickhouse_address(self.settings)
        with writing(address) as client:
            yield Server.of(client, address.database, address.cluster)

    def _holds_marts(self) -> bool:
        return self.status().published_at is not None

    def _record(self, world: World) -> dict[str, object]:
        """With the time of the publish: another home, or another world, may have been published there since."""
        return {**Pipeline._record(self, world), "published_at": str(self.status().published_at)}
