"""The kept form of a contract: the same contract, sooner; and never a stale or a broken one."""

from pathlib import Path

import pytest

from gateway.errors import ContractError
from gateway.semantic.load import load_contract

TEXT = """\
version: 1
assets:
  dim_shops:
    description: One row per shop.
    grain: [shop_id]
    columns:
      shop_id: {type: string, role: key}
      visits: {type: integer, role: measure, additive: none}
roles:
  analyst: {assets: "*"}
"""


def written(folder: Path, text: str = TEXT) -> Path:
    path = folder / "layer.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def kept(folder: Path) -> Path:
    return folder / "cache" / "semantic_layer.json"


def test_what_is_recalled_is_what_was_read(tmp_path: Path) -> None:
    path = written(tmp_path)
    read = load_contract(path, cache=tmp_path / "cache")
    assert kept(tmp_path).is_file()
    assert load_contract(path, cache=tmp_path / "cache") == read == load_contract(path)


def test_the_second_time_yaml_is_not_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path)
    read = load_contract(path, cache=tmp_path / "cache")
    monkeypatch.delattr("gateway.semantic.load.parse")
    assert load_contract(path, cache=tmp_path / "cache") == read


def test_an_edited_file_is_read_again(tmp_path: Path) -> None:
    load_contract(written(tmp_path), cache=tmp_path / "cache")
    edited = load_contract(written(tmp_path, TEXT.replace("One row", "A row")), cache=tmp_path / "cache")
    assert edited.assets["dim_shops"].description == "A row per shop."


def test_a_file_that_broke_is_not_answered_from_the_cache(tmp_path: Path) -> None:
    load_contract(written(tmp_path), cache=tmp_path / "cache")
    with pytest.raises(ContractError):
        load_contract(written(tmp_path, TEXT.replace("version: 1", "version: 2")), cache=tmp_path / "cache")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\xff\xfe", id="not text"),
        pytest.param(None, id="cut short"),
    ],
)
def test_a_broken_cache_only_costs_time(tmp_path: Path, content: bytes | None) -> None:
    path = written(tmp_path)
    read = load_contract(path, cache=tmp_path / "cache")
    whole = kept(tmp_path).read_bytes()
    kept(tmp_path).write_bytes(whole[:-20] if content is None else content)
    assert load_contract(path, cache=tmp_path / "cache") == read
    assert kept(tmp_path).read_bytes() == whole


def test_a_cache_that_cannot_be_written_only_costs_time(tmp_path: Path) -> None:
    path = written(tmp_path)
    (tmp_path / "cache").write_text("a file where the folder should be", encoding="utf-8")
    assert load_contract(path, cache=tmp_path / "cache") == load_contract(path)
