"""The words of questions about experiments. Every pattern reads a masked question, in which names have become `xexp`,
`xmet`, `xarm`, `xdim` and `xseg`; the words of a match count as understood. Words in HARMLESS carry no meaning of
their own. Any other word is one the planner did not understand, and it says so.
"""

import re
from functools import cached_property
from typing import Final


class Cued:
    """A pattern that is compiled only for a question that holds one of its cues: compiling them all would cost more
    than answering does. A cue is the beginning of a word; `*` stands for any question.
    """

    def __init__(self, cues: str, *alternatives: str) -> None:
        self._cues = tuple(cues.split())
        self.source = r"\b(?:" + "|".join(alternatives) + r")\b"

    @classmethod
    def exact(cls, cues: str, *parts: str) -> "Cued":
        """A pattern that brings its own anchors; `parts` are one text."""
        made = cls(cues)
        made.source = "".join(parts)
        return made

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(self.source)

    def matches(self, masked: str) -> list[re.Match[str]]:
        """Every match in the masked question that is not empty."""
        if "*" not in self._cues and not any(word.startswith(self._cues) for word in masked.split()):
            return []
        return [match for match in self._pattern.finditer(masked) if match.group()]


_EVERYDAY = """
a an the this that these those it its they them their theirs our ours my mine your yours we i you me us same well
is are was were be been being am do does did done doing has have had having would could can may might shall should not
of to for in on at with from by into about then than so but and or if whether there here too also just only even yet
really actually exactly please kindly tell show give get see let know want like need report display present currently
which what how as such ok okay hi hello hey thanks thank now per among when during within any some rate number value
pls plz quick quickly short brief briefly looking getting sorry meant check checking plot chart graph draw
evidence proof
experiment experiments test tests testing trial trials result results outcome outcomes data metric metrics values
variant variants variation variations arm arms treatment treatments group groups control baseline version versions
user users customer customers unit units people visitor visitors shopper shoppers segment segments dimension
dimensions population question answer look looks looked feature change changes
xexp xmet xarm xctl xdim xseg xpop xlvl xall
"""
HARMLESS: Final = frozenset(_EVERYDAY.split())

_PEOPLE = r"(?:users?|customers?|people|persons?|units?|visitors?|shoppers?|devices?|individuals?|participants?)"
POPULATION: Final = {
    "itt": Cued(
        "itt i inten assigned all",
        r"i ?t ?t",
        r"inten(?:t|tion) to treat",
        r"(?:as )?assigned(?: users| units)?",
        r"all assigned(?: users)?",
    ),
    "exposed": Cued(
        "exposed saw viewed",
        r"(?:as |only |actually |among |the )*exposed(?: users| units| customers| people| only| population)*",
        rf"(?:those |{_PEOPLE} )(?:who|that) (?:were |are |got |have been |had been |actually |really )*exposed"
        r"(?: to)?",
        rf"(?:those |{_PEOPLE} )(?:who|that) (?:actually |really )?(?:saw|viewed)(?= (?:it|them|xexp|the)\b)",
    ),
}
NOT_EXPOSED: Final = Cued("exposed unexposed", r"(?:not|never|non|un) ?exposed", "unexposed")
BOTH: Final = Cued("both", r"(?:on |in |for |with )?both (?:analysis )?populations?")
WHOLE: Final = Cued.exact(
    "overall all every in",
    r"\b(?:overall|all (?:users|units|customers|people|segments)|everyone|everybody|in total)\b",
    r"(?! (?:but|except|excluding|besides|minus|apart|other|not|without)\b)",
)
ALL_METRICS: Final = Cued(
    "all every each any some what",
    r"(?:anything|something|everything)(?: else)?",
    "what else",
    r"(?:all|every|each)(?: of)?(?: the| its| other)* (?:metrics?|kpis?|measures)",
)
ALL_ARMS: Final = Cued(
    "all every each",
    r"(?:all|every|each)(?: of)?(?: the| its| other)* (?:arms?|variants?|variations?|treatments?|versions?)",
)
LEVEL: Final = Cued.exact(
    "*",
    r"\b(?:at (?:the )?|with (?:an? )?|an? |the )?(\d+(?:\.\d+)?%|0\.\d+) (?:(?:confidence|credible|ci|cis|level|"
    r"interval|intervals)\b ?)+"
    r"|\b(?:confidence |interval |level |at |with |of )+(\d+(?:\.\d+)?%|0\.\d+)(?= |$)|^(?:and |now "
    r")?(\d+(?:\.\d+)?%)$",
)
WINDOW: Final = Cued.exact(
    "hour hours day days week weeks month months",
    r"\b(?:(?:within|in|over|after|for|during) (?:the )?(?:first )?)?(\d+|one|two|three|four|(?<=within )an?|"
    r"(?<=after )an?) (hour|hours|day|days|week|weeks|month|months)\b(?: window)?",
)
DAYS: Final = {"hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 30.0}
COUNTS: Final = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5}

