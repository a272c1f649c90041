"""The audit log keeps what it was given, refuses to forget, and is written by several processes at once."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.adapters.sqlite_audit import SqliteAudit
from gateway.audit.chain import Problem
from gateway.audit.event import AuditEvent
from gateway.errors import ContractError, EngineError, UsageError
from gateway.ports import AuditLog

EVENT = AuditEvent(
    channel="cli.ask",
    status="answered",
    principal="ana",
    role="analyst",
    question="Did it win? größer 🙂",
    interpretation="one_page_checkout, conversion_7d, itt",
    calls=[{"tool": "experiment_results", "arguments": {"metric_ids": ["conversion_7d"]}}],
    queries=[{"proposed": "select 1", "approved": "SELECT 1 LIMIT 11", "verdict": "approved", "seconds": 0.001}],
    engine="duckdb",
    rows=3,
    seconds=0.125,
    evidence=[{"difference": {"value": 0.0123456789012345, "ci_low": None}}],
    text="Better.",
    fingerprint="abc",
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "audit.sqlite"


@pytest.fixture
def log(path: Path) -> Iterator[SqliteAudit]:
    log = SqliteAudit(path)
    yield log
    log.close()


REST = (
    "at, channel, status, principal, role, engine, rows, seconds, fingerprint, hash, hash, question, detail FROM events"
)


def _tamper(path: Path, *statements: str) -> None:
    """Change the file as somebody would who has it in their hands."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def test_the_log_is_an_audit_log(log: SqliteAudit) -> None:
    port: AuditLog = log
    assert port.recent() == []


def test_an_event_comes_back_as_it_was_given(log: SqliteAudit) -> None:
    before = datetime.now(UTC)
    event = log.get(log.append(EVENT))
    assert event is not None
    assert before <= datetime.fromisoformat(event.at) <= datetime.now(UTC)
    assert replace(event, id="", at="", hash="") == EVENT
    assert (len(event.id), len(event.hash)) == (20, 64)


def test_an_event_outlives_the_process_that_wrote_it(path: Path, log: SqliteAudit) -> None:
    written = log.append(EVENT)
    assert SqliteAudit(path).get(written) == log.get(written)


def test_undecodable_text_is_spelt_out(log: SqliteAudit) -> None:
    event = log.get(log.append(replace(EVENT, question="half a \udce9 and a \0", text="\udce9")))
    assert event is not None
    assert (event.question, event.text) == ("half a \\udce9 and a \0", "\udce9")
    assert log.verify() == []


def test_what_can_not_be_stored_is_not_half_written(log: SqliteAudit) -> None:
    log.append(EVENT)
    with pytest.raises(ValueError, match="not JSON compliant"):
        log.append(replace(EVENT, evidence=[{"value": float("nan")}]))
    log.append(EVENT)
    assert len(list(log.history())) == 2
    assert log.verify() == []


def test_recent_is_newest_first_and_filtered(log: SqliteAudit) -> None:
    kept = [
        log.append(replace(EVENT, status=status, principal=principal, channel=channel))
        for status, principal, channel in [
            ("answered", "ana", "cli.ask"),
            ("blocked", "ana", "mcp"),
            ("blocked", "bob", "mcp"),
            ("answered", "bob", "cli.sql"),
        ]
    ]
    assert [event.id for event in log.recent()] == kept[::-1]
    assert [event.id for event in log.recent(2)] == [kept[3], kept[2]]
    assert [event.id for event in log.recent(status="blocked")] == [kept[2], kept[1]]
    assert [event.id for event in log.recent(principal="ana")] == [kept[1], kept[0]]
    assert [event.id for event in log.recent(channel="mcp", principal="bob", status="blocked")] == [kept[2]]
    assert [event.id for event in log.history()] == kept == sorted(kept)


def test_history_reads_past_one_page(log: SqliteAudit) -> None:
    ids = [log.append(EVENT) for _ in range(501)]
    assert [event.id for event in log.history()] == ids


def test_a_prefix_finds_an_event_if_it_is_long_enough_and_fits_one(log: SqliteAudit) -> None:
    first = log.append(EVENT)
    assert log.get(first[:6].upper()) == log.get(f" {first} ")
    second = log.append(EVENT)
    assert log.get("q-zzzz") is None
    with pytest.raises(UsageError, match="too short"):
        log.get(first[:5])
    with pytest.raises(UsageError, match="more than one audit id") as caught:
        log.get(first[:6])
    assert first in caught.value.hint
    assert second in caught.value.hint


def test_reading_does_not_make_a_log(path: Path) -> None:
    log = SqliteAudit(path)
    assert (log.recent(), log.get("q-000000"), list(log.history()), log.verify()) == ([], None, [], [])
    assert not path.parent.exists()


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE events SET question = 'other'", "never changed"),
        ("DELETE FROM events", "never deleted"),
        (f"INSERT OR REPLACE INTO events SELECT seq, id, {REST}", "never replaced"),
        (f"INSERT OR REPLACE INTO events SELECT 7, id, {REST}", "never replaced"),
        (f"REPLACE INTO events SELECT seq, 'q-z', {REST}", "never replaced"),
        (
            f"INSERT INTO events SELECT 7, 'q-z', {REST.replace('hash, hash', 'previous_hash, hash')}",
            "follows the last",
        ),
    ],
)
def test_the_file_itself_refuses_to_change_its_past(path: Path, log: SqliteAudit, statement: str, words: str) -> None:
    log.append(EVENT)
    before = log.recent()
    with pytest.raises(sqlite3.IntegrityError, match=words):
        _tamper(path, statement)
    assert log.recent() == before


