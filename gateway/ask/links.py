"""What the names in a question stand for: the experiments, metrics, arms and segments, or what two of them share."""

from dataclasses import dataclass, field
from typing import Literal

from gateway.ask.names import Thing

MARKS = {"metric": "xmet", "foreign": "xfor", "arm": "xarm", "control": "xctl", "dimension": "xdim", "segment": "xseg"}


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """Words that stand for more than one thing, or for one thing not surely enough to act on."""

    kind: Literal["experiment", "metric", "arm", "segment", "thing"]
    shown: str
    options: tuple[Thing, ...]


@dataclass(slots=True)
class Links:
    """What the names in a question stand for."""

    experiments: list[str] = field(default_factory=list)
    inferred: bool = False
    """The experiment was not named itself: an arm that only it has was."""
    metrics: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    """Metrics that exist, but not in this experiment."""
    arms: list[str] = field(default_factory=list)
    controls: list[str] = field(default_factory=list)
    dimensions: list[str] = field(default_factory=list)
    segments: list[tuple[str, str]] = field(default_factory=list)
    ambiguity: Ambiguity | None = None
    notes: list[str] = field(default_factory=list)
    """Corrections: what was typed and what it was read as."""
    places: dict[Thing, int] = field(default_factory=dict)
    """Where each thing was first named."""

    @property
    def names_anything(self) -> bool:
        """Whether the question names anything at all."""
        named = (self.experiments, self.metrics, self.foreign, self.arms, self.dimensions, self.segments)
        return any(named) or self.ambiguity is not None