_PRIVATE = (
    r"(?:emails?|email address(?:es)?|phone(?: numbers?)?|address(?:es)?|names?|ids?|identifiers?|identit(?:y|ies)|"
    r"contacts?|contact details|birthdays?|ips?|ip address(?:es)?|credit cards?|passwords?)"
)
_NO_GROUP = r"(?! (?:segments?|types?|groups?|cohorts?|categor(?:y|ies)))"
_NOT_OF_PEOPLE = (
    r"(?:xexp|xmet|xarm|xctl|xdim|experiments?|tests?|metrics?|arms?|variants?|share|percentage|number|of|kinds?|"
    r"types?|sort|is|are|was|were|do|does|did|about|the)\b"
)
_ACTS = (
    r"(?:is|are|was|were|has|have|had|did|bought|purchased|converted|saw|got|clicked|owns?|ran|runs?|created|started|"
    r"made|paid|ordered|spent|visited)"
)
PERSONAL: Final = Cued(
    "email phone address id identif identit contact birthday ip credit password name user customer people person "
    "unit visitor shopper device individual participant who raw row event owner pii",
    rf"{_PRIVATE}(?: \w+)? (?:of|for|from|belonging to)(?: \w+){{0,2}} {_PEOPLE}",
    rf"(?:users?|customers?|units?|visitors?|devices?|person|personal|participants?) {_PRIVATE}",
    rf"{_PRIVATE} (?:and|or) {_PRIVATE}",
    rf"(?:(?:list|show|give|print|send|export|dump|get|fetch|reveal|what are)(?: \w+){{0,3}} )(?:emails?|email "
    rf"addresses|passwords?|phone numbers?|{_PRIVATE} of)",
    rf"(?:list|export|dump|download|print|name) (?:me )?(?:all |the |every |each |some )*{_PEOPLE}\b{_NO_GROUP}",
    rf"(?:give|show|get|send|fetch|find|tell)(?: me| us)?(?: all| the| every| those| some| any)* {_PEOPLE} "
    r"(?:who|that)",
    rf"(?:top|biggest|highest|heaviest|most valuable) (?:\d+ )?(?:\w+ing |xmet )?{_PEOPLE}\b{_NO_GROUP}",
    r"(?:user|customer|person|unit|visitor|shopper|device|participant)(?: id| number| no)? \d{3,}",
    rf"(?<!those )(?<!users )(?<!units )(?<!people )(?<!customers )(?<!visitors )(?<!devices )who {_ACTS}",
    r"^(?:(?:and|so|then|ok|but) )*who (?:actually |really |also )?xmet",
    r"(?:raw|row level|unit level|user level|customer level|event level|individual)(?: \w+)? ?(?:data|rows?|events?|"
    r"records?|logs?|users?|customers?|exposures?|outcomes?|results?)?",
    r"(?:owners?|personal data|pii)",
)
WHICH_PEOPLE: Final = Cued(
    "which what who",
    rf"(?:which|what) (?:(?!{_NOT_OF_PEOPLE})\w+ )?{_PEOPLE}\b{_NO_GROUP}",
    r"^(?:(?:and|so|then|ok|but) )*who (?:benefit|gain|profit|respond|react)\w*",
)
"""Asks for people, unless it means segments: then it names a dimension, or values to choose between."""
GROUP_VERBS: Final = Cued(
    "benefit gain profit respond react improv affect suffer lose like hurt help most best",
    r"(?:benefit|gain|profit|respond|react|improv|affect|suffer|lik)\w*|lost|loses?|hurt|helped|most|best|worst",
)
_OBJECT = (
    r"(?:(?:primary |secondary |main |guardrail )?"
    r"(?:experiments?|tests?|metrics?|tables?|variants?|variations?|arms?|rows?|data|database|status|traffic|split|"
    r"allocation|definitions?|values?|results?|winner|users?|marts?|column|xexp|xmet|xarm))"
)
WRITE: Final = Cued(
    "delete truncate erase wipe purge overwrite revoke drop insert alter grant update create rename modify edit",
    r"(?:delete|truncate|erase|wipe|purge|overwrite|revoke)(?: \w+)*",
    rf"drop (?:the |all |every |this |our )*{_OBJECT}(?! xmet)",
    r"drop table",
    r"insert (?:into|a|new|the)",
    r"(?:alter|grant) \w+",
    r"update (?:\w+ )+set",
    r"(?:create|rename|modify|edit) (?:a |an |the |new |this )*(?:\w+ )?" + _OBJECT,
)
_ASKING = (
    r"^(?:(?:please|now|and|then|ok|okay|hey|hi|can|could|would|you|will|i|want|to|need|like|go|ahead|just|let|us|me|"
    r"kindly) )*"
)
WRITE_ORDER: Final = Cued.exact(
    "launch ship release deploy roll rollout stop end pause resume restart kill archive terminate start turn disable "
    "enable update change set add remove modify edit fix correct reset replace move assign mark write save store "
    "rename create drop",
    _ASKING
    + (
        r"(?:(?:launch|ship|release|deploy|roll out|rollout|stop|end|pause|resume|restart|kill|"
        r"archive|terminate|start|turn on|turn off|"
        rf"disable|enable) (?:the |this |our )*(?:experiments?\b|tests?\b|it\b|this\b|xexp\b|"
        rf"xarm\b|{_OBJECT}\b)"
    )
    + rf"|(?:update|change|set|add|remove|modify|edit|fix|correct|reset|replace|move|assign|mark|write|save|store|"
    rf"rename|create|drop) (?:the |this |our |a |an |new |all )*{_OBJECT}\b"
    r"(?! (?:level|to xpop|xpop)))",
)
SQL: Final = Cued.exact(
    "select explain pragma copy attach with from union",
    r"^(?:with \w+ as select|select|explain select|pragma|copy \w+ (?:to|from)|attach)\b.*|^from \w+ select\b.*|"
    r"\bunion select\b",
)

