"""Questions back about a plan: one effect, one baseline, or a size, which only the asker can say."""

from dataclasses import replace

from gateway.ask.focus import Focus
from gateway.ask.phrases import question
from gateway.ask.planning import Planned
from gateway.ask.reading import Reading
from gateway.ask.replies import ask_back, own_label, title_of
from gateway.ask.vocabulary import Vocabulary
from gateway.ports import Plan

_FIGURES = {"units": "number of units", "daily": "daily traffic", "days": "time", "sd": "standard deviation"}
EXAMPLES = (0.02, 0.05, 0.1)
"""Effects to choose from where none was named."""


def unplanned(_: Reading, settled: Focus, vocabulary: Vocabulary) -> Plan | None:
    """What stands in the way of a plan, with what would settle it; None where nothing does."""
    asked = settled.plan
    if asked is None or (settled.experiment is None and not asked.stands_alone):
        return None
    effects = [replace(asked, effects=(effect,)) for effect in asked.effects or EXAMPLES]
    choices = [_whole(plan, settled, vocabulary) for plan in effects]
    if asked.twice:
        named = _FIGURES.get(asked.twice, asked.twice)
        return ask_back(f"I read two figures for the {named}: one at a time, please.", choices, settled, vocabulary)
    if len(asked.effects) > 1:
        return ask_back("One effect at a time: which?", choices, settled, vocabulary)
    if settled.experiment and asked.stands_alone:
        return _two_baselines(effects[0], settled, vocabulary)
    if (asked.mean is None) != (asked.sd is None):
        lacking = "standard deviation per unit" if asked.sd is None else "mean"
        return ask_back(f"And its {lacking}? A metric that is no rate takes both.", choices, settled, vocabulary)
    arms = len(settled.experiment.arms) if settled.experiment else len(asked.shares)
    if asked.shares and len(asked.shares) != arms:
        text = f"{title_of(settled, vocabulary)} has {arms} arms, and the split names {len(asked.shares)} shares."
        return ask_back(text, choices[:1], replace(settled, plan=replace(asked, shares=())), vocabulary)
    sized = asked.units is not None or (asked.days is not None and (settled.experiment or asked.daily_units))
    if (
        not asked.effects
        and not sized
        and asked.margin is None
        and (asked.kind in ("", "units", "days") or asked.stands_alone)
    ):
        text = "To find which effect? The smaller it is, the more units it takes: name the smallest that would matter."
        return ask_back(text, choices, settled, vocabulary)
    if settled.arms:
        text = f"A plan is for the whole design of {title_of(settled, vocabulary)}, with all its arms."
        return ask_back(text, choices[:1], replace(settled, arms=()), vocabulary)
    return None


def _whole(plan: Planned, settled: Focus, vocabulary: Vocabulary) -> str:
    """The planning question in full, with an effect."""
    if settled.experiment is None:
        effect, unit = f"{100 * plan.effects[0]:.4g}", " percentage points" if plan.points else "%"
        rate = f"a baseline of {100 * (plan.baseline or 0):.4g}%"
        mean = f"a mean of {plan.mean:g} and a standard deviation of {plan.sd or plan.mean:g}" if plan.mean else ""
        return f"How many users do I need to detect an effect of {effect}{unit} with {mean or rate}?"
    title, metric = title_of(settled, vocabulary), own_label(settled.experiment, settled)
    return question("plan", title, metric=metric, plan=plan)


def _two_baselines(plan: Planned, settled: Focus, vocabulary: Vocabulary) -> Plan:
    title, alone = title_of(settled, vocabulary), replace(settled, experiment=None, metrics=())
    typed = f"{100 * plan.baseline:.4g} %" if plan.baseline is not None else f"a mean of {plan.mean:g}"
    text = f"The baseline is {title}'s own, or {typed}: which?"
    own = replace(plan, baseline=None, mean=None, sd=None)
    choices = (_whole(own, settled, vocabulary), _whole(plan, alone, vocabulary))
    return ask_back(text, choices, alone, vocabulary)
