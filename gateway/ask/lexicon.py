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
which what how as such ok okay hi hello hey thanks thank now per among during within any some rate number value
pls plz quick quickly short brief briefly looking getting sorry meant check checking plot chart graph draw
basically roughly approximately generally honestly perhaps maybe possibly probably apparently obviously simply again
already still ever quite pretty bit lot lots fyi btw hmm um uh erm er ah oh yeah right alright cheers ta dear
hiya howdy guys folks team wonder wondering curious interested wanted hoping trying understand remind kind sort thing
according think believe guess suppose feel said says saying heard hear told mean question questions
noticeably visibly truly definitely certainly clearly numbers figures details info information
evidence proof
experiment experiments test tests testing trial trials result results outcome outcomes data metric metrics values
variant variants variation variations arm arms treatment treatments group groups control baseline version versions
user users customer customers unit units people visitor visitors shopper shoppers segment segments dimension
dimensions population question answer look looks looked feature change changes
xexp xmet xarm xctl xdim xseg xpop xlvl xall
"""
HARMLESS: Final = frozenset(_EVERYDAY.split())
LISTED: Final = frozenset(
    ("arms", "variations", "variants", "groups", "treatments", "versions", "metrics", "segments", "dimensions",
     "values", "questions", "rate", "number", "value", "feature")
)  # fmt: skip
"""Harmless beside a question; where nothing else is asked, they are what is asked for."""
ASKING: Final = frozenset(("what", "which", "should", "who", "whose", "whom"))
"""Harmless where it is plain what is asked; where nothing is, they ask something that was not understood."""
PICKED: Final = frozenset(
    ("best", "top", "worst", "good", "bad", "better", "lost", "losing", "winning", "highest", "lowest", "biggest",
     "largest", "smallest", "positive", "negative", "high", "low", "real", "solid", "converted", "reliable", "matured",
     "mature", "quarantined", "valid", "mismatched", "logged", "late", "early", "power", "healthy", "confident")
)  # fmt: skip
"""Words that tell some people from others, where they stand right before them: "our best customers"."""

PEOPLE = (
    r"(?:users?|customers?|people|persons?|units?|visitors?|shoppers?|devices?|individuals?|participants?|members?|"
    r"subjects?|recipients?|accounts?|households?|guests?|clients?|respondents?)"
)
"""What is counted. Not all of them are harmless: "for members" may be a part of the units."""
PEOPLE_WORDS: Final = frozenset(
    ("users", "user", "customers", "customer", "people", "visitors", "shoppers", "units", "devices", "participants",
     "members", "accounts", "clients", "buyers", "subscribers")
)  # fmt: skip
POPULATION: Final = {
    "itt": Cued(
        "itt inten assigned",
        r"i ?t ?t",
        r"inten(?:t|tion) to treat",
        r"(?:as )?assigned(?: users| units)?",
        r"all assigned(?: users)?",
    ),
    "exposed": Cued(
        "exposed saw viewed",
        r"(?:(?:if (?:we|you|i) )?(?:only |just )?(?:count|counting|consider|considering|take|taking|looking at|look "
        r"at|"
        r"restrict(?:ed|ing)? to|limit(?:ed|ing)? to) )?(?:as |only |actually |among |the )*"
        rf"exposed(?: {PEOPLE}| only| population)*",
        rf"(?:those |{PEOPLE} )(?:who|that) (?:were |are |got |have been |had been |actually |really )*exposed"
        r"(?: to)?",
        rf"(?:those |{PEOPLE} )(?:who|that) (?:actually |really )?(?:saw|viewed)(?= (?:it|them|xexp|the)\b)",
    ),
}
EXPOSED_ASKED: Final = Cued.exact(
    "exposed",
    rf"\b(?:share|percentage|proportion|fraction|percent) of (?:the |all )*exposed {PEOPLE}"
    r"|\b(?:how (?:many|much)|share|percentage|proportion|fraction|percent|number|count)\b.*\bexposed"
    r"(?: (?:in|to|of|for|by|per|each|every|day|date|daily|xexp|xarm|the|it|there|so|far|then))*$",
)
"""How many were exposed is what is asked, not an effect among them."""
NOT_EXPOSED: Final = Cued("exposed unexposed", r"(?:not|never|non|un) ?exposed", "unexposed")
OF_A_NAME: Final = Cued(
    "new recent latest current whole entire our", r"(?:new|recent|latest|current|whole|entire) (?=xexp)"
)
"""Words before a name that tell nothing apart."""
BOTH: Final = Cued("both", r"(?:on |in |for |with )?both (?:analysis )?populations?")
WHOLE: Final = Cued.exact(
    "overall all every total",
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
    "0 1 2 3 4 5 6 7 8 9",
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
IDIOMS: Final = Cued(
    "over how sample time at long short so per by each every day value chance probability win test",
    r"over time|time ?series|at the time|(?:long|short) (?:run|term)|so (?:long|far)",
    r"how (?:long|many|much|big|large|often|far|small)(?: (?:days?|weeks?|users?|units?|samples?|time|data))?",
    r"samples? (?:sizes?|ratios?)|(?:per|by|each|every) (?:day|user|unit|week)|day (?:by|to) day|p values?",
    r"(?:chance|probability) (?:to|of) win\w*|win (?:rate|probability|chance)|test (?:group|results?)",
)
"""Fixed phrases, none of whose words is a name, even where something bears one of them as its name."""
ALONE: Final = Cued.exact(
    "*",
    r"^(?:(?:and|what about|how about|now|then|so) )?(?:(?:only|just) (?:for )?(?:the )?\w+(?: (?:one|arm|variant|"
    r"version|"
    r"group))?|(?:the )?\w+ (?:only|one|arm|variant|version|group))$",
)
"""A follow-up that names one thing and no more."""
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