def test_tampering_behind_the_triggers_is_found(path: Path, log: SqliteAudit) -> None:
    ids = [log.append(EVENT) for _ in range(4)]
    _tamper(path, "DROP TRIGGER events_never_change", "UPDATE events SET principal = 'eve' WHERE seq = 2")
    assert log.verify() == [
        Problem(ids[1], "its content is not what was written"),
        Problem("", "the trigger events_never_change is gone: events could be changed or deleted"),
    ]


def test_removed_events_are_found_also_at_the_end(path: Path, log: SqliteAudit) -> None:
    ids = [log.append(EVENT) for _ in range(4)]
    body = "BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'audit events are never deleted'); END"
    again = f"CREATE TRIGGER events_never_go {body}"
    _tamper(path, "DROP TRIGGER events_never_go", "DELETE FROM events WHERE seq = 4", again)
    assert log.verify() == [Problem("", "4 events were written, and the last one there is number 3")]
    _tamper(path, "DROP TRIGGER events_never_go", "DELETE FROM events WHERE seq = 2", again)
    assert [problem.event_id for problem in log.verify()] == [ids[2], ""]


def test_a_removed_end_is_found_also_when_the_log_went_on(path: Path, log: SqliteAudit) -> None:
    for _ in range(4):
        log.append(EVENT)
    body = "BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'audit events are never deleted'); END"
    _tamper(path, "DROP TRIGGER events_never_go", "DELETE FROM events WHERE seq = 4",
            f"CREATE TRIGGER events_never_go {body}")  # fmt: skip
    log.append(EVENT)
    assert log.verify() == [Problem("", "5 events were written, and 4 are there")]


WRITER = """
import sys
from pathlib import Path
from gateway.adapters.sqlite_audit import SqliteAudit
from gateway.audit.event import AuditEvent
name, count = sys.argv[2], int(sys.argv[3])
for number in range(count):
    log = SqliteAudit(Path(sys.argv[1])) if number % 5 == 0 else log
    log.append(AuditEvent("test", "answered", principal=name, rows=number))
    if number % 5 == 4:
        log.close()
"""


def test_several_processes_write_one_chain_from_the_first_event_on(path: Path) -> None:
    """All start on a file that is not there, and open and close it as short commands do."""
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(path), f"p{number}", "40"]) for number in range(5)]
    assert [writer.wait(timeout=120) for writer in writers] == [0] * 5
    log = SqliteAudit(path)
    assert log.verify() == []
    for number in range(5):
        written = [event.rows for event in log.recent(1000, principal=f"p{number}")]
        assert written == list(range(39, -1, -1))
    assert len(list(log.history())) == 200


def test_several_threads_write_one_chain(log: SqliteAudit) -> None:
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda number: log.append(replace(EVENT, rows=number)), range(100)))
    assert len(set(ids)) == 100
    assert log.verify() == []


def test_the_log_is_durable_and_does_not_block_readers(path: Path, log: SqliteAudit) -> None:
    log.append(EVENT)
    with log._connection() as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
        connection.execute("BEGIN IMMEDIATE")
        assert len(SqliteAudit(path).recent()) == 1
        connection.execute("ROLLBACK")


def test_closing_leaves_the_write_ahead_log_to_the_next_process(path: Path) -> None:
    log = SqliteAudit(path)
    log.append(EVENT)
    log.close()
    log.close()
    assert path.with_name("audit.sqlite-wal").stat().st_size > 0
    assert len(SqliteAudit(path).recent()) == 1


def test_a_locked_log_is_an_engine_error(path: Path, log: SqliteAudit) -> None:
    log.append(EVENT)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(EngineError, match=r"stayed locked for 0\.05 s"):
            SqliteAudit(path, patience=0.05).append(EVENT)
        other.execute("ROLLBACK")
    assert log.append(EVENT)


def test_a_full_disk_is_an_engine_error_and_loses_nothing(log: SqliteAudit) -> None:
    log.append(EVENT)
    with log._connection() as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(EngineError, match="no space left"):
            log.append(replace(EVENT, text="x" * 100_000))
        connection.execute("PRAGMA max_page_count = 1000000")
    log.append(EVENT)
    assert len(list(log.history())) == 2
    assert log.verify() == []


def test_a_folder_that_can_not_be_made_is_an_engine_error(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    with pytest.raises(EngineError, match="can't be made") as caught:
        SqliteAudit(tmp_path / "home" / "audit.sqlite").append(EVENT)
    assert "Nothing is answered without a record" in caught.value.hint


def test_a_path_that_can_not_be_opened_is_an_engine_error(tmp_path: Path) -> None:
    (tmp_path / "audit.sqlite").mkdir()
    with pytest.raises(EngineError, match="can't be written"):
        SqliteAudit(tmp_path / "audit.sqlite").append(EVENT)


def test_a_file_of_another_kind_is_a_contract_error_and_stays_as_it_is(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("id,question\n" * 500)
    with pytest.raises(ContractError, match="not an SQLite database"):
        SqliteAudit(path).append(EVENT)
    assert path.read_text() == "id,question\n" * 500


def test_a_database_of_somebody_else_is_a_contract_error(path: Path) -> None:
    path.parent.mkdir()
    _tamper(path, "CREATE TABLE events (id TEXT)")
    with pytest.raises(ContractError, match="not an audit log"):
        SqliteAudit(path).append(EVENT)
    with pytest.raises(ContractError, match="not an audit log"):
        SqliteAudit(path).recent()


def test_a_log_of_another_version_is_a_contract_error(path: Path, log: SqliteAudit) -> None:
    log.append(EVENT)
    log.close()
    _tamper(path, "PRAGMA user_version = 9")
    with pytest.raises(ContractError, match="has schema version 9, and this gateway reads version 1"):
        log.append(EVENT)
