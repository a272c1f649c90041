"""docs/your-own-clickhouse.md, followed to the letter, over HTTP and on the engine in the process."""

import hashlib
import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import clickhouse_connect
import pytest

from gateway.adapters.clickhouse_address import Address
from tests.cli.conftest import Cli, Result
from tests.clickhouse import Database, http_server
from tests.clickhouse_users import config_for

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "your-own-clickhouse.md"
EXAMPLE = ROOT / "examples" / "clickhouse_byo"
EXIT_CODES = {"round(sum(revenue)": 3, "sum(conversion)": 3, "owner_email from": 3, "Did gift wrap": 4}
"""Of the commands that are shown being refused, or asked back."""
REST = "…"
"""On a line of its own: lines that the page leaves out."""


@dataclass(slots=True)
class Follower:
    """Does what the page says, one command after the other."""

    cli: Cli
    run_sql: Callable[[list[str]], None]
    """As an administrator."""
    become: Callable[[list[str]], str]
    """Puts the printed grants in force, and returns the address of their user."""
    url: str
    granted: list[str] = field(default_factory=list)
    outputs: dict[str, Result] = field(default_factory=dict)

    def follow(self) -> None:
        for command, _ in commands():
            program = command.split()[0]
            if program == "clickhouse-client":
                self._client(command.partition("< ")[2])
            elif program == "export":
                self.url = self.become(self.granted) if self.granted else self.url
            elif program == "gateway":
                self.outputs[command] = self._gateway(command)
            elif program == "sed":
                self._sed(command)

    def _client(self, name: str) -> None:
        statements = split((self.cli.folder / name).read_text("utf-8"))
        if name == "grants.sql":
            self.granted = statements
        else:
            self.run_sql(statements)

    def _gateway(self, command: str) -> Result:
        arguments, _, file = command.partition(" > ")
        result = self.cli(*shlex.split(arguments)[1:], GATEWAY_CLICKHOUSE_URL=self.url)
        if file:
            (self.cli.folder / file).write_text(result.out, "utf-8")
        return result

    def _sed(self, command: str) -> None:
        found = re.search(r"s/([^/]+)/([0-9a-f]{64})/' (\S+)", command)
        assert found
        file = self.cli.folder / found[3]
        assert found[1] in file.read_text("utf-8")
        file.write_text(file.read_text("utf-8").replace(found[1], found[2]), "utf-8")


def commands() -> list[tuple[str, str]]:
    """Every command of the page's console blocks, and what is printed below it."""
    blocks = re.findall(r"^```console\n(.*?)^```", PAGE.read_text("utf-8"), flags=re.S | re.M)
    parts = [part for block in blocks for part in re.split(r"^\$ ", block, flags=re.M)[1:]]
    return [(line.strip(), output.strip()) for line, _, output in (part.partition("\n") for part in parts)]


def split(text: str) -> list[str]:
    """Statements of a script, without its comments."""
    bare = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    return [statement.strip() for statement in bare.split(";\n") if statement.strip()]


def copied(folder: Path) -> Cli:
    shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True)
    return Cli(folder)


@pytest.fixture(scope="module")
def over_http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Follower]:
    """With a server whose user becomes the printed one where the page says so."""
    data = tmp_path_factory.mktemp("own") / "data"
    with ExitStack() as admin, ExitStack() as user:
        url = admin.enter_context(http_server(str(data)))
        address = Address.parse(url)

        def run_sql(statements: list[str]) -> None:
            with clickhouse_connect.get_client(
                host=address.host, port=address.port, username=address.user, password=address.password
            ) as client:
                for statement in statements:
                    client.command(statement)

        def become(statements: list[str]) -> str:
            admin.close()  # an engine has its folder alone
            return user.enter_context(http_server(config_for(statements, data))) + "/shop_ab"

        follower = Follower(copied(tmp_path_factory.mktemp("http")), run_sql, become, f"{url}/shop_ab")
        follower.follow()
        yield follower


@pytest.fixture(scope="module")
def in_process(tmp_path_factory: pytest.TempPathFactory, chdb_folder: Path) -> Iterator[Follower]:
    """With the engine in the process, which has one user whatever is granted."""
    database = Database("shop_ab")
    url = f"chdb://{chdb_folder}?database=shop_ab"

    def run_sql(statements: list[str]) -> None:
        for statement in statements:
            database.execute(statement)

    follower = Follower(copied(tmp_path_factory.mktemp("chdb")), run_sql, lambda _: url, url)
    follower.follow()
    yield follower
    database.close()


def shown() -> list[tuple[str, str]]:
    return [(command, output) for command, output in commands() if command.startswith("gateway ")]


@pytest.mark.parametrize(("command", "output"), shown(), ids=[command[:60] for command, _ in shown()])
def test_a_command_of_the_page_does_what_it_shows_over_http(command: str, output: str, over_http: Follower) -> None:
    result = over_http.outputs[command]
    assert result.code == next((code for part, code in EXIT_CODES.items() if part in command), 0), result.err
    if " > " not in command:
        assert matches(masked(result.out + result.err), masked(output)), result.out + result.err


@pytest.mark.parametrize(
    ("command", "output"),
    [(command, output) for command, output in shown() if "doctor" not in command],
    ids=[command[:60] for command, _ in shown() if "doctor" not in command],
)
def test_it_is_the_same_on_the_engine_in_the_process(command: str, output: str, in_process: Follower) -> None:
    result = in_process.outputs[command]
    assert result.code == next((code for part, code in EXIT_CODES.items() if part in command), 0), result.err
    if " > " not in command:
        assert matches(masked(result.out + result.err), masked(output)), result.out + result.err


def test_the_hash_on_the_page_is_the_passwords() -> None:
    page = PAGE.read_text("utf-8")
    (password,) = re.findall(r"printf %s '([^']+)' \| sha256sum", page)
    assert page.count(hashlib.sha256(password.encode()).hexdigest()) == 2


def test_every_link_of_the_page_leads_to_a_file() -> None:
    links = re.findall(r"\]\((?!http)([^)#]+)", PAGE.read_text("utf-8"))
    assert [link for link in links if not (PAGE.parent / link).exists()] == []


def masked(text: str) -> str:
    """Without what differs from place to place and run to run."""
    text = re.sub(r"q-[0-9a-z]{6,}", "q-…", text)
    text = re.sub(r"127\.0\.0\.1:\d+|chdb in \S+", "clickhouse.example.com:8443", text)
    text = re.sub(r"\breader\b", "gateway_analyst", text)
    return "\n".join(line.rstrip() for line in text.strip().splitlines() if line.strip())


def matches(found: str, expected: str) -> bool:
    """Line by line; where the page leaves lines out, any will do."""
    lines = [r"(?:.*\n)*" if line.strip() == REST else re.escape(line) + r"\n" for line in expected.splitlines()]
    return re.fullmatch("".join(lines), found + "\n") is not None
