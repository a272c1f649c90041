"""One question, read: what it asks for, about which things, and which of its words were not understood.

Reading keeps no more than was said. What is missing is for the plan to take from the conversation, or to ask for.
"""

from dataclasses import dataclass, field
from typing import Literal

from gateway.ask import catalogue, intents, lexicon, linking, planning, safety
from gateway.ask.lexicon import HARMLESS
from gateway.ask.linking import Links
from gateway.ask.members import link_members
from gateway.ask.names import experiment_names
from gateway.ask.text import Board, words_of
from gateway.ask.vocabulary import Experiment, Vocabulary

Intent = Literal[
    "outcome", "decision", "health", "srm", "guardrail", "trend", "arms", "rank", "segments", "running", "ended",
    "list", "plan",
    "help", "metrics", "dimensions", "marts", "meaning", "about", "arm_list",
]  # fmt: skip
LONGEST = 2_000
"""Characters of a question. Longer texts are documents, not questions."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """How experiments are to be ordered."""

    by: str = "lift"
    order: str = "best"
    limit: int | None = None
    direction: str = ""
    """'up' or 'down' where the question speaks of the number itself ("biggest drop"), not of better or worse."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a question says. Empty parts were not mentioned."""

    intents: tuple[Intent, ...] = ()
    links: Links = field(default_factory=Links)
    experiment_from_focus: bool = False
    populations: tuple[str, ...] = ()
    levels: tuple[float, ...] = ()
    windows: tuple[float, ...] = ()
    """Days of a window that was named beside the metric's own."""
    whole: bool = False
    """All units, explicitly: drops a segment the conversation was about."""
    all_metrics: bool = False
    """Every metric, explicitly: drops those the conversation was about."""
    all_arms: bool = False
    direction: str = ""
    ranking: Ranking = Ranking()
    daily: bool = False
    pairwise: bool = False
    """Sets two treatments against each other."""
    plan: planning.Planned | None = None
    """What is to be planned, where that is the question."""
    unsupported: str = ""
    refusal: str = ""
    sql: bool = False
    unread: tuple[str, ...] = ()
    """Words that were not understood, as typed."""
    follow_up: bool = False
    """Begins as a question does that continues a conversation ("and …", "only …", "what about …")."""
    explicit: bool = False
    """Has a question of its own, rather than only naming things."""

    @property
    def is_empty(self) -> bool:
        """Nothing in it was recognised."""
        return not (
            self.intents
            or self.links.names_anything
            or self.populations
            or self.levels
            or self.unsupported
            or self.whole
            or self.all_metrics
            or self.all_arms
        )


def understand(
    question: str, vocabulary: Vocabulary, focus_experiment: str = "", *, planning_on: bool = False
) -> Reading:
    """Read one question. `focus_experiment` is what the conversation is about, used where no other is named;
    `planning_on` says that it is about a plan, so that a figure alone can change it.
    """
    board = Board(list(words_of(question)))
    if board.consume(lexicon.SQL):
        return _write_or_sql(board)
    corrected = _spell(board, vocabulary)
    links = Links(notes=corrected)
    linking.exact_experiments(board, experiment_names(vocabulary), links)
    refusal = safety.refusal(board, vocabulary, links, focus_experiment, asked="?" in question)
    if refusal:
        return Reading(refusal=refusal, links=links)
    board, links, from_focus = _link(board, links, vocabulary, focus_experiment)
    return _slots(board, links, from_focus, planning_on)


def _write_or_sql(board: Board) -> Reading:
    plain = Board(board.words)
    return Reading(refusal="write_request") if plain.consume(lexicon.WRITE) else Reading(sql=True)


