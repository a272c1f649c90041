"""The chat's slash commands: each takes the conversation and what was typed behind it, and returns text."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Final

from gateway.cli.audit import event_lines
from gateway.cli.conversation import POPULATIONS, Conversation
from gateway.cli.plain import plain, plain_lines
from gateway.cli.show import View, cards, reasons_of, reply_text
from gateway.guard.check import DIALECTS
from gateway.problems import did_you_mean


@dataclass(frozen=True, slots=True)
class SlashCommand:
    """What it does, as `/help` says it, and the function that does it."""

    usage: str
    help: str
    run: Callable[[Conversation, View, str], str | None]
    """Returns what to print, or None to leave the chat."""


def run_slash(line: str, conversation: Conversation, view: View) -> str | None:
    """Run one slash command; None means to leave. An unknown one says so, with the nearest there is."""
    name, _, argument = line.strip().partition(" ")
    command = SLASH_COMMANDS.get(name.casefold())
    if command is not None:
        return command.run(conversation, view, argument.strip())
    return f"no command {plain(name)}." + (did_you_mean(name, SLASH_COMMANDS) or " /help lists them.")


def _population(conversation: Conversation, _view: View, argument: str) -> str:
    wanted = argument.casefold()
    if wanted in POPULATIONS:
        conversation.use_population(wanted)
        return f"population: {wanted}, until you say otherwise"
    current = conversation.caller.population
    if wanted:
        return f"no population {plain(argument)!r}: itt (everyone assigned) or exposed (the validly exposed)"
    return f"population: {current}" if current else "no population is set: you will be asked. /population itt sets one"


def _sql(conversation: Conversation, view: View, argument: str) -> str:
    if argument and argument != "all":
        word, _, rest = argument.partition(" ")
        dialect = word.casefold() if word.casefold() in DIALECTS else ""
        return reply_text(conversation.run(rest.strip() if dialect else argument, dialect), view)
    queries = conversation.last.answer.queries if conversation.last else []
    approved = [query.approved for query in queries if query.approved]
    if not approved:
        return "no statement has run yet"
    wanted = approved if argument == "all" else approved[-1:]
    more = f"\n-- the last of {len(approved)}; /sql all shows each" if len(wanted) < len(approved) else ""
    return "\n\n".join(f"{plain_lines(text)};" for text in wanted) + more


def _why(conversation: Conversation, view: View, _argument: str) -> str:
    if conversation.last is None:
        return "nothing has been asked yet"
    return "\n\n".join(_reasons(conversation, view))


def _reasons(conversation: Conversation, view: View) -> Iterator[str]:
    if conversation.last is None:
        return
    answer = conversation.last.answer
    yield f"understood: {plain(answer.interpretation) or 'nothing: it was not read as a question'}"
    refusals = [reason for query in answer.queries if query.verdict == "refused" for reason in reasons_of(query)]
    if refusals:
        yield "refused:\n" + "\n".join(refusals)
    elif answer.status != "answered":
        yield plain_lines(answer.text)
    yield from cards(conversation.last, view)
    statements = sum(1 for query in answer.queries if query.approved)
    yield f"{statements} approved statements; /sql shows the last, /audit the record"


def _audit(conversation: Conversation, _view: View, _argument: str) -> str:
    audit_id = conversation.last.answer.audit_id if conversation.last else ""
    event = conversation.gateway.audit.get(audit_id) if audit_id else None
    if event is None:
        return "nothing has been recorded in this chat yet"
    return "\n".join(event_lines(asdict(event)))


def _clear(conversation: Conversation, _view: View, _argument: str) -> str:
    conversation.forget()
    return "forgotten: the next question starts afresh"


def _help(_conversation: Conversation, _view: View, _argument: str) -> str:
    size = max(len(command.usage) for command in SLASH_COMMANDS.values())
    lines = [f"  {command.usage:<{size}}  {command.help}" for command in SLASH_COMMANDS.values()]
    head = "Ask in plain words; follow-ups keep the experiment in mind (“and revenue?”, “only iOS?”)."
    return "\n".join([head, *lines])


def _exit(_conversation: Conversation, _view: View, _argument: str) -> None:
    return None


SLASH_COMMANDS: Final[Mapping[str, SlashCommand]] = MappingProxyType(
    {
        "/population": SlashCommand("/population [itt|exposed]", "show or set whom the numbers are about", _population),
        "/sql": SlashCommand(
            "/sql [all | [DIALECT] SELECT …]", "the approved SQL of the last answer, or a statement to run", _sql
        ),
        "/why": SlashCommand("/why", "what was understood, why it was refused, and the evidence in full", _why),
        "/audit": SlashCommand("/audit", "the audit record of the last answer", _audit),
        "/clear": SlashCommand("/clear", "forget what was being talked about", _clear),
        "/help": SlashCommand("/help", "this list", _help),
        "/exit": SlashCommand("/exit", "leave; Ctrl-D does the same", _exit),
    }
)
