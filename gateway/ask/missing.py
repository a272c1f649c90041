"""What only the asker can say: which experiment, best or worst, by which segments."""

from gateway.ask import replies
from gateway.ask.calls import EXPERIMENT_FREE
from gateway.ask.focus import Focus
from gateway.ask.phrases import few, question
from gateway.ask.plan_calls import without_marts
from gateway.ask.vocabulary import Vocabulary
from gateway.ports import Plan


def missing_experiment(settled: Focus, vocabulary: Vocabulary) -> Plan | None:
    if settled.experiment is not None or EXPERIMENT_FREE & set(settled.intents) or without_marts(settled):
        return None
    intent = settled.intents[0]
    fitting = [item for item in vocabulary.experiments if not settled.metrics or any(map(item.metric, settled.metrics))]
    if settled.metrics and not fitting:
        labels = few([vocabulary.label(metric) for metric in settled.metrics])
        return replies.lost(vocabulary, f"No experiment here measures {labels}.")
    choices = []
    for item in fitting:
        label = next((metric.label for metric in item.metrics if metric.id in settled.metrics), "")
        choices.append(question(intent, vocabulary.title(item), metric=label, plan=settled.plan))
    if "outcome" in settled.intents:
        choices.insert(0, "Which experiment had the biggest lift?") if not settled.metrics else None
    titles = [vocabulary.title(item) for item in fitting]
    why = " A plan starts from what a metric is without treatment, and takes that from one." if settled.plan else ""
    text = f"Which experiment?{why} There is: {few(titles) or 'none yet'}."
    return replies.ask_back(text, choices, settled, vocabulary)


def nothing_to_show(settled: Focus, vocabulary: Vocabulary) -> Plan | None:
    """Things that this experiment does not have: guardrails, segments, or any metric."""
    experiment = settled.experiment
    if "rank" in settled.intents:
        return _which_direction(settled, vocabulary)
    if experiment is None:
        return None
    title = vocabulary.title(experiment)
    if "guardrail" in settled.intents and not experiment.guardrails:
        choices = [question("outcome", title), question("decision", title)]
        return replies.ask_back(
            f"{title} has no guardrail metrics, so none could be breached.", choices, settled, vocabulary
        )
    if "dimensions" in settled.intents:
        names = [f"{item.name} ({few(item.values, 8)})" for item in vocabulary.dimensions(experiment.id)]
        choices = [
            question("outcome", title, segment=f"by {item.name}") for item in vocabulary.dimensions(experiment.id)
        ]
        text = f"{title} can be broken down by {few(names)}. By which?" if names else f"{title} has no segments."
        return replies.ask_back(text, choices or [question("outcome", title)], settled, vocabulary)
    return None


def _which_direction(settled: Focus, vocabulary: Vocabulary) -> Plan | None:
    """ "Biggest rise" of a metric that should fall: best or worst? Better asked than guessed."""
    ranking = settled.ranking
    known = vocabulary.metrics()
    desired = {metric: known[metric].desired for metric in settled.metrics if metric in known}
    lower = [metric for metric, wanted in desired.items() if wanted == "decrease"]
    if lower and ranking.order == "worst" and ranking.direction == "down":  # "lowest": the number, or the effect?
        return _best_or_worst(settled, vocabulary, lower=True)
    if len(settled.metrics) > 1:
        choices = [f"Which experiment had the biggest lift in metric {metric}?" for metric in settled.metrics]
        return replies.ask_back("One metric at a time: which is the ranking by?", choices, settled, vocabulary)
    if not ranking.direction or (settled.metrics and (ranking.direction == "up") == (not lower)):
        return None
    if not settled.metrics:
        return None if ranking.order == "worst" or ranking.direction == "up" else replies.ask_back(
            "Best or worst? Each experiment's own metric may be one that should rise or fall.",
            ("Which experiment had the best effect?", "Which experiment had the worst effect?"), settled, vocabulary,
        )  # fmt: skip
    return _best_or_worst(settled, vocabulary, lower=bool(lower))


def _best_or_worst(settled: Focus, vocabulary: Vocabulary, *, lower: bool) -> Plan:
    label, name = vocabulary.label(settled.metrics[0]), f"metric {settled.metrics[0]}"
    better = "lower" if lower else "higher"
    text = f"For {label}, {better} is better: is this about the best or the worst experiments?"
    both = (f"Which experiment had the best effect on {name}?", f"Which experiment had the worst effect on {name}?")
    return replies.ask_back(text, both, settled, vocabulary)
