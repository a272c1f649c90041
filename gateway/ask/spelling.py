"""Words of questions (not names) that are one slip of the keyboard off."""

from gateway.ask.lexical import is_lexical
from gateway.ask.lexicon import HARMLESS, SPELLED
from gateway.ask.text import Board, words_of
from gateway.ask.vocabulary import Vocabulary


def spell(board: Board, vocabulary: Vocabulary) -> list[str]:
    """Correct the words of questions (not names) that are one slip off; returns what was corrected."""
    unusual = [
        place
        for place, word in enumerate(board.words)
        if len(word.text) >= 5 and word.text.isalpha() and word.text not in HARMLESS and word.text not in SPELLED
    ]
    known = {stem for phrase in _names(vocabulary) for stem in phrase} if unusual else set[str]()
    unnamed = [place for place in unusual if board.words[place].stem not in known]
    suspects = [place for place in unnamed if not is_lexical(board.words[place].text)]
    if len(suspects) > 12:
        return []
    notes = []
    for place in suspects:
        word = board.words[place]
        right = _respelled(word.text)
        if right and right not in known and words_of(right)[0].stem not in known:
            board.words[place] = words_of(right)[0]
            notes.append(f"“{word.raw}” as {right}")
    return notes


def _names(vocabulary: Vocabulary) -> list[tuple[str, ...]]:
    names = [name for item in vocabulary.experiments for name in (item.name, item.id, *(arm.name for arm in item.arms))]
    for metric_id, metric in vocabulary.metrics().items():
        names += [metric_id, metric.label]
    for known in vocabulary.catalogue.values():
        names += [known.id, known.label, *known.synonyms]
    return [tuple(word.stem for word in words_of(name)) for name in names]


def _respelled(text: str) -> str:
    from rapidfuzz.distance import OSA  # loads in 25 ms: only for a word that is not known

    near = [known for known in SPELLED if abs(len(known) - len(text)) <= 1 and known[0] == text[0]]
    hits = [known for known in near if len(known) >= 6 and OSA.distance(known, text, score_cutoff=1) <= 1]
    return hits[0] if hits else ""
