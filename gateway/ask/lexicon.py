"""The words of questions about experiments. Every pattern reads a masked question, in which names have become `xexp`,
`xmet`, `xarm`, `xdim` and `xseg`; the words of a match count as understood. Words in HARMLESS carry no meaning of
their own. Any other word is one the planner did not understand, and it says so.
"""

from typing import Final

from gateway.ask.patterns import Cued

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

PEOPLE = r"(?:users?|customers?|people|persons?|units?|visitors?|shoppers?|devices?|individuals?|participants?)"
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
        rf"(?:those |{PEOPLE} )(?:who|that) (?:were |are |got |have been |had been |actually |really )*exposed"
        r"(?: to)?",
        rf"(?:those |{PEOPLE} )(?:who|that) (?:actually |really )?(?:saw|viewed)(?= (?:it|them|xexp|the)\b)",
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

SQL: Final = Cued.exact(
    "select explain pragma copy attach with from union",
    r"^(?:with \w+ as select|select|explain select|pragma|copy \w+ (?:to|from)|attach)\b.*|^from \w+ select\b.*|"
    r"\bunion select\b",
)


_OFTEN_MISSPELLED = """
increase increased decrease decreased improve improved reduce reduced conversion experiment experiments significant
exposure exposures logging healthy launch guardrail guardrails breached interval confidence population mismatch running
platform treatment treatments variant sample biggest highest largest effect impact difference metrics quality
balanced trustworthy should results detect detectable minimum powered underpowered required needed smallest
"""
SPELLED: Final = tuple(_OFTEN_MISSPELLED.split())
