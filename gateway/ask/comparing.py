"""A question that hands arms in becomes one comparison, once it is said whether their test has ended.

While a test runs, looking early is judged by another interval; which one holds only the asker knows, so it is asked.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

from gateway.ask import replies
from gateway.ask.beyond import UNSUPPORTED
from gateway.ask.handed_in import BREAK, Arm, arms_in
from gateway.ask.lexical import is_lexical
from gateway.ask.lexicon import HARMLESS
from gateway.ask.linking import context_names
from gateway.ask.phrases import few
from gateway.ask.text import Board, Word, words_of
from gateway.ask.vocabulary import Vocabulary
from gateway.ports import Plan, ToolCall

_RUNNING: Final = re.compile(
    r"(?i)\b(?:still (?:running|live|going|on|collecting|open)|running|ongoing|in progress|so far|interim|live|"
    r"(?:(?:has|is|was|have|are) not|not|hasn't|isn't)(?: yet)? (?:over|ended|finished|done|complete[d]?)(?: yet)?)\b"
)
_ENDED: Final = re.compile(
    r"(?i)\b(?:(?:has|have|is|was|are|it|we) )*(?:ended|finished|over|completed?|concluded|final|done|stopped|closed)\b"
)
_LOWER: Final = re.compile(
    r"(?i)\b(?:lower|less|fewer|smaller) (?:is|are) (?:better|good)|\bshould (?:fall|drop|decrease|go down|be low)|"
    r"\bthe (?:lower|fewer|less) the better"
)
_LEVEL: Final = re.compile(
    r"(?i)\b(?:at|with|and)?\s*(?:an?|the)?\s*(\d+(?:\.\d+)?)\s?% (?:confidence|ci|intervals?|level)"
    r"(?: (?:level|intervals?))*"
)
_SPLIT: Final = re.compile(
    r"(?i)(?:planned|split|allocat\w*)(?: \w+){0,3}?[\s:]*(\d+(?:\s*[/:]\s*\d+)+)"
    r"|(\d+(?:\s*[/:]\s*\d+)+)\s*(?:planned |traffic )?(?:split|allocation|plan)"
)
_POPULATION: Final = re.compile(r"(?i)\b(itt|exposed|intent(?:ion)?[- ]to[- ]treat)\b")
_NAME: Final = re.compile(
    r"(?i)\b((?:control|baseline|treatment|variant|variation|version|arm|group|option|cell)(?:\s+(?:group|arm|[a-z]|"
    r"\d+)"
    r"\b)?|(?-i:[A-H]))\b"
)
_BEHIND: Final = re.compile(
    r"(?i)\s*(?:\w+\s+)?(?:in|for|on|with|under) (?:the )?((?:control|baseline|treatment|variant|variation|version|"
    r"arm|group)"
    r"(?:\s+(?:[a-z]|\d+)\b)?|(?-i:[A-H]))\b"
)
"""A name that stands behind its figures: "45 of 900 visitors in A"."""
_VERBS: Final = frozenset(
    ("had", "has", "have", "got", "gets", "saw", "sees", "made", "reached", "converted", "showed", "shows", "brought",
     "won", "counted")
)  # fmt: skip
_CONTROLS: Final = ("control", "baseline", "control group", "control arm", "no treatment")
_KEPT: Final = "handed_in"
_LIMITS: Final = tuple(UNSUPPORTED[kind] for kind in ("cause", "forecast", "dates", "coarse", "exclusion", "method"))


def read(question: str, focus: dict[str, Any], vocabulary: Vocabulary, population: str | None) -> Plan | None:
    """The plan for arms that a question hands in, or for what a question adds to those of the one before."""
    text = " ".join(question.replace("’", "'").split())
    said, rest = _settings(text)
    arms = arms_in(rest)
    if len(arms) < 2:
        return _continued(said, rest, focus, vocabulary, population)
    names, strangers = _named(rest, arms)
    impossible = [arm for arm in arms if arm.conversions is not None and arm.conversions > arm.n]
    if impossible:
        shown = f"{impossible[0].conversions:,.0f} of {impossible[0].n:,.0f}"
        return _lost(f"{shown} can't be: which is the number of units?", vocabulary, focus)
    if strangers:
        shown = few([f"“{word}”" for word in strangers], 6)
        return _lost(f"I read {len(arms)} arms, and did not understand {shown} beside them.", vocabulary, focus)
    given: dict[str, Any] = {"arms": [arm.given(name) for arm, name in zip(arms, names, strict=True)], **said}
    control = next((name for name in names if name.casefold() in _CONTROLS), None)
    given |= {"control": control} if control and control != names[0] else {}
    given |= {"aggregation": "mean"} if arms[0].mean is not None else {}
    given |= _metric(arms[0].what, vocabulary)
    return _settled(given, question, focus, vocabulary, population)


def _settings(text: str) -> tuple[dict[str, Any], str]:
    """What is said beside the arms, and the text without it."""
    said: dict[str, Any] = {}
    level, split = _LEVEL.search(text), _SPLIT.search(text)
    if level:
        said["level"] = round(float(level[1]) / 100, 6)
    if split:
        said["split"] = [float(part) for part in re.split(r"\s*[/:]\s*", split[1] or split[2])]
    running, lower, population = _RUNNING.search(text), _LOWER.search(text), _POPULATION.search(text)
    if running or _ENDED.search(text):
        said["running"] = bool(running)
    if lower:
        said["desired"] = "decrease"
    if population:
        said["population"] = "exposed" if population[1].casefold() == "exposed" else "itt"
    for pattern in (_LEVEL, _SPLIT, _RUNNING, _ENDED, _LOWER, _POPULATION):
        text = pattern.sub(" , ", text)
    return said, text


def _named(text: str, arms: Sequence[Arm]) -> tuple[list[str], list[str]]:
    """What each arm is called, by the words before it, and the words that nobody understands."""
    behind = [_BEHIND.match(text, arm.end) for arm in arms]
    if all(behind):
        told = [found[1] for found in behind if found]
        pieces = [
            text[place : arm.start] for place, arm in zip([0, *(f.end() for f in behind if f)], arms, strict=False)
        ]
        rest = text[max(found.end() for found in behind if found) :]
        loose = [piece for part in (*pieces, rest) for piece in BREAK.split(part)]
        return told, _strangers(loose, unit_noun=False)
    names: list[str] = []
    strangers: list[str] = []
    place = 0
    for arm in arms:
        *before, last = BREAK.split(text[place : arm.start])
        name = _name(last if before or place == 0 else "")
        names.append(name or "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[len(names) % 26])
        strangers += _strangers(before, unit_noun=place > 0) if before or place == 0 else _strangers([last], True)
        place = arm.end
    return names, [*strangers, *_strangers(BREAK.split(text[place:]), unit_noun=True)]


def _name(text: str) -> str:
    found = _NAME.search(text)
    if found is not None:
        return str(found.group(1))
    words: list[str] = [word for word in re.findall(r"[\w'-]+", text) if word.casefold() not in _VERBS]
    if len(words) == 1 and len(words[0]) == 1:
        return words[0]
    own = [word for word in words if word.casefold() not in HARMLESS and not is_lexical(word.casefold())]
    kept = [word for word in words if word in own or word.casefold() in ("new", "old")]
    return " ".join(kept) if own and len(kept) <= 3 else ""


def _strangers(pieces: Sequence[str], unit_noun: bool) -> list[str]:
    """Words of the pieces that carry a meaning nobody read. The first piece behind an arm may be what its units are."""
    found = []
    for place, piece in enumerate(pieces):
        words = words_of(piece)
        found += [
            match.group() for pattern in _LIMITS for match in pattern.matches(" ".join(word.text for word in words))
        ]
        if unit_noun and place == 0 and len(words) <= 2 and all(word.text.isalpha() for word in words):
            continue
        found += [word.raw for word in words if not _is_understood(word)]
    return list(dict.fromkeys(found))


def _is_understood(word: Word) -> bool:
    return not word.is_hard and (word.text in HARMLESS or word.text in _VERBS or is_lexical(word.text))


def _metric(what: str, vocabulary: Vocabulary) -> dict[str, Any]:
    """What was counted, and whether it should fall: known where it is a metric's name."""
    words = [word for word in words_of(what) if word.text not in HARMLESS]
    if not words:
        return {}
    index = context_names(vocabulary, None, segments=False)
    hit = next(index.exact(Board(words), lambda start, end, _: end - start == len(words)), None)
    known = vocabulary.metrics() | {} if hit is None else {key[1]: key[1] for key in hit.keys}
    falls = hit is not None and all(_falls(metric, vocabulary) for metric in known)
    return {"metric": " ".join(word.raw for word in words)} | ({"desired": "decrease"} if falls else {})