CAUSE: Final = Cued(
    "why caused explains reason cause because come root drove made",
    "why",
    "what (?:caused|explains)",
    "(?:reasons?|causes?)(?: for| behind| of)?",
    "because",
    "how come",
    "root cause",
    "what drove",
    "what made",
)
FORECAST: Final = Cued("will predict forecast next going annual yearly project long future if extrapolat year",
    r"will(?! you)",
    r"predict\w*",
    r"forecast\w*",
    r"next (?:week|month|quarter|year|\d+ \w+)",
    "going to",
    r"annual\w*",
    "yearly",
    r"project(?:ed|ions?)",
    "long term",
    r"(?:in the )?future",
    r"if (?:we|i) (?:launch|ship|roll out|release)\w*",
    r"extrapolat\w*",
    "per year",
)  # fmt: skip
METHOD: Final = Cued(
    "cuped bayes bootstrap one mann t chi bonferroni benjamini posterior median percentile quantile winsori outlier "
    "correlat regression interaction heterogen holm",
    "cuped",
    r"bayes\w*",
    r"bootstrap\w*",
    r"one (?:sided|tailed)",
    "mann whitney",
    "t tests?",
    r"chi squared?",
    "bonferroni",
    "benjamini",
    "posterior",
    "median",
    r"percentiles?",
    r"quantiles?",
    r"winsori\w*",
    r"outliers?",
    r"correlat\w*",
    "regression",
    r"interactions?",
    r"heterogen\w*",
    "holm",
)  # fmt: skip
_MONTH = r"(?:january|february|march|april|june|july|august|september|october|november|december)"
DATES: Final = Cued(
    "last past previous this yesterday today tonight since until before after january february march april june july "
    "august september october november december may 19 20 weekend mon tue wed thu fri sat sun q first day",
    r"(?:last|past|previous|this) (?:\d+ )?(?:days?|weeks?|months?|quarters?|years?|weekends?|night)",
    "yesterday",
    "today",
    "tonight",
    r"since(?: \w+)?",
    r"until(?: \w+)?",
    r"(?:before|after) \w+",
    rf"(?:in |on |of |from |during )?{_MONTH}",
    "in may",
    r"(?:in )?(?:19|20)\d\d",
    r"(?:on |at )?weekends?",
    r"(?:on )?(?:mon|tues|wednes|thurs|fri|satur|sun)days?",
    r"(?:in )?q[1-4]",
    r"(?:the )?first (?:\d+ )?(?:days?|weeks?|months?)", r"(?:on )?day \d+",
)  # fmt: skip
COARSE: Final = Cued(
    "weekly monthly hourly week month hour quarter",
    "weekly",
    "monthly",
    "hourly",
    r"(?:by|per|each|every) (?:week|month|hour|quarter)",
    "week (?:by|over) week",
    "cumulative weekly",
)
EXCLUSION: Final = Cued("except exclud apart other outside besides non not without every any all but minus",
    r"(?:every|any)(?:one|body|where|thing) but",
    r"all (?:\w+ )?but(?: for)?",
    r"(?:minus|but) (?:not |for )?(?:the )?(?=xseg)",
    r"(?:except|excluding|exclude|excludes|excluded|apart from|other than|outside|besides)(?: of)?(?: for)?",
    r"non (?=xseg|xdim)",
    r"not (?:on |in |for |among |from )*(?=xseg)",
    r"without (?:the )?(?=xseg)",
    r"but not",
)  # fmt: skip
RATIO: Final = Cued(
    "xmet ratio", r"xmet (?:per|divided by|over) (?:each |every )?xmet", r"ratio of xmet (?:to|and) xmet"
)
ORDERING: Final = Cued(
    "most fewest least number by count largest smallest more",
    rf"(?:most|fewest|least|more|by|number of|count of|how many) (?:number of |count of )?(?:the )?(?:{_PEOPLE}|arms|"
    r"variants|variations|metrics|days|data|traffic|samples?)\b",
    r"(?:largest|biggest|smallest|highest|lowest) (?:number of|sample|audience|traffic)(?: \w+)?",
)
"""Ways to order experiments that are not an effect."""
UNSUPPORTED: Final = {
    "ratio": RATIO,
    "cause": CAUSE,
    "forecast": FORECAST,
    "coarse": COARSE,
    "dates": DATES,
    "exclusion": EXCLUSION,
    "method": METHOD,
}

_OFTEN_MISSPELLED = """
increase increased decrease decreased improve improved reduce reduced conversion experiment experiments significant
exposure exposures logging healthy launch guardrail guardrails breached interval confidence population mismatch running
platform treatment treatments variant sample biggest highest largest effect impact difference metrics quality
balanced trustworthy should results detect detectable minimum powered underpowered required needed smallest
"""
SPELLED: Final = tuple(_OFTEN_MISSPELLED.split())
