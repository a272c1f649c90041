"""Which experiment, metrics, arms and segments a question names. What two things share is kept as an ambiguity."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from gateway.ask import catalogue, intents, lexicon, planning
from gateway.ask.lexicon import HARMLESS, Cued
from gateway.ask.matching import Hit, Index, Phrase
from gateway.ask.names import Thing, arm_names, experiment_names, metric_names, segment_names
from gateway.ask.text import Board, is_letter
from gateway.ask.vocabulary import Experiment, Vocabulary

MARKS = {"metric": "xmet", "foreign": "xfor", "arm": "xarm", "control": "xctl", "dimension": "xdim", "segment": "xseg"}
_NARROWING = frozenset(("on", "for", "by", "per", "across", "among", "from", "only", "within", "in",
                        "using", "via", "about", "not", "except", "excluding", "non", "and"))  # fmt: skip
_ARM_NOUNS = frozenset(("arm", "variant", "variation", "version", "treatment", "group", "option", "cell"))
_PEOPLE = frozenset(("user", "customer", "unit", "people", "visitor", "shopper", "device", "buyer", "segment", "only"))
_AGAINST = frozenset(("vs", "versus", "against", "than"))
_EXPERIMENT_NOUNS = frozenset(("experiment", "test"))
_TELLING = 8
"""Letters from which a part of a name is telling enough by itself."""
_OF_EXPERIMENTS = frozenset(("for", "in", "about", "of"))
_COMMON_PAIRS = frozenset(("no", "if", "go", "up", "he", "hi", "by", "or", "re", "am", "pm"))


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


def exact_experiments(board: Board, index: Index[str], links: Links) -> None:
    """Experiments named in full. A name made only of everyday words is no name in a sentence."""

    def allowed(start: int, end: int, _: Phrase) -> bool:
        words = board.words[start:end]
        everyday = all(word.text in HARMLESS or is_lexical(word.text) for word in words)
        as_an_id = len(words) > 1 and all(word.glued for word in words[1:])
        return not everyday or as_an_id or (len(words) > 1 and is_letter(board.words, end - 1))

    for hit in index.exact(board, allowed):
        if board.free(hit.start, hit.end):
            _claim_experiment(board, hit, links)


def _claim_experiment(board: Board, hit: Hit[str], links: Links) -> None:
    board.claim(hit.start, hit.end, "xexp")
    typed = _typed(board, hit.start, hit.end)
    if len(hit.keys) > 1:
        links.ambiguity = Ambiguity("experiment", typed, tuple(("experiment", key) for key in hit.keys))
    elif hit.keys[0] not in links.experiments:
        links.experiments.append(hit.keys[0])


def misspelled_experiment(board: Board, index: Index[str], links: Links, unread: list[int]) -> None:
    """An experiment named in full but for a slip."""
    hit = index.misspelled(board, unread) if unread else None
    if hit is not None:
        _claim_experiment(board, hit, links)
        links.notes.append(f"“{_typed(board, hit.start, hit.end)}”")


def experiment_by_part(board: Board, index: Index[str], links: Links, unread: list[int], *, reserved: set[int]) -> None:
    """An experiment named by a part of its name: taken if it is enough of it, otherwise kept to ask about."""
    places = [place for place in unread if place not in reserved and not board.marks[place]]
    if not places:
        return
    words = {board.words[place].stem for place in places}
    scores = index.partial(words)
    if not scores:
        return
    most = max(scores.values())
    best = tuple(key for key, score in scores.items() if score == most)
    run = [p for p in places if any(board.words[p].stem in phrase.stems for key in best for phrase in index.names(key))]
    start, end = _grow(board, index.names(best[0]), min(run), max(run) + 1)
    whole = {board.words[place].stem for place in range(start, end)} <= _stems(index.names(best[0]))
    if len(best) == 1 and whole and (links.inferred or _is_enough(board, index, best[0], start, end)):
        links.notes.append(f"“{_typed(board, start, end)}”")
        board.claim(start, end, "xexp")
        if best[0] not in links.experiments:
            links.experiments.append(best[0])
        return
    if most == 1 and _narrowed(board, run[0]) and len(board.words) > 3:
        return  # "on mobile" is a segment that is not there, not an experiment with mobile in its name
    for place in run:
        board.claim(place, place + 1, "xexp")
    shown = " ".join(board.words[place].raw for place in run)
    links.ambiguity = Ambiguity("experiment", shown, tuple(("experiment", key) for key in best))


def _is_enough(board: Board, index: Index[str], key: str, start: int, end: int) -> bool:
    """Part of a name is enough when it is most of it, in one piece, or is called an experiment in so many words."""
    said = [board.words[place].stem for place in range(start, end)]
    shares = [
        sum(len(stem) for stem in said if stem in phrase.stems) / len("".join(phrase.stems))
        for phrase in index.names(key)
        if set(said) <= set(phrase.stems)
    ]
    if shares and max(shares) >= (0.4 if len(said) >= 2 else 0.6) and len("".join(said)) >= _TELLING:
        return True
    named = end < len(board.words) and board.words[end].stem in _EXPERIMENT_NOUNS
    return named and bool(shares) and not (start and board.words[start - 1].text in _NARROWING - _OF_EXPERIMENTS)


def _grow(board: Board, phrases: list[Phrase], start: int, end: int) -> tuple[int, int]:
    """Take in neighbours that belong to the name too ("one" in "one checkout")."""
    known = _stems(phrases)
    while start > 0 and board.free(start - 1, start) and board.words[start - 1].stem in known:
        start -= 1
    while end < len(board.words) and board.free(end, end + 1) and board.words[end].stem in known:
        end += 1
    return start, end


def _stems(phrases: list[Phrase]) -> set[str]:
    return {stem for phrase in phrases for stem in phrase.stems}


def infer_by_arm(board: Board, vocabulary: Vocabulary, links: Links) -> None:
    """An arm whose full name only one experiment has names that experiment as well."""
    index: Index[str] = Index()
    for experiment in vocabulary.experiments:
        for arm in experiment.treatments:
            for name in {arm.id, arm.name}:
                index.add(experiment.id, name)

    def allowed(start: int, end: int, phrase: Phrase) -> bool:
        return len("".join(phrase.stems)) > 3 and not all(
            word.text in HARMLESS or is_lexical(word.text) for word in board.words[start:end]
        )

    names = experiment_names(vocabulary)
    for hit in index.exact(board, allowed):
        others = names.partial({word.stem for word in board.words[hit.start : hit.end]}).keys() - set(hit.keys)
        if len(hit.keys) == 1 and (hit.end - hit.start > 1 or not others):
            links.experiments.append(hit.keys[0])
            links.inferred = True
            return


def arm_places(board: Board, experiments: Iterable[Experiment]) -> set[int]:
    """Places of words that name an arm in full: not a part of the experiment's own name."""
    index: Index[Thing] = Index()
    for experiment in experiments:
        arm_names(index, experiment)
    return {place for hit in index.exact(board, _anything) for place in range(hit.start, hit.end)}


