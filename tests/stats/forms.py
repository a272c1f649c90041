"""Every function that has a form for one pair of arms and one for columns, side by side, on arms of every kind."""

import math
import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

import gateway.stats as kernel
from gateway.stats import (
    ArmColumns,
    BaselineColumns,
    ComparisonColumns,
    CovariateColumns,
    Design,
    NotComputable,
    Prior,
    QuantileArm,
    QuantileArmColumns,
    ValueCountColumns,
    ValueCounts,
    VariantStats,
    group_sequential_bounds,
)

ROWS = 24
FLOORS: dict[str, Any] = {"min_units": 2, "min_conversions": 1}
KINDS = ("occurrence", "count", "sum", "mean", "ratio")
SIZES = (0.0, 1.0, 2.0, 3.0, 49.0, 50.0, 400.0, 1e5, 1e9, math.nan)
MEANS = (0.0, 1e-300, 1e-12, 0.1, 0.5, 1.0, 1e4, 1e12, 1e300, -0.2, -5.0, math.inf, math.nan)
SPREADS = (0.0, 1e-300, 0.25, 1.0, 9.0, 1e8, -1.0, math.inf, math.nan)
LOOKS = group_sequential_bounds([0.2, 0.5, 1.0])
SHARES = [0.5, 0.3, 0.2]
NAMES = ("a", "b", "c")
Z_ARMS = {"a": 0.5, "b": 0.5}


