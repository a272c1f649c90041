"""The offline planner: one question in plain words becomes tool calls, a question back, or a refusal.

It reads (`understand`), settles what was left unsaid from the conversation (`settle`), asks back where something stands
in the way (`CHECKS`), and otherwise writes down calls. It never sees a number, so it can't invent one.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from gateway.ask import focus as kept
from gateway.ask import replies
from gateway.ask.calls import NEEDS_POPULATION, calls_for, interpretation
from gateway.ask.focus import Focus
from gateway.ask.missing import missing_experiment, nothing_to_show
from gateway.ask.plan_calls import without_marts
from gateway.ask.plan_replies import unplanned
from gateway.ask.reading import Reading
from gateway.ask.settle import directed, settle
from gateway.ask.side_by_side import NOTE, several_experiments
from gateway.ask.text import plain
from gateway.ask.unanswerable import (
    beyond,
    crossed_segments,
    lost_on_the_way,
    metrics_for_nothing,
    not_measured,
    two_treatments,
    wrong_level,
    wrong_window,
)
from gateway.ask.unclear import ambiguous, unread_words
from gateway.ask.understand import understand
from gateway.ask.vocabulary import Vocabulary
from gateway.ports import Plan

CHECKS: tuple[Callable[[Reading, Focus, Vocabulary], Plan | None], ...] = (
    several_experiments, beyond, ambiguous, not_measured, lost_on_the_way, wrong_window, unread_words,
    metrics_for_nothing, wrong_level, two_treatments, crossed_segments, unplanned,
)  # fmt: skip
"""Each looks at one way in which a question can't be taken as it stands; the first that finds something decides."""
_FIGURES = re.compile(r"\d+")
_LISTS = re.compile(
    r"(?i)\b(?:experiments?|tests?|trials?|(?:what|which) (?:start|beg|launch|went|kick|end|finish|clos))"
)
_MARTS = re.compile(r"(?i)[a-z]_[a-z]|\b(?:tables?|marts?|columns?|datasets?|rows|events?)\b")
_ANSWERS_TO_WHY = frozenset(("decision", "health", "srm"))


class OfflinePlanner:
    """Plans without a model: the same question, conversation and vocabulary always give the same plan."""

    name = "offline"

    def __init__(self, vocabulary: Vocabulary, population: str | None = None) -> None:
        self._vocabulary = vocabulary
        self._population = population

    def plan(self, question: str, focus: dict[str, Any]) -> Plan:
        """Read one question in the light of what the conversation is about. Raises UsageError where there is none."""
        return _shown(self._planned(question, focus))

    def _planned(self, question: str, focus: dict[str, Any]) -> Plan:
        vocabulary = self._vocabulary
        replies.readable(question)
        direct = self._direct(question, focus)
        if direct:
            return direct
        before = kept.read(focus, vocabulary)
        about = before.experiment.id if before.experiment else ""
        reading = understand(question, vocabulary, about, planning_on=before.plan is not None, answering=before.pending)
        if reading.refusal:
            return replace(replies.refuse(reading.refusal), focus=focus)
        if reading.sql:
            return replace(
                replies.lost(vocabulary, "That looks like SQL: `gateway sql` and `/sql` take statements."), focus=focus
            )
        listed = self._listed(question, focus)
        if listed:
            return listed
        if reading.is_empty and not (reading.follow_up and reading.unread and before.experiment):
            return replace(replies.lost(vocabulary, "I did not understand that."), focus=focus)
        reading = _why(reading, before)
        settled = directed(settle(reading, before, vocabulary), vocabulary)
        for check in CHECKS:
            found = check(reading, settled, vocabulary)
            if found:
                return found
        return self._decide(reading, settled)

    def _direct(self, question: str, focus: dict[str, Any]) -> Plan | None:
        """What is read off the text itself, before any name is looked up."""
        if "select" in question.casefold():
            from gateway.ask import statements  # few questions hold one

            found = statements.read(question, focus, self._vocabulary)
            if found:
                return found
        if len(_FIGURES.findall(question)) > 3 or "handed_in" in focus:
            from gateway.ask import comparing

            return comparing.read(question, focus, self._vocabulary, self._population)
        return None

    def _listed(self, question: str, focus: dict[str, Any]) -> Plan | None:
        """Lists and marts: forms that are the whole of a question, or are not read as one."""
        if _LISTS.search(question):
            from gateway.ask import listings

            found = listings.read(question, focus, self._vocabulary)
            if found:
                return found
        if _MARTS.search(question):
            from gateway.ask import marts

            return marts.read(question, focus, self._vocabulary)
        return None

    def _decide(self, reading: Reading, settled: Focus) -> Plan:
        """What is still missing, or the calls."""
        vocabulary = self._vocabulary
        missing = missing_experiment(settled, vocabulary)
        for item in (settled.experiment, *settled.also):
            missing = missing or nothing_to_show(replace(settled, experiment=item), vocabulary)
        if missing:
            return missing
        populations = settled.populations or ((self._population,) if self._population else ())
        needed = NEEDS_POPULATION & set(settled.intents) and not without_marts(settled)
        needed = needed or ("srm" in settled.intents and settled.experiment is None)
        if needed and not populations:
            return replies.ask_back(
                "Which population: itt or exposed?",
                ("--population itt", "--population exposed"),
                settled,
                vocabulary,
                interpretation=interpretation(replace(settled, populations=()), vocabulary, reading),
            )
        resolved = replace(settled, populations=populations)
        return Plan(
            interpretation=interpretation(resolved, vocabulary, reading),
            calls=calls_for(resolved),
            focus=kept.write(settled, vocabulary, spoken=settled.populations),
            warnings=(NOTE,) if settled.also else (),
        )


def _shown(plan: Plan) -> Plan:
    """The plan with its sentences fit to be shown: ids and segments come from the database as they are."""
    return replace(
        plan,
        interpretation=plain(plan.interpretation),
        question_back=plain(plan.question_back),
        choices=tuple(map(plain, plan.choices)),
    )


def _why(reading: Reading, before: Focus) -> Reading:
    """A bare "why?" after a decision or a health check asks for the reasons that those answers carry."""
    bare = reading.unsupported == "cause" and not reading.explicit and not reading.unread and not reading.links.metrics
    if bare and reading.experiment_from_focus and before.intents and before.intents[0] in _ANSWERS_TO_WHY:
        return replace(reading, unsupported="", intents=before.intents)
    return reading
