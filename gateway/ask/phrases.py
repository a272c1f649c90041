"""Sentences about a plan: what was understood, and complete questions to choose from, which read back as meant."""

from collections.abc import Sequence

from gateway.ask.focus import Focus
from gateway.ask.planning import Planned
from gateway.ask.vocabulary import Arm, Experiment, Vocabulary

POPULATION = {"itt": "intent-to-treat", "exposed": "exposed units"}


def listed(names: Sequence[str], last: str = "and") -> str:
    """ "a, b and c"."""
    return f" {last} ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else ""


def few(names: Sequence[str], most: int = 8) -> str:
    """A list cut to a readable length, saying that it was cut."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def on_metrics(settled: Focus, vocabulary: Vocabulary) -> str:
    labels = [vocabulary.label(metric, settled.experiment) for metric in settled.metrics]
    return listed(labels) if labels else "every metric, the primary first"


def between_arms(experiment: Experiment, chosen: Sequence[str] = ()) -> str:
    """ "treatment vs control", or each of several."""
    arms: list[Arm] = [arm for arm in experiment.treatments if not chosen or arm.id in chosen]
    control = experiment.control.name if experiment.control else "control"
    each = "each " if len(arms) > 1 else ""
    return f"{listed([arm.name for arm in arms]) or 'treatment'} {each}vs {control}"


def among(settled: Focus) -> str:
    """The units that an effect is over, in words."""
    if settled.values:
        return f"{settled.dimension} = {listed(settled.values)}"
    return f"by {settled.dimension}" if settled.dimension else "all units"


def question(
    intent: str, title: str, *, metric: str = "", segment: str = "", arms: Sequence[str] = (),
    plan: Planned | None = None,
) -> str:  # fmt: skip
    """A complete question of one kind about one experiment."""
    on = f" on {metric}" if metric else ""
    match intent:
        case "plan":
            return plan_question(plan or Planned(), title, on)
        case "decision":
            return f"Should we launch {title}?"
        case "health":
            return f"Is exposure logging healthy for {title}?"
        case "srm":
            return f"Is there a sample ratio mismatch in {title}?"
        case "guardrail":
            return f"Is any guardrail breached in {title}?"
        case "trend":
            return f"What was the effect of {title}{on} over time?"
        case "arms":
            return f"Which arm of {title} is best{on}?"
        case "about":
            return f"What is the status of {title}?"
        case "arm_list":
            return f"List the arms of {title}"
        case "metrics":
            return f"Which metrics does {title} have?"
        case "dimensions":
            return f"Which segments does {title} have?"
        case _:
            who = f"{listed(list(arms))} in {title}" if arms else title
            return f"What was the effect of {who}{on}{f' {segment}' if segment else ''}?"


def plan_question(plan: Planned, title: str, on: str) -> str:
    """A planning question with the figures that were read."""
    shown = ""
    if plan.effects:
        effect = f"{100 * plan.effects[0]:.4g}"
        shown = f"{effect} percentage points" if plan.points else f"{effect}%"
        shown = f"a drop of {shown}" if plan.falling else f"an effect of {shown}"
    if not shown:
        open_ended = {"days": f"How long should {title} run{on}?", "units": f"How many units would {title} need{on}?"}
        return open_ended.get(plan.kind, f"What effect could {title} detect{on}?")
    if plan.kind == "days":
        return f"How long should {title} run to detect {shown}{on}?"
    if plan.kind == "units":
        return f"How many units would {title} need to detect {shown}{on}?"
    return f"Could {title} detect {shown}{on}?"


def examples(vocabulary: Vocabulary) -> tuple[str, ...]:
    """Questions that work here, made from what there is."""
    if not vocabulary.experiments:
        return ("What can I ask?",)
    first = vocabulary.experiments[0]
    title = vocabulary.title(first)
    metric = vocabulary.label(first.default_metric(), first) if first.metrics else ""
    return (
        question("outcome", title, metric=metric),
        question("decision", title),
        question("srm", title),
        question("health", title),
        "Which experiment had the biggest lift?",
        "What is running?",
        "What can I ask?",
    )
