"""Kept scorecards: what is put comes back to the letter, whatever the experiment is called, and is never half there."""

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from gateway.adapters.scorecard_files import ScorecardFiles
from gateway.errors import ContractError, EngineError
from gateway.experiments.scorecards import Kept

KEPT = Kept(
    {"srm_p_value": 0.1 + 0.2, "metrics": [{"n": 2**60, "sum": 1e-300}], "control": None},
    datetime(2026, 2, 5, 10, 0, 0, 123456),
    datetime(2026, 2, 6),
    None,
    None,
)


@pytest.fixture
def files(tmp_path: Path) -> ScorecardFiles:
    return ScorecardFiles(tmp_path / "scorecards")


def test_what_is_put_comes_back_to_the_letter(files: ScorecardFiles) -> None:
    assert files.get("exp", "exposed.fieller") is None
    files.put("exp", "exposed.fieller", KEPT)
    assert files.get("exp", "exposed.fieller") == KEPT
    failed = replace(KEPT, last_error="away", last_error_at=datetime(2026, 2, 7), closes_at=datetime(2026, 3, 1))
    files.put("exp", "exposed.fieller", failed)
    found = files.get("exp", "exposed.fieller")
    assert found == failed
    assert json.dumps(found.document()) == json.dumps(failed.document())
    assert files.get("exp", "itt.fieller") is None


NAMES = ("exp", "Exp", "../up", "a/b", ".", "", "x" * 400, "x" * 399 + "y", "é ☃", "exp.itt", "a\nb", "%2E", "con:")


def test_every_id_has_a_file_of_its_own(files: ScorecardFiles) -> None:
    for name in NAMES:
        files.put(name, "itt.delta", replace(KEPT, last_error=name))
    found = [files.get(name, "itt.delta") for name in NAMES]
    assert [kept and kept.last_error for kept in found] == list(NAMES)
    written = sorted(files.folder.parent.rglob("*"))
    assert {file.parent for file in written if file.is_file()} == {files.folder}
    assert len({str(file).casefold() for file in written if file.is_file()}) == len(NAMES)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"version": 9}', '{"version": 1, "experiment_id": "exp", "kept": {}}']
)
def test_a_damaged_file_is_named(files: ScorecardFiles, text: str) -> None:
    files.put("exp", "itt.delta", KEPT)
    place = Path(files.place("exp", "itt.delta"))
    place.write_text(text)
    with pytest.raises(ContractError, match=r"exp\.itt\.delta\.json can't be read") as error:
        files.get("exp", "itt.delta")
    assert "Move the file away" in error.value.hint


def test_a_folder_that_cannot_be_written(files: ScorecardFiles) -> None:
    files.folder.parent.joinpath("scorecards").write_text("in the way")
    with pytest.raises(EngineError, match="can't be kept in"):
        files.put("exp", "itt.delta", KEPT)


def test_a_number_that_is_none_leaves_the_last_one(files: ScorecardFiles) -> None:
    files.put("exp", "itt.delta", KEPT)
    with pytest.raises(ValueError, match="not JSON compliant"):
        files.put("exp", "itt.delta", replace(KEPT, payload={"sum": float("nan")}))
    assert files.get("exp", "itt.delta") == KEPT
    assert [file.suffix for file in files.folder.iterdir()] == [".json"]


def test_all_of_them_can_be_dropped(files: ScorecardFiles) -> None:
    files.forget()
    files.put("exp", "itt.delta", KEPT)
    files.forget()
    assert files.get("exp", "itt.delta") is None
