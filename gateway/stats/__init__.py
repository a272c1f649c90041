"""The statistics kernel: lift, intervals, always-valid inference and SRM from sufficient statistics alone.

Pure functions of NumPy arrays and floats. Names resolve on first use, so importing the package costs nothing; NumPy and
`scipy.special` load with the first function that needs them, and `scipy.stats` never does.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gateway.stats.adjustment import Adjusted, AdjustedColumns, adjust, adjust_columns, adjusted_at
    from gateway.stats.arms import ArmColumns
    from gateway.stats.bayes import (
        BeliefColumns,
        Posterior,
        PosteriorColumns,
        Prior,
        belief,
        posterior,
        posterior_columns,
    )
    from gateway.stats.best import (
        ArmChance,
        BestArmColumns,
        BestColumns,
        best_arm_columns,
        best_columns,
        chance_to_be_best,
    )
    from gateway.stats.columns import ComparisonColumns, compare_columns
    from gateway.stats.covariate import CovariateColumns, CovariateStats
    from gateway.stats.direction import Bound, OneSided, OneSidedColumns, one_sided, one_sided_columns
    from gateway.stats.duration import Duration, DurationColumns, days_needed, days_needed_columns
    from gateway.stats.equivalence import Equivalence, EquivalenceColumns, EquivalenceState, tost, tost_columns
    from gateway.stats.families import (
        Corrected,
        CorrectedColumns,
        benjamini_yekutieli,
        correct,
        hochberg,
        primary_first,
    )
    from gateway.stats.group_sequential import GroupSequential, Spending, group_sequential_bounds
    from gateway.stats.guardrail import NonInferiorityColumns, noninferiority, noninferiority_columns
    from gateway.stats.looks import Look, LookColumns, at_look, at_look_columns
    from gateway.stats.multiplicity import benjamini_hochberg, bonferroni, holm
    from gateway.stats.newcombe import IntervalColumns, ProportionInterval, newcombe_columns, newcombe_interval, wilson
    from gateway.stats.original import Inference, InferenceColumns, compare_to_control, compare_to_control_columns
    from gateway.stats.pair import compare, comparison_at
    from gateway.stats.planning import (
        MinimumEffect,
        MinimumEffectColumns,
        SampleSize,
        SampleSizeColumns,
        minimum_effect,
        minimum_effect_columns,
        sample_size,
        sample_size_columns,
    )
    from gateway.stats.poststratification import (
        PostStratified,
        PostStratifiedColumns,
        poststratify,
        poststratify_columns,
    )
    from gateway.stats.power import Baseline, BaselineColumns, Design, power_columns, power_curve
    from gateway.stats.quantile import (
        QuantileArm,
        QuantileArmColumns,
        QuantileColumns,
        QuantileComparison,
        QuantileComparisonColumns,
        QuantileEstimate,
        compare_quantiles,
        compare_quantiles_columns,
        quantile_columns,
        quantile_of,
    )
    from gateway.stats.rank_test import RankTest, RankTestColumns, mann_whitney, mann_whitney_columns
    from gateway.stats.resampling import Bootstrap, BootstrapColumns, BootstrapInterval, bootstrap, bootstrap_columns
    from gateway.stats.result import (
        KERNEL_VERSION,
        Aggregation,
        Alternative,
        Basis,
        Comparison,
        Correction,
        Desired,
        Estimate,
        Flag,
        GuardrailState,
        LiftMethod,
        Method,
        NonInferiority,
        NotComputable,
        ReasonCode,
        Scale,
        Sequential,
        SrmResult,
        SrmStatus,
        Statsig,
    )
    from gateway.stats.sample import RatioStats, VariantStats
    from gateway.stats.srm import check_srm, check_srm_columns, srm_p_value, srm_p_values
    from gateway.stats.srm_exact import binomial_p_value, binomial_p_values, check_srm_exact, check_srm_exact_columns
    from gateway.stats.srm_segments import (
        SegmentSrm,
        SrmSegmentColumns,
        SrmSegments,
        check_srm_phases,
        check_srm_phases_columns,
        check_srm_segments,
        check_srm_segments_columns,
        srm_p_value_over_phases,
    )
    from gateway.stats.srm_sequential import (
        SequentialSrm,
        SequentialSrmColumns,
        check_srm_sequential,
        check_srm_sequential_columns,
        log_e_values,
    )
    from gateway.stats.srm_split import ArmCounts, SrmColumns, sort_arms
    from gateway.stats.statsig import classify, classify_columns
    from gateway.stats.sums import arms_from_sums, arms_from_values, merge_arms
    from gateway.stats.value_counts import ValueCountColumns, ValueCounts
    from gateway.stats.winsorised import Winsorised, winsorised_beside

__all__ = [
    "KERNEL_VERSION", "Adjusted", "AdjustedColumns", "Aggregation", "Alternative", "ArmChance", "ArmColumns",
    "ArmCounts", "Baseline", "BaselineColumns", "Basis", "BeliefColumns", "BestArmColumns", "BestColumns",
    "Bootstrap", "BootstrapColumns", "BootstrapInterval", "Bound", "Comparison", "ComparisonColumns", "Corrected",
    "CorrectedColumns", "Correction", "CovariateColumns", "CovariateStats", "Design", "Desired", "Duration",
    "DurationColumns", "Equivalence", "EquivalenceColumns", "EquivalenceState", "Estimate", "Flag",
    "GroupSequential", "GuardrailState", "Inference", "InferenceColumns", "IntervalColumns", "LiftMethod", "Look",
    "LookColumns", "Method", "MinimumEffect", "MinimumEffectColumns", "NonInferiority", "NonInferiorityColumns",
    "NotComputable", "OneSided", "OneSidedColumns", "PostStratified", "PostStratifiedColumns", "Posterior",
    "PosteriorColumns", "Prior", "ProportionInterval", "QuantileArm", "QuantileArmColumns", "QuantileColumns",
    "QuantileComparison", "QuantileComparisonColumns", "QuantileEstimate", "RankTest", "RankTestColumns",
    "RatioStats", "ReasonCode", "SampleSize", "SampleSizeColumns", "Scale", "SegmentSrm", "Sequential",
    "SequentialSrm", "SequentialSrmColumns", "Spending", "SrmColumns", "SrmResult", "SrmSegmentColumns",
    "SrmSegments", "SrmStatus", "Statsig", "ValueCountColumns", "ValueCounts", "VariantStats", "Winsorised",
    "adjust", "adjust_columns", "adjusted_at", "arms_from_sums", "arms_from_values", "at_look", "at_look_columns",
    "belief", "benjamini_hochberg", "benjamini_yekutieli", "best_arm_columns", "best_columns", "binomial_p_value",
    "binomial_p_values", "bonferroni", "bootstrap", "bootstrap_columns", "chance_to_be_best", "check_srm",
    "check_srm_columns", "check_srm_exact", "check_srm_exact_columns", "check_srm_phases",
    "check_srm_phases_columns", "check_srm_segments", "check_srm_segments_columns", "check_srm_sequential",
    "check_srm_sequential_columns", "classify", "classify_columns", "compare", "compare_columns",
    "compare_quantiles", "compare_quantiles_columns", "compare_to_control", "compare_to_control_columns",
    "comparison_at", "correct", "days_needed", "days_needed_columns", "group_sequential_bounds", "hochberg", "holm",
    "log_e_values", "mann_whitney", "mann_whitney_columns", "merge_arms", "minimum_effect",
    "minimum_effect_columns", "newcombe_columns", "newcombe_interval", "noninferiority", "noninferiority_columns",
    "one_sided", "one_sided_columns", "posterior", "posterior_columns", "poststratify", "poststratify_columns",
    "power_columns", "power_curve", "primary_first", "quantile_columns", "quantile_of", "sample_size",
    "sample_size_columns", "sort_arms", "srm_p_value", "srm_p_value_over_phases", "srm_p_values", "tost",
    "tost_columns", "wilson", "winsorised_beside",
]  # fmt: skip

_HOME = {
    "adjustment": ("Adjusted", "AdjustedColumns", "adjust", "adjust_columns", "adjusted_at"),
    "arms": ("ArmColumns",),
    "bayes": (
        "BeliefColumns", "Posterior", "PosteriorColumns", "Prior", "belief", "posterior", "posterior_columns",
    ),
    "best": ("ArmChance", "BestArmColumns", "BestColumns", "best_arm_columns", "best_columns", "chance_to_be_best"),
    "columns": ("ComparisonColumns", "compare_columns"),
    "covariate": ("CovariateColumns", "CovariateStats"),
    "direction": ("Bound", "OneSided", "OneSidedColumns", "one_sided", "one_sided_columns"),
    "duration": ("Duration", "DurationColumns", "days_needed", "days_needed_columns"),
    "equivalence": ("Equivalence", "EquivalenceColumns", "EquivalenceState", "tost", "tost_columns"),
    "families": ("Corrected", "CorrectedColumns", "benjamini_yekutieli", "correct", "hochberg", "primary_first"),
    "group_sequential": ("GroupSequential", "Spending", "group_sequential_bounds"),
    "guardrail": ("NonInferiorityColumns", "noninferiority", "noninferiority_columns"),
    "looks": ("Look", "LookColumns", "at_look", "at_look_columns"),
    "multiplicity": ("benjamini_hochberg", "bonferroni", "holm"),
    "newcombe": ("IntervalColumns", "ProportionInterval", "newcombe_columns", "newcombe_interval", "wilson"),
    "original": ("Inference", "InferenceColumns", "compare_to_control", "compare_to_control_columns"),
    "pair": ("compare", "comparison_at"),
    "planning": (
        "MinimumEffect", "MinimumEffectColumns", "SampleSize", "SampleSizeColumns", "minimum_effect",
        "minimum_effect_columns", "sample_size", "sample_size_columns",
    ),
    "poststratification": ("PostStratified", "PostStratifiedColumns", "poststratify", "poststratify_columns"),
    "power": ("Baseline", "BaselineColumns", "Design", "power_columns", "power_curve"),
    "quantile": (
        "QuantileArm", "QuantileArmColumns", "QuantileColumns", "QuantileComparison", "QuantileComparisonColumns",
        "QuantileEstimate", "compare_quantiles", "compare_quantiles_columns", "quantile_columns", "quantile_of",
    ),
    "rank_test": ("RankTest", "RankTestColumns", "mann_whitney", "mann_whitney_columns"),
    "resampling": ("Bootstrap", "BootstrapColumns", "BootstrapInterval", "bootstrap", "bootstrap_columns"),
    "sample": ("RatioStats", "VariantStats"),
    "srm": ("check_srm", "check_srm_columns", "srm_p_value", "srm_p_values"),
    "srm_exact": ("binomial_p_value", "binomial_p_values", "check_srm_exact", "check_srm_exact_columns"),
    "srm_segments": (
        "SegmentSrm", "SrmSegmentColumns", "SrmSegments", "check_srm_phases", "check_srm_phases_columns",
        "check_srm_segments", "check_srm_segments_columns", "srm_p_value_over_phases",
    ),
    "srm_sequential": (
        "SequentialSrm", "SequentialSrmColumns", "check_srm_sequential", "check_srm_sequential_columns",
        "log_e_values",
    ),
    "srm_split": ("ArmCounts", "SrmColumns", "sort_arms"),
    "statsig": ("classify", "classify_columns"),
    "sums": ("arms_from_sums", "arms_from_values", "merge_arms"),
    "value_counts": ("ValueCountColumns", "ValueCounts"),
    "winsorised": ("Winsorised", "winsorised_beside"),
}  # fmt: skip
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}


def __getattr__(name: str) -> Any:
    """Load a public name's module on first use; what has no other home is a result type."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_MODULE_OF.get(name, 'result')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
