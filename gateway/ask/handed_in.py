"""Arms typed with a question: "control 120 of 1,000, treatment 150 of 1,000", or means with spreads and sizes.

Only figures that say all a comparison needs become arms: conversions of units, or mean, standard deviation and size.
Nothing is worked out from less, and a word beside them that is not understood is asked about as everywhere.
"""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

_NUMBER: Final = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:\s?[km]\b)?"
_SHARE: Final = re.compile(
    rf"(?i)(?<![\w.,/%])(?P<part>{_NUMBER})\s*(?P<percent>%|per\s?cent\b)?\s*(?P<what>(?:[a-z][a-z-]*\s+){{0,3}}?)"
    rf"(?:out\s+of|of|/|from|among|amongst|in|over)\s*(?:a\s+total\s+of\s+|the\s+|"
    rf"its\s+)?(?P<whole>{_NUMBER})(?![\w%/])"
)
_FIGURE: Final = re.compile(
    rf"(?i)(?P<label>\b(?:mean|average|avg)\b|\b(?:sd|std|stdev|st\.? ?dev|standard\s+deviation|sigma)\b\.?|±|\+/-|"
    rf"\b(?:variance|var)\b|\b(?:n|size|sample(?:\s+size)?|units|users|visitors|customers|members|people)\b)"
    rf"|(?P<number>(?<![\w.])-?{_NUMBER}(?![\w%]))"
)
_KINDS: Final = {
    "m": "mean",
    "a": "mean",
    "±": "sd",
    "+": "sd",
    "v": "variance",
    "n": "n",
    "u": "n",
    "c": "n",
    "p": "n",
}
_PLUS_MINUS: Final = ("±", "+/-")
_FILLER: Final = re.compile(r"(?i)[\s=:,(;–-]*(?:\b(?:of|is|was|are|at)\b[\s=:]*)*")
BREAK: Final = re.compile(
    r"(?i)[,;.!?()]|\s[-–—|]\s|\b(?:vs|versus|against|and|with|than|to|while|whereas|but|compared?|or|is|was|are|"
    r"in)\b\.?"
)


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm as it was typed: where it stands, and what a comparison takes of it."""

    start: int
    end: int
    n: float
    conversions: float | None = None
    mean: float | None = None
    m2: float | None = None
    what: str = ""
    """What was counted, in the asker's word."""

    def given(self, name: str) -> dict[str, Any]:
        """As `compare_arms` takes it."""
        shape: dict[str, Any] = {"name": name, "n": int(self.n)}
        if self.conversions is not None:
            return shape | {"conversions": int(self.conversions)}
        return shape | {"mean": self.mean, "m2": self.m2}


def arms_in(text: str) -> tuple[Arm, ...]:
    """The arms that a text hands in, in its order; fewer than two are no comparison."""
    shares = tuple(arm for found in _SHARE.finditer(text) if (arm := _share(found)))
    return shares if len(shares) > 1 else _means(text)


def _share(found: re.Match[str]) -> Arm | None:
    part, whole = _amount(found["part"]), _amount(found["whole"])
    conversions = round(part / 100 * whole) if found["percent"] else part
    if whole != int(whole) or conversions != int(conversions) or not whole:
        return None
    return Arm(found.start(), found.end(), whole, conversions, what=" ".join(found["what"].split()))


def _amount(text: str) -> float:
    number = text.replace(",", "").replace(" ", "").casefold()
    times = {"k": 1_000, "m": 1_000_000}.get(number[-1], 1)
    return float(number.rstrip("km")) * times


def _means(text: str) -> tuple[Arm, ...]:
    """Groups of mean, spread and size that do not overlap, whichever stands first in each."""
    told: dict[str, list[tuple[float, int, int]]] = {"mean": [], "sd": [], "n": []}
    for kind, value, start, end in _labelled(text):
        if kind == "variance":
            kind, value = "sd", value**0.5
        told[kind].append((value, start, end))
    groups = [*zip(told["mean"], told["sd"], told["n"], strict=False)]
    if len(groups) < 2 or len({len(listed) for listed in told.values()}) > 1:
        return ()
    arms = [_mean(*group) for group in groups]
    apart = all(before.end <= after.start for before, after in pairwise(arms))
    return tuple(arms) if apart else ()


def _mean(mean: tuple[float, int, int], sd: tuple[float, int, int], n: tuple[float, int, int]) -> Arm:
    places = (mean, sd, n)
    start, end = min(start for _, start, _ in places), max(end for *_, end in places)
    return Arm(start, end, n[0], mean=mean[0], m2=(n[0] - 1) * sd[0] ** 2)


def _labelled(text: str) -> list[tuple[str, float, int, int]]:
    """Each number with the label before it, or else with the one behind it: "mean 5.2", "5.2 mean"."""
    tokens, found, place = list(_FIGURE.finditer(text)), [], 0
    while place < len(tokens) - 1:
        first, second = tokens[place], tokens[place + 1]
        joined = _near(text, first, second)
        third = tokens[place + 2] if place + 2 < len(tokens) else None
        if joined and first["number"] and second.group() in _PLUS_MINUS:
            found.append(("mean", _signed(first["number"]), first.start(), first.end()))
            place += 1
            continue
        labelled = second["label"] and not (third and third["number"] and _near(text, second, third))
        if joined and ((first["label"] and second["number"]) or (first["number"] and labelled)):
            label, number = (first, second) if first["label"] else (second, first)
            found.append((_kind(label["label"]), _signed(number["number"]), first.start(), second.end()))
            place += 2
        else:
            place += 1
    return found


def _near(text: str, label: re.Match[str], number: re.Match[str]) -> bool:
    return _FILLER.fullmatch(text, label.end(), number.start()) is not None


def _kind(label: str) -> str:
    word = label.casefold()
    return "sd" if word.startswith("s") and not word.startswith(("size", "sample")) else (
        "n" if word.startswith("s") else _KINDS[word[0]]
    )  # fmt: skip


def _signed(text: str) -> float:
    return -_amount(text[1:]) if text.startswith("-") else _amount(text)
