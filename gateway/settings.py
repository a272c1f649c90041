"""How this gateway is set up: defaults, then gateway.yaml, then GATEWAY_* variables, then flags.

Nothing else reads the environment. A key that is not known is refused wherever it stands, with the nearest name, and
every problem is reported at once.
"""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, StringConstraints, ValidationError

from gateway.documents import Document, Place, broken, dotted, parse, read_text
from gateway.errors import ContractError
from gateway.problems import did_you_mean, explain, keys_at

_PACKAGE = Path(__file__).parent
CONFIG_FILE = "gateway.yaml"
PREFIX = "GATEWAY_"
_WHAT = "the configuration"
_NOT_OURS = frozenset({"GATEWAY_INTERFACE"})
"""Variables with our prefix that are somebody else's: web servers set GATEWAY_INTERFACE for CGI programs."""
_ELSEWHERE: dict[str, Place] = {"OPENAI_API_KEY": ("model", "api_key"), "OPENAI_BASE_URL": ("model", "base_url")}
"""Variables of other tools that are read when ours are not set."""
_KEY: Place = ("model", "api_key")
_ADDRESS_OF_MODEL: Place = ("model", "base_url")
_SECRETS = (("model", "api_key"),)
"""Taken from the environment only: a configuration file ends up in a repository."""
_PATHS: tuple[Place, ...] = (("home",), ("semantic",))
_RESOURCES = {"marts_sql": "semantic_layer.yaml", "seeds": "experiments.yaml"}
"""Folders that come with the gateway, and the file by which each is known."""

Size = Annotated[str, StringConstraints(pattern=r"^[0-9]+(\.[0-9]+)? ?([KMGT]i?B)$")]
_SIZE_MESSAGE = "expected a size such as 512MB or 2GB"


_ADDRESS = re.compile(r"https?://[^\s/@?#]+(?:/[^\s?#@]*)?")


def _plain_address(value: str) -> str:
    if not _ADDRESS.fullmatch(value):
        raise ValueError("expected an address such as https://host/v1, with no password, key or query in it")
    return value


