"""What a model's calls are about, in the offline planner's words: how metrics read, what a follow-up leans on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gateway.ask import focus as kept
from gateway.ask.focus import Focus
from gateway.ask.memory import KEY
from gateway.ask.vocabulary import Vocabulary
from gateway.errors import GatewayError
from gateway.ports import ToolCall
from gateway.tools.base import ToolContext


@dataclass
class Subjects:
    """Subjects of one question's calls. The names are read when the first is asked for."""

    ctx: ToolContext

    def of(self, calls: Sequence[ToolCall], before: Mapping[str, Any]) -> dict[str, Any]:
        """The focus that these calls leave. Where nothing was called, it is what it was before."""
        about = [call for call in calls if call.arguments.get("experiment_id") or call.tool == "rank_experiments"]
        if not about:
            return {name: value for name, value in before.items() if name != KEY}
        if self._vocabulary is None:
            return {}
        return kept.write(_settled(about, self._vocabulary), self._vocabulary, spoken=())

    @cached_property
    def _vocabulary(self) -> Vocabulary | None:
        """None for a role that may not read the names: it still gets its answers."""
        try:
            return Vocabulary.load(self.ctx.query_all, self.ctx.contract, self.ctx.policy.role)
        except GatewayError:
            return None


def _settled(about: Sequence[ToolCall], vocabulary: Vocabulary) -> Focus:
    """About one experiment where all calls are; the metrics are those that were named."""
    ids = dict.fromkeys(str(call.arguments.get("experiment_id", "")) for call in about)
    experiment = vocabulary.experiment(next(iter(ids))) if len(ids) == 1 else None
    last = about[-1].arguments
    named = last.get("metric_ids") or [last.get("metric_id")]
    metrics = [str(metric) for metric in named if metric] if isinstance(named, list | tuple) else []
    level = last.get("level")
    return Focus(
        intents=("outcome",) if experiment else ("rank",),
        experiment=experiment,
        metrics=tuple(metrics) if experiment else (),
        level=float(level) if isinstance(level, int | float) else None,
    )
