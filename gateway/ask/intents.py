"""How people ask for each thing the tools can do. Patterns read a masked question; see `lexicon`."""

from typing import Final

from gateway.ask.lexicon import PEOPLE
from gateway.ask.patterns import Cued

SRM: Final = Cued("observed expected planned actual traffic user unit sample srm ratio "
    "balance unbalance imbalance split randomi even equal proper correct",
    r"(?:is there |any |an? )*sample ratio(?: mismatch(?:es)?)?",
    r"srm(?: checks?| tests?| problems?| issues?)*",
    "ratio mismatch",
    r"(?:observed|expected|planned|actual)(?: (?:vs|versus|and|against|or) (?:the )?(?:observed|expected|planned|"
    r"actual))? (?:traffic )?(?:split|shares?|ratios?|allocations?|counts?)",
    r"(?:traffic|user|unit) (?:allocation|distribution)",
    r"(?:un|im)balanced?",
    r"(?:evenly |equally |properly |well )?balanced?(?: (?:across|between|over)(?: the)? (?:arms|groups|variants))?",
    r"(?:traffic |assignment |randomi[sz]ation )*split (?:as )?(?:even|equal|planned|expected|right|correct|ok|okay|"
    r"broken|off)?(?:ly)?",
    r"randomi[sz](?:ed|ation)(?: (?:properly|correctly|ok|okay|fine|good|right|broken|work\w*|of|in|for|xexp))*",
    r"(?:split|divided|allocated|assigned|distributed) (?:evenly|equally|fairly|properly|correctly|as planned|right)",
    r"(?:evenly|equally|properly|correctly) (?:split|assigned|randomi[sz]ed)",
)  # fmt: skip
GUARDRAIL: Final = Cued("guard breach broke violat",
    r"(?:list |name |show |give |me |which |what )*(?:did |does |do |has |have |is |are |was |were )?"
    r"(?:there )?(?:any |a |the |its |of |violated |breached |broken )*guard ?rails?(?: metrics?)?(?: (?:been|is|"
    r"are|was|were|get|got|breach(?:ed|es)?|violat\w*|hit|tripped|harmed|hurt|ok|okay|fine|safe|broken|hold\w*|held|"
    r"healthy|intact|trouble|problems?|issues?|pass\w*|respect\w*|met|meet|satisf\w*|fulfil\w*))*",
    r"(?:pass(?:es|ed)?|respect(?:s|ed)?|me(?:e)?ts?|satisf(?:y|ies|ied)|fulfil(?:s|led)?|within)(?= (?:all |its |"
    r"the |of )*"
    r"(?:guard|~))",
    r"breach(?:ed|es)?(?: any| a| the| its)*", "broke any guard ?rails?", r"violat\w+(?: any| a| the| its)*",
)  # fmt: skip
_UNITS = rf"(?:{PEOPLE}|observations|rows)"
HEALTH: Final = Cued(

        "data unhealth number count user customer pre multi outside late break population share percent proportion "
        "fraction part window contaminat crossover spill member subject recipient account household guest client "
        "people unit visitor shopper device person individual respondent more both several multiple different two "
        "exposure wrong problem issue logged logging tracking instrumentation trust untrust "
        "rely believe health reliab unreliab quality matur "


        "immatur quarantin mismatch valid sane "
        "sanity integrity many sample assignment event"
    ,
    r"(?:is |are |was |were )?(?:the )?(?:exposures?|assignment|event) (?:logging|quality|health|data|events?|rates?|"
    r"integrity|tracking|validation)(?: (?:healthy|ok|okay|fine|broken|good|working|still|clean|correct))*",
    r"(?:can|could|should|do|may) (?:i|we|you|one) (?:really |actually )?(?:trust|rely on|believe)(?: in)?",
    r"(?:un)?trust(?:ed|worthy|worthiness)?",
    r"(?:un)?health(?:y|iness)?(?: checks?)?",
    r"(?:is|are|was|were) (?:the |its |this |xexp )*(?:data|tracking|measurements?)(?: (?:of|for|in|from|xexp))* "
    r"(?:ok|okay|fine|good|clean|correct|right|accurate|complete|solid)",
    r"when (?:did|does|has) (?:it|xexp|this|that|they) (?:break|broke|broken|fail|go wrong|degrade)",
    r"(?:pre assignment|multi variation|outside window|late|early)(?: exposures?| rates?)*",
    r"(?:exposed|exposures?|seen it) (?:before|prior to) (?:the |their |being |they were )*assign(?:ment|ed)",
    rf"(?:the )?(?:total )?(?:number|count) of {_UNITS}",
    rf"^(?:the )?{_UNITS} (?:in|of|per) (?:the )?(?:arm |variant |xexp)",
    r"(?:what (?:is|was) )?(?:the )?population (?:of|in|for) xexp",
    rf"how many {_UNITS} (?:saw|seen|see|viewed|got|received|took part|participated|joined|entered)",
    rf"(?<!not )(?<!non )(?<!never )exposed {_UNITS}(?= (?:in|of|by|per|xexp))",
    rf"(?:(?:what|which|how big a|how large a) )?(?:share|percentage|proportion|fraction|percent|part) of (?:the |"
    rf"all )*"
    rf"{_UNITS}(?: (?:were|was|are|is|got|in|of|xexp))* (?:exposed|quarantined|mismatched)",
    rf"(?:{_UNITS} )?(?:in|to|of) (?:more than one|both|several|multiple|two|different) (?:arms?|variants?|variations?|"
    r"groups?|treatments?)",
    r"(?:(?:attribution|outcome|conversion|metric|measurement) )?windows? (?:is |are |was |were )?(?:already |yet |"
    r"still )*"
    rf"(?:closed|open|over|complete[d]?|mature[d]?|elapsed)(?: (?:for|yet|all|every|of|the|{_UNITS}|everyone))*",
    r"contaminat\w*|crossovers?|spill ?overs?",
    r"how (?:big|large) (?:is|was|are|were)(?: the| its)? samples?(?: sizes?)?",
    "samples?",
    r"(?:un)?reliab\w+",
    r"exposures?",
    r"(?:logging|tracking|instrumentation)(?: (?:healthy|ok|okay|fine|broken|good|working))*",
    "(?:data )?quality",
    r"(?:im)?matur(?:e|ity)(?: share)?",
    r"quarantined?",
    r"mismatch(?:es|ed)?",
    "valid(?:ity)?",
    "sane",
    r"(?:any |anything |something |is |are |there )*(?:problems?|issues?|wrong)(?: with)?",
    r"logged(?! in\b)(?: correctly| properly| right| well)?",
    "sanity checks?",
    "integrity",
    r"how many (?:exposures?|mismatch\w*)(?: (?:are|were|was))*",
    rf"how many {_UNITS}(?!(?: (?:have|has|did|of|in|the))* xmet)(?: (?:are|were|is|was|did|do|does|have|has))*(?: "
    r"(?:in|enrolled|assigned|exposed|xexp have|there))*",
    r"sample sizes?",
)  # fmt: skip
DAILY_HEALTH: Final = Cued(
    "day daily time when trend which on what since",
    r"daily",
    r"(?:by|per|each|every) day",
    r"day (?:by|to) day",
    "over time",
    r"when (?:did|does|has) (?:\S+ ){0,5}(?:break|broke|broken|fail\w*|go wrong|go bad|degrade\w*|drop\w*|go (?:up|"
    r"down)|"
    r"(?:rise|rose|jump|climb|increas|spik|worsen|fall|fell|deteriorat)\w*|start|stop)(?: (?:break|fail)ing)?",
    r"(?:on )?(?:which|what) days?",
    "trend",
    "since when",
)

