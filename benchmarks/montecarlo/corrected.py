"""Families of tests: family-wise error and false discoveries of each correction, under three kinds of dependence."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import special

from gateway.stats import Correction, correct
from montecarlo.coverage import happened
from montecarlo.populations import Floats, Generator
from montecarlo.tables import Promise, Rate, Table

TESTS = 10
FAMILIES = 500
"""Families corrected at a time."""
EFFECT = 3.0
"""Standard errors that a true effect lies away from zero."""
DISCOVERY = {Correction.BENJAMINI_HOCHBERG, Correction.BENJAMINI_YEKUTIELI}


def families(rng: Generator, runs: int) -> list[Table]:
    """Ten tests of which none or half are of something real."""
    wise, discovery = [], []
    for name, score in _scores(rng, runs):
        for real in (0, TESTS // 2):
            moved = score.copy()
            moved[:, :real] += EFFECT
            p = 2.0 * special.ndtr(-np.abs(moved))
            case = f"{name}, {real} of {TESTS} real"
            for kind in Correction:
                called = _called(p, kind)
                wise += list(_family_wise(kind, case, called[:, real:], real))
                if kind in DISCOVERY:
                    discovery.append(_false_discoveries(kind, case, called, real, runs))
    return [Table("families", "any false call", tuple(wise)), Table("discoveries", "false share", tuple(discovery))]


def _scores(rng: Generator, runs: int) -> Iterator[tuple[str, Floats]]:
    free = rng.normal(size=(runs, TESTS))
    yield "independent", free
    yield "correlation 0.5", np.sqrt(0.5) * free + np.sqrt(0.5) * rng.normal(size=(runs, 1))
    yield "correlation −1/9", (free - free.mean(axis=1, keepdims=True)) / np.sqrt(1.0 - 1.0 / TESTS)


def _called(p: Floats, kind: Correction) -> NDArray[np.bool_]:
    """Which tests of each family are called at 5 %."""
    return np.concatenate([_adjusted(p[start : start + FAMILIES], kind) for start in range(0, len(p), FAMILIES)]) < 0.05


def _adjusted(p: Floats, kind: Correction) -> Floats:
    primary = np.tile(np.arange(TESTS) == 0, len(p)) if kind is Correction.PRIMARY_FIRST else None
    family = np.repeat(np.arange(len(p)), TESTS)
    return correct(p.ravel(), correction=kind, family=family, primary=primary).p_value_adjusted.reshape(p.shape)


def _family_wise(kind: Correction, case: str, false: NDArray[np.bool_], real: int) -> Iterator[Rate]:
    """Corrections for false discoveries keep the family-wise rate only where nothing is real."""
    if kind not in DISCOVERY or not real:
        yield happened(_title(kind), case, false.any(axis=1), 0.05, Promise.AT_MOST)


def _false_discoveries(kind: Correction, case: str, called: NDArray[np.bool_], real: int, runs: int) -> Rate:
    """The mean share of false calls among the calls, counted as if each run were that share of a hit."""
    share = called[:, real:].sum(axis=1) / np.maximum(called.sum(axis=1), 1)
    return Rate(_title(kind), case, round(float(share.sum())), runs, 0.05, Promise.AT_MOST)


def _title(kind: Correction) -> str:
    return "-".join(part.capitalize() for part in kind.value.split("_"))
