"""Seeds the demo world: thirteen experiments whose true effects and failures are known, at any size, always the same.

Units are generated in blocks of fixed size, each from random streams of its own, and written before the next block is
drawn: memory stays flat, and the same seed gives the same rows in the same order.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from gateway.documents import broken
from gateway.errors import UsageError
from gateway.marts.importing_warehouse import warehouse_write
from gateway.marts.synthetic_definitions import Definitions
from gateway.marts.synthetic_enrolment import Enrolment, eligible, enrol
from gateway.marts.synthetic_events import Planting, organic_events, plantings
from gateway.marts.synthetic_loading import DEFINITIONS, attribute_problems, load_definitions, load_lookups
from gateway.marts.synthetic_units import BLOCK, Block, Clock, UnitKind, blocks
from gateway.marts.synthetic_writing import WorldWriter, clear_seeded, write_definitions, write_files

USERS: Final = 60_000
DAYS: Final = 30
SEED: Final = 20_260_201
MIN_DAYS: Final = 10

Progress = Callable[[str, int, int], None]
"""Called before each step with what it does, its position from 1, and how many there are."""


@dataclass(frozen=True, slots=True)
class SeedReport:
    """What was written."""

    warehouse: Path
    users: int
    days: int
    seed: int
    experiments: int
    assignments: int
    exposures: int
    events: int
    """Organic events, without exposures; those delivered twice are counted twice."""
    seconds: float


@dataclass(frozen=True, slots=True)
class _Written:
    assignments: int
    exposures: int
    events: int


def seed(
    warehouse: Path,
    *,
    seeds: Path,
    users: int = USERS,
    days: int = DAYS,
    seed: int = SEED,
    progress: Progress | None = None,
) -> SeedReport:
    """Replace whatever an earlier seed wrote; imports are kept. Nothing changes unless all of it succeeds."""
    began = time.perf_counter()
    _check_size(users, days, seed)
    definitions, lookups = load_definitions(seeds), load_lookups(seeds)
    problems = list(attribute_problems(definitions, lookups))
    if problems:
        raise broken(str(seeds / DEFINITIONS), problems)
    clock = Clock(definitions.world, days)
    with warehouse_write(warehouse) as con:
        _refuse_taken_ids(con, definitions)
        clear_seeded(con, definitions)
        write_definitions(con, definitions, clock)
        for experiment in definitions.experiments.values():
            write_files(con, seeds, experiment)
        counts: dict[UnitKind, int] = {"user": users, "device": round(users * definitions.world.devices_per_user)}
        writer = WorldWriter(con, definitions, clock, lookups)
        written = _write_world(writer, counts, seed, progress or _quiet)
    seconds = time.perf_counter() - began
    return SeedReport(
        warehouse, users, days, seed, len(definitions.experiments),
        written.assignments, written.exposures, written.events, seconds,
    )  # fmt: skip


def _write_world(writer: WorldWriter, counts: Mapping[UnitKind, int], seed: int, progress: Progress) -> _Written:
    total = sum(-(-count // BLOCK) for count in counts.values())
    assignments = exposures = events = 0
    for position, block in enumerate(blocks(counts, seed, writer.world, writer.lookups), start=1):
        progress("seeding", position, total)
        enrolments, planted = _enrolments(writer, block)
        assignments += writer.assignments(block, [(at, each.assigned) for at, each in enrolments.items()])
        exposures += writer.exposures(block, [(at, each.logged) for at, each in enrolments.items()])
        events += writer.organic(block, organic_events(block, writer.world, writer.clock.days, planted))
    return _Written(assignments, exposures, events)


def _enrolments(writer: WorldWriter, block: Block) -> tuple[dict[int, Enrolment], list[Planting]]:
    """Every experiment that takes this kind of unit, by its position, and all effects planted on the block."""
    enrolments: dict[int, Enrolment] = {}
    planted: list[Planting] = []
    for position, (name, experiment) in enumerate(writer.definitions.experiments.items()):
        if experiment.planted is None or experiment.unit != block.kind:
            continue
        enrolment = enrol(name, experiment, experiment.planted, block, writer.clock, writer.lookups)
        fits = [eligible(block, effect.where, writer.lookups) for effect in experiment.planted.effects]
        planted += plantings(experiment.planted.effects, writer.arms[position], enrolment, fits)
        enrolments[position] = enrolment
    return enrolments, planted


def _check_size(users: int, days: int, seed: int) -> None:
    if users < 1:
        raise UsageError(f"--users must be at least 1, got {users}", hint=f"The default is {USERS}.")
    if days < MIN_DAYS:
        raise UsageError(f"--days must be at least {MIN_DAYS}, got {days}", hint="Windows are 7 and 14 days long.")
    if seed < 0:
        raise UsageError(f"--seed must not be negative, got {seed}", hint=f"The default is {SEED}.")


def _refuse_taken_ids(con: duckdb.DuckDBPyConnection, definitions: Definitions) -> None:
    taken = con.execute(
        """select experiment_id from raw_experiments
           where origin = 'import' and list_contains(?, experiment_id) order by 1""",
        [list(definitions.experiments)],
    ).fetchall()
    if taken:
        raise UsageError(
            f"imported experiments already bear names of the demo world: {', '.join(name for (name,) in taken)}",
            hint="Import them under other names, or into another GATEWAY_HOME.",
        )


def _quiet(_label: str, _done: int, _total: int) -> None:
    """No progress wanted."""