_SHIP = (
    r"(?:launch(?:ed|ing)?|ship(?:ped|ping)?|roll(?:ed|ing)?(?: it| this| that| them| xexp| xarm)? ?out|rollout|"
    r"releas(?:e|ed|ing)|deploy(?:ed|ing)?|(?:go|goes|going) live|push(?:ed)? live|productioni[sz]e|"
    r"send(?: out)?(?: it| this| the| xexp| xarm)*(?: out)? to (?:xall|all|every\w*)|green ?light(?:ed)?|"
    r"(?:go|going) with(?= xarm| xexp| it))"
)
_KEEP = (
    r"(?:keep(?: (?:it|xexp))? running|keep (?:it|xexp)|stop(?:ped)?|end(?:ed)?|kill(?:ed)?|extend(?:ed)?|continue|"
    r"turn(?: it| xexp)? (?:on|off)|enable|adopt|scale|abandon|conclude)"
)
_OBJ = (
    r"(?: (?:it|this|that|them|xexp|xarm))?(?: (?:now|already|out|live|to "
    r"(?:all(?: users| customers| units| devices| people)?|everyone|everybody|production|100%)))*"
)
DECISION: Final = Cued(
    "launch ship roll releas deploy go push live production keep stop end kill extend continue turn enable adopt "
    "scale abandon conclude ready safe good ok fine worth decision recommend verdict should shall do next send green "
    "bad wise sensible advi what",
    rf"(?:{_SHIP}|keep)(?: (?:it|this|xexp|xarm))? or (?:not |to )?(?:{_KEEP}|drop|scrap|revert|roll(?: it)? back|"
    r"bin|not)(?: (?:it|this|xexp|xarm))?",
    rf"(?:(?:should|shall|can|could|do|must|may|would|is it time to|are|is it safe to) )?(?:(?:we|i|you|it|they|xexp|"
    rf"xarm) )?(?:recommend |ready to |ok to |safe to )?(?:be )?(?:{_SHIP}){_OBJ}",
    rf"(?:should|shall|can|could|do|must|may|would) (?:we|i|you|it|they|xexp)(?: be)? {_KEEP}{_OBJ}",
    r"(?:ready|safe|good|ok|okay|fine|worth)(?: enough)? (?:to|for) (?:be )?(?:launch\w*|ship\w*|production|"
    r"roll(?:ed|ing)? ?out|releas\w*|deploy\w*)",
    r"(?:the |your |a )?(?:launch |final )?(?:decision|recommend(?:ation|ed|s)?|verdict)(?: (?:for|on|about))?",
    "go(?: or)? no go",
    r"(?:good|bad|wise|sensible) idea(?: to)?",
    r"advi[cs]e\w*|what would change (?:the|this|that|your) (?:decision|recommendation|verdict|mind|advice)",
    r"(?:is|are|was|were) (?:xexp|xarm|it) a (?:no )?go",
    rf"worth(?: it)?(?: to)? (?:{_SHIP}|keeping)",
    r"what (?:should|shall|do) (?:we|i) do(?: (?:with|about))?",
    r"what next",
    r"next steps?",
)  # fmt: skip

