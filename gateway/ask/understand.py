"""One question, read: what it asks for, about which things, and which of its words were not understood.

Reading keeps no more than was said. What is missing is for the plan to take from the conversation, or to ask for.
"""

from collections.abc import Sequence

from gateway.ask import intents, lexicon, linking, linking_experiments, planning, safety
from gateway.ask.beyond import NEGATED, ORDERING, UNSUPPORTED
from gateway.ask.forbidden import WRITE
from gateway.ask.kinds import PLANNING, VAGUE, direction_of, kinds_of, lists_metrics
from gateway.ask.lexical import is_lexical
from gateway.ask.lexicon import ASKING, HARMLESS, LISTED, PEOPLE_WORDS, PICKED
from gateway.ask.links import Links
from gateway.ask.members import link_members
from gateway.ask.names import experiment_names
from gateway.ask.reading import Ranking, Reading
from gateway.ask.spelling import spell
from gateway.ask.text import Board, words_of
from gateway.ask.vocabulary import Experiment, Vocabulary


def understand(
    question: str,
    vocabulary: Vocabulary,
    focus_experiment: str = "",
    *,
    planning_on: bool = False,
    answering: bool = False,
) -> Reading:
    """Read one question. `focus_experiment` is what the conversation is about, used where no other is named;
    `planning_on` says that it is about a plan, so that a figure alone can change it; `answering`, that something was
    asked back, so that part of a name will do.
    """  # fmt: skip
    board = Board(list(words_of(question)))
    if board.consume(lexicon.SQL):
        return _write_or_sql(board)
    corrected = spell(board, vocabulary)
    links = Links(notes=corrected)
    linking_experiments.exact_experiments(board, experiment_names(vocabulary), links)
    refusal = safety.refusal(board, vocabulary, links, focus_experiment, asked="?" in question)
    if refusal:
        return Reading(refusal=refusal, links=links)
    if answering:
        linking_experiments.experiment_alone(board, experiment_names(vocabulary), links)
    board, links, from_focus = _link(board, links, vocabulary, focus_experiment)
    about = vocabulary.experiment((links.experiments or [focus_experiment if from_focus else ""])[0])
    return _slots(board, links, from_focus, planning_on, HARMLESS - _everyday_names(about))


def _write_or_sql(board: Board) -> Reading:
    plain = Board(board.words)
    return Reading(refusal="write_request") if plain.consume(WRITE) else Reading(sql=True)


def _link(board: Board, links: Links, vocabulary: Vocabulary, focus: str) -> tuple[Board, Links, bool]:
    """Link every name, choosing the experiment: named, else known by its arm, else the conversation's, else nearly."""
    if links.experiments or links.ambiguity:
        chosen = vocabulary.experiment(links.experiments[0]) if links.experiments else None
        return *_things(board, links, vocabulary, chosen), False
    focused = vocabulary.experiment(focus)
    if focused:
        trial, found = _things(board.copy(), Links(notes=list(links.notes)), vocabulary, focused)
        if not _strangers(trial):
            return trial, found, True
    strangers = _strangers(trial if focused else board)
    names = experiment_names(vocabulary)
    linking_experiments.misspelled_experiment(board, names, links, strangers)
    if not links.experiments and not links.ambiguity:
        linking_experiments.infer_by_arm(board, vocabulary, links)
        inferred = [item for item in vocabulary.experiments if item.id in links.experiments]
        linking_experiments.experiment_by_part(
            board,
            experiment_names(Vocabulary(inferred)) if inferred else names,
            links,
            strangers,
            reserved=linking.metric_places(board, vocabulary) | linking.arm_places(board, inferred),
        )
    if links.experiments or links.ambiguity or not focused:
        chosen = vocabulary.experiment(links.experiments[0]) if links.experiments else None
        return *_things(board, links, vocabulary, chosen), False
    return trial, found, True


def _strangers(board: Board) -> list[int]:
    """Unread words that no pattern knows either."""
    return [place for place in board.unread(HARMLESS) if not is_lexical(board.words[place].text)]


def _things(board: Board, links: Links, vocabulary: Vocabulary, experiment: Experiment | None) -> tuple[Board, Links]:
    """Metrics, arms and segments, in full and then by a slip. Segments are read from the marts only when needed."""
    board.consume(lexicon.BOTH, "xpop_both")
    masked = board.masked()[0]
    for name, pattern in lexicon.POPULATION.items():
        if not lexicon.NOT_EXPOSED.matches(masked) and not (
            name == "exposed" and lexicon.EXPOSED_ASKED.matches(masked)
        ):
            board.consume(pattern, f"xpop_{name}")
    index = linking.context_names(vocabulary, experiment, segments=False)
    probe, ignored = board.copy(), Links()
    measured = vocabulary.metrics() if experiment is None else {}
    linking.link_things(probe, index, ignored, everywhere=experiment is None, measured=measured)
    if experiment and linking.needs_segments(probe):
        index = linking.context_names(vocabulary, experiment, segments=True)
    linking.link_things(board, index, links, everywhere=experiment is None, measured=measured)
    strangers = _strangers(board)
    if strangers:
        linking.near_things(board, index, links, strangers)
    if experiment and not links.arms and len(board.words) < 8:
        linking.arm_alone(board, index, links)
    if experiment and links.dimensions:
        link_members(board, links, vocabulary.dimensions(experiment.id))
    return board, links


