"""Puts the parts together: the only place that names concrete adapters.

What takes long to load is imported where it is used, so that the engine can open its file meanwhile.
"""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from gateway.errors import ContractError

if TYPE_CHECKING:
    from gateway.adapters.clickhouse_address import Address
    from gateway.adapters.clickhouse_engine import ClickHouseEngine
    from gateway.adapters.duckdb_engine import DuckDBEngine
    from gateway.adapters.openai_client import ModelClient
    from gateway.experiments.scorecards import Scorecards
    from gateway.guard import Policy
    from gateway.marts.scorecard_definition import Source
    from gateway.ports import Agent, Planner
    from gateway.semantic.model import Contract
    from gateway.service import Gateway
    from gateway.settings import LimitSettings, ModelSettings, Settings
    from gateway.tools.base import ToolContext


def build(settings: "Settings") -> "Gateway":
    """A gateway for these settings. Raises ContractError when settings, contract or role don't hold together."""
    agent = agent_for(settings)
    with ExitStack() as undo:
        if agent is not None:
            undo.callback(agent.close)
        engine = engine_for(settings)
        undo.callback(engine.close)
        gateway = _assemble(settings, engine, agent)
        undo.pop_all()
    return gateway


def _assemble(settings: "Settings", engine: "DuckDBEngine | ClickHouseEngine", agent: "Agent | None") -> "Gateway":
    from gateway.adapters.sqlite_audit import SqliteAudit
    from gateway.ask.plan import OfflinePlanner
    from gateway.ask.vocabulary import Vocabulary, knows_experiments
    from gateway.service import Gateway

    contract = contract_for(settings)

    @cache
    def policy(role: str) -> "Policy":
        return policy_for(contract.mapping(), role, settings.limits)

    def planner(ctx: "ToolContext", population: str | None) -> "Planner":
        marts = contract.visible_to(ctx.policy.role)
        if not knows_experiments(marts):
            from gateway.ask.own_marts import OwnMartsPlanner

            return OwnMartsPlanner(contract, marts)
        return OfflinePlanner(Vocabulary.load(ctx.query_all, contract, ctx.policy.role), population)

    policy(settings.role)
    return Gateway(
        engine=engine,
        audit=SqliteAudit(settings.home / "audit.sqlite"),
        contract=contract,
        policy=policy,
        planner=planner,
        agent=agent,
        referee=engine if settings.guard.referee else None,
    )


def contract_for(settings: "Settings") -> "Contract":
    """The contract the settings name; its validated form is kept under the gateway's home for the next cold start."""
    from gateway.semantic.load import load_contract

    return load_contract(settings.semantic, cache=settings.home / "cache" if settings.home.is_dir() else None)


def policy_for(mapping: dict[str, Any], role: str, limits: "LimitSettings | None" = None) -> "Policy":
    """The guard's view of a contract for one role, its limits lowered where the settings are stricter."""
    from gateway.guard import Policy

    roles = dict(mapping["roles"])
    if limits and role in roles:
        roles[role] = {**roles[role], "limits": _stricter(roles[role]["limits"], limits)}
    try:
        return Policy.from_mapping({**mapping, "roles": roles}, role)
    except ValueError as error:
        raise ContractError(f"the contract can't be used: {error}") from error


def _stricter(granted: dict[str, Any], limits: "LimitSettings") -> dict[str, Any]:
    wanted = {"rows": limits.rows, "seconds": limits.seconds}
    return {name: value if wanted[name] is None else min(value, wanted[name]) for name, value in granted.items()}


def agent_for(settings: "Settings") -> "Agent | None":
    """The model that the settings name, or None for the offline planner. Nothing is connected yet.

    Raises ContractError that says what is missing.
    """
    if settings.planner == "offline":
        return None
    refuse_incomplete(settings.model)
    from gateway.adapters.openai_planner import OpenAIPlanner

    return OpenAIPlanner(settings.model)


def model_client(model: "ModelSettings") -> "ModelClient":
    """The server of the model, to be asked by itself. Nothing is connected yet."""
    from gateway.adapters.openai_client import ModelClient

    return ModelClient(model)


def refuse_incomplete(model: "ModelSettings") -> None:
    """Raise ContractError, with everything that a model needs and these settings lack."""
    problems = []
    if not model.name:
        problems.append("model.name: which model? set GATEWAY_MODEL_NAME, or model.name in gateway.yaml")
    if model.api_key is None and model.base_url is None:
        problems.append(
            "model.api_key: OpenAI's server wants a key: set GATEWAY_MODEL_API_KEY, or a model.base_url of your own"
        )
    if problems:
        hint = "or leave it to the offline planner: --planner offline"
        raise ContractError("planner: openai is not set up", problems=tuple(problems), hint=hint)


def engine_for(settings: "Settings") -> "DuckDBEngine | ClickHouseEngine":
    """The engine the settings name. Raises ContractError for an address that is none."""
    return _duckdb(settings) if settings.engine == "duckdb" else clickhouse_engine(settings)


def clickhouse_engine(settings: "Settings") -> "ClickHouseEngine":
    """ClickHouse at the address of the settings. Nothing is connected yet."""
    address = clickhouse_address(settings)
    from gateway.adapters.clickhouse_engine import ClickHouseEngine
    from gateway.adapters.clickhouse_limits import Limits

    limits = Limits(settings.limits.memory, settings.limits.threads, settings.limits.read)
    return ClickHouseEngine(address, limits)


def clickhouse_address(settings: "Settings") -> "Address":
    """Where ClickHouse is. Raises ContractError for an address that is none."""
    from gateway.adapters.clickhouse_address import Address

    if settings.clickhouse_url is None:
        raise ContractError("engine: clickhouse needs an address", hint="set GATEWAY_CLICKHOUSE_URL")
    return Address.parse(settings.clickhouse_url.get_secret_value(), cluster=settings.cluster or "")


def _duckdb(settings: "Settings") -> "DuckDBEngine":
    """Its file begins to open before the engine's own module is loaded."""
    from gateway.adapters.duckdb_gold import Limits, PublishedFile

    file = PublishedFile(settings.home / "gold.duckdb", Limits(settings.limits.memory, settings.limits.threads))
    file.open_early()
    from gateway.adapters.duckdb_engine import DuckDBEngine

    return DuckDBEngine.on(file)


@contextmanager
def scorecards(settings: "Settings") -> "Iterator[Scorecards]":
    """The scorecards of the warehouse that the settings name. Nothing is opened before one is asked for."""
    from gateway.adapters.scorecard_files import ScorecardFiles
    from gateway.adapters.sqlite_audit import SqliteAudit
    from gateway.experiments.scorecards import Scorecards
    from gateway.settings import resource

    with closing(SqliteAudit(settings.home / "audit.sqlite")) as audit:
        yield Scorecards(
            sources=lambda: _sources(settings),
            keeper=ScorecardFiles(settings.home / "scorecards"),
            audit=audit,
            marts_sql=resource("marts_sql"),
            engine=settings.engine,
        )


@contextmanager
def _sources(settings: "Settings") -> "Iterator[Source]":
    from gateway.marts.scorecard_source import clickhouse_source, duckdb_source

    if settings.engine == "duckdb":
        with duckdb_source(settings.home / "warehouse.duckdb") as source:
            yield source
        return
    from gateway.adapters.clickhouse_connection import writing

    address = clickhouse_address(settings)
    with writing(address) as client, clickhouse_source(client, address.database) as source:
        yield source
