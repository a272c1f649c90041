"""Arms handed in as sufficient statistics: the same comparison that the marts hold, for numbers from elsewhere."""

import math
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, WithJsonSchema, model_validator

from gateway.answer import ArmValue, Basis, Estimate, Evidence, Quality, SrmStatus, Table, Verdict
from gateway.errors import UsageError
from gateway.experiments.ledger import HANDED_IN
from gateway.tools.base import Arguments, Population, Tool, ToolContext, ToolResult
from gateway.tools.permission import NOTHING
from gateway.tools.reading import whole

if TYPE_CHECKING:
    from gateway.stats import ArmColumns, ComparisonColumns, RatioStats, SrmResult, VariantStats

Finite = Annotated[float, Field(allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
_PAIRS = (("conversions",), ("mean", "m2"), ("sum", "sum_squares"))
_COLUMNS = (
    "arm", "n", "value", "difference", "ci_low", "ci_high", "lift", "lift_ci_low", "lift_ci_high", "p_value",
    "p_value_adjusted", "sequential_ci_low", "sequential_ci_high", "sequential_lift_ci_low",
    "sequential_lift_ci_high", "sequential_p_value", "chance_to_win", "chance_to_be_best", "expected_loss",
    "not_computable", "lift_not_computable",
)  # fmt: skip
_MEASURED = tuple(name for name in _COLUMNS[3:17] if name != "p_value_adjusted")
"""Columns that the kernel's own have under the same names."""


class Moments(Arguments):
    """One variable of one arm: mean and m2 (sum of squared deviations from the mean), or sum and sum_squares."""

    mean: Finite | None = None
    m2: NotNegative | None = None
    sum: Finite | None = None
    sum_squares: NotNegative | None = None


class ArmGiven(Moments):
    """n with mean and m2, with sum and sum_squares, or with conversions."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    n: Annotated[int, Field(ge=0, le=10**15)]
    conversions: Annotated[int, Field(ge=0)] | None = None
    denominator: Annotated[
        Moments | None,
        WithJsonSchema({"type": "object", "description": "of a ratio: mean and m2, or sum and sum_squares"}),
    ] = None
    """Of a ratio, over the same units."""
    cross_m2: Finite | None = Field(default=None, description="of a ratio: numerator with denominator")
    """Sum of products of their deviations."""

    @model_validator(mode="after")
    def _one_form(self) -> "ArmGiven":
        _one_form(self, f"arm {self.name!r}")
        _possible(self, self.n, f"arm {self.name!r}")
        if self.denominator is not None:
            _one_form(self.denominator, f"the denominator of {self.name!r}")
            _possible(self.denominator, self.n, f"the denominator of {self.name!r}")
        if self.conversions is not None and self.conversions > self.n:
            raise ValueError(f"arm {self.name!r} has {self.conversions:,} conversions of {self.n:,} units")
        return self


def _one_form(given: Any, who: str) -> None:
    """Exactly one form, and all of it: half of one is not guessed from the other."""
    named = [form for form in _PAIRS if any(getattr(given, name, None) is not None for name in form)]
    if len(named) != 1 or any(getattr(given, name, None) is None for name in named[0]):
        raise ValueError(f"{who} needs one of: conversions; mean and m2; sum and sum_squares")


def _possible(given: Moments, n: int, who: str) -> None:
    """Sums of squares can't be smaller than the mean alone makes them; rounding is forgiven."""
    if given.sum is None or given.sum_squares is None or not n:
        return
    least = given.sum / n * given.sum
    if given.sum_squares < least * (1 - 1e-9):
        raise ValueError(f"{who}: its sum alone makes sum_squares {least:.6g} or more, not {given.sum_squares:.6g}")


class CompareArguments(Arguments):
    arms: Annotated[tuple[ArmGiven, ...], Field(min_length=2, max_length=50)]
    population: Population
    control: str | None = Field(default=None, description="default: the first arm")
    metric: str = "metric"
    aggregation: Literal["occurrence", "count", "sum", "mean", "ratio"] | None = Field(
        default=None, description="default: occurrence of conversions, else mean"
    )
    desired: Literal["increase", "decrease"] = "increase"
    running: bool = Field(description="still looked at: always-valid interval")
    shares: dict[str, NotNegative] | None = Field(default=None, description="planned, by arm: for SRM")
    level: Annotated[float, Field(ge=0.5, lt=1)] = 0.95
    correction: Literal["holm", "hochberg", "bonferroni", "benjamini_hochberg"] = "holm"


def compare_arms(_: ToolContext, arguments: CompareArguments) -> ToolResult:
    """Each treatment against control, from n with mean and m2, sum and sum_squares, or conversions. Reads no mart."""
    from gateway.stats import ArmColumns, compare_columns, correct

    control, treatments = _sorted(arguments)
    kind = _aggregation(arguments)
    arms = [_stats(arm, kind) for arm in (control, *treatments)]
    compared = compare_columns(
        ArmColumns.from_stats(arms[:1] * len(treatments)), ArmColumns.from_stats(arms[1:]),
        aggregation=kind, desired=arguments.desired, running=arguments.running, level=arguments.level,
    )  # fmt: skip
    judged = compared.sequential_p_value if arguments.running else compared.p_value
    adjusted = correct(judged, correction=arguments.correction, family="treatments").p_value_adjusted
    srm = _srm(arguments)
    evidence = tuple(
        _evidence(arguments, compared, i, float(adjusted[i]), srm, control.name, arm.name)
        for i, arm in enumerate(treatments)
    )
    table = _table(arguments, compared, adjusted, [control.name, *(arm.name for arm in treatments)], arms, kind)
    return ToolResult(evidence, table, _words(arguments, len(treatments), srm), _warnings(srm))


def _sorted(arguments: CompareArguments) -> tuple[ArmGiven, list[ArmGiven]]:
    names = [arm.name for arm in arguments.arms]
    if len(set(names)) < len(names):
        raise UsageError("two arms have the same name", hint="merge them first, or name them apart")
    wanted = arguments.control or names[0]
    if wanted not in names:
        raise UsageError(f"no arm named {wanted!r} to be the control", hint=f"there is: {', '.join(names)}")
    control = next(arm for arm in arguments.arms if arm.name == wanted)
    return control, [arm for arm in arguments.arms if arm is not control]


def _aggregation(arguments: CompareArguments) -> str:
    by_count = [arm.conversions is not None for arm in arguments.arms]
    if any(by_count) and not all(by_count):
        raise UsageError("some arms have conversions, and others moments", hint="give every arm in the same form")
    kind = arguments.aggregation or ("occurrence" if by_count[0] else "mean")
    if by_count[0] and kind != "occurrence":
        raise UsageError(f"conversions say nothing of a {kind}", hint="mean and m2, or sum and sum_squares")
    for arm in arguments.arms:
        complete = arm.denominator is not None and arm.cross_m2 is not None
        partly = arm.denominator is not None or arm.cross_m2 is not None
        if (kind == "ratio") != complete or partly != complete:
            raise UsageError(
                f"arm {arm.name!r}: a ratio takes a denominator and cross_m2, and nothing else takes them",
                hint="aggregation: ratio",
            )
    return kind


def _stats(arm: ArmGiven, kind: str) -> "VariantStats | RatioStats":
    from gateway.stats import RatioStats, VariantStats

    if arm.conversions is not None:
        rate = arm.conversions / arm.n if arm.n else math.nan
        return VariantStats.from_moments(arm.n, rate, arm.n * rate * (1.0 - rate))
    top = _variable(arm, arm.n)
    if kind != "ratio" or arm.denominator is None or arm.cross_m2 is None:
        return top
    return RatioStats(top, _variable(arm.denominator, arm.n), arm.cross_m2)


def _variable(given: Moments, n: int) -> "VariantStats":
    from gateway.stats import VariantStats

    if given.mean is not None and given.m2 is not None:
        return VariantStats.from_moments(n, given.mean, given.m2)
    return VariantStats.from_sums(n, given.sum or 0.0, given.sum_squares or 0.0)


def _srm(arguments: CompareArguments) -> "SrmResult | None":
    """Against the planned shares, exactly where two arms have few units. None: no shares were given."""
    if arguments.shares is None:
        return None
    from gateway.stats import check_srm, check_srm_exact

    observed = {arm.name: arm.n for arm in arguments.arms}
    unknown = sorted(set(arguments.shares) - set(observed))
    if unknown:
        raise UsageError(
            f"a share is planned for {unknown[0]!r}, and no such arm was handed in",
            hint="an arm without units is handed in with n = 0: that is a mismatch of its own",
        )
    few = sum(observed.values()) <= 100 and len(arguments.shares) == 2
    return (check_srm_exact if few else check_srm)(observed, arguments.shares)


def _evidence(
    arguments: CompareArguments,
    compared: "ComparisonColumns",
    i: int,
    adjusted: float,
    srm: "SrmResult | None",
    control: str,
    treatment: str,
) -> Evidence:
    basis: Basis = "always_valid" if arguments.running else "fixed"
    prefix = "sequential_" if arguments.running else ""

    def interval(name: str) -> tuple[float | None, float | None]:
        low, high = (float(getattr(compared, f"{prefix}{name}_{end}")[i]) for end in ("low", "high"))
        return _known(low), _known(high)

    low, high = interval("ci")
    unreliable = srm is not None and srm.status == "mismatch"
    reason = compared.reason[i]
    return Evidence(
        experiment_id=HANDED_IN,
        metric_id=arguments.metric,
        variation_id=treatment,
        control_variation_id=control,
        analysis_population=arguments.population,
        control=_value(compared.control, compared.control_value, i),
        treatment=_value(compared.treatment, compared.treatment_value, i),
        difference=Estimate(value=float(compared.difference[i]), ci_low=low, ci_high=high),
        lift=whole(_known(float(compared.lift[i])), *interval("lift_ci")),
        p_value=float(compared.sequential_p_value[i] if arguments.running else compared.p_value[i]),
        p_value_adjusted=adjusted,
        chance_to_win=float(compared.chance_to_win[i]),
        statsig=str(compared.statsig[i]),
        verdict="unreliable" if unreliable else _verdict(arguments, adjusted, low, high),
        basis=basis,
        srm=SrmStatus() if srm is None else SrmStatus(status=srm.status.value, p_value=srm.p_value),
        quality=Quality(flags=[str(flag) for flag in compared.flags(i)]),
        not_computable=None if reason is None else compared.reason_text(i, reason),
    )


def _value(arms: "ArmColumns", value: Any, i: int) -> ArmValue:
    return ArmValue(n=int(arms.n[i]), value=float(value[i]))


def _verdict(arguments: CompareArguments, adjusted: float, low: float | None, high: float | None) -> Verdict:
    """As the marts judge: by the interval of the basis, and only where the corrected p-value agrees."""
    if low is None or high is None or not adjusted < 1 - arguments.level or low <= 0 <= high:
        return "inconclusive"
    return "better" if (low > 0) == (arguments.desired == "increase") else "worse"


def _table(
    arguments: CompareArguments, compared: "ComparisonColumns", adjusted: Any, names: list[str], arms: list[Any],
    kind: str,
) -> Table:  # fmt: skip
    """Both bases side by side, and among all arms the chance to be best; control first."""
    from gateway.stats import NotComputable, chance_to_be_best

    best = chance_to_be_best(dict(zip(names, arms, strict=True)), aggregation=kind, desired=arguments.desired)
    chances = {} if isinstance(best, NotComputable) else {arm.arm: arm for arm in best}
    first = chances.get(names[0])
    top: dict[str, Any] = {"arm": names[0], "n": int(compared.control.n[0]), "value": float(compared.control_value[0])}
    rows = [top | _best(first)]
    for i, name in enumerate(names[1:]):
        row = {"arm": name, "n": int(compared.treatment.n[i]), "value": float(compared.treatment_value[i])}
        row |= {column: _known(float(getattr(compared, column)[i])) for column in _MEASURED}
        row["p_value_adjusted"] = _known(float(adjusted[i]))
        reasons = {"not_computable": compared.reason[i], "lift_not_computable": compared.lift_reason[i]}
        told = {key: None if code is None else compared.reason_text(i, code) for key, code in reasons.items()}
        rows.append(row | told | _best(chances.get(name)))
    return Table(columns=list(_COLUMNS), rows=[[row.get(column) for column in _COLUMNS] for row in rows])


def _best(chance: Any) -> dict[str, float]:
    if chance is None:
        return {}
    return {"chance_to_be_best": chance.chance_to_be_best, "expected_loss": chance.expected_loss}


def _words(arguments: CompareArguments, treatments: int, srm: "SrmResult | None") -> str:
    words = ["These arms were handed in, and read from no mart."]
    if treatments > 1:
        words.append(
            f"P-values are corrected over {treatments} treatments ({arguments.correction.replace('_', '-').title()})."
        )
    if srm is None:
        words.append("Without planned shares there is no sample ratio check.")
    elif srm.status == "not_computable":
        words.append(f"The sample ratio check has no answer: {srm.reason}.")
    return " ".join(words)


def _warnings(srm: "SrmResult | None") -> tuple[str, ...]:
    if srm is None or srm.status != "mismatch":
        return ()
    return (f"sample ratio mismatch: {srm.reason}; the effect is not trustworthy",)


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


TOOLS = (Tool("compare_arms", "Compare arms handed in", CompareArguments, compare_arms, NOTHING),)
