"""Every result says how it was made: method, level, sidedness, arms, and a reason code where there is no answer."""

import dataclasses
import inspect
from pathlib import Path
from typing import Any

import pytest

import gateway.stats as kernel
from gateway.stats import Correction, Flag, LiftMethod, Method, ReasonCode, VariantStats
from tests.stats.forms import FORMS, World

DOCUMENT = Path(__file__).parents[2] / "docs" / "statistics.md"
MADE_OF_ARMS = {
    "Adjusted",
    "Bootstrap",
    "Comparison",
    "Equivalence",
    "Look",
    "NonInferiority",
    "OneSided",
    "PostStratified",
    "Posterior",
    "ProportionInterval",
    "QuantileComparison",
    "RankTest",
}
"""What one pair of arms gives."""
OTHERS = {
    "ArmChance": ("method", "stats", "desired"),
    "QuantileEstimate": ("method", "level", "alternative", "arm"),
    "SrmResult": ("method", "level", "observed", "expected", "code"),
    "SequentialSrm": ("method", "level", "observed", "expected", "code"),
    "Corrected": ("correction", "family", "size"),
    "SampleSize": ("design", "baseline"),
    "MinimumEffect": ("design", "baseline"),
    "GroupSequential": ("spending", "level", "one_sided"),
}


@pytest.mark.parametrize("name", sorted(MADE_OF_ARMS))
def test_a_result_of_a_pair_names_method_level_side_and_arms(name: str) -> None:
    kind = getattr(kernel, name)
    fields = {field.name for field in dataclasses.fields(kind)}
    assert {"method", "level", "alternative", "control", "treatment"} <= fields
    assert kind.__dataclass_params__.frozen
    assert "__slots__" in vars(kind)


@pytest.mark.parametrize("name", sorted(OTHERS))
def test_other_results_name_what_they_were_made_from(name: str) -> None:
    assert set(OTHERS[name]) <= {field.name for field in dataclasses.fields(getattr(kernel, name))}


def test_every_columns_type_is_frozen_and_can_say_why_not() -> None:
    """Columns that a pair's function gives have a column of reasons, of their own or of the comparison they read."""
    for form in FORMS.values():
        columns = form.vector(World(1))
        if isinstance(columns, dict | kernel.InferenceColumns):
            continue
        held = getattr(columns, "rows", columns)
        assert hasattr(held, "reason"), type(columns).__name__
        assert type(columns).__dataclass_params__.frozen


def test_every_reason_code_is_given_by_something() -> None:
    source = "".join(path.read_text() for path in Path(inspect.getfile(kernel)).parent.glob("*.py"))
    assert [code.name for code in ReasonCode if source.count(f"ReasonCode.{code.name}") == 0] == []


def listed(heading: str) -> list[str]:
    """The codes in the first column of the table below a heading of the document."""
    text = DOCUMENT.read_text(encoding="utf-8").split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| `")]
    return [cell.strip("`") for cell in rows]


@pytest.mark.parametrize(
    ("heading", "names"),
    [
        ("Reason codes", ReasonCode),
        ("Methods by name", Method),
        ("Lift methods", LiftMethod),
        ("Corrections", Correction),
        ("Flags", Flag),
    ],
)
def test_the_document_lists_every_name_that_a_result_may_carry(heading: str, names: Any) -> None:
    assert sorted(listed(heading)) == sorted(member.value for member in names)


def test_every_public_function_is_in_the_document() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    functions = [name for name in kernel.__all__ if inspect.isfunction(getattr(kernel, name))]
    assert [name for name in functions if f"`{name}`" not in text] == []


def test_a_stored_result_can_be_made_again_from_its_arms() -> None:
    control, treatment = VariantStats.from_sums(90, 400.0, 2_000.0), VariantStats.from_sums(80, 380.0, 2_100.0)
    found = kernel.compare(control, treatment, level=0.9)
    assert isinstance(found, kernel.Comparison)
    assert kernel.compare(found.control, found.treatment, level=found.level) == found
