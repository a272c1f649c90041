"""How an answer's parts read, wherever they are shown: its metrics, its intervals, what was examined."""

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.answer import Answer, Evidence
from gateway.cli import figures
from gateway.cli.card import MetricView, Views
from gateway.cli.plain import plain


def views_of(focus: Mapping[str, Any]) -> Views:
    """How the planner says that the metrics of an answer read. A proportion is believed where the values can be one."""
    metrics: Mapping[str, Mapping[str, str]] = focus.get("wording", {}).get("metrics", {})

    def view(item: Evidence) -> MetricView:
        wording = metrics.get(item.metric_id, {})
        values = (item.control.value, item.treatment.value)
        possible = all(value is None or 0 <= value <= 1 for value in values)
        label = wording.get("label", "")
        return MetricView(
            label="" if label == item.metric_id else label,
            proportion=wording.get("aggregation") == "occurrence" and possible,
            lower_is_better=wording.get("desired") == "decrease",
        )

    return view


def level_of(focus: Mapping[str, Any]) -> float:
    """Coverage of the intervals: 95 % unless the question asked otherwise."""
    return float(focus.get("level") or 0.95)


def looked(answer: Answer) -> Iterator[str]:
    """From the second comparison of an experiment on: what the conversation has examined, and what that makes of p."""
    for looks in answer.looks:
        if looks.comparisons < 2:
            continue
        known = [item.p_value_looks for item in answer.evidence if item.experiment_id == looks.experiment_id]
        corrected = sorted(p for p in known if p is not None)
        counts = ((looks.metrics, "metric"), (looks.variations, "treatment"), (looks.populations, "population"))
        parts = [f"{n} {word}s" for n, word in counts if n > 1]
        if looks.segments:
            parts.append(f"{looks.segments} segment{'s' * (looks.segments > 1)}")
        if looks.looks > 1:
            parts.append(f"{looks.looks} states of the data")
        told = f"{looks.comparisons} comparisons so far in this conversation" + (
            f": {', '.join(parts)}" if parts else ""
        )
        if corrected:
            least, most = (figures.p_value(p) for p in (corrected[0], corrected[-1]))
            told += f"; p corrected for them {least if least == most else f'{least} to {most}'}"
        yield plain(f"{looks.experiment_id}: {told}" if len(answer.looks) > 1 else told)
