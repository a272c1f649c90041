"""Who takes part in an experiment, in which arm, from when, and what the exposure log says about it.

The truth (`exposed_at`) and the log (`logged`) are kept apart: effects follow the truth, failure modes spoil the log.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gateway.marts.synthetic_definitions import Experiment, Failure, Planted, Wanted
from gateway.marts.synthetic_units import Block, Clock, Flags, Floats, Integers, Lookup

Kinds = npt.NDArray[np.str_]

LAST_QUIET = 0.25
"""Days before the end in which nobody new is assigned, so that first exposures fall within the experiment."""
EXPOSURE_DELAY = 0.02
REPEATED_EXPOSURES = 0.3


@dataclass(frozen=True, slots=True)
class Assigned:
    """Rows of the assignment table: the unit's position in its block, its arm, and when, in days."""

    unit: Integers
    arm: Integers
    at: Floats


@dataclass(frozen=True, slots=True)
class Enrolment:
    """One experiment's part of one block."""

    assigned: Assigned
    logged: Assigned
    """The exposure log, in the same shape."""
    arm_of: Integers
    """The arm of each unit of the block, -1 for those who do not take part."""
    exposed_at: Floats
    """When each unit of the block really met the experiment; infinity if it never did. Effects start here."""


def enrol(
    name: str, experiment: Experiment, planted: Planted, block: Block, clock: Clock, lookups: Mapping[str, Lookup]
) -> Enrolment:
    """Draw one experiment's assignments and exposures for a block of units."""
    rng = block.rng(name)
    start = clock.day(experiment.started_at)
    end = clock.day(experiment.ended_at) if experiment.ended_at else float(clock.days)
    takes_part = eligible(block, planted.eligible, lookups) & (rng.random(block.size) < planted.traffic)
    shares = np.cumsum([variation.share for variation in experiment.variations])
    arm = np.minimum(np.searchsorted(shares, rng.random(block.size), side="right"), len(shares) - 1).astype(np.int64)
    at = start + rng.random(block.size) * (end - start - LAST_QUIET)
    first_seen = at + np.minimum(rng.exponential(EXPOSURE_DELAY, block.size), LAST_QUIET * 0.9)
    exposed = rng.random(block.size) < planted.exposure_rate
    kind = _failures(experiment, planted.failures, arm, at, block.propensity, clock, rng)
    takes_part &= kind != "lost_assignments"

    unit = np.flatnonzero(takes_part)
    assigned = Assigned(unit, arm[unit], at[unit])
    again = np.flatnonzero(takes_part & (kind == "reassignments"))
    later = np.minimum(at[again] + 0.01 + rng.random(len(again)), end - 0.01)
    assigned = _append(assigned, Assigned(again, _other(arm[again], len(shares), rng), later))
    logged = _log(kind, takes_part & exposed, arm, at, first_seen, end, len(shares), rng)
    known = logged.at < clock.days
    logged = Assigned(logged.unit[known], logged.arm[known], logged.at[known])
    return Enrolment(
        assigned, logged, np.where(takes_part, arm, -1), np.where(takes_part & exposed, first_seen, np.inf)
    )


def eligible(block: Block, wanted: Wanted, lookups: Mapping[str, Lookup]) -> Flags:
    """The units whose attributes have one of the wanted values, for every attribute named."""
    fits = np.ones(block.size, dtype=np.bool_)
    for attribute, values in wanted.items():
        codes = [position for position, value in enumerate(lookups[attribute].values) if value in values]
        fits &= np.isin(block.codes[attribute], codes)
    return fits


def _failures(
    experiment: Experiment,
    failures: Sequence[Failure],
    arm: Integers,
    at: Floats,
    propensity: Floats,
    clock: Clock,
    rng: np.random.Generator,
) -> Kinds:
    """Which kind of failure befalls each unit, "" for none: every unit suffers at most one."""
    drawn = rng.random(len(arm))
    kind = np.full(len(arm), "", dtype="U24")
    ids = [variation.id for variation in experiment.variations]
    inactive = propensity < np.median(propensity)
    below = 0.0
    for failure in failures:
        since = clock.day(failure.from_ or experiment.started_at)
        lost = failure.kind == "lost_assignments"
        reach = failure.share * (2 if lost else 1)
        struck = (drawn >= below) & (drawn < below + reach) & (at >= since)
        if lost:
            struck &= inactive
        if failure.variation is not None:
            struck &= arm == ids.index(failure.variation)
        kind[struck] = failure.kind
        below += reach
    return kind


def _log(
    kind: Kinds,
    exposed: Flags,
    arm: Integers,
    at: Floats,
    first_seen: Floats,
    end: float,
    arms: int,
    rng: np.random.Generator,
) -> Assigned:
    """The exposure log after the failures: what was seen, in which arm, when."""
    shown = np.where(kind == "mismatches", _other(arm, arms, rng), arm)
    late = np.maximum(end, at + 8) + 1.5 * rng.random(len(at))
    seen = np.where(kind == "late_exposures", late, first_seen)
    unit = np.flatnonzero(exposed & (kind != "lost_exposures"))
    log = Assigned(unit, shown[unit], seen[unit])

    again = np.repeat(unit, rng.poisson(REPEATED_EXPOSURES, len(unit)))
    later = seen[again] + rng.exponential(1.5, len(again))
    keep = (later < end) & (kind[again] != "late_exposures")
    log = _append(log, Assigned(again[keep], shown[again[keep]], later[keep]))

    early = np.flatnonzero(exposed & (kind == "early_exposures"))
    log = _append(log, Assigned(early, arm[early], at[early] - 0.02 - 0.9 * rng.random(len(early))))
    mixed = np.flatnonzero(exposed & (kind == "mixed_variations"))
    after = np.minimum(first_seen[mixed] + 0.01 + 0.5 * rng.random(len(mixed)), end - 0.001)
    return _append(log, Assigned(mixed, _other(arm[mixed], arms, rng), after))


def _other(arm: Integers, arms: int, rng: np.random.Generator) -> Integers:
    """For each unit some arm that is not its own."""
    return (arm + rng.integers(1, arms, len(arm))) % arms


def _append(first: Assigned, second: Assigned) -> Assigned:
    return Assigned(
        np.concatenate([first.unit, second.unit]),
        np.concatenate([first.arm, second.arm]),
        np.concatenate([first.at, second.at]),
    )
