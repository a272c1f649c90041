"""The server as the build side uses it: its databases, and statements that are sent once."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from clickhouse_connect.driver.exceptions import ClickHouseError

from gateway.errors import ContractError
from gateway.marts.clickhouse.rewriting import MEANING

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

_WAREHOUSE: Final = "_warehouse"
_BESIDE: Final = "__new"
DAYS: Final[Mapping[str, str]] = {"max_partitions_per_insert_block": "0"}
"""One insert may bring the events of any number of days."""
CLUSTER: Final[Mapping[str, str]] = {
    "distributed_product_mode": "global",
    "prefer_global_in_and_join": "1",
    "distributed_foreground_insert": "1",
}
"""A join or IN on the shards sees all rows of its other side, also of a table that is on one server only; and what an
insert has sent has arrived when it returns."""
_PARQUET: Final = {"output_format_parquet_string_as_string": "1"}


@dataclass(frozen=True, slots=True)
class Server:
    """A client that may write, and where the marts are."""

    client: "Client"
    published: str
    """Database of the published marts: the one that queries read."""
    cluster: str = ""
    """Over which tables are spread; empty where they are on one server."""

    @classmethod
    def of(cls, client: "Client", database: str, cluster: str = "") -> Self:
        """With every statement meaning what it does on DuckDB. Raises ContractError where the user may not say so."""
        try:
            for setting, value in {**MEANING, **DAYS, **(CLUSTER if cluster else {})}.items():
                client.set_client_setting(setting, value)
        except ClickHouseError as error:
            raise ContractError(
                f"the profile of the gateway's user does not let it set {setting} = {value}",
                hint="Allow it, or set it there. Building and publishing need a user that may write.",
            ) from error
        return cls(client, database, cluster)

    @property
    def warehouse(self) -> str:
        """Database of the sources and of the marts built from them."""
        return self.published + _WAREHOUSE

    @property
    def on_cluster(self) -> str:
        """What a statement says that is meant for every server of the cluster."""
        return f" ON CLUSTER {name(self.cluster)}" if self.cluster else ""

    def run(self, sql: str) -> None:
        """One statement that changes something. It is never sent a second time."""
        self.client.command(sql)

    def rows(self, sql: str, **parameters: Any) -> Sequence[Sequence[Any]]:
        """What a query gives. A read that loses its connection is tried once more."""
        return self.client.query(sql, parameters=parameters).result_rows

    def value(self, sql: str, **parameters: Any) -> Any:
        """The only value of a query; None where there is no row."""
        found = self.rows(sql, **parameters)
        return found[0][0] if found else None

    def load(self, target: str, file: Path) -> None:
        """A Parquet file into a table."""
        with file.open("rb") as data:
            self.client.raw_insert(target, insert_block=data, fmt="Parquet")

    def fetch(self, sql: str, file: Path) -> None:
        """What a query gives, into a Parquet file, block by block."""
        with self.client.raw_stream(sql, fmt="Parquet", settings=_PARQUET) as stream, file.open("wb") as out:
            shutil.copyfileobj(stream, out)


def beside(database: str) -> str:
    """Database in which the next contents of another one are made."""
    return database + _BESIDE


def name(text: str) -> str:
    """A name as ClickHouse reads it verbatim."""
    return "`" + text.replace("\\", "\\\\").replace("`", "\\`") + "`"


def literal(text: str) -> str:
    """A text as ClickHouse reads it verbatim."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def table(database: str, of: str) -> str:
    """A table of a database."""
    return f"{name(database)}.{name(of)}"


def names(columns: Mapping[str, str] | Sequence[str]) -> str:
    """Columns in a list."""
    return ", ".join(map(name, columns))