@dataclass(frozen=True)
class World:
    """Arms of one seed: half of them ordinary, half with an extreme somewhere."""

    seed: int

    @cached_property
    def rng(self) -> np.random.Generator:
        return np.random.default_rng(self.seed)

    @cached_property
    def aggregation(self) -> list[str]:
        return [KINDS[i % 5] for i in range(ROWS)]

    @cached_property
    def desired(self) -> list[str]:
        return [str(name) for name in self.rng.choice(["increase", "decrease"], ROWS)]

    @cached_property
    def running(self) -> list[bool]:
        return [bool(flag) for flag in self.rng.random(ROWS) < 0.5]

    @cached_property
    def sides(self) -> tuple[ArmColumns, ArmColumns]:
        return self._side(), self._side()

    def _side(self) -> ArmColumns:
        wild = self.rng.random((3, ROWS)) < 0.2
        n = np.where(wild[0], self.rng.choice(SIZES, ROWS), self.rng.integers(50, 10_000, ROWS))
        mean = np.where(wild[1], self.rng.choice(MEANS, ROWS), self.rng.uniform(0.05, 0.95, ROWS))
        variance = np.where(wild[2], self.rng.choice(SPREADS, ROWS), self.rng.uniform(0.01, 4.0, ROWS))
        with np.errstate(all="ignore"):
            m2 = variance * np.maximum(n - 1.0, 0.0)
        rest = {"denominator_mean": mean * 0.5 + 1.0, "denominator_m2": m2 * 0.3, "cross_m2": m2 * 0.2}
        return ArmColumns.of(n, mean, m2, **rest)

    def pair(self, i: int) -> tuple[Any, Any]:
        """Row i as two arms; a control without units is none."""
        control, treatment = (side.row(i, self.aggregation[i]) for side in self.sides)
        return (None if math.isnan(self.sides[0].n[i]) else control), treatment

    @cached_property
    def compared(self) -> ComparisonColumns:
        return kernel.compare_columns(
            *self.sides, aggregation=self.aggregation, desired=self.desired, running=self.running, **FLOORS
        )

    def options(self, i: int) -> dict[str, Any]:
        return {"aggregation": self.aggregation[i], "desired": self.desired[i], "running": self.running[i], **FLOORS}

    @cached_property
    def covariates(self) -> tuple[CovariateColumns, CovariateColumns]:
        return self._covariates(), self._covariates()

    def _covariates(self) -> CovariateColumns:
        n = self.rng.choice([2, 60, 500], ROWS)
        arms = []
        for units in n.tolist():
            x, d = self.rng.normal(3.0, 1.0, units), self.rng.poisson(2.0, units) + 1.0
            y = x * self.rng.uniform(0.0, 1.0) + self.rng.normal(0.0, 1.0, units)
            arms.append(kernel.CovariateStats.from_values(y.tolist(), x.tolist(), denominator=d.tolist()))
        columns = CovariateColumns.from_stats(arms)
        wild = self.rng.random(ROWS) < 0.15
        columns.m2[wild, 2, 2] = self.rng.choice([0.0, math.nan], int(wild.sum()))
        return columns

    @cached_property
    def counted(self) -> tuple[ValueCountColumns, ValueCountColumns]:
        return self._counted(), self._counted()

    def _counted(self) -> ValueCountColumns:
        arms = []
        for _ in range(ROWS):
            kind, n = self.rng.integers(5), int(self.rng.choice([0, 2, 30, 90, 300]))
            drawn = self.rng.negative_binomial(1, 0.2, n) if kind < 3 else self.rng.normal(2.0, 3.0, n)
            held = ValueCounts.of(np.full(n, 7.0) if kind == 4 else drawn)
            arms.append(ValueCounts(held.values, held.counts * (10**6 if kind == 1 else 1)))
        return ValueCountColumns.from_arms(arms)

    @cached_property
    def clustered(self) -> tuple[QuantileArmColumns, QuantileArmColumns]:
        return self._clustered(), self._clustered()

    def _clustered(self) -> QuantileArmColumns:
        arms = []
        for i in range(ROWS):
            units = [self.rng.normal(0, 1, k).tolist() for k in self.rng.integers(1, 5, int(self.rng.integers(2, 120)))]
            whole = QuantileArm.from_units(units, 0.75)
            arms.append(whole if i % 2 else QuantileArm(whole.observations))
        return QuantileArmColumns.from_arms(arms)

    @cached_property
    def counts(self) -> Any:
        """Units of three arms per row: few, many, none."""
        size = self.rng.choice([0, 9, 60, 101, 5_000, 10**9], ROWS)
        split = np.array([self.rng.multinomial(n, self.rng.choice([0, 1]) * np.array([0.01, -0.02, 0.01]) + SHARES)
                          for n in size.tolist()], dtype=np.float64)  # fmt: skip
        split[self.rng.random(ROWS) < 0.1, 2] = 0.0
        return split

    def seen(self, i: int) -> dict[str, int]:
        return dict(zip(NAMES, (int(count) for count in self.counts[i]), strict=True))

    @cached_property
    def baselines(self) -> BaselineColumns:
        value = self.rng.choice([0.0, 0.05, 0.5, 0.999, 0.2], ROWS)
        variance = self.rng.choice([0.0, 0.5, 9.0, math.nan], ROWS, p=[0.1, 0.4, 0.4, 0.1])
        return BaselineColumns.of(value, variance, self.aggregation)

    @cached_property
    def effects(self) -> Any:
        return self.rng.choice([0.0, 0.01, 0.2, -0.1, 3.0], ROWS)


@dataclass(frozen=True)
class Form:
    """One function in both forms: what it gives for all rows, for row i alone, and which field is which column."""

    vector: Callable[[World], Any]
    scalar: Callable[[World, int], Any]
    fields: dict[str, str]
    """Path into the single result: path into the columns."""
    kept: tuple[str, ...] = ()
    """Columns that are shown where there is no answer: what was asked, not what was inferred."""


def same_bits(one: Any, other: Any) -> bool:
    """Equal as float64, NaN included; None counts as NaN."""
    here, there = (math.nan if value is None else float(value) for value in (one, other))
    return (math.isnan(here) and math.isnan(there)) or struct.pack("d", here) == struct.pack("d", there)


