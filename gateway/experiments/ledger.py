"""What a conversation has examined of each experiment, and what its p-values are worth after that.

Whoever looks at enough metrics, segments and days finds an effect. The family that p-values are corrected over is, for
each experiment, every distinct hypothesis that the conversation has been shown a p-value of: a metric, an arm against
its control, a population, a segment or the whole. Asking again of the same data adds nothing. New data is a new look:
for a fixed-horizon p-value it is one more test and joins the family; an always-valid p-value holds at every look by
itself, so that the newest takes the place of the one before. Days of a trend are always-valid too, and only counted.
Holm's correction holds whatever the dependence between the tests.
"""

import threading
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from gateway.answer import Evidence, Looks
from gateway.stats.holm_few import holm_few

ALPHA: Final = 0.05
"""What verdicts are judged at."""
MAX_CONVERSATIONS: Final = 1_024
MAX_EXPERIMENTS: Final = 256
"""Of one conversation; the one that was asked about longest ago is forgotten first."""
_WORN: Final = "comparisons of this conversation"
HANDED_IN: Final = "handed_in"
"""The experiment of arms that came with the question: of which one nobody knows, so none is counted."""


class Hypothesis(NamedTuple):
    """One effect that may or may not be there."""

    metric_id: str
    variation_id: str
    control_variation_id: str
    population: str
    dimension: str | None
    dimension_value: str | None


State = tuple[int | None, float | None, int | None, float | None]
"""Both arms' units and values: the same numbers are the same data."""


@dataclass(slots=True)
class _Examined:
    """What has been seen of one experiment."""

    seen: dict[Hypothesis, set[State]] = field(default_factory=dict)
    tests: dict[tuple[Hypothesis, State | None], float] = field(default_factory=dict)
    """P-values. An always-valid one stands for all states of its hypothesis."""
    days: set[str] = field(default_factory=set)

    def add(self, item: Evidence) -> None:
        hypothesis = _hypothesis(item)
        self.seen.setdefault(hypothesis, set()).add(_state(item))
        if item.p_value is not None:
            self.tests[_test(item)] = item.p_value

    def looks(self, experiment_id: str) -> Looks:
        return Looks(
            experiment_id=experiment_id,
            metrics=len({one.metric_id for one in self.seen}),
            variations=len({one.variation_id for one in self.seen}),
            populations=len({one.population for one in self.seen}),
            segments=len({(one.dimension, one.dimension_value) for one in self.seen if one.dimension is not None}),
            days=len(self.days),
            looks=max((len(states) for states in self.seen.values()), default=0),
            comparisons=len(self.tests),
        )


class Ledger:
    """One conversation. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._examined: OrderedDict[str, _Examined] = OrderedDict()

    def look(
        self, evidence: Sequence[Evidence], days: Mapping[str, Collection[str]] | None = None
    ) -> tuple[list[Evidence], list[Looks]]:
        """Count what is being shown, and say what it comes to: the evidence with its corrected p-values, in its order,
        and one summary for each experiment. `days` are those of trends, by experiment."""
        counted = [item for item in evidence if item.experiment_id != HANDED_IN]
        names = list(dict.fromkeys(item.experiment_id for item in counted))
        with self._lock:
            for item in counted:
                self._of(item.experiment_id).add(item)
            for name in names:
                self._of(name).days |= set((days or {}).get(name, ()))
            corrected = {name: _corrected(self._of(name)) for name in names}
            looks = [self._of(name).looks(name) for name in names]
            self._forget()
        return [_with_p(item, corrected) for item in evidence], looks

    def _of(self, experiment_id: str) -> _Examined:
        examined = self._examined.setdefault(experiment_id, _Examined())
        self._examined.move_to_end(experiment_id)
        return examined

    def _forget(self) -> None:
        while len(self._examined) > MAX_EXPERIMENTS:
            self._examined.popitem(last=False)


class Ledgers:
    """The ledgers of the conversations that go on, the longest silent forgotten first. Safe to use from threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ledgers: OrderedDict[tuple[str, ...], Ledger] = OrderedDict()

    def of(self, principal: str, conversation: str) -> Ledger:
        """The ledger of one principal's conversation; without a conversation, one that is used once."""
        if not conversation:
            return Ledger()
        with self._lock:
            ledger = self._ledgers.setdefault((principal, conversation), Ledger())
            self._ledgers.move_to_end((principal, conversation))
            while len(self._ledgers) > MAX_CONVERSATIONS:
                self._ledgers.popitem(last=False)
        return ledger


def warned(warnings: Iterable[str], evidence: Iterable[Evidence], looks: Iterable[Looks]) -> list[str]:
    """The warnings, and one for each verdict that does not survive the correction; earlier ones of that kind make way.

    The verdict itself stays what it is.
    """
    comparisons = {each.experiment_id: each.comparisons for each in looks}
    worn = [
        f"{item.experiment_id}, {_named(item)}: {item.verdict} by itself, but p is {item.p_value_looks:.2g} "
        f"once corrected for the {comparisons[item.experiment_id]} {_WORN}"
        for item in evidence
        if item.verdict in ("better", "worse") and item.p_value_looks is not None and item.p_value_looks > ALPHA
        if item.experiment_id in comparisons
    ]
    return list(dict.fromkeys((*(note for note in warnings if not note.endswith(_WORN)), *worn)))


def _named(item: Evidence) -> str:
    segment = f", {item.dimension} = {item.dimension_value}" if item.dimension else ""
    return f"{item.metric_id} of {item.variation_id} ({item.analysis_population}{segment})"


def _hypothesis(item: Evidence) -> Hypothesis:
    return Hypothesis(
        item.metric_id,
        item.variation_id,
        item.control_variation_id,
        item.analysis_population,
        item.dimension,
        item.dimension_value,
    )


def _state(item: Evidence) -> State:
    return (item.control.n, item.control.value, item.treatment.n, item.treatment.value)


def _test(item: Evidence) -> tuple[Hypothesis, State | None]:
    return _hypothesis(item), None if item.basis == "always_valid" else _state(item)


def _corrected(examined: _Examined) -> dict[tuple[Hypothesis, State | None], float]:
    return dict(zip(examined.tests, holm_few(list(examined.tests.values())), strict=True))


def _with_p(item: Evidence, corrected: Mapping[str, Mapping[tuple[Hypothesis, State | None], float]]) -> Evidence:
    if item.p_value is None or item.experiment_id not in corrected:
        return item
    return item.model_copy(update={"p_value_looks": corrected[item.experiment_id][_test(item)]})
