"""A pattern over the words of a question, compiled when it is first needed."""

import re
from functools import cached_property


class Cued:
    """A pattern that is compiled only for a question that holds one of its cues: compiling them all would cost more
    than answering does. A cue is the beginning of a word; `*` stands for any question.
    """

    def __init__(self, cues: str, *alternatives: str) -> None:
        self._cues = tuple(cues.split())
        self.source = r"\b(?:" + "|".join(alternatives) + r")\b"

    @classmethod
    def exact(cls, cues: str, *parts: str) -> "Cued":
        """A pattern that brings its own anchors; `parts` are one text."""
        made = cls(cues)
        made.source = "".join(parts)
        return made

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(self.source)

    def matches(self, masked: str) -> list[re.Match[str]]:
        """Every match in the masked question that is not empty."""
        if "*" not in self._cues and not any(word.startswith(self._cues) for word in masked.split()):
            return []
        return [match for match in self._pattern.finditer(masked) if match.group()]