def reach(value: Any, path: str) -> Any:
    """The value at a dotted path; NaN below a part that has no answer."""
    for step in path.split("."):
        if value is None or isinstance(value, NotComputable):
            return math.nan
        value = value[int(step)] if step.isdigit() else getattr(value, step)
    return value


def interval(path: str, column: str, low: str) -> dict[str, str]:
    """An estimate's three numbers."""
    return {f"{path}.value": column, f"{path}.ci_low": f"{low}_low", f"{path}.ci_high": f"{low}_high"}


def named(*names: str) -> dict[str, str]:
    """Fields that are called the same in both forms."""
    return {name: name for name in names}


DIFFERENCE = interval("difference", "difference", "ci")
LIFT = interval("lift", "lift", "lift_ci")
PRIOR = Prior(0.01, 0.1)
PLAN = Design(shares=(0.5, 0.3, 0.2), sequential=True, variance_reduction=0.2)


def _one_sided(world: World, i: int) -> Any:
    options = {"aggregation": world.aggregation[i], **FLOORS}
    return kernel.one_sided(*world.pair(i), alternative="greater", **options)


def _guardrail(world: World, i: int) -> Any:
    return kernel.noninferiority(*world.pair(i), margin=0.02, **world.options(i))


def _tost(world: World, i: int) -> Any:
    options = {name: value for name, value in world.options(i).items() if name != "desired"}
    return kernel.tost(*world.pair(i), margin=0.05, **options)


def _look(world: World, i: int) -> Any:
    options = {"aggregation": world.aggregation[i], "desired": world.desired[i], **FLOORS}
    return kernel.at_look(*world.pair(i), design=LOOKS, look=i % 3, **options)


def _posterior(world: World, i: int, scale: str) -> Any:
    options = {"aggregation": world.aggregation[i], "desired": world.desired[i], **FLOORS}
    return kernel.posterior(*world.pair(i), scale=scale, prior=PRIOR, **options)


def _newcombe_arms(world: World) -> Any:
    control, treatment = world.sides
    return [np.rint(control.n * 0.3), control.n, np.rint(treatment.n * 0.2), treatment.n]


def _newcombe(world: World, i: int) -> Any:
    x_c, n_c, x_t, n_t = (float(np.nan_to_num(column[i])) for column in _newcombe_arms(world))
    arms = [VariantStats.from_sums(int(n), x, x) for x, n in ((x_c, n_c), (x_t, n_t))]
    return kernel.newcombe_interval(*arms, **FLOORS)


