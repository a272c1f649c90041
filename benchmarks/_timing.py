"""Paired timings of whole processes: two commands in turn, the ratio of their medians, and each one's spread."""

import os
import statistics
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Paired:
    """Medians in seconds of a command and of its yardstick, and the median of the ratios pair by pair."""

    ours: float
    yardstick: float
    ratio: float
    low: float
    high: float


def paired(ours: Sequence[str], yardstick: Sequence[str], *, runs: int = 9, cwd: Path | None = None) -> Paired:
    """Run both in turn, once to warm up and then `runs` times. Both must exit with 0."""
    first, second = [], []
    for count in range(runs + 1):
        a, b = _seconds(ours, cwd), _seconds(yardstick, cwd)
        if count:
            first.append(a)
            second.append(b)
    ratios = [a / b for a, b in zip(first, second, strict=True)]
    return Paired(
        statistics.median(first), statistics.median(second), statistics.median(ratios), min(ratios), max(ratios)
    )


def _seconds(command: Sequence[str], cwd: Path | None) -> float:
    started = time.perf_counter()
    subprocess.run(command, cwd=cwd, check=True, capture_output=True, env=_as_installed())
    return time.perf_counter() - started


def _as_installed() -> dict[str, str]:
    """The environment without what would have Python compile every module anew: nobody waits for that twice."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
