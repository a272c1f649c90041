"""Sample ratio mismatch: did units arrive in the shares that were planned?

Chi-squared goodness of fit over the arms with an expected share, k - 1 degrees of freedom, by its survival function
(Fabijan et al., KDD 2019). A mismatch means that something other than chance chose the arms; no effect is then trusted.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from gateway.stats.result import SrmResult, SrmStatus
from gateway.stats.tails import chi_squared_sf

MIN_TOTAL = 100
"""The test needs more units than this in total."""
MISMATCH_P = 0.001


def srm_p_value(observed: Mapping[str, int], expected_shares: Mapping[str, float]) -> float | None:
    """p of the observed counts under the expected shares, the original kernel's rules with shares normalised.

    An arm that is expected and not observed counts as zero units; one that is observed and not expected is left out.
    None with fewer than two expected arms, no units in them, or a share that is not a positive finite number.
    """
    shares = list(expected_shares.values())
    counts = [float(observed.get(arm, 0)) for arm in expected_shares]
    if len(shares) < 2 or not all(math.isfinite(share) and share > 0 for share in shares):
        return None
    total = math.fsum(counts)
    if not (math.isfinite(total) and total > 0):
        return None
    if min(counts) < 0:
        raise ValueError("an arm cannot have fewer than zero units")
    whole = math.fsum(shares)
    expected = [total * share / whole for share in shares]
    statistic = math.fsum((found - due) ** 2 / due for found, due in zip(counts, expected, strict=True))
    return chi_squared_sf(statistic, len(shares) - 1)


def check_srm(observed: Mapping[str, int], expected_shares: Mapping[str, float]) -> SrmResult:
    """The verdict that answers lead with: ok, not computable, or mismatch: p < 0.001, or an expected arm without units.

    Arms with no share, or a share of zero, are unknown: counted beside, never tested. Quarantined units belong in
    neither mapping.
    """
    known = {arm: float(share) for arm, share in expected_shares.items() if share != 0}
    total = sum(int(observed.get(arm, 0)) for arm in known)
    unknown = sum(int(count) for arm, count in observed.items() if arm not in known)

    def result(status: SrmStatus, p_value: float | None, reason: str) -> SrmResult:
        whole = math.fsum(known.values())
        shares = tuple((arm, share / whole if whole else math.nan) for arm, share in known.items())
        return SrmResult(status, p_value, reason, total, unknown, shares)

    if not all(math.isfinite(share) and share > 0 for share in known.values()):
        return result(SrmStatus.NOT_COMPUTABLE, None, "an expected share is not a positive number")
    if len(known) < 2:
        return result(SrmStatus.NOT_COMPUTABLE, None, f"needs two arms with an expected share, got {len(known)}")
    if total <= MIN_TOTAL:
        return result(SrmStatus.NOT_COMPUTABLE, None, f"needs more than {MIN_TOTAL} units in total, got {total}")
    p_value = srm_p_value(observed, known)
    empty = [arm for arm in known if not observed.get(arm, 0)]
    if empty:
        names = ", ".join(map(repr, empty))
        return result(SrmStatus.MISMATCH, p_value, f"no units in {names}, expected to have a share")
    if p_value is not None and p_value < MISMATCH_P:
        return result(SrmStatus.MISMATCH, p_value, f"observed shares are not the expected ones (p = {p_value:.3g})")
    return result(SrmStatus.OK, p_value, "")
