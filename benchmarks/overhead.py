"""What the gateway adds to an approved statement: guard, limits, evidence of the run and a durable audit event.

    make bench-overhead            or            python benchmarks/overhead.py [--statements 300]

The same approved text runs through `Gateway.run_sql` and by the engine's own client, in turn: DuckDB on the published
file, ClickHouse in this process, and ClickHouse behind HTTP on the loopback. `new` statements each have another form,
so that nothing is remembered; `other values` are of one form with another number in each; `repeated` is one text again
and again. The median of the differences is what is added; a line says where that is more than five milliseconds.
"""

import argparse
import itertools
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import clickhouse_connect
import duckdb
from pydantic import SecretStr

sys.path.insert(0, str(Path(__file__).parents[1]))  # the loopback server of the tests lives in tests/

from gateway.adapters.clickhouse_address import Address
from gateway.adapters.clickhouse_engine import ClickHouseEngine
from gateway.adapters.clickhouse_limits import Limits, terms, wanted
from gateway.guard import Approved, check
from gateway.service import Caller, Gateway
from gateway.settings import Settings, resource
from gateway.wiring import build
from tests.clickhouse import http_server

GATEWAY = str(Path(sys.executable).with_name("gateway"))
CALLER = Caller("bench", "analyst", "python", "itt")
DATABASE = "gold"
BOUND = 5.0
COLUMNS = "experiment_id", "metric_id", "variation_id", "conversion_rate", "uplift_abs", "p_value_two_sided"
ORDERS = tuple(", ".join(f"r.{name}" for name in order) for order in itertools.permutations(COLUMNS))
STATEMENT = """
select {columns}
from fct_experiment_results as r
join dim_experiments as e on r.experiment_id = e.experiment_id
where r.analysis_population = 'itt' and r.dimension = 'all' and r.n_users > {number}
order by r.experiment_id, r.metric_id, r.variation_id
"""

Bare = Callable[[str], Any]


def statements(kind: str, count: int, place: int) -> list[str]:
    """So many of a kind. Each engine has its own, by place: the guard would remember those of another."""
    if kind == "new":
        return [STATEMENT.format(columns=ORDERS[i % len(ORDERS)], number=i + place / 10) for i in range(1, count + 1)]
    numbers = range(1, count + 1) if kind == "other values" else [1] * count
    return [STATEMENT.format(columns=ORDERS[0], number=number + place / 10) for number in numbers]


def overheads(gateway: Gateway, bare: Bare, texts: list[str]) -> tuple[float, float, float]:
    """Median milliseconds of (gateway, client, their difference) over these statements."""
    ours, theirs = [], []
    for count, text in enumerate([statements("repeated", 1, 9)[0], *texts]):
        started = time.perf_counter()
        answer = gateway.run_sql(text, CALLER).answer
        ended = time.perf_counter()
        assert answer.status == "answered", answer.text
        rows = bare(answer.queries[-1].approved)
        fetched = time.perf_counter()
        assert len(rows) == len(answer.table.rows) > 0
        if count:  # the first one warms up
            ours.append((ended - started) * 1e3)
            theirs.append((fetched - ended) * 1e3)
    added = [a - b for a, b in zip(ours, theirs, strict=True)]
    return statistics.median(ours), statistics.median(theirs), statistics.median(added)


def settings_for(home: Path, url: str = "") -> Settings:
    """Of a gateway on DuckDB, or on ClickHouse at this address."""
    given: dict[str, Any] = {"home": home, "semantic": resource("marts_sql") / "semantic_layer.yaml"}
    if url:
        given |= {"engine": "clickhouse", "clickhouse_url": SecretStr(url)}
    return Settings(principal="bench", **given)


def demo(home: Path, url: str = "") -> None:
    """The demo world, published for this engine, by the command that a user types."""
    engine = {"GATEWAY_ENGINE": "clickhouse", "GATEWAY_CLICKHOUSE_URL": url} if url else {}
    environment = {**os.environ, **engine, "GATEWAY_HOME": str(home)}
    subprocess.run([GATEWAY, "demo"], check=True, capture_output=True, env=environment, cwd=home.parent)


@contextmanager
def on_duckdb(folder: Path) -> Iterator[tuple[Gateway, Bare]]:
    """The published file, and a copy of it for the client: a process opens one file in one way only."""
    home = folder / "duckdb"
    demo(home)
    copy = folder / "copy.duckdb"
    copy.write_bytes((home / "gold.duckdb").read_bytes())
    with build(settings_for(home)) as gateway, duckdb.connect(str(copy), read_only=True) as connection:
        yield gateway, lambda sql: connection.execute(sql).fetchall()


@contextmanager
def on_http(folder: Path) -> Iterator[tuple[Gateway, Bare]]:
    """ClickHouse behind HTTP, in a process of its own."""
    with ExitStack() as stack:
        base = stack.enter_context(http_server(str(folder / "server")))
        url = f"{base}/{DATABASE}"
        home = folder / "http"
        demo(home, url)
        address = Address.parse(url)
        client = stack.enter_context(
            clickhouse_connect.get_client(
                host=address.host, port=address.port, username=address.user, password=address.password,
                database=DATABASE, autogenerate_session_id=False,
            )
        )  # fmt: skip
        gateway = stack.enter_context(build(settings_for(home, url)))
        sent = settings_sent(gateway)
        yield gateway, lambda sql: client.query(sql, settings=sent).result_rows


def settings_sent(gateway: Gateway) -> dict[str, str]:
    """What the gateway sends with a statement. The client brings the same: its cost to the server is on both sides."""
    engine = gateway.engine
    assert isinstance(engine, ClickHouseEngine)
    approved = check(statements("repeated", 1, 9)[0], gateway._policy(CALLER.role), dialect="clickhouse")
    assert isinstance(approved, Approved)
    return dict(terms(wanted(approved, Limits()), engine.server().constraints).settings)


@contextmanager
def on_chdb(folder: Path) -> Iterator[tuple[Gateway, Bare]]:
    """ClickHouse in this process."""
    data = folder / "chdb"
    url = f"chdb://{data}?database={DATABASE}"
    home = folder / "embedded"
    demo(home, url)
    with ExitStack() as stack:
        gateway = stack.enter_context(build(settings_for(home, url)))
        client = stack.enter_context(clickhouse_connect.get_client(interface="chdb", path=str(data), database=DATABASE))
        yield gateway, lambda sql: client.query(sql).result_rows


ENGINES = {"DuckDB": on_duckdb, "ClickHouse over HTTP": on_http, "ClickHouse in process": on_chdb}


def main() -> None:
    """Print one row for each engine, and for distinct and repeated texts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--statements", type=int, default=300)
    count = parser.parse_args().statements
    print(f"{'medians in ms':24} {'statements':12} {'gateway':>8} {'client':>8} {'added':>8}")
    for place, (name, opened) in enumerate(ENGINES.items()):
        with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as (gateway, bare):
            for kind in ("new", "other values", "repeated"):
                ours, theirs, added = overheads(gateway, bare, statements(kind, count, place))
                over = f"  more than {BOUND:g}" if added > BOUND else ""
                print(f"{name:24} {kind:12} {ours:8.2f} {theirs:8.2f} {added:8.2f}{over}", flush=True)


if __name__ == "__main__":
    main()
