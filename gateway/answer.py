"""The answer's wire shape: what `--json` prints, what tools return and what the audit log keeps.

Absent parts are null or empty, never left out. Proportions are fractions, lifts are relative to |control mean|,
intervals are 95 % unless asked otherwise.
"""

import math
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Status = Literal["answered", "blocked", "clarify", "error"]
Verdict = Literal["better", "worse", "inconclusive", "unreliable"]
Basis = Literal["fixed", "always_valid"]
LimitSource = Literal["caller", "role", "engine", "agent"]


def _finite_or_null(value: object) -> object:
    """NaN and infinity are not JSON, and are never an answer: they become null."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


Number = Annotated[float | None, BeforeValidator(_finite_or_null)]
Cell = Annotated[str | int | float | bool | None, BeforeValidator(_finite_or_null)]


class _Value(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ArmValue(_Value):
    """One arm: units analysed, and the metric's value per unit (a proportion, a mean or a ratio)."""

    n: int | None = None
    value: Number = None


class Estimate(_Value):
    """A point with its interval. All three are null where inference is not computable."""

    value: Number = None
    ci_low: Number = None
    ci_high: Number = None


class SrmStatus(_Value):
    """Sample ratio mismatch of the experiment in this population."""

    status: Literal["ok", "mismatch", "not_computable"] = "not_computable"
    p_value: Number = None


class Quality(_Value):
    """Exposure quality of the experiment: shares of assigned units, and what a reader must know beside them."""

    exposure_rate: Number = None
    valid_exposure_rate: Number = None
    mature_share: Number = None
    flags: list[str] = Field(default_factory=list)


class Cuped(_Value):
    """The same effect after CUPED: adjusted for what the units did before the experiment."""

    difference: Estimate = Estimate()
    lift: Estimate = Estimate()
    p_value: Number = None
    variance_reduction: Number = None
    """Share of the difference's variance that adjusting took away; negative where it added some."""
    covariate_p_value: Number = None
    """Of the covariate being equal in both arms: tiny where they differed before the experiment."""
    judged: bool = False
    """True where the metric's definition asks for CUPED: the evidence's own numbers and verdict are then these."""


class Evidence(_Value):
    """What is known about one treatment against control, on one metric, in one population and segment."""

    experiment_id: str
    metric_id: str
    variation_id: str
    control_variation_id: str
    analysis_population: Literal["itt", "exposed"]
    dimension: str | None = None
    dimension_value: str | None = None
    control: ArmValue = ArmValue()
    treatment: ArmValue = ArmValue()
    difference: Estimate = Estimate()
    lift: Estimate = Estimate()
    p_value: Number = None
    p_value_adjusted: Number = None
    chance_to_win: Number = None
    statsig: str = ""
    decision: str | None = None
    verdict: Verdict = "inconclusive"
    basis: Basis = "fixed"
    srm: SrmStatus = SrmStatus()
    quality: Quality = Quality()
    not_computable: str | None = None
    cuped: Cuped | None = None
    """Null where the metric has no covariate."""
    chance_to_be_best: Number = None
    """Among all arms, control included; null with a single treatment."""
    expected_loss: Number = None
    """What choosing this arm is expected to cost against the best one, in the metric's unit; null likewise."""
    p_value_looks: Number = None
    """The p-value corrected over all that this conversation has examined of the experiment: see `Answer.looks`."""


class Table(_Value):
    """Rows beside the evidence: a listing, a ranking, a trend, a statement's result."""

    columns: list[str] = Field(default_factory=list)
    rows: list[list[Cell]] = Field(default_factory=list)
    truncated: bool = False
    """True where there were more rows than `limit` lets through."""
    row_count: int = 0
    """Rows that were read. More than `rows` holds only where an agent is shown the first of them."""
    limit: int | None = None
    """The bound that the rows were held to; null where nothing bounds them, as for what is no query's result."""
    limit_source: LimitSource | None = None
    """Who set it: the caller's own LIMIT, the role's cap, the engine, or the space that an agent is given."""

    @model_validator(mode="before")
    @classmethod
    def _counted(cls, given: Any) -> Any:
        """A table that is not a part of another one counts its own rows."""
        if isinstance(given, dict) and "row_count" not in given:
            return {**given, "row_count": len(given.get("rows", ()))}
        return given

    def with_rows(self, rows: list[list[Cell]]) -> "Table":
        """The same table with other rows, and counted again."""
        return self.model_copy(update={"rows": rows, "row_count": len(rows)})


class ViolationInfo(_Value):
    """One reason for a refusal; `line` and `column` count from 1 in the caller's text, 0 where unknown."""

    rule: str
    message: str
    hint: str = ""
    line: int = 0
    column: int = 0
    token: str = ""
    """What stands at that place, or the argument that is wrong."""
    allowed: list[str] = Field(default_factory=list)
    """What could stand there instead, nearest first; only what the caller's role may use."""


class QueryInfo(_Value):
    """One statement of this answer: what was proposed, and what the guard made of it."""

    proposed: str
    approved: str = ""
    verdict: Literal["approved", "refused"]
    warnings: list[str] = Field(default_factory=list)
    violations: list[ViolationInfo] = Field(default_factory=list)


class Looks(_Value):
    """What a conversation has examined of one experiment so far, this answer included."""

    experiment_id: str
    metrics: int = 0
    variations: int = 0
    populations: int = 0
    segments: int = 0
    """Values of dimensions; the whole of a population is none."""
    days: int = 0
    """Days of a trend that were shown. Their intervals are made for looking daily, so they add no comparison."""
    looks: int = 0
    """States of the data that it was examined in: asking again of the same data is no new look."""
    comparisons: int = 0
    """Distinct hypotheses that were tested: the family that `p_value_looks` is corrected over."""
    method: Literal["holm"] = "holm"


class Answer(_Value):
    """One answer. `text` reads on its own; `evidence` is what it rests on."""

    status: Status
    question: str = ""
    interpretation: str = ""
    text: str = ""
    evidence: list[Evidence] = Field(default_factory=list)
    table: Table = Table()
    queries: list[QueryInfo] = Field(default_factory=list)
    choices: list[str] = Field(default_factory=list)
    warnings: list[str] = Field(default_factory=list)
    audit_id: str = ""
    looks: list[Looks] = Field(default_factory=list)
    """One for each experiment in the evidence."""
    problems: list[ViolationInfo] = Field(default_factory=list)
    """What is wrong with the request itself: arguments that do not fit, names that are not there. Why a statement
    was refused stands with the statement, in `queries`."""
