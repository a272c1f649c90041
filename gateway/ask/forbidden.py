"""The words of what is never answered: people's data, and orders to change something."""

from typing import Final

from gateway.ask.lexicon import PEOPLE
from gateway.ask.patterns import Cued

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
    r"made|paid|ordered|spent|visited|came|went|took|read|left|joined|subscribed|unsubscribed|signed|opened|borrowed|"
    r"received|complained|returned|registered|churned|cancelled|canceled)"
)

PERSONAL: Final = Cued(
    "telephone mobile home postal street first last full real email phone address id identif identit contact "
    "birthday ip credit password name user customer people person "
    "unit visitor shopper device individual participant member subject recipient account household guest client "
    "respondent list export dump download print give show get send fetch find tell top biggest highest heaviest most "
    "who raw row event owner owned owns responsible pii",
    rf"{_PRIVATE}(?: \w+)? (?:of|for|from|belonging to)(?: \w+){{0,2}} {PEOPLE}",
    rf"(?:{PEOPLE}|personal) {_PRIVATE}",
    rf"{_PRIVATE} (?:and|or) {_PRIVATE}",
    rf"(?:lists?|rows?|records?|export|dump|details) (?:of|with|for) (?:all |the |every |each |our |those "
    rf")*(?:{PEOPLE}|xpop)\b"
    rf"{_NO_GROUP}",
    r"(?:phone|telephone|mobile|customer) numbers?|(?:email|ip|home|postal|street) address(?:es)?|passwords?|"
    r"birthdays?|"
    r"credit cards?|contact details|(?:first|last|full|real) names?",
    rf"(?:(?:list|show|give|print|send|export|dump|get|fetch|reveal|what are)(?: \w+){{0,3}} )(?:emails?|email "
    rf"addresses|passwords?|phone numbers?|{_PRIVATE} of)",
    rf"(?:list|export|dump|download|print|name) (?:me )?(?:all |the |every |each |some )*{PEOPLE}\b{_NO_GROUP}",
    rf"(?:give|show|get|send|fetch|find|tell)(?: me| us)?(?: all| the| every| those| some| any)* {PEOPLE} "
    r"(?:who|that)",
    rf"(?:top|biggest|highest|heaviest|most valuable) (?:\d+ )?(?:\w+ing |xmet )?{PEOPLE}\b{_NO_GROUP}",
    r"(?:user|customer|person|unit|visitor|shopper|device|participant|member|account|client)(?: id| number| no)? "
    r"\d{3,}",
    rf"(?<!those )(?<!users )(?<!units )(?<!people )(?<!customers )(?<!visitors )(?<!devices )who {_ACTS}",
    r"^(?:(?:and|so|then|ok|but) )*who (?:actually |really |also )?xmet",
    r"(?:raw|row level|unit level|user level|customer level|event level|individual)(?: \w+)? ?(?:data|rows?|events?|"
    r"records?|logs?|users?|customers?|exposures?|outcomes?|results?)?",
    r"(?:owners?|owned|owns|responsible|personal data|pii)",
)

WHICH_PEOPLE: Final = Cued(
    "which what who",
    rf"(?:which|what) (?:(?!{_NOT_OF_PEOPLE})\w+ )?{PEOPLE}\b{_NO_GROUP}",
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
