"""Tokens are known by their digest alone, to their owner's file alone, and until they expire or are revoked."""

import json
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.errors import ContractError, EngineError, UsageError
from gateway.mcp_server.tokens import FILE, PREFIX, Tokens

SOON = timedelta(minutes=5)
_TOKEN = {"id": "t-1", "principal": "ana", "role": "analyst", "created": "", "digest": ""}


@pytest.fixture
def tokens(tmp_path: Path) -> Tokens:
    return Tokens(tmp_path / "home")


def test_a_token_is_its_holders_until_it_is_revoked(tokens: Tokens) -> None:
    text, token = tokens.add("ana", "analyst")
    other, _ = tokens.add("bot", "partner")
    assert tokens.holder(text) == token
    assert (token.principal, token.role, token.expires) == ("ana", "analyst", None)
    assert tokens.revoke(token.id) == token
    assert tokens.holder(text) is None
    assert [known.principal for known in tokens.all()] == ["bot"]
    assert tokens.holder(other) is not None


def test_two_tokens_are_never_alike_and_long_enough_not_to_be_guessed(tokens: Tokens) -> None:
    texts = [tokens.add("ana", "analyst")[0] for _ in range(20)]
    assert len(set(texts)) == 20
    assert all(text.startswith(PREFIX) and len(text) == len(PREFIX) + 43 for text in texts)


def test_the_file_holds_no_token_and_is_its_owners_alone(tokens: Tokens) -> None:
    text, _ = tokens.add("ana", "analyst")
    content = tokens.path.read_text()
    assert text not in content
    assert text.removeprefix(PREFIX) not in content
    assert stat.S_IMODE(tokens.path.stat().st_mode) == 0o600
    assert sorted(path.name for path in tokens.path.parent.iterdir()) == [FILE, "mcp_tokens.lock"]


def test_the_digest_depends_on_the_files_own_key(tmp_path: Path) -> None:
    """A digest that leaked is worth nothing beside another gateway's file."""
    first, second = Tokens(tmp_path / "a"), Tokens(tmp_path / "b")
    text, _ = first.add("ana", "analyst")
    second.add("bot", "analyst")
    theirs, ours = (json.loads(tokens.path.read_text()) for tokens in (first, second))
    second.path.write_text(json.dumps({**ours, "tokens": theirs["tokens"]}))
    assert second.holder(text) is None


@pytest.mark.parametrize("wrong", ["", PREFIX, "Bearer", "é", "\ud800", "x" * 100_000])
def test_what_is_no_token_is_nobodys(tokens: Tokens, wrong: str) -> None:
    assert tokens.holder(wrong) is None  # no file yet
    text, _ = tokens.add("ana", "analyst")
    assert tokens.holder(wrong) is None
    assert tokens.holder(text[:-1]) is None
    assert tokens.holder(text + "A") is None
    assert tokens.holder(text.upper()) is None


def test_a_token_is_nobodys_from_the_moment_it_expires(tokens: Tokens) -> None:
    text, token = tokens.add("ana", "analyst", datetime.now(UTC) + SOON)
    assert tokens.holder(text) == token
    data = json.loads(tokens.path.read_text())
    data["tokens"][0]["expires"] = datetime.now(UTC).isoformat()
    tokens.path.write_text(json.dumps(data))
    assert tokens.holder(text) is None
    assert len(tokens.all()) == 1


def test_a_token_that_would_have_expired_is_not_made(tokens: Tokens) -> None:
    with pytest.raises(UsageError, match="expired already"):
        tokens.add("ana", "analyst", datetime.now(UTC) - SOON)
    assert not tokens.path.exists()


@pytest.mark.parametrize("principal", ["", "  ", "a\nb", "a\x1b[31m", "x" * 201])
def test_a_principal_is_one_printable_line(tokens: Tokens, principal: str) -> None:
    with pytest.raises(UsageError, match="no name of a principal"):
        tokens.add(principal, "analyst")


def test_an_unknown_id_is_not_revoked_and_the_known_ones_are_named(tokens: Tokens) -> None:
    _, token = tokens.add("ana", "analyst")
    with pytest.raises(UsageError) as caught:
        tokens.revoke("t-nothing")
    assert caught.value.hint == f"there is: {token.id}"


def test_a_change_by_another_process_is_seen_at_the_next_request(tokens: Tokens) -> None:
    text, token = tokens.add("ana", "analyst")
    serving = Tokens(tokens.path.parent)
    assert serving.holder(text) == token
    tokens.revoke(token.id)
    assert serving.holder(text) is None


def test_a_file_that_others_may_read_is_not_trusted(tokens: Tokens) -> None:
    text, _ = tokens.add("ana", "analyst")
    tokens.path.chmod(0o644)
    with pytest.raises(ContractError) as caught:
        tokens.holder(text)
    assert caught.value.hint == f"chmod 600 {tokens.path}"


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"version": 2, "key": "", "tokens": []}', '{"version": 1, "key": "xx", "tokens": []}',
     '{"version": 1, "key": "00", "tokens": [{"id": "t-1"}]}',
     '{"version": 1, "key": "0", "tokens": [], "more": 1}',
     json.dumps({"version": 1, "key": "00", "tokens": [_TOKEN | {"expires": "soon"}]}),
     json.dumps({"version": 1, "key": "00", "tokens": [_TOKEN | {"expires": "2099-01-01"}]})],
)  # fmt: skip
def test_a_file_that_is_not_ours_is_said_to_be_none(tokens: Tokens, content: str) -> None:
    tokens.add("ana", "analyst")
    tokens.path.write_text(content)
    with pytest.raises(ContractError, match="is not a file of tokens"):
        tokens.holder("x")
    with pytest.raises(ContractError, match="is not a file of tokens"):
        tokens.add("bot", "analyst")
    assert tokens.path.read_text() == content


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_folder_that_can_not_be_written_is_an_engine_error(tokens: Tokens) -> None:
    tokens.path.parent.mkdir()
    tokens.path.parent.chmod(0o500)
    with pytest.raises(EngineError, match="can't be written"):
        tokens.add("ana", "analyst")


def test_tokens_that_several_processes_add_at_once_are_all_there(tokens: Tokens) -> None:
    program = "import sys; from gateway.mcp_server.tokens import Tokens; from pathlib import Path\n"
    program += "for n in range(10): Tokens(Path(sys.argv[1])).add(f'p{n}', 'analyst')"
    writers = [subprocess.Popen([sys.executable, "-c", program, str(tokens.path.parent)]) for _ in range(3)]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0, 0]
    assert len(tokens.all()) == 30
