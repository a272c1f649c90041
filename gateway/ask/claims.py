"""What a sentence claims beside its numbers: a verdict, a direction, a launch, that a split is sound.

The gateway judges; a model may repeat a judgement and make none. Each kind of claim has its words, what bears it out,
and what speaks against it. A sentence that denies a claim makes the opposite one.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.answer import Evidence

Bears = Callable[["Known"], bool]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of that which a sentence is about."""

    evidence: Sequence[Evidence]
    signs: frozenset[int] = frozenset()
    """Of effects that stand in tables: -1, 1."""
    states: frozenset[str] = frozenset()
    """Of guardrails: pass, fail, inconclusive."""
    mismatch: bool = False
    """A check that was read found a sample ratio mismatch."""
    looked: bool = False
    """Anything was read at all."""

    def verdicts(self) -> set[str]:
        return {item.verdict for item in self.evidence}

    def decisions(self) -> set[str]:
        return {item.decision for item in self.evidence if item.decision}

    def broken(self) -> bool:
        """Something here can't be trusted."""
        return self.mismatch or any(
            item.srm.status == "mismatch" or item.verdict == "unreliable" for item in self.evidence
        )

    def moved(self, sign: int) -> bool:
        """An effect of this sign was measured."""
        measured = [item.difference.value for item in self.evidence if item.difference.value is not None]
        return any(value * sign > 0 for value in measured) or sign in self.signs


@dataclass(frozen=True, slots=True)
class Claim:
    """A kind of claim. `words` make it; `said` and `denied` tell whether it, or its opposite, is borne out."""

    words: re.Pattern[str]
    said: Bears
    denied: Bears


_BREAK: Final = re.compile(r"\s*\n\s*")


def _words(text: str) -> re.Pattern[str]:
    """Any of these forms; line breaks between them are for whoever reads the list."""
    return re.compile(rf"(?i)(?<![\w-])(?:{_BREAK.sub('', text)})(?!\w)")