_SUPER = (
    r"(?:biggest|largest|highest|greatest|best|top|most|strongest|worst|lowest|weakest|winners?|won|wins?|winning|"
    r"losers?|lost|los(?:e|es|ing)|rank(?:ed|ing|ings|s)?|performed|performs|performing)"
)
SUPERLATIVE: Final = Cued("*",
    _SUPER, r"order(?:ed)? by", r"sort(?:ed)? by", (
        r"(?:lift|uplift|effect|impact|gains?|improvements?|difference|drops?|declines?|"
        r"loss(?:es)?|increases?|decreases?|reductions?)"
    ),
    r"(?:improv|increas|rais|boost|mov|grew|grow|lift|affect|help|work|deliver)\w*",
    r"(?:worsen|hurt|harm|reduc|decreas|lower|damag)\w*",
    r"(?:by )?(?:chance to win|probability|absolute(?: difference)?|relative(?: lift)?|percentage points?)",
    r"(?:top|best|worst|bottom) (?:\d+|two|three|four|five)",
    r"of all|ever|across|so far|by far|all|every|list|compare|order|sort|(?:most |least )?successful",
    r"least",
    r"(?:positive|negative)(?:ly)?",
    "better",
    "worse",
    "up",
    "down",
)  # fmt: skip
RANK_TRIGGER: Final = Cued.exact(
    "which what biggest largest highest greatest strongest worst lowest weakest best most rank top bottom win won "
    "los perform lost compare order sort any some list show",
    rf"\b(?:which|what) (?:of (?:the|our) )?(?:experiments?|tests?)\b.*\b(?:{_SUPER}|improv\w*|increas\w*|rais\w*|"
    rf"boost\w*|work\w*|mov\w*|hurt\w*|harm\w*|reduc\w*|decreas\w*|worsen\w*|lift\w*|positive|negative)\b"
    rf"|\b(?:biggest|largest|highest|greatest|strongest|worst|lowest|weakest|best|most) (?:\w+ )?(?:lift|uplift|"
    rf"effect|impact|gains?|improvements?|winners?|losers?|experiments?|tests?|drops?|declines?|increases?|"
    rf"decreases?|reductions?|chance to win|probability)\b|^(?:the )?rank(?:ing|ings|ed)?\b"
    r"|\b(?:did|does|has|have) (?:any|some)(?: of (?:the|our))? (?:experiments?|tests?) (?:\w+ )?"
    r"(?:improv|increas|rais|boost|mov|hurt|harm|reduc|decreas|lower|worsen|lift|chang|win|won|beat|cut)\w*"
    rf"|\b(?:list|show) (?:all |the |our )*(?:experiments?|tests?) (?:by|in order of|ordered|ranked|sorted)\b"
    rf"|\b(?:rank(?:ed|ing|ings)?|compare|order|sort) (?:all |the |our |of )*(?:experiments?|tests?)\b|\b(?:top|best|"
    rf"worst|bottom) (?:\d+|"
    rf"two|three|four|five)\b|\b{_SUPER} (?:experiments?|tests?)\b|\bwhat (?:won|worked|"
    rf"performed)\b|^(?:(?:show|list|give|me|the|all|who|which|what|are|is) )*(?:winners|"
    rf"losers|winner|loser)$",
)
WORST: Final = Cued(
    "negative worst lowest weakest los least bottom worsen hurt harm worse damag",
    "worst",
    "lowest",
    "weakest",
    r"losers?",
    "lost",
    r"los(?:e|es|ing)",
    "(?<!at )least",
    "bottom",
    r"worsen\w*",
    r"hurt\w*",
    r"harm\w*",
    "worse",
    r"damag\w*",
    r"negative(?:ly)?",
)
RAW_UP: Final = Cued(
    "increas rais lift uplift boost gr rise rose risen gain higher up highest",
    "increas(?:e|es|ed|ing)",
    "rais(?:e|es|ed|ing)",
    "lift(?:s|ed)?",
    "uplift",
    "boost(?:s|ed)?",
    "grow(?:s|n|ing)?|grew",
    "rise|rose|risen",
    "gains?",
    "higher",
    "up",
    "highest",
)
RAW_DOWN: Final = Cued(
    "decreas reduc lower drop fall fell declin loss down fewer less cut lowest shr",
    r"decreas\w*",
    r"reduc\w*",
    r"lower(?:s|ed|ing)?",
    r"drop(?:s|ped|ping)?",
    "f[ae]ll(?:s|en)?",
    r"declin\w*",
    "loss(?:es)?",
    "down",
    "fewer",
    "less",
    "cuts?",
    "lowest",
    "shrink|shrank|shrunk",
)
BY_CHANCE: Final = Cued("chance probabil", "chance to win", r"probabilit\w+")
BY_DIFFERENCE: Final = Cued(
    "absolute difference percentage",
    r"absolute(?: difference)?",
    "difference",
    r"percentage points?",
)
TOP_N: Final = Cued.exact(
    "top best worst bottom",
    r"\b(?:top|best|worst|bottom) (\d+|two|three|four|five)\b|\b(\d+|two|three|four|five) (?:top|best|worst|bottom)\b",
)

