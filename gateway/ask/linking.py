"""Which metrics, arms and segments a question names. What two things share is kept as an ambiguity."""

from collections.abc import Container, Iterable

from gateway.ask.intents import MOVES
from gateway.ask.lexical import is_lexical
from gateway.ask.lexicon import ALONE, HARMLESS, IDIOMS
from gateway.ask.links import MARKS, Ambiguity, Links
from gateway.ask.matching import Hit, Index, Phrase
from gateway.ask.names import Thing, arm_names, metric_names, segment_names
from gateway.ask.text import Board, is_letter
from gateway.ask.vocabulary import Experiment, Vocabulary

NARROWING = frozenset(("on", "for", "by", "per", "across", "among", "from", "only", "within", "in",
                        "using", "via", "about", "not", "except", "excluding", "non", "and"))  # fmt: skip
_ARM_NOUNS = frozenset(("arm", "variant", "variation", "version", "treatment", "group", "option", "cell"))
_PEOPLE = frozenset(("user", "customer", "unit", "people", "visitor", "shopper", "device", "buyer", "segment", "only"))
_BY = frozenset(("by", "per", "across", "each", "every"))
_AGAINST = frozenset(("vs", "versus", "against", "than"))
_COMMON_PAIRS = frozenset(("no", "if", "go", "up", "he", "hi", "by", "or", "re", "am", "pm"))


def stems_of_all(phrases: list[Phrase]) -> set[str]:
    return {stem for phrase in phrases for stem in phrase.stems}


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

    def make() -> Index[Thing]:
        index: Index[Thing] = Index()
        metric_names(index, vocabulary, experiment)
        if experiment:
            arm_names(index, experiment)
            if segments:
                segment_names(index, vocabulary.dimensions(experiment.id))
        return index

    return vocabulary.once(("context", experiment.id if experiment else "", segments), make)


def link_things(
    board: Board, index: Index[Thing], links: Links, *, everywhere: bool, measured: Container[str] = ()
) -> None:
    """Metrics, arms and segments named in full. `everywhere`: no experiment at hand, so that metrics of all compete,
    and of those that share a name the ones that some experiment measures.
    """

    idioms = board.places_of(IDIOMS)

    def allowed(start: int, end: int, phrase: Phrase) -> bool:
        if end - start > 1:
            return not all(word.text in HARMLESS for word in board.words[start:end])
        if start in idioms and not _is_called(board, start):
            return False
        return _stands_alone(board, start) or _is_in_place(board, start, {key[0] for key in index.keys(phrase)})

    for hit in index.exact(board, allowed):
        if board.free(hit.start, hit.end) and not _is_everyday_arm(board, hit):
            keys = hit.keys
            if everywhere and not (hit.start and board.words[hit.start - 1].stem == "metric"):
                keys = _measured(index.sharing(hit.phrase, 2), measured)
            _claim_thing(board, Hit(hit.start, hit.end, keys, hit.phrase), links)
    _as_said(links)


def _is_in_place(board: Board, place: int, kinds: set[str]) -> bool:
    """Whether an everyday word stands where a name of its kind does: by a dimension, on a metric."""
    before = board.words[place - 1].text if place else ""
    moved = before == "on" or bool(MOVES.matches(before))
    return (kinds == {"dimension"} and before in _BY) or (kinds == {"metric"} and moved)


def _measured(keys: tuple[Thing, ...], measured: Container[str]) -> tuple[Thing, ...]:
    return tuple(key for key in keys if key[1] in measured) or keys


def _is_called(board: Board, place: int) -> bool:
    """Whether the word is called a metric or an arm, or stands in quotes."""
    word, before = board.words[place], board.words[place - 1].stem if place else ""
    return before in _ARM_NOUNS or before == "metric" or (word.opens and word.closes)


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
    if _is_called(board, place):
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
            links.notes.append(f"“{typed(board, hit.start, hit.end)}” as {hit.keys[0][-1]}")
    _arm_by_part(board, index, links, [place for place in unread if not board.marks[place]])
    _as_said(links)


def arm_alone(board: Board, index: Index[Thing], links: Links) -> None:
    """ "Long only", "the late one": an everyday word that is part of one arm's name, where nothing else is asked."""
    found = [place for place in board.places_of(ALONE) if board.free(place, place + 1)]
    places = [place for place in found if board.words[place].text not in HARMLESS]
    if len(places) == 1:
        _arm_by_part(board, index, links, places)


def _arm_by_part(board: Board, index: Index[Thing], links: Links, unread: list[int]) -> None:
    """Words that are part of one arm's name, and of no other's as much. "For women" may be people: left unread."""
    places = [place for place in unread if not is_narrowed(board, place) and not board.words[place].is_hard]
    scores = index.partial({board.words[place].stem for place in places})
    arms = {key: score for key, score in scores.items() if key[0] in ("arm", "control")}
    best = [key for key, score in arms.items() if score == max(arms.values())]
    if len(best) != 1:
        return
    run = [place for place in places if board.words[place].stem in stems_of_all(index.names(best[0]))]
    if run != list(range(run[0], run[-1] + 1)):
        return
    _claim_thing(board, Hit(run[0], run[-1] + 1, (best[0],)), links)


def _claim_thing(board: Board, hit: Hit[Thing], links: Links) -> None:
    kinds = {key[0] for key in hit.keys}
    mark = MARKS[hit.keys[0][0]] if len(kinds) == 1 else "xmet"
    board.claim(hit.start, hit.end, mark)
    if len(hit.keys) > 1:
        kind = next(iter(kinds)) if len(kinds) == 1 else "thing"
        shown = typed(board, hit.start, hit.end)
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
    index = context_names(vocabulary, None, segments=False)
    return {place for hit in index.exact(board, _anything) for place in range(hit.start, hit.end)}


def needs_segments(board: Board) -> bool:
    """Whether some unread word could be a segment: reading the segments costs a query, and most questions name none."""
    for place, word in enumerate(board.words):
        split_by = place > 0 and board.words[place - 1].text in _BY
        plain = word.text in HARMLESS and not (len(word.raw) == 2 and word.raw.isupper())
        if board.marks[place] or (plain and not split_by):
            continue
        if split_by:
            return True
        following = board.words[place + 1].stem if place + 1 < len(board.words) else ""
        if not is_lexical(word.text) or is_narrowed(board, place) or following in _PEOPLE:
            return True
    return False


def is_narrowed(board: Board, place: int) -> bool:
    """Whether the word is introduced as a restriction: "on mobile", "for women", "the only web"."""
    before = [word.text for word in board.words[max(0, place - 2) : place]]
    while before and before[-1] in ("the", "our", "all", "new"):
        before.pop()
    return bool(before) and before[-1] in NARROWING


def typed(board: Board, start: int, end: int) -> str:
    return " ".join(word.raw for word in board.words[start:end])