def _falls(metric_id: str, vocabulary: Vocabulary) -> bool:
    known = vocabulary.catalogue.get(metric_id) or vocabulary.metrics().get(metric_id)
    return known is not None and known.desired == "decrease"


def _continued(
    said: dict[str, Any], rest: str, focus: dict[str, Any], vocabulary: Vocabulary, population: str | None
) -> Plan | None:
    """ "It has ended", "at 99 % confidence": changes the comparison that the conversation is about."""
    before = focus.get(_KEPT)
    if not before or not said or not all(map(_is_understood, words_of(rest))):
        return None
    return _settled({**before, **said}, "", focus, vocabulary, population)


def _settled(
    given: dict[str, Any], question: str, focus: dict[str, Any], vocabulary: Vocabulary, population: str | None
) -> Plan:
    """The call, or the question about what is still missing."""
    kept = {
        **{key: value for key, value in focus.items() if key == "populations"},
        _KEPT: given,
        "intents": ["compare"],
    }
    said = _sentence(given)
    whole = question.rstrip(" ?.!")
    if "running" not in given:
        choices = (
            [f"{whole}; the test has ended", f"{whole}; it is still running"]
            if whole
            else ["It has ended", "It is still running"]
        )
        text = (
            "Has the test ended, or is it still running? While it runs, only an interval made for looking early holds."
        )
        return Plan(said, question_back=text, choices=tuple(choices), focus=kept)
    population = given.get("population") or population
    if population is None:
        choices = ["--population itt", "--population exposed"]
        return Plan(said, question_back="Which population: itt or exposed?", choices=tuple(choices), focus=kept)
    arguments = {key: value for key, value in given.items() if key != "split"} | {"population": population}
    if "split" in given:
        names = [arm["name"] for arm in given["arms"]]
        if len(given["split"]) != len(names):
            return _lost(
                f"The planned split has {len(given['split'])} shares for {len(names)} arms.", vocabulary, focus
            )
        arguments["shares"] = dict(zip(names, given["split"], strict=True))
    return Plan(said, (ToolCall("compare_arms", arguments),), focus=kept)