_GO: Final = frozenset(("STRONG_LAUNCH", "LAUNCH", "CONSIDER_LAUNCH"))
_YES: Final = frozenset(("STRONG_LAUNCH", "LAUNCH"))
_BETTER: Final = Claim(
    _words(
        r"""
        better|best|outperform(?:s|ed|ing)?|beats?|beat(?:en|ing)|winners?|wins?|won|winning
        |improv(?:e[sd]?|ing|ements?)|succe(?:ss|ssful|ssfully|eds?|eded)|superior
        |positive(?: effect| impact| result)?|benefit(?:s|ed|cial)?|great|excellent|outstanding|impressive
        |amazing|crush(?:es|ed|ing)?|home run|no-brainer|works? (?:well|great)
        """
    ),
    lambda known: "better" in known.verdicts() and not {"worse", "unreliable"} & known.verdicts(),
    lambda known: known.verdicts() != {"better"},
)
_WORSE: Final = Claim(
    _words(
        r"""
        worse|worst|underperform(?:s|ed|ing)?|los(?:er|ers|es|ing)|lost|hurts?|hurting|harm(?:s|ed|ful|ing)?
        |degrad\w+|inferior|negative(?: effect| impact| result)|damag\w+
        """
    ),
    lambda known: "worse" in known.verdicts() and not {"better", "unreliable"} & known.verdicts(),
    lambda known: known.looked and known.verdicts() != {"worse"},
)
_SIGNIFICANT: Final = Claim(
    _words(
        r"""
        (?:statistically )?significan(?:t|tly|ce)|conclusive(?:ly)?|prove[sdn]?|proof|confirm(?:s|ed)?
        |caus(?:es|ed|al|ing)
        """
    ),
    lambda known: bool({"better", "worse"} & known.verdicts()) and "unreliable" not in known.verdicts(),
    lambda known: known.looked and not known.verdicts() <= {"better", "worse"},
)
_INCONCLUSIVE: Final = Claim(
    _words(
        r"""
        inconclusive|flat|neutral
        |no (?:clear |real |measurable |detectable )?(?:effect|difference|impact|change|winner)
        """
    ),
    lambda known: known.looked and not known.verdicts() <= {"better", "worse"},
    lambda known: bool({"better", "worse"} & known.verdicts()),
)
_LAUNCH: Final = Claim(
    _words(
        r"""
        launch(?:ed|es|ing)?|ship(?:ped|s)?|shipping it|roll(?:ed|ing)?(?: it| this)? out|go(?:ing)? live
        |adopt(?:ed|ing)?|deploy(?:ed|ing)?|go ahead|go for it|green[ -]light(?:ed)?|releas(?:e[sd]?|ing)
        |implement(?:ed|ing)?|switch(?:ed)? (?:everyone|all users)
        """
    ),
    lambda known: bool(known.decisions()) and known.decisions() <= _GO and not known.broken(),
    lambda known: not known.decisions() or not known.decisions() <= _YES or known.broken(),
)
_UP: Final = Claim(
    _words(
        r"""
        rose|risen|rises?|rising|increas(?:e[sd]?|ing)|rais(?:e[sd]?|ing)|grew|grows?|grown|growth
        |gain(?:s|ed|ing)?|climb(?:s|ed)?|higher|(?:went|goes|go|is|was|are|were) up|boost(?:s|ed|ing)?|lifted
        |uplift|jump(?:s|ed)?|surg(?:e[sd]?|ing)|soar(?:s|ed|ing)?|skyrocket(?:s|ed|ing)?|spik(?:e[sd]?|ing)
        |more (?:users|customers|people|revenue|orders|conversions|sales)
        """
    ),
    lambda known: known.moved(1) and not known.broken(),
    lambda _: True,
)
_DOWN: Final = Claim(
    _words(
        r"""
        fell|fallen|falls?|falling|drop(?:s|ped|ping)?|declin(?:e[sd]?|ing)|decreas(?:e[sd]?|ing)
        |lower(?:s|ed|ing)?|sank|slump(?:s|ed)?|reduc(?:e[sd]?|ing|tion)|shr[aiu]nk
        |(?:went|goes|go|is|was|are|were) down|plung(?:e[sd]?|ing)|plummet(?:s|ed|ing)?
        |(?:less|fewer) (?:users|customers|people|revenue|orders|conversions|sales)
        """
    ),
    lambda known: known.moved(-1) and not known.broken(),
    lambda _: True,
)
_BREACHED: Final = Claim(
    _words(
        r"""
        breach(?:ed|es|ing)?
        """
    ),
    lambda known: "fail" in known.states,
    lambda known: bool(known.states) and "fail" not in known.states,
)
_SOUND: Final = Claim(
    _words(
        r"""
        trustworthy|reliable|healthy|valid|sound|balanced|as planned|can be (?:trusted|believed|relied on)
        |well[- ]split
        """
    ),
    lambda known: known.looked and not known.broken(),
    lambda known: known.broken() or not known.looked,
)
_MISMATCH: Final = Claim(
    _words(
        r"""
        (?:sample[- ]ratio )?mismatch(?:es)?|srm|split is (?:off|broken)
        """
    ),
    lambda known: known.mismatch or any(item.srm.status == "mismatch" for item in known.evidence),
    lambda known: known.looked and not known.mismatch and all(item.srm.status != "mismatch" for item in known.evidence),
)
_JUDGEMENTS: Final = (_BETTER, _WORSE, _SIGNIFICANT, _INCONCLUSIVE, _BREACHED, _SOUND, _MISMATCH)
CLAIMS: Final = (_BETTER, _WORSE, _SIGNIFICANT, _INCONCLUSIVE, _LAUNCH, _UP, _DOWN, _BREACHED, _SOUND, _MISMATCH)
_CODES: Final = re.compile(r"\b(?:STRONG_LAUNCH|CONSIDER_LAUNCH|NO_LAUNCH|EXTEND_TEST|INVALID|LAUNCH)\b")
_NOT_CLAIMS: Final = re.compile(
    r"(?i)\b(?:(?:lower|higher|less|more) (?:is|are) (?:better|worse)|(?:lower|upper|higher) (?:end|bound|limit)s?"
    r"|always[- ]valid|chance (?:to|of) (?:win(?:ning)?|be(?:ing)? (?:the )?best)(?: of all)?|best of all"
    r"|likel(?:y|iest|ier) to (?:win|be (?:the )?best)|desired direction|no longer than|more than one"
    r"|valid exposures?|valid_exposure_rate|exposure rate"
    r"|(?:sample[- ]ratio|srm) (?:is|was|status is|check is|check was)?\s*(?:ok|fine)|mismatch[ _]rate"
    r"|variant mismatch)\b"
)
"""Phrases that hold a word of a claim and claim nothing."""
_NEGATION: Final = re.compile(
    r"(?i)(?:\b(?:no|not|never|neither|nor|none|without|cannot|nothing|hardly|fails? to|failed to|unlikely|lacks?"
    r"|rather than)\b"
    r"|n[’']t\b)(?:[ '’(-]+[\w-]+){0,4}[ '’(-]*$"
)
_FALSE_NEGATION: Final = re.compile(r"(?i)\b(?:no doubt|not only|no question|not just|not least|nothing but)\b")
_OPEN: Final = re.compile(
    r"(?i)\b(?:(?:whether|if)\b[^,;]*"
    r"|(?:meant|aim(?:s|ed)?|designed|hypothesi\w+|supposed|expected|intended|hoped|tried|set out)(?: [\w-]+)? to )$"
)
"""What leaves a claim open: "whether it rose", "meant to improve"."""
_CLAUSES: Final = re.compile(r"(?i)[;,:](?=\s)|\b(?:but|while|whereas|although)\b")
CAVEAT: Final = re.compile(
    r"(?i)\b(?:not (?:be )?(?:trust\w*|reliable|valid)|un(?:trustworthy|reliable)|can(?:no|')?t be (?:trusted"
    r"|believed|relied)"
    r"|mismatch|srm|invalid|doubt\w*|caution|broken)\b"
)


