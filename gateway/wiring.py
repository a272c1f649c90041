"""Puts the parts together: the only place that names concrete adapters."""

from functools import cache

from gateway.adapters.duckdb_engine import DuckDBEngine
from gateway.adapters.sqlite_audit import SqliteAudit
from gateway.ask.plan import OfflinePlanner
from gateway.ask.vocabulary import Vocabulary
from gateway.errors import ContractError
from gateway.guard import Policy
from gateway.ports import Engine, Planner
from gateway.semantic.load import load_contract
from gateway.semantic.model import Contract
from gateway.service import Gateway
from gateway.settings import Settings
from gateway.tools.base import ToolContext


def build(settings: Settings) -> Gateway:
    """A gateway for these settings. Raises ContractError when the contract or the role is wrong."""
    contract = load_contract(settings.semantic)
    mapping = contract.mapping()

    @cache
    def policy(role: str) -> Policy:
        return policy_for(mapping, role)

    def planner(ctx: ToolContext, population: str | None) -> Planner:
        return OfflinePlanner(Vocabulary.load(ctx.query, contract), population=population)

    return Gateway(
        engine=engine_for(settings),
        audit=SqliteAudit(settings.home / "audit.sqlite"),
        contract=contract,
        policy=policy,
        planner=planner,
    )


def policy_for(mapping: dict[str, object], role: str) -> Policy:
    """The guard's view of the contract for one role. Raises ContractError with what does not hold together."""
    try:
        return Policy.from_mapping(mapping, role)
    except ValueError as error:
        raise ContractError(f"the contract can't be used: {error}") from error


def engine_for(settings: Settings) -> Engine:
    """The engine the settings name."""
    return DuckDBEngine(
        settings.home / "gold.duckdb", memory_limit=settings.limits.memory, threads=settings.limits.threads
    )


def contract_for(settings: Settings) -> Contract:
    """The contract the settings name, for commands that need no engine."""
    return load_contract(settings.semantic)
