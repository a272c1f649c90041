"""The words of planning questions: what asks for a plan, and the figures in it, each told by the words around it."""

from typing import Final, Literal

from gateway.ask.lexicon import PEOPLE
from gateway.ask.patterns import Cued

Kind = Literal["", "units", "days", "effect", "power"]

_PEOPLE: Final = rf"(?:{PEOPLE}|samples?)"
_TO_FIND = r"(?:detect(?:ed)?|find|see|show|pick up|measure|notice|catch|prove|tell|discover|observe|identify)"

_NEED = r"(?:needs?|needed|require[sd]?|necessary|sufficient|enough|should|must|have to|has to|would|takes?)"

_EFFECTS = (
    r"(?:effects?|lift|uplift|changes?|differences?|increases?|improvements?|decreases?|drops?|reductions?|gains?|"
    r"movements?|declines?)"
)

_WAITING = r"(?:should|must|would|will|shall|do|does|can|to|until|before|are needed|are required|is needed)"

TRIGGER: Final = Cued(
    "have has required needed necessary power under over sample mde minimum min smallest minimal detect pick many "
    "much long big large enough plan design "
    "effect lift uplift change difference show prove find what",
    r"(?:statistical(?:ly)? )?power(?:ed)?(?! (?:users?|customers?|buyers?|shoppers?))(?: (?:calculations?|analysis))?",
    r"(?:under|over|well|adequately|properly|sufficiently) ?powered",
    rf"(?:required|needed|necessary|minimum|min) (?:number of )?(?:sample(?: sizes?)?|{_PEOPLE})",
    r"sample sizes? (?:calculat\w*|estimat\w*)|have detected|has detected",
    r"\d+% (?:relative |absolute )?(?:lift|uplift|effect|change|increase|drop|reduction|improvement)\b.*\bhow "
    r"(?:many|long)",
    rf"sample sizes? (?:\w+ ){{0,4}}?(?:{_NEED}|to {_TO_FIND}|for (?:an? )?\d+)",
    r"mde|(?:minimum|min|smallest|minimal) (?:detectable|measurable|discernible)",
    r"detectable",
    rf"(?:smallest|minimum|minimal) (?:true |real |relative |absolute )*{_EFFECTS} (?:\w+ ){{0,4}}?{_TO_FIND}",
    r"(?:to|could|can|would|able to|might|will) (?:\w+ ){0,3}?(?:detect|pick up)"
    rf"(?! (?:an?|any|the) (?:\w+ )?{_EFFECTS}(?! of))",
    rf"how (?:many|much) (?:more |additional |extra )?(?:{_PEOPLE}|traffic|data) (?:\w+ ){{0,5}}?"
    rf"(?:{_NEED}|to {_TO_FIND}|to (?:go|get|move) from|for (?:an? )?\d+)",
    rf"(?:what|which|how (?:small|big|large)) (?:\w+ ){{0,6}}?(?:could|can|would|will|might) (?:\w+ ){{0,3}}?{_TO_FIND}"
    rf"(?= (?:\w+ ){{0,3}}?(?:\d|in|within))",
    rf"how (?:long|many (?:more |additional |extra )?(?:days?|weeks?|months?)) (?:{_WAITING}|for (?:an? )?\d+)",
    r"samples?(?: sizes?)? (?:is |was )?(?:not )?(?:big|large|sufficient) enough",
    r"long enough|(?:is|was) xexp (?:big|large) enough",
    rf"enough (?:{_PEOPLE}|data|traffic|time|power)(?! to (?:launch|ship|decide|roll|release|call|conclude|stop|end))",
    r"(?:plan|planning|design|designing) (?:an? |the |our |my )*(?:new |next )?(?:experiment|test|xexp)",
)  # fmt: skip


def _figures(cues: str, *alternatives: str) -> Cued:
    """A pattern that may end in a percentage, behind which there is no word boundary."""
    return Cued.exact(cues, r"\b(?:" + "|".join(alternatives) + r")(?![\w%])")


_NUMBER = r"(\d+(?:\.\d+)?)"

