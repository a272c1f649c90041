"""What the kernel answers: named, frozen results, and reasons where there is no answer.

Plain Python on purpose: readers of results (decisions, reports, the command line) import this without NumPy or SciPy.
Proportions are fractions; lifts are relative to |control value|; intervals are two-sided at `level`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.stats.sample import RatioStats, VariantStats

KERNEL_VERSION = "1.1.0"
"""Names the arithmetic that made a stored result. It changes whenever any stored number could."""

DEFAULT_LEVEL = 0.95
MIN_UNITS = 50
"""Units that each arm needs before inference is shown."""
MIN_CONVERSIONS = 5
"""Conversions that each arm of an occurrence metric needs before inference is shown."""
STABLE_BASELINE_ERRORS = 10.0
"""A control mean within this many standard errors of zero is an unstable baseline for a relative lift."""


class Aggregation(StrEnum):
    """How a metric's value per unit is made, which decides the test."""

    OCCURRENCE = "occurrence"
    COUNT = "count"
    SUM = "sum"
    MEAN = "mean"
    RATIO = "ratio"


class Desired(StrEnum):
    """The direction in which the metric should move."""

    INCREASE = "increase"
    DECREASE = "decrease"


class Basis(StrEnum):
    """Which interval judges: the fixed one after the end, the always-valid one while the experiment runs."""

    FIXED = "fixed"
    ALWAYS_VALID = "always_valid"


class Method(StrEnum):
    """What made a result; the first three are the tests of the difference."""

    WELCH = "welch"
    TWO_PROPORTION_Z = "two_proportion_z"
    RATIO_Z = "ratio_z"
    NEWCOMBE = "newcombe"
    NON_INFERIORITY = "non_inferiority"
    TWO_ONE_SIDED = "two_one_sided"
    GROUP_SEQUENTIAL = "group_sequential"
    CUPED = "cuped"
    POST_STRATIFICATION = "post_stratification"
    NORMAL_POSTERIOR = "normal_posterior"
    INDEPENDENT_POSTERIORS = "independent_posteriors"
    """Chance to be best: flat-prior normals, one per arm."""
    QUANTILE_RANKS = "quantile_ranks"
    BOOTSTRAP = "bootstrap"
    MANN_WHITNEY = "mann_whitney"
    CHI_SQUARED = "chi_squared"
    BINOMIAL = "binomial"
    """The exact test of two arms' split."""
    DIRICHLET_MULTINOMIAL = "dirichlet_multinomial"


class LiftMethod(StrEnum):
    """How the interval of the relative lift is made."""

    FIELLER = "fieller"
    DELTA = "delta"
    LOG = "log"


class Scale(StrEnum):
    """What an effect, a prior or a posterior is about."""

    DIFFERENCE = "difference"
    """Treatment minus control, in the metric's unit."""
    LIFT = "lift"
    """The difference over |control value|."""


class Alternative(StrEnum):
    """What a test looks for."""

    TWO_SIDED = "two_sided"
    GREATER = "greater"
    """Treatment above control."""
    LESS = "less"


class Correction(StrEnum):
    """How the p-values of a family were corrected."""

    HOLM = "holm"
    HOCHBERG = "hochberg"
    BONFERRONI = "bonferroni"
    BENJAMINI_HOCHBERG = "benjamini_hochberg"
    BENJAMINI_YEKUTIELI = "benjamini_yekutieli"
    PRIMARY_FIRST = "primary_first"


class ReasonCode(StrEnum):
    """Why there is no answer. Codes are stable: marts and tests keep them."""

    NO_CONTROL = "no_control"
    TOO_FEW_UNITS = "too_few_units"
    TOO_FEW_CONVERSIONS = "too_few_conversions"
    NOT_A_PROPORTION = "not_a_proportion"
    ZERO_DENOMINATOR = "zero_denominator"
    VARIANCE_UNDEFINED = "variance_undefined"
    ZERO_VARIANCE = "zero_variance"
    ZERO_BASELINE = "zero_baseline"
    """Lift only: the control mean is exactly zero."""
    LIFT_UNBOUNDED = "lift_unbounded"
    """Lift only: Fieller's interval has no end, since the control mean can't be told from zero."""
    LIFT_UNDEFINED = "lift_undefined"
    """Lift only: the log form needs two positive means."""
    COVARIATE_UNKNOWN = "covariate_unknown"
    """CUPED only: a moment of the covariate is missing."""
    EFFECT_OUT_OF_RANGE = "effect_out_of_range"
    """Planning only: a rate would leave 0 to 1."""
    EFFECT_UNREACHABLE = "effect_unreachable"
    """Planning only: no effect, or no number of units, reaches the power."""
    NO_TRAFFIC = "no_traffic"
    """Planning only: no units arrive."""
    QUANTILE_OUT_OF_REACH = "quantile_out_of_reach"
    """Quantiles only: too few observations beyond it for a rank interval."""
    THIN_STRATUM = "thin_stratum"
    """Post-stratification only: a stratum has fewer than two units in an arm."""
    NO_ERROR_SPENT = "no_error_spent"
    """Group-sequential looks only: the look comes before the design may spend any error."""
    SHARE_NOT_POSITIVE = "share_not_positive"
    """SRM only: an expected share is negative or not a number."""
    TOO_FEW_ARMS = "too_few_arms"
    """SRM only: fewer than two arms have an expected share."""
    NOT_TWO_ARMS = "not_two_arms"
    """SRM only: the exact test is for two arms."""


