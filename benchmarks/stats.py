"""How fast the kernel is, beside gbstats, tea-tasting and the bare arithmetic of the same formulas, in one run.

    make bench-stats      or      python benchmarks/stats.py [--peers .venv-bench/bin/python] [--rounds 7]

One experiment of 200 metrics × 3 variants: interval, lift, chance to win, p, always-valid interval, correction and SRM.
Every contestant gets the same arms, and works in turn, round by round; start-up and imports are not counted. Peers run
in an interpreter of their own, with the versions of benchmarks/constraints.txt. Then a million pairs of arms, and what
importing costs. Results are checked against the bare arithmetic and the peers before they are timed.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

import numpy as np  # noqa: E402 - one core, told before NumPy starts its threads
import stats_bare as bare  # noqa: E402

from gateway.stats import ArmColumns, compare_columns, holm, srm_p_values  # noqa: E402

METRICS, VARIANTS, PAIRS = 200, 3, 1_000_000
TARGETS = {"peer": 100.0, "bare": 5.0, "pairs": 2.0, "import": 1.5}
QUICK, REPEATS = 0.05, 20
HERE = Path(__file__).parent


def make_arms(metrics: int, variants: int, seed: int = 13) -> dict[str, Any]:
    """Arms of an experiment; every other metric is a conversion. n is (variants,), mean and m2 (metrics, variants)."""
    rng = np.random.default_rng(seed)
    n = np.round(rng.normal(50_000, 150, variants))
    binary = np.arange(metrics) % 2 == 0
    rate = rng.uniform(0.02, 0.5, (metrics, 1)) * np.exp(rng.normal(0, 0.02, (metrics, variants)))
    hits = rng.binomial(n.astype(np.int64), rate)
    spent = rng.uniform(1, 100, (metrics, 1)) * (1 + rng.normal(0, 0.02, rate.shape))
    mean = np.where(binary[:, None], hits / n, spent)
    m2 = np.where(binary[:, None], n * mean * (1 - mean), n * mean**2 * rng.uniform(0.5, 4, rate.shape))
    return {"n": n, "mean": mean, "m2": m2, "binary": binary}


def ours(arms: dict[str, Any]) -> dict[str, Any]:
    """The kernel on the whole experiment, from plain arrays."""
    treatments = arms["mean"].shape[1] - 1
    each = np.repeat(np.arange(len(arms["mean"])), treatments)
    arm = np.tile(np.arange(1, treatments + 1), len(arms["mean"]))
    found = compare_columns(
        ArmColumns.of(arms["n"][0], arms["mean"][each, 0], arms["m2"][each, 0]),
        ArmColumns.of(arms["n"][arm], arms["mean"][each, arm], arms["m2"][each, arm]),
        aggregation=np.where(arms["binary"], "occurrence", "sum")[each],
    )
    srm = srm_p_values(arms["n"], np.ones(len(arms["n"])))
    return {"found": found, "adjusted": holm(found.p_value, each), "srm": srm}


def arithmetic(arms: dict[str, Any]) -> dict[str, Any]:
    """The same answers in bare NumPy, conversions first."""
    n, treatments, parts = arms["n"], arms["mean"].shape[1] - 1, []
    for binary in (True, False):
        rows = arms["binary"] == binary
        mean, m2 = arms["mean"][rows], arms["m2"][rows]
        columns = np.broadcast_arrays(n[0], mean[:, :1], m2[:, :1], n[1:], mean[:, 1:], m2[:, 1:])
        control, treated = ([column.ravel() for column in side] for side in (columns[:3], columns[3:]))
        parts.append(bare.compare(control, treated, binary=binary))
    found = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    adjusted = bare.holm(found["p_value"].reshape(-1, treatments))
    return {"columns": found, "adjusted": adjusted.ravel(), "srm": bare.srm(n)}


def check(arms: dict[str, Any]) -> None:
    """Both give the same answers, or the comparison means nothing."""
    full, plain = ours(arms), arithmetic(arms)
    binary = np.repeat(arms["binary"], arms["mean"].shape[1] - 1)
    order = np.concatenate([np.flatnonzero(binary), np.flatnonzero(~binary)])
    for name, column in plain["columns"].items():
        np.testing.assert_allclose(getattr(full["found"], name)[order], column, rtol=1e-7, atol=1e-12, err_msg=name)
    np.testing.assert_allclose(full["adjusted"][order], plain["adjusted"], rtol=1e-7)
    np.testing.assert_allclose(full["srm"], plain["srm"], rtol=1e-9)


def seconds(work: Callable[[], Any]) -> float:
    """Processor seconds: what else the machine does is not counted, for anyone."""
    started = time.process_time()
    work()
    return time.process_time() - started


@contextmanager
def peers(python: Path, arms: dict[str, Any]) -> Iterator[dict[str, Callable[[], float]]]:
    """Each peer's work by name, done in one child process that stays alive; its own clock times it."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "arms.npz"
        np.savez(file, **arms)
        command = [str(python), str(HERE / "stats_peers.py"), str(file)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdin is not None
            assert child.stdout is not None
            names = json.loads(child.stdout.readline())

            def ask(name: str) -> float:
                print(name, file=child.stdin, flush=True)
                answer = json.loads(child.stdout.readline()) if child.stdout else {}
                lift = arms["mean"][0, 1] / arms["mean"][0, 0] - 1.0
                assert answer["count"] == arms["mean"].shape[0] * (arms["mean"].shape[1] - 1), answer
                assert abs(answer["first"] - lift) < 1e-9, f"{name} answers another question: {answer}"
                return float(answer["seconds"])

            yield {name: partial(ask, name) for name in names}
            child.stdin.close()


def in_turn(contestants: dict[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each contestant in each round; the first round only warms up. Quick work is the mean of twenty."""
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for count in range(rounds + 1):
        for name, work in contestants.items():
            took = work()
            took = sum(work() for _ in range(REPEATS)) / REPEATS if took < QUICK else took
            if count:
                times[name].append(took)
    return times


def show(times: dict[str, list[float]]) -> None:
    """One row per contestant: median, spread, and how many times the kernel's."""
    kernel = times["gateway.stats"]
    title = f"{METRICS} metrics × {VARIANTS} variants"
    print(f"{title:40} {'median ms':>10} {'min':>9} {'max':>9} {'× ours':>8}  target")
    for name, took in times.items():
        ratio = statistics.median(theirs / own for theirs, own in zip(took, kernel, strict=True))
        target = {"gateway.stats": "", "bare NumPy": f"≥ {1 / TARGETS['bare']:g}"}.get(name, f"≥ {TARGETS['peer']:g}")
        low, middle, high = (1e3 * value for value in (min(took), statistics.median(took), max(took)))
        print(f"{name:40} {middle:10.3f} {low:9.3f} {high:9.3f} {ratio:8.2f}  {target}")


def million(rounds: int) -> None:
    """A million pairs of arms at once, and with correction in families of two and SRM."""
    arms = make_arms(PAIRS // 2, VARIANTS)
    each, arm = np.repeat(np.arange(PAIRS // 2), 2), np.tile([1, 2], PAIRS // 2)
    control = ArmColumns.of(arms["n"][0], arms["mean"][each, 0], arms["m2"][each, 0])
    treatment = ArmColumns.of(arms["n"][arm], arms["mean"][each, arm], arms["m2"][each, arm])
    counts = np.broadcast_to(arms["n"], (PAIRS // 2, VARIANTS))
    for name, kinds in (("sums", "sum"), ("conversions and sums", np.where(arms["binary"], "occurrence", "sum")[each])):
        found = compare_columns(control, treatment, aggregation=kinds)
        work = partial(compare_columns, control, treatment, aggregation=kinds)
        took = [seconds(work) for _ in range(rounds)]
        print(f"{PAIRS:,} pairs, {name:28} {statistics.median(took):8.2f} s  (target < {TARGETS['pairs']:g} s)")
    took = [seconds(lambda: holm(found.p_value, each)) for _ in range(2)]
    print(f"{PAIRS:,} p-values, Holm in {PAIRS // 2:,} families {min(took):6.2f} s")
    took = [seconds(lambda: srm_p_values(counts, np.ones(VARIANTS))) for _ in range(2)]
    print(f"{PAIRS // 2:,} SRM tests {min(took):24.2f} s")


IMPORTS = {
    "import numpy, scipy.special": "import numpy, scipy.special",
    "from gateway.stats import compare_columns, holm, …": (
        "from gateway.stats import ArmColumns, compare, compare_columns, holm, check_srm"
    ),
    "every public name of gateway.stats": (
        "import gateway.stats as kernel\nfor name in kernel.__all__: getattr(kernel, name)"
    ),
}


def imports(rounds: int) -> None:
    """Processor seconds inside fresh processes, in turn."""
    times = in_turn({name: partial(importing, code) for name, code in IMPORTS.items()}, rounds)
    yardstick = next(iter(times.values()))
    for name, took in times.items():
        ratio = statistics.median(own / other for own, other in zip(took, yardstick, strict=True))
        print(f"{name:52} {1e3 * statistics.median(took):7.0f} ms {ratio:6.2f} ×  (target {TARGETS['import']:g} ×)")


def importing(code: str) -> float:
    """What running this costs a fresh interpreter."""
    timed = f"import time\nstarted = time.process_time()\n{code}\nprint(time.process_time() - started)"
    done = subprocess.run([sys.executable, "-c", timed], check=True, capture_output=True, text=True)
    return float(done.stdout)


def main() -> None:
    """Print the three tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", type=Path, help="a Python that has gbstats and tea-tasting")
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    arms = make_arms(METRICS, VARIANTS)
    check(arms)
    contestants = {
        "gateway.stats": lambda: seconds(lambda: ours(arms)),
        "bare NumPy": lambda: seconds(lambda: arithmetic(arms)),
    }
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, {given.rounds} rounds\n")
    if given.peers:
        with peers(given.peers, arms) as others:
            show(in_turn({**contestants, **others}, given.rounds))
    else:
        show(in_turn(contestants, given.rounds))
        print("gbstats and tea-tasting were not asked: make bench-stats, or --peers PYTHON")
    print()
    million(given.rounds)
    print()
    imports(given.rounds)


if __name__ == "__main__":
    main()
