"""What units do of their own accord: sessions, purchases, refunds and the rest, as planted effects change them.

Events are drawn at the highest rate that a unit's arms can give it and thinned to the rate that holds at each moment,
so that history before an experiment and silence outside it need no special case.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gateway.marts.synthetic_definitions import Effect, EventName, Spread, World
from gateway.marts.synthetic_enrolment import Enrolment
from gateway.marts.synthetic_units import Block, Flags, Floats, Integers

SESSION_SPREAD = 0.4
"""How much less sessions vary between units than purchases do: the exponent on a unit's propensity."""


@dataclass(frozen=True, slots=True)
class Planting:
    """One effect on one block: which units it reaches, from when."""

    effect: Effect
    reached: Flags
    since: Floats


@dataclass(frozen=True, slots=True)
class Organic:
    """Events of one name: the unit's position in its block, when in days, and what it carries (NaN for nothing)."""

    name: EventName
    unit: Integers
    at: Floats
    value: Floats


def plantings(
    effects: Sequence[Effect], arms: Sequence[str], enrolment: Enrolment, fits: Sequence[Flags]
) -> list[Planting]:
    """Each effect with the units of this block that it reaches; `fits` says who satisfies its `where`."""
    return [
        Planting(effect, (enrolment.arm_of == arms.index(effect.variation)) & fit, enrolment.exposed_at)
        for effect, fit in zip(effects, fits, strict=True)
    ]


def organic_events(block: Block, world: World, days: int, planted: Sequence[Planting]) -> list[Organic]:
    """Every organic event of a block's units, from the lead to the end of the world."""
    rates = world.rates if block.kind == "user" else world.device_rates
    events = {name: _occurrences(name, rate, block, world, days, planted) for name, rate in rates.items()}
    if "session" in events and block.kind == "user":
        events["page_load"] = _page_loads(events["session"], block, world, planted)
    if "purchase" in events:
        events["purchase"] = _with_value(events["purchase"], world.order_value, block, planted)
        events["refund"] = _refunds(events["purchase"], block, world, days, planted)
    return list(events.values())


def _occurrences(
    name: EventName, rate: float, block: Block, world: World, days: int, planted: Sequence[Planting]
) -> Organic:
    rng = block.rng(name)
    mine = [planting for planting in planted if planting.effect.event == name]
    ceiling = np.ones(block.size)
    for planting in mine:
        ceiling[planting.reached] *= max(1.0, planting.effect.rate)
    activity = block.propensity if name == "purchase" else block.propensity**SESSION_SPREAD
    span = world.lead_days + days
    count = rng.poisson(rate * span * ceiling * activity / _mean_activity(name, world))
    unit = np.repeat(np.arange(block.size), count)
    at = rng.random(len(unit)) * span - world.lead_days
    keep = rng.random(len(unit)) < _factor(mine, unit, at, "rate") / ceiling[unit]
    return Organic(name, unit[keep], at[keep], np.full(int(keep.sum()), np.nan))


def _mean_activity(name: EventName, world: World) -> float:
    """The mean of propensity to a power, from the log-normal's moments, so that `rates` are true averages."""
    power = 1.0 if name == "purchase" else SESSION_SPREAD
    return float(np.exp(world.propensity_sigma**2 * power * (power - 1) / 2))


def _factor(planted: Sequence[Planting], unit: Integers, at: Floats, what: str) -> Floats:
    """The product of every effect that is on for each event's unit at its moment."""
    factor = np.ones(len(unit))
    for planting in planted:
        on = planting.reached[unit] & (at >= planting.since[unit])
        factor[on] *= planting.effect.rate if what == "rate" else planting.effect.value
    return factor


def _with_value(events: Organic, spread: Spread, block: Block, planted: Sequence[Planting]) -> Organic:
    rng = block.rng(f"{events.name} values")
    drawn = spread.mean * np.exp(spread.sigma * rng.standard_normal(len(events.unit)) - spread.sigma**2 / 2)
    mine = [planting for planting in planted if planting.effect.event == events.name]
    return Organic(events.name, events.unit, events.at, drawn * _factor(mine, events.unit, events.at, "value"))


def _page_loads(sessions: Organic, block: Block, world: World, planted: Sequence[Planting]) -> Organic:
    rng = block.rng("page_load")
    mine = [planting for planting in planted if planting.effect.event == "page_load"]
    chance = world.page_load_per_session * _factor(mine, sessions.unit, sessions.at, "rate")
    keep = rng.random(len(sessions.unit)) < chance
    loads = Organic("page_load", sessions.unit[keep], sessions.at[keep], sessions.value[keep])
    return _with_value(loads, world.page_load_ms, block, planted)


def _refunds(purchases: Organic, block: Block, world: World, days: int, planted: Sequence[Planting]) -> Organic:
    """A share of purchases comes back within two and a half days, for what was paid."""
    rng = block.rng("refund")
    mine = [planting for planting in planted if planting.effect.event == "refund"]
    chance = world.refund_per_purchase * _factor(mine, purchases.unit, purchases.at, "rate")
    at = purchases.at + 0.05 + 2.45 * rng.random(len(purchases.unit))
    keep = (rng.random(len(at)) < chance) & (at < days)
    return Organic("refund", purchases.unit[keep], at[keep], purchases.value[keep])
