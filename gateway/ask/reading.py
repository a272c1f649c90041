"""What one question says: what it asks for, about which things, and which of its words were not understood."""

from dataclasses import dataclass, field
from typing import Literal

from gateway.ask import planning
from gateway.ask.links import Links

Intent = Literal[
    "outcome", "decision", "health", "srm", "guardrail", "trend", "arms", "rank", "segments", "running", "ended",
    "list", "plan",
    "help", "metrics", "dimensions", "marts", "meaning", "about", "arm_list",
]  # fmt: skip

LONGEST = 2_000
"""Characters of a question. Longer texts are documents, not questions."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """How experiments are to be ordered."""

    by: str = "lift"
    order: str = "best"
    limit: int | None = None
    direction: str = ""
    """'up' or 'down' where the question speaks of the number itself ("biggest drop"), not of better or worse."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a question says. Empty parts were not mentioned."""

    intents: tuple[Intent, ...] = ()
    links: Links = field(default_factory=Links)
    experiment_from_focus: bool = False
    populations: tuple[str, ...] = ()
    levels: tuple[float, ...] = ()
    windows: tuple[float, ...] = ()
    """Days of a window that was named beside the metric's own."""
    whole: bool = False
    """All units, explicitly: drops a segment the conversation was about."""
    all_metrics: bool = False
    """Every metric, explicitly: drops those the conversation was about."""
    all_arms: bool = False
    direction: str = ""
    ranking: Ranking = Ranking()
    daily: bool = False
    pairwise: bool = False
    """Sets two treatments against each other."""
    contest: bool = False
    """Asks which of two experiments beats the other."""
    interleaved: bool = False
    """Names several experiments, each with a metric of its own."""
    plan: planning.Planned | None = None
    """What is to be planned, where that is the question."""
    unsupported: str = ""
    """A kind of question that no tool answers, and the words that say it."""
    unsupported_words: str = ""
    refusal: str = ""
    sql: bool = False
    unread: tuple[str, ...] = ()
    """Words that were not understood, as typed."""
    follow_up: bool = False
    """Begins as a question does that continues a conversation ("and …", "only …", "what about …")."""
    explicit: bool = False
    """Has a question of its own, rather than only naming things."""

    @property
    def is_empty(self) -> bool:
        """Nothing in it was recognised."""
        return not (
            self.intents
            or self.links.names_anything
            or self.populations
            or self.levels
            or self.unsupported
            or self.whole
            or self.all_metrics
            or self.all_arms
        )