def _everyday_names(experiment: Experiment | None) -> frozenset[str]:
    """Words that mean nothing elsewhere, and here are a metric's name: not to be passed over."""
    names = [name for metric in experiment.metrics for name in (metric.id, metric.label)] if experiment else []
    spoken = [words_of(name) for name in names]
    return frozenset(form for words in spoken if len(words) == 1 for form in (words[0].text, words[0].stem))


def _slots(
    board: Board, links: Links, from_focus: bool, planning_on: bool, harmless: frozenset[str] = HARMLESS
) -> Reading:
    """The rest of the reading: figures, restrictions and the kinds of question, each claiming its words."""
    populations = tuple(name for name in lexicon.POPULATION if {f"xpop_{name}", "xpop_both"} & set(board.marks))
    board.consume(lexicon.OF_A_NAME)
    whole = bool(board.consume(lexicon.WHOLE, "xall"))
    plan = planning.read(board, HARMLESS, continuing=planning_on)
    levels = tuple(
        _level(match.group(1) or match.group(2) or match.group(3)) for match in board.consume(lexicon.LEVEL, "xlvl")
    )
    windows = tuple(
        float(lexicon.COUNTS.get(match.group(1)) or match.group(1)) * lexicon.DAYS[match.group(2).removesuffix("s")]
        for match in board.consume(lexicon.WINDOW, "xwin")
    )
    about_one = from_focus or bool(links.experiments)
    all_metrics = about_one and not lists_metrics(board) and bool(board.consume(lexicon.ALL_METRICS))
    all_arms = about_one and bool(board.consume(lexicon.ALL_ARMS))
    start = board.masked()[0]
    board.consume(intents.CORRECTING)
    board.consume(intents.WHAT_ABOUT)
    follow = bool(intents.FOLLOW.matches(start) or intents.FURTHER.matches(start))
    unsupported, said = _unsupported(board)
    board.consume(intents.BY)
    if links.dimensions:
        board.consume(intents.BREAKDOWN)
    if links.dimensions or len(links.segments) > 1:
        board.consume(intents.SUPERLATIVE)
    found, ranking, daily = kinds_of(board, links, about_one) if plan is None else (PLANNING, Ranking(), False)
    if from_focus and found == ["outcome"] and not links.names_anything and _is_vague(board):
        found = []
    if "rank" in found and not unsupported and ORDERING.matches(start):
        unsupported = "ordering"
    if "rank" in found and not unsupported and NEGATED.matches(start):
        unsupported = "negated"
    direction = direction_of(start)
    explicit = bool(found)
    pairwise = len(links.arms) > 1 and bool(intents.PAIR.matches(start))
    several = len(links.experiments) > 1
    contest = several and bool(intents.CONTEST.matches(start))
    if links.controls or pairwise or several:
        board.consume(intents.PAIR)
    return Reading(
        intents=tuple(found), links=links, experiment_from_focus=from_focus, populations=populations, levels=levels,
        windows=windows, whole=whole, all_metrics=all_metrics, all_arms=all_arms, direction=direction, ranking=ranking,
        daily=daily, pairwise=pairwise, plan=plan, contest=contest,
        interleaved=several and bool(intents.INTERLEAVED.matches(start)),
        unsupported=unsupported, unsupported_words=said,
        unread=_unread(board, harmless - _asking(found, links)), follow_up=follow, explicit=explicit,
    )  # fmt: skip


def _asking(found: Sequence[str], links: Links) -> frozenset[str]:
    """Words that are not harmless where no kind of question was found, and no metric that may be what is asked."""
    if found:  # "should" asks for a decision or a plan, whatever else the question says
        return frozenset() if {"decision", "plan", "guardrail"} & set(found) else frozenset(("should",))
    return LISTED if links.metrics or links.segments or links.dimensions else LISTED | ASKING


def _is_vague(board: Board) -> bool:
    """ "More", "are you sure": nothing in it says what of."""
    return all(word.text in HARMLESS or word.text in VAGUE for word in board.words)


def _unread(board: Board, harmless: frozenset[str]) -> tuple[str, ...]:
    """Words that nobody read, as typed; and those that tell some people from others, however they were read."""
    unread = set(board.unread(harmless))
    for place, word in enumerate(board.words[1:], 1):
        if word.text in PEOPLE_WORDS and board.words[place - 1].text in PICKED and board.marks[place - 1] in ("", "~"):
            unread.add(place - 1)
    return tuple(board.words[place].raw for place in sorted(unread))


def _unsupported(board: Board) -> tuple[str, str]:
    """The first kind of question found that no tool answers, and its words, without what stands for a name."""
    for kind, pattern in UNSUPPORTED.items():
        found = board.consume(pattern)
        if found:
            words = found[0].group().split()
            return kind, " ".join(word for word in words if not word.startswith("x") or word not in HARMLESS)
    return "", ""


def _level(text: str) -> float:
    return float(text[:-1]) / 100 if text.endswith("%") else float(text)