class Statsig(StrEnum):
    """A result in words; positive means in the metric's desired direction."""

    SIGNIFICANT_POSITIVE = "significant_positive"
    SIGNIFICANT_NEGATIVE = "significant_negative"
    DIRECTIONAL_POSITIVE = "directional_positive"
    DIRECTIONAL_NEGATIVE = "directional_negative"
    FLAT = "flat"
    INSUFFICIENT_DATA = "insufficient_data"


class Flag(StrEnum):
    """What a reader must know beside a number that is shown."""

    UNSTABLE_BASELINE = "unstable_baseline"
    LIFT_WITHHELD = "lift_withheld"


class GuardrailState(StrEnum):
    """What the data say of a guardrail: held, breached, or not yet told."""

    PASS = "pass"  # noqa: S105 - the state's name in the marts, not a password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


class SrmStatus(StrEnum):
    """Sample ratio mismatch of one experiment in one population."""

    OK = "ok"
    MISMATCH = "mismatch"
    NOT_COMPUTABLE = "not_computable"


@dataclass(frozen=True, slots=True)
class NotComputable:
    """No answer, and why. Never p = 1 or an interval of (0, 0) in its place."""

    reason: str
    """A sentence with the numbers that stood in the way."""
    code: ReasonCode


@dataclass(frozen=True, slots=True)
class Estimate:
    """A point with its two-sided interval."""

    value: float
    ci_low: float
    ci_high: float


@dataclass(frozen=True, slots=True)
class Sequential:
    """The always-valid part: it may be looked at every day without raising the error rate."""

    difference: Estimate
    lift: Estimate | NotComputable
    p_value: float
    tuning: float
    """Total units at which the sequence is tightest."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One treatment against control on one metric; difference is treatment minus control, in the metric's unit."""

    control: VariantStats | RatioStats
    treatment: VariantStats | RatioStats
    aggregation: Aggregation
    desired: Desired
    method: Method
    lift_method: LiftMethod
    level: float
    basis: Basis
    difference: Estimate
    standard_error: float
    """Of the difference, as its interval uses it."""
    statistic: float
    """t or z of the test that gave `p_value`."""
    dof: float
    """Welch's degrees of freedom; infinite for a normal test."""
    p_value: float
    """Two-sided, fixed horizon."""
    lift: Estimate | NotComputable
    sequential: Sequential
    chance_to_win: float
    """P(treatment mean > control mean), flipped where lower is better."""
    statsig: Statsig
    """By the p-value of `basis`."""
    flags: tuple[Flag, ...] = ()
    alternative: Alternative = Alternative.TWO_SIDED
    """What intervals and p-values look for."""


@dataclass(frozen=True, slots=True)
class NonInferiority:
    """A guardrail's test against its relative margin."""

    margin: float
    """Share of |control mean| that may be lost; NaN where none was agreed."""
    p_value: float
    """One-sided, fixed horizon: small where harm beyond the margin is ruled out."""
    state: GuardrailState
    level: float
    basis: Basis
    control: VariantStats | RatioStats | None = None
    treatment: VariantStats | RatioStats | None = None
    method: Method = Method.NON_INFERIORITY
    alternative: Alternative = Alternative.GREATER
    """Which side of the margin is looked for: greater where higher is better, less where lower is."""


@dataclass(frozen=True, slots=True)
class SrmResult:
    """Whether the split that was observed is the one that was planned; a test against any other split."""

    status: SrmStatus
    p_value: float | None
    """None only where `status` is not_computable, or where an arm is empty and no test is needed to see it."""
    reason: str
    """Empty when ok; otherwise what was found."""
    n_units: int
    """Units in arms that have an expected share."""
    n_unknown: int
    """Units in arms that have none: shown and counted, never tested."""
    expected: tuple[tuple[str, float], ...]
    """Normalised share per arm, in the order given."""
    method: Method = Method.CHI_SQUARED
    level: float = 0.999
    """A p-value below 1 - level is a mismatch."""
    observed: tuple[tuple[str, int], ...] = ()
    """Units per arm that has an expected share."""
    n_holdout: int = 0
    """Units held out by design: counted beside, never tested."""
    code: ReasonCode | None = None
    """Where `status` is not_computable."""
