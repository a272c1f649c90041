"""Which experiment a question names: in full, by enough of its name, one slip away, or by an arm that only it has."""

from gateway.ask.lexical import is_lexical
from gateway.ask.lexicon import ALONE, HARMLESS
from gateway.ask.linking import NARROWING, is_narrowed, stems_of_all, typed
from gateway.ask.links import Ambiguity, Links
from gateway.ask.matching import Hit, Index, Phrase
from gateway.ask.names import experiment_names
from gateway.ask.text import Board, is_letter
from gateway.ask.vocabulary import Vocabulary

_EXPERIMENT_NOUNS = frozenset(("experiment", "test"))

_TELLING = 8
"""Letters from which a part of a name is telling enough by itself."""

_OF_EXPERIMENTS = frozenset(("for", "in", "about", "of"))
_ASKING = frozenset(("which", "what", "any", "every", "each", "many", "no"))
_SUBJECT_AFTER = frozenset(("did", "does", "has", "how did", "how does", "how is", "how was", "how has"))
_SUBJECT_BEFORE = ("do", "go", "perform", "fare", "doing", "going", "rais", "increas", "improv", "lift", "boost",
                   "chang", "affect", "reduc", "lower", "decreas", "hurt", "help", "win", "work", "mov")  # fmt: skip


def exact_experiments(board: Board, index: Index[str], links: Links) -> None:
    """Experiments named in full. A name made only of everyday words needs to be set off as one."""

    def allowed(start: int, end: int, _: Phrase) -> bool:
        words = board.words[start:end]
        everyday = all(word.text in HARMLESS or is_lexical(word.text) for word in reversed(words))
        return not everyday or _is_set_off(board, start, end)

    places: dict[str, int] = {}
    for hit in index.exact(board, allowed):
        if board.free(hit.start, hit.end):
            _claim_experiment(board, hit, links)
            places.setdefault(hit.keys[0], hit.start)
    links.experiments.sort(key=lambda name: places.get(name, 0))  # found by length, told as they were named


def _is_set_off(board: Board, start: int, end: int) -> bool:
    """Whether everyday words can only be a name here: written as an id, quoted, alone, called an experiment, or named
    where a sentence needs its subject: "how did long do", "did days raise …".
    """
    words, before, after = board.words[start:end], board.words[:start], board.words[end:]
    as_an_id = len(words) > 1 and (all(word.glued for word in words[1:]) or is_letter(board.words, end - 1))
    if as_an_id or (words[0].opens and words[-1].closes) or not (before or after):
        return True
    called = before and before[-1].stem == "experiment" and not (len(before) > 1 and before[-2].text in _ASKING)
    called = called or (after and after[0].text == "experiment" and before and before[-1].text in ("the", "our"))
    listed = before and before[-1].text in ("and", "or", "vs", "versus", ",") and "xexp" in board.marks
    said = " ".join(word.text for word in before), " ".join(word.text for word in after[:2])
    return bool(called or listed) or (said[0] in _SUBJECT_AFTER and said[1].startswith(_SUBJECT_BEFORE))


def _claim_experiment(board: Board, hit: Hit[str], links: Links) -> None:
    start, end = hit.start, hit.end
    if start and board.words[start - 1].stem in _EXPERIMENT_NOUNS and board.free(start - 1, start):
        start -= 1  # "experiment long", "the reading club test": the noun is part of what it is called
    if end < len(board.words) and board.words[end].text in _EXPERIMENT_NOUNS and board.free(end, end + 1):
        end += 1
    board.claim(start, end, "xexp")
    if len(hit.keys) > 1:
        shown = typed(board, hit.start, hit.end)
        links.ambiguity = Ambiguity("experiment", shown, tuple(("experiment", key) for key in hit.keys))
    elif hit.keys[0] not in links.experiments:
        links.experiments.append(hit.keys[0])


def misspelled_experiment(board: Board, index: Index[str], links: Links, unread: list[int]) -> None:
    """An experiment named in full but for a slip."""
    hit = index.misspelled(board, unread) if unread else None
    if hit is not None:
        _claim_experiment(board, hit, links)
        links.notes.append(f"“{typed(board, hit.start, hit.end)}”")


def experiment_alone(board: Board, index: Index[str], links: Links) -> None:
    """ "The copy one", after it was asked which: a word of one experiment's name, and nothing else."""
    places = [place for place in board.places_of(ALONE) if board.words[place].text not in HARMLESS]
    scores = index.partial({board.words[place].stem for place in places})
    if len(places) == 1 and len(scores) == 1 and not links.experiments:
        board.claim(places[0], places[0] + 1, "xexp")
        links.experiments.append(next(iter(scores)))


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
    whole = {board.words[place].stem for place in range(start, end)} <= stems_of_all(index.names(best[0]))
    if len(best) == 1 and whole and (links.inferred or _is_enough(board, index, best[0], start, end)):
        links.notes.append(f"“{typed(board, start, end)}”")
        board.claim(start, end, "xexp")
        if best[0] not in links.experiments:
            links.experiments.append(best[0])
        return
    if most == 1 and is_narrowed(board, run[0]) and len(board.words) > 3:
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
    return named and bool(shares) and not (start and board.words[start - 1].text in NARROWING - _OF_EXPERIMENTS)


def _grow(board: Board, phrases: list[Phrase], start: int, end: int) -> tuple[int, int]:
    """Take in neighbours that belong to the name too ("one" in "one checkout")."""
    known = stems_of_all(phrases)
    while start > 0 and board.free(start - 1, start) and board.words[start - 1].stem in known:
        start -= 1
    while end < len(board.words) and board.free(end, end + 1) and board.words[end].stem in known:
        end += 1
    return start, end


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