def _anything(start: int, end: int, phrase: Phrase) -> bool:
    return end > start and bool(phrase.stems)


def context_names(vocabulary: Vocabulary, experiment: Experiment | None, *, segments: bool) -> Index[Thing]:
    """Everything that a question about this experiment may name."""
    index: Index[Thing] = Index()
    metric_names(index, vocabulary, experiment)
    if experiment:
        arm_names(index, experiment)
        if segments:
            segment_names(index, vocabulary.dimensions(experiment.id))
    return index


def link_things(board: Board, index: Index[Thing], links: Links, *, everywhere: bool) -> None:
    """Metrics, arms and segments named in full. `everywhere`: no experiment at hand, so that metrics of all compete."""

    def allowed(start: int, end: int, _: Phrase) -> bool:
        if end - start > 1:
            return not all(word.text in HARMLESS for word in board.words[start:end])
        return _stands_alone(board, start)

    for hit in index.exact(board, allowed):
        if board.free(hit.start, hit.end) and not _is_everyday_arm(board, hit):
            keys = hit.keys
            if everywhere and not (hit.start and board.words[hit.start - 1].stem == "metric"):
                keys = index.sharing(hit.phrase, 2)
            _claim_thing(board, Hit(hit.start, hit.end, keys, hit.phrase), links)
    _as_said(links)


