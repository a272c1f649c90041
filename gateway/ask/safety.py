"""Questions that are refused before they are read any further: for people's data, and for changes.

Names are masked first, so that "e-mail" in an experiment's name is no e-mail. "Which customers …" asks for
segments when it names a dimension, or values to choose between; otherwise it asks for people.
"""

from gateway.ask import forbidden, lexicon, linking
from gateway.ask.linking_experiments import infer_by_arm
from gateway.ask.links import Links
from gateway.ask.matching import Index
from gateway.ask.names import Thing, segment_names
from gateway.ask.text import Board
from gateway.ask.vocabulary import Experiment, Vocabulary


def refusal(board: Board, vocabulary: Vocabulary, links: Links, focus: str, *, asked: bool) -> str:
    """The rule under which the question is refused, or ''. `focus` is the experiment the conversation is about.

    `asked`: it ends as a question, so that "launch it?" is no order.
    """
    masked = board.copy()
    scratch = Links(experiments=list(links.experiments))
    if not scratch.experiments:
        infer_by_arm(masked, vocabulary, scratch)
    experiment = vocabulary.experiment((scratch.experiments or [focus])[0])
    index = linking.context_names(vocabulary, experiment, segments=False)
    linking.link_things(masked, index, scratch, everywhere=experiment is None)
    for pattern in lexicon.POPULATION.values():
        masked.consume(pattern, "xpop")
    text, _ = masked.masked()
    if forbidden.PERSONAL.matches(text):
        return "personal_data"
    if forbidden.WHICH_PEOPLE.matches(text) and not _means_segments(masked, vocabulary, experiment, text):
        return "personal_data"
    ordered = forbidden.WRITE_ORDER.matches(text) and not asked
    return "write_request" if ordered or forbidden.WRITE.matches(text) else ""


def _means_segments(masked: Board, vocabulary: Vocabulary, experiment: Experiment | None, text: str) -> bool:
    index: Index[Thing] = Index()
    for one in [experiment] if experiment else vocabulary.experiments:
        segment_names(index, vocabulary.dimensions(one.id))
    found = Links()
    linking.link_things(masked, index, found, everywhere=False)
    if found.dimensions or len(found.segments) > 1:
        return True
    return bool(found.segments) and bool(forbidden.GROUP_VERBS.matches(text))
