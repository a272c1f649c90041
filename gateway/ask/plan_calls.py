"""From what is settled of a plan to its tool calls, and to the sentence that says what they will work out."""

from typing import Any

from gateway.ask.focus import Focus
from gateway.ask.phrases import POPULATION, listed
from gateway.ask.planning import Planned
from gateway.ask.vocabulary import Vocabulary
from gateway.ports import ToolCall


def without_marts(settled: Focus) -> bool:
    """A plan whose baseline was typed with the question: it reads no experiment."""
    return settled.plan is not None and settled.plan.stands_alone


def plan_calls(settled: Focus) -> list[ToolCall]:
    asked = settled.plan
    if asked is None or (settled.experiment is None and not asked.stands_alone):
        return []
    design: dict[str, Any] = {
        "power": asked.power, "level": asked.level, "days": asked.days, "daily_units": asked.daily_units,
        "one_sided": asked.one_sided or None, "sequential": asked.sequential or None,
        "effect": signed_effect(settled), "scale": "absolute" if asked.points else None,
        "units": size_of(settled), "margin": asked.margin, "shares": list(asked.shares) or None, "curve": True,
    }  # fmt: skip
    given = {name: value for name, value in design.items() if value is not None}
    if settled.experiment is None:
        rate = {"aggregation": "occurrence", "baseline": asked.baseline}
        mean = {"aggregation": "mean", "baseline": asked.mean, "sd": asked.sd}
        return [ToolCall("plan_experiment", {**(rate if asked.mean is None else mean), **given})]
    given |= {"variance_reduction": "measured"} if asked.cuped else {}
    about: dict[str, Any] = {"experiment_id": settled.experiment.id}
    if settled.populations:
        about["population"] = settled.populations[0]
    metrics = settled.metrics or (settled.experiment.default_metric(),)
    return [ToolCall("plan_experiment", {**about, "metric_id": metric, **given}) for metric in metrics]


def signed_effect(settled: Focus) -> float | None:
    """The effect with its sign: as it was spoken of, else toward what is wanted of the metric."""
    asked = settled.plan
    if asked is None or not asked.effects:
        return None
    known = None
    if settled.experiment is not None:
        known = settled.experiment.metric(
            settled.metrics[0] if settled.metrics else settled.experiment.default_metric()
        )
    falls = asked.falling or (known is not None and known.desired == "decrease" and settled.direction != "up")
    return -asked.effects[0] if falls else asked.effects[0]


def size_of(settled: Focus) -> int | str | None:
    """Units over all arms; what the experiment has, where the question is what that finds."""
    asked = settled.plan
    if asked is None:
        return None
    if asked.units is not None:
        arms = len(settled.experiment.arms) if settled.experiment else 2
        return asked.units * (arms if asked.per_arm else 1)
    if asked.days is not None or asked.kind in ("units", "days") or settled.experiment is None or asked.margin:
        return None
    return "actual" if asked.kind in ("power", "effect") or not asked.effects else None


def plan_sentence(settled: Focus, vocabulary: Vocabulary) -> str:
    """What is planned, with every figure that was read."""
    asked, effect = settled.plan or Planned(), signed_effect(settled)
    unit = "percentage points" if asked.points else "% relative"
    found = "" if effect is None else f"{100 * effect:+.4g} {unit}"
    size = size_of(settled)
    if isinstance(size, int):
        at = f"{size:,} units"
    else:
        at = "its actual size" if size else f"{asked.days:g} days" if asked.days else ""
    if effect is None and asked.margin is not None:
        what = f"{at or 'units'} to rule out a loss of {100 * asked.margin:.4g} % or more"
    elif effect is None:
        what = f"smallest effect that {at or 'four weeks'} can find"
    elif at:
        what = f"power of {at} to find {found}"
    else:
        what = f"{'days' if asked.kind == 'days' else 'units'} needed to find {found}"
    if settled.experiment is None:
        rate = f"a rate of {100 * (asked.baseline or 0):.4g} %"
        mean = f"a mean of {asked.mean:g} with standard deviation {asked.sd:g}" if asked.mean is not None else ""
        return f"plan: {what}, from {mean or rate}{_figures(asked)}"
    metrics = settled.metrics or (settled.experiment.default_metric(),)
    labels = listed([vocabulary.label(metric, settled.experiment) for metric in metrics])
    name = vocabulary.title(settled.experiment)
    population = listed([POPULATION[one] for one in settled.populations]) or "population not chosen"
    return f"plan: {what} in {labels}, with the control of {name} as the baseline, {population}{_figures(asked)}"


def _figures(asked: Planned) -> str:
    told = [f"{100 * asked.power:.4g} % power"] if asked.power else []
    told += [f"{100 * asked.level:.4g} % confidence"] if asked.level else []
    told += [f"{asked.daily_units:,.0f} new units a day"] if asked.daily_units else []
    told += [name.replace("_", "-") for name in ("one_sided", "sequential") if getattr(asked, name)]
    told += ["CUPED by its covariate"] if asked.cuped else []
    told += [f"split {'/'.join(f'{share:g}' for share in asked.shares)}, control first"] if asked.shares else []
    return f", {', '.join(told)}" if told else ""
