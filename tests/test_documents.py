"""YAML as plain data, with lines."""

import subprocess
import sys
from pathlib import Path

import pytest

from gateway.documents import dotted, parse


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: yes", True),
        ("a: 12", 12),
        ("a: 1_000", 1000),
        ("a: 2.5", 2.5),
        ("a: ~", None),
        ("a:", None),
        ("a: 2026-02-01", "2026-02-01"),
        ("a: '12'", "12"),
        ("a: !!str 12", "12"),
        ("a: |\n  two\n  lines\n", "two\nlines\n"),
    ],
)
def test_values_are_read_by_the_rules_of_yaml_except_dates(text: str, value: object) -> None:
    assert parse(text, "f").data == {"a": value}


def test_keys_are_the_text_that_is_written() -> None:
    assert parse("{on: 1, yes: 2, 3: 4, null: 5}", "f").data == {"on": 1, "yes": 2, "3": 4, "null": 5}


def test_a_place_has_the_line_of_its_key_or_of_what_is_around_it() -> None:
    document = parse("# head\na:\n  b:\n    - x\n    - c: 1\n", "f")
    places = [(), ("a",), ("a", "b"), ("a", "b", 0), ("a", "b", 1, "c"), ("a", "b", 7), ("z",)]
    assert [document.line(place) for place in places] == [1, 2, 3, 4, 5, 3, 1]


def test_places_are_written_as_people_do() -> None:
    assert dotted(("assets", "fct", "joins", 0, "to")) == "assets.fct.joins[0].to"


def test_both_readers_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    import yaml

    text = "a: {b: [1, 2.0, null], on: &x yes}\nc: *x\n"
    compiled = parse(text, "f")
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    assert parse(text, "f").data == compiled.data == {"a": {"b": [1, 2.0, None], "on": True}, "c": True}


def test_settings_and_a_kept_contract_need_no_yaml(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("work")
    code = (
        "import sys; from pathlib import Path; from gateway.settings import load_settings; "
        "from gateway.semantic.load import load_contract; load_contract(load_settings().semantic, Path('kept')); "
        "print(sorted({'yaml', 'duckdb', 'numpy', 'rich', 'sqlglot', 'difflib'} & set(sys.modules)))"
    )
    assert [_printed(code, folder) for _ in range(2)] == ["['yaml']", "[]"]


def _printed(code: str, folder: Path) -> str:
    run = [sys.executable, "-c", code]
    done = subprocess.run(run, cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()