SLOTS: Final = {
    "power": _figures("power",
        rf"(?:with |at |for |and )?(?:an? )?{_NUMBER}% (?:statistical )?power",
        r"(?:with |at |for |and )?(?:an? )?(?:statistical )?power (?:of |at |is |to )*(0\.\d+)",
        rf"(?:with |at |for |and )?(?:an? )?(?:statistical )?power (?:of |at |is |to )*{_NUMBER}%"),
    "level": _figures("confidence significance alpha with at",
        rf"(?:with |at |and )?(?:an? |the )?{_NUMBER}% (?:confidence|significance)(?: level| intervals?)?",
        r"(?:with |at |and )?(?:an? |the )?(?:confidence|significance|alpha)(?: level)?(?: of| at| is)? (0\.\d+)",
        rf"(?:with |at |and )?(?:an? |the )?(?:confidence|significance|alpha)(?: level)?(?: of| at| is)? "
        rf"{_NUMBER}%"),
    "from_to": _figures("from",
        rf"from (?:an? |the |our )?(?:(?:baseline|base|current|starting|rate|conversion|xmet|of|at) )*{_NUMBER}%"
        rf"(?: (?:rate|conversion|xmet|today|now|baseline))* (?:up |down )?to (?:about |around )?{_NUMBER}%"),
    "target": _figures("to", rf"(?:up |down )?to (?:about |around |reach )*{_NUMBER}%(?! (?:lift|uplift|power|conf))"),
    "baseline": _figures("baseline base current control starting today now at",
        rf"(?:with |at |from |given )?(?:an? |the |our )?(?:baseline|base|current|starting|control)"
        rf"(?: (?:conversion|rate|xmet|xctl|value|of|is|at|around|about|level))* {_NUMBER}%",
        rf"(?:with |at |from |given )?(?:an? |the |our )?{_NUMBER}% (?:baseline|base rate|base|current rate)",
        rf"{_NUMBER}% (?:today|currently|now|at the moment)",
        rf"(?:baseline|currently|today)(?: \w+){{0,3}}? {_NUMBER}%"),
    "daily": _figures("*",
        rf"(?:with |at |given |and )?(?:about |around )?{_NUMBER} ?([km])?(?: new)?(?: {_PEOPLE})? "
        r"(?:a|per|each|every) day",
        rf"(?:with |at |given |and )?{_NUMBER} ?([km])? daily(?: {_PEOPLE})?",
        rf"(?:with |at |given |and )?daily traffic (?:of |is )?{_NUMBER} ?([km])?"),
    "units": _figures("*",
        rf"(?:with |at |for |only |just |given |and |have |about |around )*{_NUMBER} ?([km])? "
        rf"(?:more |total |new |assigned )?{_PEOPLE}"
        r"(?: (?:per|in each|in every|each|a) (?:arm|group|variant|variation))?"),
    "days": _figures("*",
        r"(?:in|within|after|for|over|only|just|with|another) (\d+|an?|one|two|three|four|five|six|eight|ten) "
        r"(day|days|week|weeks|month|months)",
        r"(\d+|one|two|three|four|five|six|eight|ten) (day|days|week|weeks|month|months)"),
    "mean": _figures("mean average avg",
        rf"(?:with |from |and |given |of |at )*(?:an? |the |our )?(?:baseline |current )?(?:mean|average|avg)"
        rf"(?: (?:value|of|is|at|about|around|xmet))* {_NUMBER}"),
    "sd": _figures("sd std stdev standard sigma",
        rf"(?:with |and |an? |the )*(?:sd|std|stdev|standard deviation|sigma)(?: (?:of|is|about|around))* {_NUMBER}"),
    "shares": _figures("split",
        r"(?:with |an? |in |by |and |on |the )*(\d+(?: \d+)+)(?: traffic)? split",
        r"(?:with |an? |and |the )*split (?:of |into |as |is )?(\d+(?: \d+)+)"),
    "margin": _figures("margin no not most",
        rf"(?:with |and |an? |the )*(?:non ?inferiority )?margin (?:of |is )?{_NUMBER}%",
        rf"(?:is |are |was )?(?:no|not) (?:more|worse|lower|higher)(?: \w+){{0,3}}? than {_NUMBER}%(?: (?:worse|"
        rf"lower|of))?",
        rf"(?:loses?|costs?|hurts?|drops?) at most {_NUMBER}%(?: of)?"),
    "points": _figures("*",
        rf"(?:an? |the |of |by |at least |about |around |even |only |just )*{_NUMBER} ?"
        r"(?:pp|percentage points?|points?|%? ?absolute|%? points?)"),
}  # fmt: skip

EFFECT: Final = Cued.exact(
    "*",
    rf"(?:\b(?:an?|the|of|by|at least|about|around|even|only|just|relative|true|real|as small as|plus|minus) )*"
    rf"\b{_NUMBER}%(?: relative(?:ly)?)?(?= |$)",
)