TREND: Final = Cued(
    "day daily time trend timeseries develop evolv progress curve cumulative when stable stabil steady wear wore worn "
    "fade fading novelty persist sustain last hold held since timeline history",
    "over time",
    "cumulative",
    r"when (?:did|does|has|have|was|were)(?: the)?(?: (?:effect|impact|lift|of|on|in|xexp|xmet|xarm))+"
    r"(?: (?:become|became|get|got|turn(?:ed)?|reach(?:ed)?|cross(?:ed)?))?",
    r"(?:by|per|each|every) day",
    "daily",
    r"day (?:by|to) day",
    r"trends?(?:ing|ed)?",
    "time ?series",
    r"(?:develop|evolv)(?:e|ed|es|ing|ment)?",
    r"progress(?:ed|ion)?",
    "curve",
    r"how did .{0,40}\bchange over time",
    r"(?:un)?stable|stabili[sz]ed?|steady|consistent over time",
    r"(?:wear|wears|wore|worn|wearing|fade|fades|faded|fading|die|died|dying)(?: (?:off|out|away|down))?",
    r"novelty(?: effects?)?|persist(?:s|ed|ent)?|sustain(?:s|ed)?|(?:hold|held|holds) (?:over time|steady)",
    r"since when(?: (?:is|was|has|did|does|are))*(?: (?:xexp|xarm|xmet|it))*(?: (?:been|become|became))?",
    r"timeline|history",
)
ARMS: Final = Cued("arm variant variation treatment group version one",
    r"(?:which|what)(?: of the| of)?(?: \w+)? ?(?:arms?|variants?|variations?|treatments?|groups?|versions?|"
    r"ones?)\b(?: (?:of|in|from|for|is|was|are|xexp|has|had|won|wins?|winning|perform\w*|work\w*|did|does|the|a|best|"
    r"better|worst|highest|most|strongest|largest|biggest|winner|lift|effect|to|should))*",
    r"(?:best|winning|better|worst|strongest) (?:arm|variant|variation|treatment|group|version)",
    r"(?:rank|compare)(?: all)?(?: the)? (?:arms|variants|variations|treatments|groups|versions)(?: of| in)?(?: "
    r"xexp)?",
    "between (?:the )?(?:arms|variants|variations)",
    r"which(?: one)? of (?:the |these |those |our )*xexp(?= .*(?:best|better|worst|won|most|win))",
)  # fmt: skip
_UP = (
    r"(?:increas|improv|rais|boost|outperform|succe)\w*|lift(?:s|ed)?|uplift|grow(?:s|n|th|ing)?|grew|rise|rises|rose|"
    r"risen|gains?|gained|higher|more|up|better|help(?:s|ed)?|winn?(?:s|ing|er|ers)?|won|work(?:s|ed|ing)?|"
    r"positive(?:ly)?|good|respond(?:s|ed)?|react(?:s|ed)?|beat(?:s|en)?|dr[io]ves?|driven|best|benefit\w*|"
    r"(?:gone|come|came|went|going|go) up|climb(?:s|ed|ing)?|jump(?:s|ed)?|soar(?:s|ed)?|(?:pay|pays|paid) off|"
    r"bump(?:s|"
    r"ed)?|"
    r"(?:success|successful|successfully)|upwards?|upside"
)
_DOWN = (
    r"(?:decreas|reduc|harm|damag|declin|cannibali[sz]|worsen)\w*|lower(?:s|ed|ing)?|drop(?:s|ped|ping)?|f[ae]ll(?:s|"
    r"en|ing)?|hurt(?:s|ing)?|worse|los(?:e|es|t|ing|s|er)|cuts?|down|fewer|less|negative(?:ly)?|bad(?:ly)?|fail(?:s|"
    r"ed|ing)?|worst|(?:gone|come|came|went|going|go) down|slip(?:s|ped)?|s[aiu]nk|plummet(?:s|ed)?|tank(?:s|ed)?|"
    r"dip(?:s|ped)?|suffer(?:s|ed)?|downwards?|downside|backfire[ds]?"
)
_FLAT = (
    r"no (?:real |measurable |significant |big |clear )?(?:effects?|impact|difference|change|improvement|lift|uplift|"
    r"movement)|"
    r"(?:relative|absolute|percentage|percent)(?: (?:lift|uplift|change|difference|effect|increase|decrease|points?))?|"
    r"how many (?:percent|percentage points|points)|delta|le(?:ad|ads|d) to|"
    r"(?:how many|what (?:share|percentage|proportion|fraction) of) (?:the )?(?:users|units|customers|people|visitors)"
    r"(?: (?:have|has|did))* (?=xmet)|(?:average|mean|avg) (?=xmet)|"
    r"(?:chance|probability|odds|likelihood)(?: (?:that|of|to))?|(?:mov(?:e|es|ed) the )?needle|"
    r"(?:bring|generat|produc|yield|deliver|contribut)\w*|brought|makes?|"
    r"effects?|impact(?:s|ed)?|affect(?:s|ed)?|chang(?:e|es|ed|ing)|mov(?:e|es|ed|ing)|perform\w*|differ(?:ence|"
    r"ences|ent|s)?|influence[ds]?|happen(?:s|ed)?|statistically|statistical|significan\w*|stat sig|statsig|p "
    r"values?|(?:confidence )?intervals?|ci|chance to win|chance of winning|probability|(?:by )?how (?:much|big|"
    r"large|strong|far)|conclusive|inconclusive|went|going|go|get on|fare[ds]?|make a difference|made a difference|"
    r"compared?(?: (?:to|with))?|vs|versus|against|relative to|results?|overview|summary|summari[sz]e|scorecard|"
    r"numbers|size|work out|flat|neutral|hold up|held up|stack up|update|latest|"
    r"(?:in terms of|with (?:respect|regard) to|when it comes to|as (?:for|regards|to)|likewise)|run ?down|recap|"
    r"story|low ?down|snapshot|highlights?|gist|(?:un)?likely|likelihood|so far|to date|"
    r"achiev\w*|accomplish\w*|gimme|lemme|whats|hows|movements?|shift(?:s|ed)?|swing|nothing(?: at "
    r"all)?|neither|nor|either|analy[sz]\w*|"
    r"readout|read out|"
    r"between (?:the )?(?:treatments?|controls?|arms|groups|variants?)(?: and (?:the )?(?:treatments?|controls?))?|"
    r"(?:un)?certain(?:ty)?|sure|confident|convinc\w*|real|genuine(?:ly)?|noise|luck|chance|fluke|robust|solid|"
    r"how (?:did|does|do|is|was|has|have|are|were)(?: the)? xexp (?:do|doing|done|look|looking|go|going|gone|turn out)"
)
MOVES: Final = Cued("*", _UP, _DOWN)
"""Ways in which a metric moves, or an experiment does well or badly."""
OUTCOME: Final = Cued(
    "*",
    _UP,
    _DOWN,
    _FLAT,
    r"without (?:hurting|harming|reducing|increasing|raising|lowering|damaging|affecting|changing|worsening|more|fewer|"
    r"less|extra|any|an? (?:increase|rise|drop|fall|loss) (?:in|of))",
)
PAIR: Final = Cued(
    "vs versus against than compare over beat between or outperform",
    r"(?:vs|versus|against|than|compared? (?:to|with)|over|beats?|between|or|outperform\w*)",
)
CONTEST: Final = Cued(
    "beat outperform than instead prefer win better worse",
    r"beat(?:s|en|ing)?|outperform\w*|than|instead of|prefer\w*",
)
INTERLEAVED: Final = Cued.exact("xmet xexp", r"xmet.*xexp.*xmet.*xexp|xexp.*xmet.*xexp.*xmet")
FOLLOW: Final = Cued.exact(
    "*",
    r"^(?:sorry|no|nope|i meant?|and|what about|how about|only|just|same|now|also|but|ok|okay|then|or|for|on|in|by|"
    r"with|as|at)\b|\bsame\b|\blikewise\b",
)
FURTHER: Final = Cued.exact(
    "show give top best worst bottom the",
    r"^(?:(?:show|give|me|us|only|just|the|now|and) )*(?:top|best|worst|bottom) (?:\d+|two|three|four|five)(?: ones?|"
    r" of them)?$",
)
"""Cuts a ranking that was shown."""
WHAT_ABOUT: Final = Cued.exact("what how", r"^(?:(?:and|so|ok|but|now) )*(?:what|how) about\b")
CORRECTING: Final = Cued.exact("no not nope yes", r"^(?:no|nope|yes|yeah) (?=.*(?:xmet|xexp|xarm|xseg|xdim))")
QUESTIONS_OF_OUTCOME: Final = Cued.exact(
    "*",
    r"^(?:how (?:did|does|is|was|has|have|are)|did|does|do|has|have|is|was|are|were)\b",
)
BY: Final = Cued.exact(
    "xdim",
    r"\bxdim level\b|\b(?:by|per|across|split by|broken down by|breakdown by|for each|in each|each|every|between)(?: "
    r"the)?(?: "
    r"different)? xdim\b|\bxdim (?:breakdown|split)\b",
)
BREAKDOWN: Final = Cued(
    "where br split drill segmented across each every different depend var differ chang",
    "where(?: (?:did|does|has|was|is))?",
    r"(?:broken|break|breaking|split|drill)(?: it| that| this)? ?(?:down)?",
    r"(?:depend|vary|varie[sd]|differ|change)\w*(?: (?:on|by|with|across|between|from|to))*(?= (?:the )?xdim)",
    "breakdown",
    "segmented",
    "across",
    "each",
    "every",
    "different",
)