def judges(name: str) -> bool:
    """Whether a name reads like a judgement: then it is held to be one, whatever it is the name of."""
    return any(claim.words.search(name) for claim in _JUDGEMENTS) or _CODES.search(name) is not None


def borne_out(sentence: str, unnamed: str, known_of: Callable[[str], Known]) -> bool:
    """Whether what is known bears out everything that the sentence claims. A question claims nothing.

    `unnamed` is the sentence with its names masked, `known_of` says what is known of that which a part of it is about.
    """
    if sentence.rstrip().endswith("?"):
        return True
    known = known_of(sentence)
    said = ((found.group(), known_of(clause(sentence, *found.span()))) for found in _CODES.finditer(sentence))
    if any(code not in about.decisions() for code, about in said):
        return False
    text = _NOT_CLAIMS.sub(_dots, _CODES.sub(_dots, unnamed))
    about_exposure = known.looked and re.search(r"(?i)\bexpos(?:ure|ed)\b", sentence) is not None
    caveat = CAVEAT.search(text) is not None
    return all(
        _is_borne_out(claim, text, found, known_of(clause(sentence, *found.span())), caveat=caveat)
        for claim in CLAIMS
        for found in claim.words.finditer(text)
        if not (claim in (_UP, _DOWN) and about_exposure)
    )


def _dots(found: re.Match[str]) -> str:
    return "·" * len(found.group())


def clause(sentence: str, start: int, end: int) -> str:
    """The part of a sentence in which something stands: "better on ios, worse on android" speaks of two things."""
    starts = [cut.end() for cut in _CLAUSES.finditer(sentence, 0, start)]
    after = _CLAUSES.search(sentence, end)
    return sentence[starts[-1] if starts else 0 : after.start() if after else len(sentence)]


def _is_borne_out(claim: Claim, text: str, found: re.Match[str], known: Known, *, caveat: bool) -> bool:
    before = text[: found.start()]
    if _OPEN.search(before):
        return True
    if _NEGATION.search(before) and not _FALSE_NEGATION.search(before):
        return claim.denied(known)
    if claim in (_UP, _DOWN) and caveat:
        return known.moved(1 if claim is _UP else -1)
    return claim.said(known)
