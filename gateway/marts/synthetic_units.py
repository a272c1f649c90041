"""The people and devices of the demo world, a block at a time, and the clock that stretches it to any length."""

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

import numpy as np
import numpy.typing as npt

from gateway.marts.synthetic_definitions import World

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
UnitKind = Literal["user", "device"]

BLOCK = 10_000
"""Units generated together. Part of what a seed means: another size would give another world."""
ATTRIBUTES = ("platform", "country", "customer_type")


@dataclass(frozen=True, slots=True)
class Lookup:
    """The values of one unit attribute and how common each is."""

    values: tuple[str, ...]
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Clock:
    """Turns dates of the definitions into days of the world being generated, and those into timestamps."""

    world: World
    days: int

    def day(self, at: date) -> float:
        """Days from the world's start, stretched to its length and cut to whole days."""
        return float(round((at - self.world.start).days * self.days / self.world.days))

    def moment(self, at: date | None) -> datetime | None:
        """The same as a timestamp; null stays null."""
        return None if at is None else self._start + timedelta(days=self.day(at))

    @property
    def end(self) -> datetime:
        """Data is known up to here, exclusive."""
        return self._start + timedelta(days=self.days)

    def timestamps(self, days: Floats) -> npt.NDArray[np.datetime64]:
        """Days from the start as timestamps, in whole milliseconds."""
        milliseconds = np.floor(days * 86_400_000).astype(np.int64)
        return (np.datetime64(self._start, "us") + milliseconds.astype("timedelta64[ms]")).astype("datetime64[us]")

    @property
    def _start(self) -> datetime:
        return datetime(self.world.start.year, self.world.start.month, self.world.start.day)


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive units of one kind, with everything that is drawn about them from the same seed."""

    kind: UnitKind
    number: int
    first: int
    """The first unit's number within its kind, from 1."""
    size: int
    seed: int
    codes: Mapping[str, Integers]
    """Attribute to the position of each unit's value in its lookup."""
    propensity: Floats
    """How active each unit is, 1.0 on average; the same before and during experiments."""

    def rng(self, purpose: str) -> np.random.Generator:
        """A stream of its own for each purpose: changing one experiment leaves the enrolment of others as it was."""
        return stream(self.seed, self.kind, self.number, purpose)


def stream(seed: int, kind: UnitKind, number: int, purpose: str) -> np.random.Generator:
    """Random numbers that depend on the seed, the block and the purpose, and on nothing else."""
    key = (0 if kind == "user" else 1, number, zlib.crc32(purpose.encode()))
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key)))


def blocks(counts: Mapping[UnitKind, int], seed: int, world: World, lookups: Mapping[str, Lookup]) -> Iterator[Block]:
    """Every unit of the world in blocks; only one block is held at a time."""
    for kind, count in counts.items():
        for number, offset in enumerate(range(0, count, BLOCK)):
            yield _block(kind, number, min(BLOCK, count - offset), seed, world, lookups)


def _block(kind: UnitKind, number: int, size: int, seed: int, world: World, lookups: Mapping[str, Lookup]) -> Block:
    rng = stream(seed, kind, number, "units")
    codes = {}
    for attribute in ATTRIBUTES:
        bounds = np.cumsum(lookups[attribute].shares)
        codes[attribute] = np.searchsorted(bounds / bounds[-1], rng.random(size), side="right").astype(np.int64)
    sigma = world.propensity_sigma
    propensity = np.exp(sigma * rng.standard_normal(size) - sigma**2 / 2)
    return Block(kind, number, number * BLOCK + 1, size, seed, codes, propensity)
