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
        Scale,
        belief,
        posterior,
        posterior_columns,
    )
    from gateway.stats.best import ArmChance, BestColumns, best_columns, chance_to_be_best
    from gateway.stats.columns import ComparisonColumns, compare_columns
    from gateway.stats.covariate import CovariateColumns, CovariateStats
    from gateway.stats.guardrail import NonInferiorityColumns, noninferiority, noninferiority_columns
    from gateway.stats.multiplicity import benjamini_hochberg, bonferroni, holm
    from gateway.stats.original import Inference, compare_to_control
    from gateway.stats.pair import compare, comparison_at
    from gateway.stats.poststratification import (
        PostStratified,
        PostStratifiedColumns,
        poststratify,
        poststratify_columns,
    )
    from gateway.stats.result import (
        KERNEL_VERSION,
        Aggregation,
        Basis,
        Comparison,
        Desired,
        Estimate,
        Flag,
        GuardrailState,
        LiftMethod,
        Method,
        NonInferiority,
        NotComputable,
        ReasonCode,
        Sequential,
        SrmResult,
        SrmStatus,
        Statsig,
    )
    from gateway.stats.sample import RatioStats, VariantStats
    from gateway.stats.srm import check_srm, srm_p_value
    from gateway.stats.statsig import classify, classify_columns

__all__ = [
    "KERNEL_VERSION",
    "Adjusted",
    "AdjustedColumns",
    "Aggregation",
    "ArmChance",
    "ArmColumns",
    "Basis",
    "BeliefColumns",
    "BestColumns",
    "Comparison",
    "ComparisonColumns",
    "CovariateColumns",
    "CovariateStats",
    "Desired",
    "Estimate",
    "Flag",
    "GuardrailState",
    "Inference",
    "LiftMethod",
    "Method",
    "NonInferiority",
    "NonInferiorityColumns",
    "NotComputable",
    "PostStratified",
    "PostStratifiedColumns",
    "Posterior",
    "PosteriorColumns",
    "Prior",
    "RatioStats",
    "ReasonCode",
    "Scale",
    "Sequential",
    "SrmResult",
    "SrmStatus",
    "Statsig",
    "VariantStats",
    "adjust",
    "adjust_columns",
    "adjusted_at",
    "belief",
    "benjamini_hochberg",
    "best_columns",
    "bonferroni",
    "chance_to_be_best",
    "check_srm",
    "classify",
    "classify_columns",
    "compare",
    "compare_columns",
    "compare_to_control",
    "comparison_at",
    "holm",
    "noninferiority",
    "noninferiority_columns",
    "posterior",
    "posterior_columns",
    "poststratify",
    "poststratify_columns",
    "srm_p_value",
]

_HOME = {
    "adjustment": (
        "Adjusted",
        "AdjustedColumns",
        "adjust",
        "adjust_columns",
        "adjusted_at",
    ),
    "arms": ("ArmColumns",),
    "bayes": (
        "BeliefColumns",
        "Posterior",
        "PosteriorColumns",
        "Prior",
        "Scale",
        "belief",
        "posterior",
        "posterior_columns",
    ),
    "best": (
        "ArmChance",
        "BestColumns",
        "best_columns",
        "chance_to_be_best",
    ),
    "columns": (
        "ComparisonColumns",
        "compare_columns",
    ),
    "covariate": (
        "CovariateColumns",
        "CovariateStats",
    ),
    "guardrail": (
        "NonInferiorityColumns",
        "noninferiority",
        "noninferiority_columns",
    ),
    "multiplicity": (
        "benjamini_hochberg",
        "bonferroni",
        "holm",
    ),
    "original": (
        "Inference",
        "compare_to_control",
    ),
    "pair": (
        "compare",
        "comparison_at",
    ),
    "poststratification": (
        "PostStratified",
        "PostStratifiedColumns",
        "poststratify",
        "poststratify_columns",
    ),
    "sample": (
        "RatioStats",
        "VariantStats",
    ),
    "srm": (
        "check_srm",
        "srm_p_value",
    ),
    "statsig": (
        "classify",
        "classify_columns",
    ),
}
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