FALLING: Final = Cued(
    "drop decreas reduc declin fall lower loss down minus worse harm",
    r"(?:drop|decreas|reduc|declin|worse|harm)\w*", "falls?", "lower(?:ing)?", "loss", "down", "minus",
)  # fmt: skip

OPTIONS: Final = {
    "one_sided": Cued("one", r"(?:with |using )?(?:an? )?one (?:sided|tailed)(?: test)?"),
    "sequential": Cued("sequential always peek looking",
        r"(?:with |using |and |if |when |we |i |keep )*(?:sequential(?:ly)?|always valid|peeking|look(?:ing)?(?: at "
        r"(?:it|them|this|the results?))*"
        r" (?:daily|every day|each day|while it runs)|peek(?: every day| daily)?)"
        r"(?: (?:test(?:ing)?|intervals?|analysis))?"),
    "cuped": Cued("cuped variance", r"(?:with |using |and )?(?:cuped|variance reduction)"),
}  # fmt: skip

KINDS: Final[tuple[tuple[Kind, Cued], ...]] = (
    ("days", Cued("how when days weeks",
        r"how long", r"how many (?:more |additional |extra )?(?:days?|weeks?|months?)", "when")),
    ("units", Cued("how sample required needed necessary minimum min",
        rf"(?:required|needed|necessary) (?:number of )?{_PEOPLE}", r"sample sizes? (?:calculat\w*|estimat\w*)",
        rf"how (?:many|much) (?:more |additional |extra )?(?:{_PEOPLE}|traffic|data)",
        r"(?:required|needed|necessary|minimum|min) sample",
        rf"sample sizes? (?:\w+ ){{0,4}}?(?:{_NEED}|to {_TO_FIND})",
        r"(?:what|which|calculate|compute|give)(?: me| the| a| my| is| would)* sample sizes?")),
    ("effect", Cued("mde minimum min smallest what which how detectable",
        "mde", r"(?:minimum|min|smallest|minimal)",
        rf"(?:what|which|how (?:small|big|large|much))(?: \w+){{0,4}}? {_EFFECTS}",
        rf"what (?:could|can|would) (?:\w+ ){{1,3}}?{_TO_FIND}")),
    ("power", Cued("power under over well enough can could able is was",
        r"\w*power(?:ed)?", "enough", "able", "can|could|would")),
)  # fmt: skip

FILLER: Final = Cued(
    "*",
    _EFFECTS, _TO_FIND, _NEED, _PEOPLE,
    r"how (?:long|many|much|big|large|small)(?: (?:more |additional |extra )?(?:days?|weeks?|months?|time))?",
    r"(?:long|big|large) enough|too (?:long|short|small|big)|longer|shorter",
    r"(?:to|it|xexp|should|must|will|would|need to|have to) (?:last|keep)|(?:wait|waiting) until|(?:per|each|a) "
    r"(?:arm|group)",
    r"(?:un|over|under|well )?power(?:ed)?(?! (?:users?|customers?|buyers?|shoppers?))",
    r"(?:many|much|more|additional|extra|less|fewer|big|large|small|smaller|least|at least|true|real|actual|"
    r"relative|absolute|reliably|reliable|daily|traffic|time|total|all together|"
    r"run(?:s|ning)?|keep|wait|go|going|on|up|able|chance|observed|measured|actually|found|"
    r"size|sizes|sized|sample|samples|plan(?:ning|ned)?|design(?:ed|ing)?|calculat\w*|comput\w*|estimate|work out|"
    r"cost(?:s|ing)?|lose[sd]?|loss|non ?inferior(?:ity)?|inferior|hurt(?:s|ing)?|"
    r"minimum|min|smallest|minimal|detectable|measurable|statistical(?:ly)?|underpowered|overpowered|"
    r"well|adequately|properly|sufficiently|analysis|mde|raise|rise|improve|grow|move|higher|lower|"
    r"increase|decrease|drop|reduce|will|might|significan\w*|conclusive|reach|get)",
)  # fmt: skip
"""Words of planning questions that say no more than the trigger and the figures do."""

ON_THE_WAY: Final = Cued("*", _EFFECTS, r"(?:power|relative|run(?:ning)?|detect|find|see|traffic|new|instead)")
"""Words that a follow-up may have around its figures."""
