"""What the README shows is what happens: its commands are run, and the output it prints is compared line by line."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import Demo

README = Path(__file__).parents[1] / "README.md"
REFUSED = 'gateway sql "select e.owner'
"""The one command that the README shows being refused."""


@dataclass(frozen=True, slots=True)
class Command:
    """One `$` line of a console block, and the output printed below it."""

    text: str
    output: str

    @property
    def program(self) -> str:
        return self.text.split()[0]


def commands() -> list[Command]:
    """Every command of the README's console blocks, in order."""
    found = []
    for block in re.findall(r"^```console\n(.*?)^```", README.read_text("utf-8"), flags=re.S | re.M):
        for part in re.split(r"^\$ ", block.replace("\\\n", " "), flags=re.M)[1:]:
            line, _, output = part.partition("\n")
            found.append(Command(re.sub(r"\s{2,}#\s.*$", "", line).strip(), output.strip()))
    return found


@pytest.fixture(scope="module")
def folder(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working directory with a copy of the demo world, and the file that the README imports."""
    folder = tmp_path_factory.mktemp("readme")
    demo.gateway.engine.close()
    shutil.copytree(demo.home, folder / ".gateway")
    arms = ("No mail", "Red mail")
    rows = [
        f"c{i},{arms[i % 2]},{int(i % 5 == 0 or i % 14 == 1)},{(i % 40) / 2},{i % 90},{'DE' if i % 3 else 'FR'}"
        for i in range(4_000)
    ]
    header = "customer_id,arm,visited,spend_usd,spend_before,country"
    (folder / "results.csv").write_text("\n".join([header, *rows]), "utf-8")
    return folder


@pytest.mark.parametrize("command", [c for c in commands() if c.program != "make"], ids=lambda c: c.text[:60])
def test_a_command_of_the_readme_does_what_it_shows(command: Command, folder: Path) -> None:
    done = _run(command.text, folder)
    assert done.returncode == (3 if command.text.startswith(REFUSED) else 0), done.stderr
    if command.output:
        assert _masked(done.stdout + done.stderr) == _masked(command.output)


def test_the_two_commands_are_targets_of_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z-]+):", README.with_name("Makefile").read_text("utf-8"), flags=re.M))
    shown = {c.text.split()[1] for c in commands() if c.program == "make"}
    assert {"demo", "test"} <= shown <= targets


def test_every_link_of_the_readme_leads_to_a_file() -> None:
    links = re.findall(r"\]\((?!http)([^)#]+)", README.read_text("utf-8"))
    assert links
    assert [link for link in links if not (README.parent / link).exists()] == []


def _run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "LANG": "C.UTF-8"}
    return subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def _masked(text: str) -> str:
    """Without what differs from run to run: audit ids and seconds; and without trailing blanks."""
    text = re.sub(r"q-[0-9a-z]{6,}", "q-…", text)
    text = re.sub(r"\b\d+\.\d+ s\b", "… s", text)
    return "\n".join(line.rstrip() for line in text.strip().splitlines())