def _best(world: World, i: int) -> Any:
    group = [j for j in range(ROWS) if j // 3 == i // 3]
    arms = {str(j): world.sides[1].row(j, "mean") for j in group}
    found = kernel.chance_to_be_best(arms, desired=world.desired[group[0]], **FLOORS)
    return found if isinstance(found, NotComputable) else found[i - group[0]]


def _best_columns(world: World) -> Any:
    groups = [f"e{i // 3}" for i in range(ROWS)]
    desired = [world.desired[3 * (i // 3)] for i in range(ROWS)]
    known = ArmColumns.of(np.nan_to_num(world.sides[1].n), world.sides[1].mean, world.sides[1].m2)
    return kernel.best_arm_columns(known, experiment=groups, aggregation="mean", desired=desired, **FLOORS)


def _adjust(world: World, i: int) -> Any:
    arms = (side.row(i) for side in world.covariates)
    return kernel.adjust(*arms, aggregation=_means_and_ratios(world)[i], **FLOORS)


def _means_and_ratios(world: World) -> list[str]:
    return ["ratio" if kind == "ratio" else "mean" for kind in world.aggregation]


def _strata(world: World, i: int) -> Any:
    rows = [j for j in range(ROWS) if j // 3 == i]
    arms: list[dict[str, Any]] = [{str(j): side.row(j, "mean") for j in rows} for side in world.sides]
    control, treatment = arms
    return kernel.poststratify(control, treatment, min_units=2)


def _strata_columns(world: World) -> Any:
    sides = [ArmColumns.of(np.nan_to_num(side.n), side.mean, side.m2) for side in world.sides]
    groups = [f"e{i // 3}" for i in range(ROWS)]
    return kernel.poststratify_columns(*sides, aggregation="mean", group=groups, min_units=2)


def _quantiles(world: World, i: int) -> Any:
    control, treatment = _quantile_arms(world, i)
    return kernel.compare_quantiles(control, treatment, 0.75, min_units=2)


def _quantile_arms(world: World, i: int) -> list[QuantileArm]:
    arms = []
    for side in world.clustered:
        alone = math.isnan(side.clusters.n[i])
        clusters: Any = None if alone else side.clusters.row(i, "ratio")
        arms.append(QuantileArm(side.observations.row(i), clusters))
    return arms


def _two(world: World) -> Any:
    return np.where(np.isnan(world.counts), np.nan, world.counts)[:, :2]


def _sized(world: World, i: int) -> Any:
    return kernel.sample_size(world.baselines.row(i), float(world.effects[i]), PLAN)


def _least(world: World, i: int) -> Any:
    return kernel.minimum_effect(world.baselines.row(i), float(1_000 * (i + 1)), PLAN)


def _cumulative(world: World) -> Any:
    return np.stack([np.floor(world.counts * part) for part in (0.2, 0.6, 1.0)], axis=1)


def _sequence(world: World, i: int) -> Any:
    looks = [dict(zip(NAMES, (int(n) for n in look), strict=True)) for look in _cumulative(world)[i]]
    return kernel.check_srm_sequential(looks, dict(zip(NAMES, SHARES, strict=True)))


def _segments(world: World, i: int) -> Any:
    rows = [j for j in range(ROWS) if j // 4 == i // 4]
    seen = {str(j): dict(zip(("a", "b"), (int(n) for n in world.counts[j, :2]), strict=True)) for j in rows}
    return kernel.check_srm_segments(seen, Z_ARMS).segments[i - rows[0]]


FORMS: dict[str, Form] = {
    "compare": Form(
        lambda world: world.compared,
        lambda world, i: kernel.compare(*world.pair(i), **world.options(i)),
        DIFFERENCE
        | LIFT
        | interval("sequential.difference", "difference", "sequential_ci")
        | named("standard_error", "statistic", "dof", "p_value", "chance_to_win")
        | {"sequential.p_value": "sequential_p_value", "sequential.lift.ci_low": "sequential_lift_ci_low"},
    ),
    "compare by delta": Form(
        lambda world: kernel.compare_columns(
            *world.sides, aggregation=world.aggregation, lift_method="delta", **FLOORS
        ),
        lambda world, i: kernel.compare(
            *world.pair(i), aggregation=world.aggregation[i], lift_method="delta", **FLOORS
        ),
        LIFT,
    ),
    "compare by log": Form(
        lambda world: kernel.compare_columns(*world.sides, aggregation=world.aggregation, lift_method="log", **FLOORS),
        lambda world, i: kernel.compare(*world.pair(i), aggregation=world.aggregation[i], lift_method="log", **FLOORS),
        LIFT,
    ),
    "one_sided": Form(
        lambda world: kernel.one_sided_columns(world.compared, "greater"),
        _one_sided,
        named("difference", "bound", "p_value", "sequential_bound", "sequential_p_value")
        | {"lift.value": "lift", "lift.bound": "lift_bound", "sequential_lift.bound": "sequential_lift_bound"},
    ),
    "noninferiority": Form(
        lambda world: kernel.noninferiority_columns(world.compared, 0.02), _guardrail, named("p_value")
    ),
    "tost": Form(
        lambda world: kernel.tost_columns(world.compared, 0.05), _tost, named("p_value", "p_value_low", "p_value_high")
    ),
    "at_look": Form(
        lambda world: kernel.at_look_columns(world.compared, LOOKS, [i % 3 for i in range(ROWS)]),
        _look,
        named("bound", "crossed") | {"difference.ci_low": "ci_low", "difference.ci_high": "ci_high"} | LIFT,
        kept=("bound", "crossed"),
    ),
    "newcombe_interval": Form(
        lambda world: kernel.newcombe_columns(*map(np.nan_to_num, _newcombe_arms(world)), **FLOORS),
        _newcombe,
        {"value": "difference", "ci_low": "ci_low", "ci_high": "ci_high"},
    ),
    "compare_to_control": Form(
        lambda world: kernel.compare_to_control_columns(*world.sides),
        lambda world, i: kernel.compare_to_control(*(side.row(i, "mean") for side in world.sides)),
        named("lift", "ci_low", "ci_high", "chance_to_win"),
    ),
    **{
        f"posterior on the {scale}": Form(
            lambda world, scale=scale: kernel.posterior_columns(  # type: ignore[misc]  # the loop's value, bound
                *world.sides,
                aggregation=world.aggregation,
                desired=world.desired,
                scale=scale,
                prior=PRIOR,
                **FLOORS,
            ),
            lambda world, i, scale=scale: _posterior(world, i, scale),  # type: ignore[misc]  # as above
            interval("effect", "belief.mean", "belief.ci")
            | {name: f"belief.{name}" for name in ("sd", "chance_to_win", "loss_if_shipped", "loss_if_kept")},
        )
        for scale in ("difference", "lift")
    },
    "chance_to_be_best": Form(
        _best_columns,
        _best,
        named("value", "standard_error", "chance_to_be_best", "expected_loss"),
        kept=("value", "standard_error"),
    ),
    "adjust": Form(
        lambda world: kernel.adjust_columns(*world.covariates, aggregation=_means_and_ratios(world), **FLOORS),
        _adjust,
        DIFFERENCE
        | LIFT
        | named("theta", "standard_error", "dof", "p_value", "variance_reduction", "covariate_p_value", "balanced")
        | {"sequential_p_value": "sequential_p_value", "sequential_lift.ci_low": "sequential_lift_ci_low"},
        kept=("balanced",),
    ),
    "poststratify": Form(
        _strata_columns, _strata, DIFFERENCE | LIFT | named("standard_error", "p_value", "variance_reduction")
    ),
    "compare_quantiles": Form(
        lambda world: kernel.compare_quantiles_columns(*world.clustered, 0.75, min_units=2),
        _quantiles,
        DIFFERENCE
        | LIFT
        | named("standard_error", "p_value")
        | {"control.cluster_ratio": "control.cluster_ratio", "treatment.value.ci_low": "treatment.ci_low"},
        kept=("control.cluster_ratio", "treatment.ci_low"),
    ),
    "quantile_of": Form(
        lambda world: kernel.quantile_columns(world.clustered[0], 0.75, min_units=2),
        lambda world, i: kernel.quantile_of(_quantile_arms(world, i)[0], 0.75, min_units=2),
        {"value.value": "value", "value.ci_low": "ci_low", "value.ci_high": "ci_high"} | named("standard_error"),
    ),
    "mann_whitney": Form(
        lambda world: kernel.mann_whitney_columns(*world.counted, min_units=2),
        lambda world, i: kernel.mann_whitney(*(side.row(i) for side in world.counted), min_units=2),
        named("u", "z", "p_value", "exact")
        | {"effect.value": "effect", "effect.ci_low": "ci_low", "effect.ci_high": "ci_high"},
        kept=("exact",),
    ),
    "bootstrap": Form(
        lambda world: kernel.bootstrap_columns(*world.counted, draws=100, min_units=2),
        lambda world, i: kernel.bootstrap(*(side.row(i) for side in world.counted), draws=100, min_units=2),
        DIFFERENCE | LIFT | named("standard_error", "p_value"),
    ),
    "check_srm": Form(
        lambda world: kernel.check_srm_columns(world.counts, SHARES),
        lambda world, i: kernel.check_srm(world.seen(i), dict(zip(NAMES, SHARES, strict=True))),
        named("p_value", "n_units", "n_unknown"),
    ),
    "check_srm with a holdout": Form(
        lambda world: kernel.check_srm_columns(world.counts, SHARES, holdout=[False, False, True]),
        lambda world, i: kernel.check_srm(world.seen(i), dict(zip(NAMES, SHARES, strict=True)), ["c"]),
        named("p_value", "n_units", "n_holdout"),
    ),
    "srm_p_value": Form(
        lambda world: {"p": kernel.srm_p_values(world.counts, SHARES)},
        lambda world, i: kernel.srm_p_value(world.seen(i), dict(zip(NAMES, SHARES, strict=True))),
        {"": "p"},
    ),
    "check_srm_exact": Form(
        lambda world: kernel.check_srm_exact_columns(_two(world), [0.5, 0.5]),
        lambda world, i: kernel.check_srm_exact({"a": world.seen(i)["a"], "b": world.seen(i)["b"]}, Z_ARMS),
        named("p_value", "n_units"),
    ),
    "check_srm_segments": Form(
        lambda world: kernel.check_srm_segments_columns(
            _two(world), [0.5, 0.5], experiment=[i // 4 for i in range(ROWS)]
        ),
        _segments,
        {"p_value_adjusted": "p_value_adjusted", "exact": "exact", "result.p_value": "rows.p_value"},
    ),
    "check_srm_phases": Form(
        lambda world: kernel.check_srm_phases_columns(
            np.stack([world.counts, world.counts[::-1]], axis=1), [SHARES, [0.2, 0.3, 0.5]]
        ),
        lambda world, i: kernel.check_srm_phases(
            [
                (world.seen(i), dict(zip(NAMES, SHARES, strict=True))),
                (world.seen(ROWS - 1 - i), dict(zip(NAMES, [0.2, 0.3, 0.5], strict=True))),
            ]
        ),
        named("p_value", "n_units"),
    ),
    "check_srm_sequential": Form(
        lambda world: kernel.check_srm_sequential_columns(_cumulative(world), SHARES),
        _sequence,
        named("p_value", "log_e_value", "first_alarm", "n_units"),
    ),
    "sample_size": Form(
        lambda world: kernel.sample_size_columns(world.baselines, world.effects, PLAN),
        _sized,
        named("difference", "lift", "total", "power", "below_floor", "without_adjustment", "fixed_horizon"),
        kept=("difference", "lift", "below_floor"),
    ),
    "minimum_effect": Form(
        lambda world: kernel.minimum_effect_columns(world.baselines, 1_000.0 * np.arange(1, ROWS + 1), PLAN),
        _least,
        named("difference", "lift", "total"),
        kept=("total",),
    ),
    "power_curve": Form(
        lambda world: {"power": kernel.power_columns(world.baselines, world.effects, 5_000.0, PLAN)},
        lambda world, i: float(kernel.power_curve(world.baselines.row(i), float(world.effects[i]), 5_000.0, PLAN)),
        {"": "power"},
    ),
    "days_needed": Form(
        lambda world: kernel.days_needed_columns(
            1e3 * np.arange(ROWS), np.stack([world.effects.clip(0), np.arange(ROWS) % 4], axis=1), window_days=7
        ),
        lambda world, i: kernel.days_needed(1e3 * i, [max(0.0, float(world.effects[i])), i % 4], window_days=7),
        named("enrolment_days", "days", "whole_weeks_days", "units"),
    ),
    "classify": Form(
        lambda world: {
            "word": kernel.classify_columns(world.compared.p_value, world.compared.difference, world.desired) == "flat"
        },
        lambda world, i: (
            kernel.classify(float(world.compared.p_value[i]), float(world.compared.difference[i]), world.desired[i])
            == "flat"
        ),
        {"": "word"},
    ),
}
