"""What a conversation is about after a model's calls, in the words of the offline planner.

With it the answer's cards know how its metrics read, and a follow-up makes sense also where the model is gone.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.ask import focus as kept
from gateway.ask.focus import Focus
from gateway.ask.vocabulary import Vocabulary
from gateway.errors import GatewayError
from gateway.ports import ToolCall
from gateway.tools.base import ToolContext


def subject(calls: Sequence[ToolCall], before: Mapping[str, Any], ctx: ToolContext) -> dict[str, Any]:
    """The focus that these calls leave. Where nothing was called, it is what it was."""
    about = [call for call in calls if call.arguments.get("experiment_id") or call.tool == "rank_experiments"]
    if not about:
        return {name: value for name, value in before.items() if name != "model"}
    try:
        vocabulary = Vocabulary.load(ctx.query_all, ctx.contract, ctx.policy.role)
        return kept.write(_settled(about, vocabulary), vocabulary, spoken=())
    except GatewayError:  # a role that may not read the names still gets its answer
        return {}


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