def _is_everyday_arm(board: Board, hit: Hit[Thing]) -> bool:
    """An arm called by a word of questions ("Daily") is meant only where it is called an arm, or set against one."""
    if hit.end - hit.start > 1 or not {key[0] for key in hit.keys} <= {"arm", "control"}:
        return False
    before = board.words[hit.start - 1].stem if hit.start else ""
    compared = any(word.text.startswith("compar") for word in board.words) and before in ("with", "to", "and")
    following = board.words[hit.end].text if hit.end < len(board.words) else ""
    set_against = before in _AGAINST or following in _AGAINST or compared
    introduced = before in _ARM_NOUNS or (set_against and {"xarm", "xctl"} & set(board.marks))
    return is_lexical(board.words[hit.start].text) and not introduced


def _stands_alone(board: Board, place: int) -> bool:
    """Whether one word may be a name: everyday words and letters only where they are written or introduced as one."""
    word = board.words[place]
    before = board.words[place - 1].stem if place else ""
    if before in _ARM_NOUNS or before == "metric":
        return word.text != "a" or is_letter(board.words, place)
    if word.text not in HARMLESS and word.text not in _COMMON_PAIRS and len(word.text) > 1:
        return True
    shouting = all(other.raw.isupper() for other in board.words if other.raw.isalpha())
    return len(word.text) <= 2 and word.raw.isupper() and not (shouting and len(board.words) > 1) and word.text != "i"


def near_things(board: Board, index: Index[Thing], links: Links, unread: list[int]) -> None:
    """Metrics, arms and segments that are one clear slip away, or an arm named by a word that only it has."""
    for _ in range(4):
        places = [place for place in unread if not board.marks[place]]
        hit = index.misspelled(board, places) if places else None
        if hit is None:
            break
        _claim_thing(board, hit, links)
        if links.ambiguity is None:
            links.notes.append(f"“{_typed(board, hit.start, hit.end)}” as {hit.keys[0][-1]}")
    _arm_by_part(board, index, links, [place for place in unread if not board.marks[place]])
    _as_said(links)


def _arm_by_part(board: Board, index: Index[Thing], links: Links, unread: list[int]) -> None:
    """Words that are part of one arm's name, and of no other's as much. "For women" may be people: left unread."""
    places = [place for place in unread if not _narrowed(board, place) and not board.words[place].is_hard]
    scores = index.partial({board.words[place].stem for place in places})
    arms = {key: score for key, score in scores.items() if key[0] in ("arm", "control")}
    best = [key for key, score in arms.items() if score == max(arms.values())]
    if len(best) != 1:
        return
    run = [place for place in places if board.words[place].stem in _stems(index.names(best[0]))]
    if run != list(range(run[0], run[-1] + 1)):
        return
    _claim_thing(board, Hit(run[0], run[-1] + 1, (best[0],)), links)


def _claim_thing(board: Board, hit: Hit[Thing], links: Links) -> None:
    kinds = {key[0] for key in hit.keys}
    mark = MARKS[hit.keys[0][0]] if len(kinds) == 1 else "xmet"
    board.claim(hit.start, hit.end, mark)
    if len(hit.keys) > 1:
        kind = next(iter(kinds)) if len(kinds) == 1 else "thing"
        shown = _typed(board, hit.start, hit.end)
        links.ambiguity = Ambiguity(kind if kind in ("metric", "arm", "segment") else "thing", shown, hit.keys)  # type: ignore[arg-type]  # narrowed by the test beside it
        return
    links.places.setdefault(hit.keys[0], hit.start)
    _record(hit.keys[0], links)