def _lost(why: str, vocabulary: Vocabulary, focus: dict[str, Any]) -> Plan:
    text = (
        f"{why} Arms can be handed in as conversions of units (“120 of 1,000 against 150 of 1,000, the test has "
        "ended”), or as mean, standard deviation and units."
    )
    return Plan(question_back=text, choices=replies.lost(vocabulary, "").choices, focus=focus)


def _sentence(given: dict[str, Any]) -> str:
    arms = [f"{arm['name']} {_figures(arm)}" for arm in given["arms"]]
    control = given.get("control") or given["arms"][0]["name"]
    running = {True: ", judged while the test runs", False: ", judged at its end", None: ""}[given.get("running")]
    level = f", {100 * given['level']:.4g} % intervals" if "level" in given else ""
    lower = ", lower is better" if given.get("desired") == "decrease" else ""
    return f"Arms handed in: {', '.join(arms)}; {control} is the control{running}{level}{lower}."


def _figures(arm: dict[str, Any]) -> str:
    if "conversions" in arm:
        return f"{arm['conversions']:,} of {arm['n']:,}"
    sd = (arm["m2"] / max(arm["n"] - 1, 1)) ** 0.5
    return f"mean {arm['mean']:g}, standard deviation {sd:g}, {arm['n']:,} units"
