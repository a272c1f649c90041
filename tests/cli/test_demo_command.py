"""`gateway demo`: the main job from nothing, and quick the second time."""

from tests.cli.conftest import USERS, Cli


def test_the_demo_shows_three_answers_and_a_refusal_and_reuses_its_world(empty: Cli) -> None:
    first = empty("demo", "--users", str(USERS))
    assert first.code == 0
    sections = [line for line in first.out.splitlines() if line.startswith("── ")]
    assert [line.split(":")[0] for line in sections] == [
        "── A winner", "── A sample ratio mismatch", "── Exposure health", "── A refusal",
    ]  # fmt: skip
    assert "better than control" in first.out
    assert "SAMPLE RATIO MISMATCH in pin_leaderboard_carousel (itt)" in first.out
    assert first.out.count("pin_not_fixed at 1:") == 2
    assert "table_not_allowed at 1:" in first.out
    assert first.out.count("\n  gateway ") == 3
    assert f"seeding {USERS:,} users" in first.err

    second = empty("demo", "--users", str(USERS))
    assert second.code == 0
    assert second.err.startswith("reusing .gateway/gold.duckdb: 6,000 users")
    assert "seeding" not in second.err

    other = empty("demo", "--users", "500")
    assert "seeding 500 users" in other.err


def test_a_damaged_published_file_is_not_reused(empty: Cli) -> None:
    assert empty("demo", "--users", "500").code == 0
    (empty.home / "gold.duckdb").write_bytes(b"not a database " * 1000)
    again = empty("demo", "--users", "500")
    assert again.code == 0
    assert "seeding 500 users" in again.err