def _spell(board: Board, vocabulary: Vocabulary) -> list[str]:
    """Correct the words of questions (not names) that are one slip off; returns what was corrected."""
    suspects = [
        place
        for place, word in enumerate(board.words)
        if len(word.text) >= 5
        and word.text.isalpha()
        and word.text not in HARMLESS
        and word.text not in lexicon.SPELLED
        and not linking.is_lexical(word.text)
    ]
    if not suspects or len(suspects) > 12:
        return []
    known = {stem for phrase in _names(vocabulary) for stem in phrase}
    notes = []
    for place in suspects:
        word = board.words[place]
        if word.stem in known:
            continue
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

    near = [known for known in lexicon.SPELLED if abs(len(known) - len(text)) <= 1 and known[0] == text[0]]
    hits = [known for known in near if len(known) >= 6 and OSA.distance(known, text, score_cutoff=1) <= 1]
    return hits[0] if hits else ""


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
    linking.misspelled_experiment(board, names, links, strangers)
    if not links.experiments and not links.ambiguity:
        linking.infer_by_arm(board, vocabulary, links)
        inferred = [item for item in vocabulary.experiments if item.id in links.experiments]
        linking.experiment_by_part(
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
    return [place for place in board.unread(HARMLESS) if not linking.is_lexical(board.words[place].text)]


def _things(board: Board, links: Links, vocabulary: Vocabulary, experiment: Experiment | None) -> tuple[Board, Links]:
    """Metrics, arms and segments, in full and then by a slip. Segments are read from the marts only when needed."""
    board.consume(lexicon.BOTH, "xpop_both")
    for name, pattern in lexicon.POPULATION.items():
        if not lexicon.NOT_EXPOSED.matches(board.masked()[0]):
            board.consume(pattern, f"xpop_{name}")
    index = linking.context_names(vocabulary, experiment, segments=False)
    probe, ignored = board.copy(), Links()
    linking.link_things(probe, index, ignored, everywhere=experiment is None)
    if experiment and linking.needs_segments(probe):
        index = linking.context_names(vocabulary, experiment, segments=True)
    linking.link_things(board, index, links, everywhere=experiment is None)
    strangers = _strangers(board)
    if strangers:
        linking.near_things(board, index, links, strangers)
    if experiment and links.dimensions:
        link_members(board, links, vocabulary.dimensions(experiment.id))
    return board, links


def _slots(board: Board, links: Links, from_focus: bool, planning_on: bool) -> Reading:
    """The rest of the reading: figures, restrictions and the kinds of question, each claiming its words."""
    populations = tuple(name for name in lexicon.POPULATION if {f"xpop_{name}", "xpop_both"} & set(board.marks))
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
    all_metrics = about_one and not _lists_metrics(board) and bool(board.consume(lexicon.ALL_METRICS))
    all_arms = about_one and bool(board.consume(lexicon.ALL_ARMS))
    start = board.masked()[0]
    board.consume(intents.CORRECTING)
    follow = bool(intents.FOLLOW.matches(start))
    unsupported = next((kind for kind, pattern in lexicon.UNSUPPORTED.items() if board.consume(pattern)), "")
    board.consume(intents.BY)
    if links.dimensions:
        board.consume(intents.BREAKDOWN)
    if links.dimensions or len(links.segments) > 1:
        board.consume(intents.SUPERLATIVE)
    found, ranking, daily = _intents(board, links, about_one) if plan is None else (_PLANNING, Ranking(), False)
    if "rank" in found and not unsupported and lexicon.ORDERING.matches(start):
        unsupported = "ordering"
    direction = _direction(start)
    explicit = bool(found)
    pairwise = len(links.arms) > 1 and bool(intents.PAIR.matches(start))
    if links.controls or pairwise:
        board.consume(intents.PAIR)
    return Reading(
        intents=tuple(found), links=links, experiment_from_focus=from_focus, populations=populations, levels=levels,
        windows=windows, whole=whole, all_metrics=all_metrics, all_arms=all_arms, direction=direction, ranking=ranking,
        daily=daily, pairwise=pairwise, plan=plan,
        unsupported=unsupported,
        unread=tuple(board.words[place].raw for place in board.unread(HARMLESS)), follow_up=follow, explicit=explicit,
    )  # fmt: skip


def _level(text: str) -> float:
    return float(text[:-1]) / 100 if text.endswith("%") else float(text)


def _direction(masked: str) -> str:
    up, down = bool(intents.RAW_UP.matches(masked)), bool(intents.RAW_DOWN.matches(masked))
    return "" if up == down else "up" if up else "down"


def _lists_metrics(board: Board) -> bool:
    return bool(catalogue.METRIC_LIST.matches(board.masked()[0])) and not catalogue.BARE_METRICS.matches(
        board.masked()[0]
    )


def _intents(board: Board, links: Links, about_one: bool) -> tuple[list[Intent], Ranking, bool]:
    """Every kind of question that it holds, the more particular first."""
    masked = board.masked()[0]
    found: list[Intent] = []
    daily = False
    if (
        not links.experiments
        and not links.arms
        and intents.RANK_TRIGGER.matches(masked)
        and not intents.ARMS.matches(masked)
    ):
        return ["rank"], _ranking(board, masked), False
    for intent, patterns in _PATTERNS:
        if intent == "metrics" and about_one and _is_about_effects(masked):
            continue
        claimed = [board.consume(pattern) for pattern in patterns]
        if any(claimed):
            found.append(intent)
            if intent in _ALONE:
                break
    if {"health", "srm"} & set(found):
        daily = bool(intents.DAILY_HEALTH.matches(masked))
        board.consume(intents.DAILY_HEALTH)
    elif board.consume(intents.TREND):
        found.append("trend")
    if not _ALONE & set(found):
        outcome = board.consume(intents.OUTCOME)
        said = [match.group() for match in outcome]
        if (said and not found) or (
            links.metrics
            and any(word not in _WEAK for word in said)
            and not {"trend", "arms", "guardrail"} & set(found)
        ):
            found.append("outcome")
    if "list" in found and set(found) - {"list", "srm", "health"}:  # "which ones should we launch" asks for no list
        found.remove("list")
    return found, _order(masked), daily


def _is_about_effects(masked: str) -> bool:
    """ "Which metrics improved" is no question for a list."""
    return any(match.group() not in _WEAK for match in intents.OUTCOME.matches(masked))


def _ranking(board: Board, masked: str) -> Ranking:
    """How to rank, claiming the words that say so."""
    for pattern in (intents.TOP_N, intents.SUPERLATIVE):
        board.consume(pattern)
    return _order(masked)


def _order(masked: str) -> Ranking:
    top = intents.TOP_N.matches(masked)
    said = (top[0].group(1) or top[0].group(2)) if top else ""
    limit = int(lexicon.COUNTS.get(said) or said) if said else None
    by = (
        "chance_to_win"
        if intents.BY_CHANCE.matches(masked)
        else "difference"
        if intents.BY_DIFFERENCE.matches(masked)
        else "lift"
    )
    order = "worst" if intents.WORST.matches(masked) else "best"
    return Ranking(by, order, limit, _direction(masked))


_PLANNING: list[Intent] = ["plan"]
_WEAK = frozenset(["good", "better", "up", "update", "latest", "results", "go", "going", "more", "up", "worse"])
_ALONE: frozenset[Intent] = frozenset(
    ("meaning", "help", "running", "ended", "list", "metrics", "dimensions", "marts", "about", "arm_list")
)
_PATTERNS: tuple[tuple[Intent, tuple[lexicon.Cued, ...]], ...] = (
    ("srm", (intents.SRM,)),
    ("guardrail", (intents.GUARDRAIL,)),
    ("help", (catalogue.HELP,)),
    ("running", (catalogue.WHAT_IS_ON,)),
    ("ended", (catalogue.WHAT_ENDED,)),
    ("meaning", (catalogue.MEANING, catalogue.MEANING_SHORT)),
    ("metrics", (catalogue.METRIC_LIST,)),
    ("dimensions", (catalogue.SEGMENT_LIST,)),
    ("marts", (catalogue.MART_LIST,)),
    ("about", (catalogue.ABOUT,)),
    ("arm_list", (catalogue.ARM_LIST,)),
    ("decision", (intents.DECISION,)),
    ("health", (intents.HEALTH,)),
    ("list", (catalogue.LIST,)),
    ("arms", (intents.ARMS,)),
)