class _Group(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class ModelSettings(_Group):
    """The OpenAI-compatible model behind `planner: openai`, and how much one question may use of it."""

    name: str = ""
    base_url: Annotated[str, AfterValidator(_plain_address)] | None = None
    """None is OpenAI's own; any server that speaks its chat completions will do."""
    api_key: SecretStr | None = None
    seconds: float = Field(default=60, gt=0, le=3600, allow_inf_nan=False)
    """For one question, everything included: the model's time, retries and tools."""
    steps: int = Field(default=8, ge=1, le=100)
    """Replies of the model to one question."""
    calls: int = Field(default=6, ge=1, le=50)
    """Tools called in one step; the model is told to ask again for the rest."""
    tokens: int = Field(default=100_000, ge=1)
    """Read and written by the model for one question."""
    characters: int = Field(default=24_000, ge=1_000)
    """Of one message, to the model or from it."""
    retries: int = Field(default=2, ge=0, le=10)
    """Of one request that failed on the way, with growing pauses between."""


class LimitSettings(_Group):
    """What one statement may use. `seconds` and `rows` can only lower the role's own limits; None leaves those."""

    memory: Size = "1GB"
    threads: int = Field(default=2, ge=1, le=1024)
    read: Size = "100GB"
    """Of the marts' columns; ClickHouse alone counts it."""
    seconds: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    rows: int | None = Field(default=None, ge=1)


class GuardSettings(_Group):
    """What is asked of the guard beyond its own rules."""

    referee: bool = False
    """Before a statement runs, the engine's own parser must name the relations and columns that the guard approved."""


class Settings(_Group):
    """Everything that can be set. Paths are as given: relative ones are relative to the working directory."""

    home: Path = Path(".gateway")
    engine: Literal["duckdb", "clickhouse"] = "duckdb"
    clickhouse_url: SecretStr | None = None
    """Secret because it usually holds a password."""
    cluster: str | None = None
    """Of the ClickHouse server: over its servers the marts are spread."""
    semantic: Path
    role: str = Field(default="analyst", min_length=1)
    population: Literal["itt", "exposed"] | None = None
    """None: nothing is assumed, a question without a population is asked back."""
    planner: Literal["offline", "openai"] = "offline"
    principal: str = Field(min_length=1)
    """Who asks, as the audit log records it."""
    model: ModelSettings = ModelSettings()
    limits: LimitSettings = LimitSettings()
    guard: GuardSettings = GuardSettings()


def load_settings(config: Path | None = None, overrides: Mapping[str, Any] | None = None) -> Settings:
    """The settings of this process. `overrides` are flags by dotted name; None values are flags not given.

    Raises ContractError with every problem of the file, the environment and the flags together.
    """
    given, problems = _from_file(config_file(config))
    names, values = _from_environment(os.environ)
    if names.get(_KEY) == "OPENAI_API_KEY" and _ADDRESS_OF_MODEL in given.keys() - values.keys():
        del values[_KEY]  # it is for OpenAI, and not for whoever a file in a repository names
    problems += _unknown_variables(os.environ)
    problems += [f"{names.get(place, '') or dotted(place)}: {message}" for place, message in _check(_nested(values))]
    flags: dict[Place, Any] = {
        tuple(key.split(".")): value for key, value in (overrides or {}).items() if value is not None
    }
    problems += [f"--{dotted(place).replace('_', '-')}: {message}" for place, message in _check(_nested(flags))]
    given |= values | flags
    problems += _contradictions(given)
    if problems:
        raise broken(_WHAT, problems, hint="docs/semantic-layer.md lists every setting")
    given.setdefault(("principal",), _os_user())
    if ("semantic",) not in given:
        given["semantic",] = resource("marts_sql") / "semantic_layer.yaml"
    return Settings.model_validate(_nested(given))


def resource(name: str) -> Path:
    """A folder that comes with the gateway: beside the package in a checkout, inside it in an installed wheel."""
    if name not in _RESOURCES:
        raise ContractError(f"no folder {name!r} comes with the gateway.{did_you_mean(name, _RESOURCES)}")
    for folder in (_PACKAGE.parent / name, _PACKAGE / "_data" / name):
        if (folder / _RESOURCES[name]).is_file():
            return folder
    raise ContractError(
        f"the folder {name!r} is not there: no {_RESOURCES[name]} in {_PACKAGE.parent / name}",
        hint="install the gateway again, or run it from its repository",
    )


def config_file(config: Path | None) -> Path | None:
    """The file to read: the one named, which must exist, or the working directory's if it has one."""
    if config is not None:
        return config
    default = Path(CONFIG_FILE)
    return default if default.exists() else None


def _check_document(document: Document) -> list[str]:
    """Every problem of the file, in the file's order."""
    data = document.data
    places = [] if data is None else list(_check(data))
    for group, key in _SECRETS:
        if isinstance(data, dict) and isinstance(data.get(group), dict) and key in data[group]:
            variable = _variable((group, key))
            places.append(((group, key), f"a secret does not belong in a file: set {variable} instead"))
    found = [(line, document.top(line, message)) for line, message in document.problems]
    found += [(document.line(place), document.say(place, message)) for place, message in places]
    return [text for _, text in sorted(found, key=lambda problem: problem[0])]


def _check(data: Any) -> Iterator[tuple[Place, str]]:
    """What is wrong with one source of settings, taken by itself. What it leaves out is no problem."""
    if isinstance(data, dict):
        data = {"semantic": Path(), "principal": "-"} | data
    try:
        Settings.model_validate(data)
    except ValidationError as error:
        for place, message in explain(error, Settings):
            yield place, _SIZE_MESSAGE if place[-1:] in (("memory",), ("read",)) else message


def _from_file(path: Path | None) -> tuple[dict[Place, Any], list[str]]:
    """The file's settings by place, and its problems. Paths in it are relative to the file."""
    if path is None:
        return {}, []
    try:
        document = parse(read_text(path, _WHAT), str(path))
    except ContractError as error:
        return {}, list(error.problems)
    given = dict(_flat(document.data))
    for place in _PATHS:
        if isinstance(given.get(place), str):
            given[place] = path.parent / Path(given[place]).expanduser()
    return given, _check_document(document)


def _flat(data: Any) -> Iterator[tuple[Place, Any]]:
    for key, value in (data if isinstance(data, dict) else {}).items():
        if isinstance(value, dict):
            yield from (((key, *place), inner) for place, inner in _flat(value))
        elif value is not None:
            yield (key,), value


def _nested(values: Mapping[Place, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for place, value in values.items():
        here = out
        for step in place[:-1]:
            here = here.setdefault(str(step), {})
        here[str(place[-1])] = value
    return out


def _variables() -> dict[str, Place]:
    """Every variable that is ours, and the setting it sets."""
    places: list[Place] = []
    for name in Settings.model_fields:
        keys = keys_at(Settings, (name,))
        places += [(name, key) for key in keys] if keys else [(name,)]
    return {_variable(place): place for place in places}


def _variable(place: Place) -> str:
    return PREFIX + "_".join(map(str, place)).upper()


def _from_environment(environ: Mapping[str, str]) -> tuple[dict[Place, str], dict[Place, str]]:
    """(variable that set it, value), both by place. An empty variable counts as not set."""
    names: dict[Place, str] = {}
    values: dict[Place, str] = {}
    for variable, place in [*_ELSEWHERE.items(), *_variables().items()]:
        if environ.get(variable):
            names[place], values[place] = variable, environ[variable]
    return names, values


def _unknown_variables(environ: Mapping[str, str]) -> Iterator[str]:
    ours = _variables()
    for variable in sorted(environ):
        if variable.startswith(PREFIX) and variable not in ours and variable not in _NOT_OURS:
            yield f"{variable}: no such setting." + did_you_mean(variable, ours)


def _contradictions(given: Mapping[Place, Any]) -> Iterator[str]:
    if given.get(("engine",)) == "clickhouse" and ("clickhouse_url",) not in given:
        yield "engine: clickhouse needs an address: set GATEWAY_CLICKHOUSE_URL, such as https://user:password@host:8443/database"


def _os_user() -> str:
    """The account this process runs under, by the system's own records rather than by a variable."""
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except (ImportError, KeyError):
        return os.environ.get("USERNAME") or "unknown"
