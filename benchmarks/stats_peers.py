"""gbstats and tea-tasting on the benchmark's arms, in an interpreter of their own; `stats.py` starts it and asks.

    python benchmarks/stats_peers.py ARMS.npz

Reads one name per line from standard input, does that work once, and answers with a line of JSON: the processor
seconds it took
(imports and input preparation not counted), how many comparisons came out, and the first of them to check against.
"""

import json
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

LEVEL = 0.95
Arms = dict[str, Any]
Work = Callable[[], tuple[int, float]]


def main() -> None:
    """Prepare every peer's input, then time one run for each line read."""
    warnings.simplefilter("ignore")
    arms = dict(np.load(sys.argv[1]))
    works: dict[str, Work] = {**gbstats_works(arms), **tea_tasting_works(arms)}
    print(json.dumps(sorted(works)), flush=True)
    for line in sys.stdin:
        work = works[line.strip()]
        started = time.process_time()
        count, first = work()
        print(json.dumps({"seconds": time.process_time() - started, "count": count, "first": first}), flush=True)


def gbstats_works(arms: Arms) -> dict[str, Work]:
    """GrowthBook's entry point: one analysis for interval and p, and the three that also give what ours gives."""
    from gbstats.gbstats import process_experiment_results
    from gbstats.utils import check_srm

    fixed: dict[str, Any] = {"stats_engine": "frequentist"}
    always = {**fixed, "sequential_testing_enabled": True, "sequential_tuning_parameter": 5000}
    bayesian: dict[str, Any] = {"stats_engine": "bayesian"}
    analyses = {"gbstats, frequentist": [fixed], "gbstats, all three": [fixed, always, bayesian]}

    def work(settings: list[dict[str, Any]]) -> Work:
        data = gbstats_data(arms, settings)

        def run() -> tuple[int, float]:
            results = process_experiment_results(data)
            check_srm([int(n) for n in arms["n"]], [1.0] * len(arms["n"]))
            variations = results[0]["analyses"][0]["dimensions"][0]["variations"]
            return len(results) * (len(arms["n"]) - 1), float(variations[1]["expected"])

        return run

    return {name: work(settings) for name, settings in analyses.items()}


def gbstats_data(arms: Arms, settings: list[dict[str, Any]]) -> dict[str, Any]:
    """Its query results: one row per variation, a group of columns per metric."""
    variations = [str(i) for i in range(len(arms["n"]))]
    rows = []
    for i, name in enumerate(variations):
        units = int(arms["n"][i])
        row: dict[str, Any] = {"dimension": "", "variation": name, "users": units, "count": units}
        for m in range(len(arms["mean"])):
            mean, m2 = float(arms["mean"][m, i]), float(arms["m2"][m, i])
            row |= {f"m{m}_id": f"m{m}", f"m{m}_main_sum": mean * units,
                    f"m{m}_main_sum_squares": m2 + units * mean * mean}  # fmt: skip
        rows.append(row)
    metrics = {
        f"m{m}": {"id": f"m{m}", "name": f"m{m}", "statistic_type": "mean",
                  "main_metric_type": "binomial" if arms["binary"][m] else "count"}
        for m in range(len(arms["mean"]))
    }  # fmt: skip
    shared = {"var_names": variations, "var_ids": variations, "weights": [1 / len(variations)] * len(variations),
              "alpha": 1 - LEVEL, "difference_type": "relative"}  # fmt: skip
    return {"metrics": metrics, "analyses": [{**shared, **each} for each in settings],
            "query_results": [{"rows": rows, "metrics": list(metrics)}]}  # fmt: skip


def tea_tasting_works(arms: Arms) -> dict[str, Work]:
    """Means and the sample ratio from aggregates, then Holm's correction; it has no chance and no always-valid part."""
    import tea_tasting as tt
    from tea_tasting.aggr import Aggregates

    names = [f"m{m}" for m in range(len(arms["mean"]))]
    data: dict[object, Any] = {
        str(i): Aggregates(
            count_=int(n),
            mean_={name: float(arms["mean"][m, i]) for m, name in enumerate(names)},
            var_={name: float(arms["m2"][m, i] / (n - 1)) for m, name in enumerate(names)},
        )
        for i, n in enumerate(arms["n"])
    }
    experiment = tt.Experiment({**{name: tt.Mean(name) for name in names}, "split": tt.SampleRatio()})

    def run() -> tuple[int, float]:
        results = experiment.analyze(data, control="0", all_variants=True)
        tt.adjust_fwer(results, names, arbitrary_dependence=True, method="bonferroni")
        first = results["0", "1"]["m0"]
        return len(results) * len(names), float(first.rel_effect_size)

    return {"tea-tasting": run}


if __name__ == "__main__":
    main()
