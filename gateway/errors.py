"""Everything the gateway raises on purpose, as a tree. A bug is none of these and is left to crash.

GatewayError
├── UsageError        the request cannot be carried out as written: a flag, a file, a name            exit 2
├── RefusedError      the guard refused a statement (defined in `gateway.ports`, carries the refusal) exit 3
├── ChoiceNeeded      two readings are possible, or something only the caller can decide is missing   exit 4
├── EngineError       the engine failed on an approved statement                                      exit 5
│   └── EngineTimeout it ran longer than its limit and was interrupted                                exit 5
├── ModelError        the model behind the planner could not be asked, or its answer not be read      exit 5
└── ContractError     configuration, semantic layer or warehouse is not as it must be                 exit 6
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Misfit:
    """One thing in a request that does not fit: what it is called, what is wrong with it, what would fit."""

    name: str
    message: str
    allowed: tuple[str, ...] = ()
    rule: str = "bad_argument"
    """`bad_argument`, or `unknown_name` for a value that names nothing."""


class GatewayError(Exception):
    """Base of the tree: a message that says what was found, and a hint that says what to do about it."""

    exit_code: int = 5

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.query_id = ""
        """The statement that failed, as the engine knows it; empty where none ran."""


class UsageError(GatewayError):
    """The caller's request cannot be carried out as written. `misfits` says the same piece by piece, where it can."""

    exit_code = 2

    def __init__(self, message: str, *, hint: str = "", misfits: tuple[Misfit, ...] = ()) -> None:
        super().__init__(message, hint=hint)
        self.misfits = misfits


class ChoiceNeeded(GatewayError):
    """The caller has to choose; `choices` are the texts to choose from, best first."""

    exit_code = 4

    def __init__(self, message: str, *, choices: tuple[str, ...] = (), hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.choices = choices


class EngineError(GatewayError):
    """The engine failed: no connection, out of memory, disk full, a locked file, an error in execution."""

    exit_code = 5


class EngineTimeout(EngineError):
    """The statement ran longer than its time limit and was interrupted."""


class ModelError(GatewayError):
    """The model could not be asked: not reached, refused, overloaded, cut off. The offline planner answers instead."""

    exit_code = 5


class ContractError(GatewayError):
    """Configuration, contract or warehouse is wrong. `problems` holds every problem found, one line each."""

    exit_code = 6

    def __init__(self, message: str, *, problems: tuple[str, ...] = (), hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.problems = problems
