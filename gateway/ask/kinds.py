"""What kinds of question a question holds: each claims the words that say so."""

from gateway.ask import catalogue, intents
from gateway.ask.lexicon import COUNTS
from gateway.ask.links import Links
from gateway.ask.patterns import Cued
from gateway.ask.reading import Intent, Ranking
from gateway.ask.text import Board


def direction_of(masked: str) -> str:
    up, down = bool(intents.RAW_UP.matches(masked)), bool(intents.RAW_DOWN.matches(masked))
    return "" if up == down else "up" if up else "down"


def lists_metrics(board: Board) -> bool:
    return bool(catalogue.METRIC_LIST.matches(board.masked()[0])) and not catalogue.BARE_METRICS.matches(
        board.masked()[0]
    )


def kinds_of(board: Board, links: Links, about_one: bool) -> tuple[list[Intent], Ranking, bool]:
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
    for match in catalogue.METRIC_LIST.matches(masked):  # "the success metric" is no success
        masked = masked.replace(match.group(), " ")
    return any(match.group() not in _WEAK for match in intents.OUTCOME.matches(masked))


def _ranking(board: Board, masked: str) -> Ranking:
    """How to rank, claiming the words that say so."""
    for pattern in (intents.TOP_N, intents.SUPERLATIVE, intents.MOVES):
        board.consume(pattern)
    return _order(masked)


def _order(masked: str) -> Ranking:
    top = intents.TOP_N.matches(masked)
    said = (top[0].group(1) or top[0].group(2)) if top else ""
    limit = int(COUNTS.get(said) or said) if said else None
    by = (
        "chance_to_win"
        if intents.BY_CHANCE.matches(masked)
        else "difference"
        if intents.BY_DIFFERENCE.matches(masked)
        else "lift"
    )
    order = "worst" if intents.WORST.matches(masked) else "best"
    return Ranking(by, order, limit, direction_of(masked))


PLANNING: list[Intent] = ["plan"]

VAGUE = frozenset(("more", "less", "up", "down", "good", "bad", "sure", "confident", "real", "higher", "lower", "go"))
"""Words that ask for an effect in a question, and for nothing plain where they stand alone."""
_WEAK = frozenset(["good", "better", "up", "update", "latest", "results", "go", "going", "more", "up", "worse"])

_ALONE: frozenset[Intent] = frozenset(
    ("meaning", "help", "running", "ended", "list", "metrics", "dimensions", "marts", "about", "arm_list")
)

_PATTERNS: tuple[tuple[Intent, tuple[Cued, ...]], ...] = (
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