def _as_said(links: Links) -> None:
    """Names in the order of the question: they were found by length."""
    _sort(links.metrics, "metric", links)
    _sort(links.foreign, "foreign", links)
    _sort(links.arms, "arm", links)
    links.segments.sort(key=lambda segment: links.places.get(("segment", *segment), 0))


def _sort(names: list[str], kind: str, links: Links) -> None:
    names.sort(key=lambda name: links.places.get((kind, name), 0))


def _record(thing: Thing, links: Links) -> None:
    lists = {
        "metric": links.metrics,
        "foreign": links.foreign,
        "arm": links.arms,
        "control": links.controls,
        "dimension": links.dimensions,
    }
    if thing[0] == "segment":
        if (thing[1], thing[2]) not in links.segments:
            links.segments.append((thing[1], thing[2]))
    elif thing[1] not in lists[thing[0]]:
        lists[thing[0]].append(thing[1])


def metric_places(board: Board, vocabulary: Vocabulary) -> set[int]:
    """Places of words that name a metric somewhere: not to be taken for a part of an experiment's name."""
    index: Index[Thing] = Index()
    metric_names(index, vocabulary, None)
    return {place for hit in index.exact(board, _anything) for place in range(hit.start, hit.end)}


def needs_segments(board: Board) -> bool:
    """Whether some unread word could be a segment: reading the segments costs a query, and most questions name none."""
    for place, word in enumerate(board.words):
        if board.marks[place] or (word.text in HARMLESS and not (len(word.raw) == 2 and word.raw.isupper())):
            continue
        following = board.words[place + 1].stem if place + 1 < len(board.words) else ""
        if not is_lexical(word.text) or _narrowed(board, place) or following in _PEOPLE:
            return True
    return False


def _narrowed(board: Board, place: int) -> bool:
    """Whether the word is introduced as a restriction: "on mobile", "for women", "the only web"."""
    before = [word.text for word in board.words[max(0, place - 2) : place]]
    while before and before[-1] in ("the", "our", "all", "new"):
        before.pop()
    return bool(before) and before[-1] in _NARROWING


def _typed(board: Board, start: int, end: int) -> str:
    return " ".join(word.raw for word in board.words[start:end])


@cache
def _lexical() -> tuple[frozenset[str], tuple[str, ...]]:
    """Words and beginnings of words that some pattern knows, read off the patterns themselves."""
    modules = (lexicon, intents, catalogue, planning)
    patterns = [item for module in modules for item in vars(module).values() if isinstance(item, Cued)]
    source = " ".join(pattern.source for pattern in [*patterns, *lexicon.POPULATION.values()])
    source = re.sub(r"\\b|\(\?[=!][^)]*\)", " ", source)
    words = set(re.findall(r"[a-z]{2,}", source))
    for core, endings in re.findall(r"([a-z]+)\(\?:([a-z|]+)\)", source):
        words.update(core + ending for ending in endings.split("|"))
    for plural in re.findall(r"([a-z]{3,})\?", source):
        words.add(plural[:-1])
    prefixes = set(re.findall(r"([a-z]{4,})\\w\*", source))
    for group in re.findall(r"\(\?:([a-z|]+)\)\\w\*", source):
        prefixes.update(group.split("|"))
    return frozenset(words), tuple(sorted(prefix for prefix in prefixes if len(prefix) > 2))


def is_lexical(word: str) -> bool:
    """Whether a word belongs to the language of questions rather than to a name."""
    words, prefixes = _lexical()
    return word in words or word.startswith(prefixes)
