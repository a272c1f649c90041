"""What a reader gets to see of a model's prose: sentence by sentence, each after it was held against the evidence."""

from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.ask.prose import Piece, Sentences

Check = Callable[[str], str]
"""Why a sentence is withheld; empty where it may be shown."""
Show = Callable[[str], None]


@dataclass(slots=True)
class Teller:
    """Takes prose as it comes, shows what holds, and remembers both that and what was withheld."""

    check: Check
    show: Show
    shown: list[str] = field(default_factory=list)
    """Lines of the text, marks of what was withheld among them."""
    withheld: list[str] = field(default_factory=list)
    """The sentences that were not shown, for the record."""
    reasons: list[str] = field(default_factory=list)
    _sentences: Sentences = field(default_factory=Sentences)
    _seen: set[str] = field(default_factory=set)
    _marked: str = ""

    def say(self, text: str) -> None:
        """A piece of prose."""
        for piece in self._sentences.take(text):
            self._tell(piece)

    def stop(self) -> None:
        """Nothing more comes for now: what is left is a sentence as it stands."""
        for piece in self._sentences.rest():
            self._tell(piece)

    @property
    def text(self) -> str:
        """Everything that was shown."""
        return "\n".join(self.shown)

    @property
    def said(self) -> bool:
        """Whether any sentence was shown that is not a mark."""
        return bool(self._seen)

    def _tell(self, piece: Piece) -> None:
        if piece.text in self._seen:
            return  # a model that goes round in circles
        reason = self.check(piece.text) if piece.text else "a text without an end"
        if reason:
            self.withheld.append(piece.text)
            self.reasons.append(reason)
            if reason != self._marked:
                self._write(f"[withheld: {reason}]", starts_line=piece.starts_line)
            self._marked = reason
            return
        self._marked = ""
        self._seen.add(piece.text)
        self._write(piece.text, starts_line=piece.starts_line)

    def _write(self, text: str, *, starts_line: bool) -> None:
        if starts_line or not self.shown:
            self.shown.append(text)
        else:
            self.shown[-1] += f" {text}"
        self.show(f"\n{text}" if starts_line else f" {text}")
