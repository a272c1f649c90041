"""`gateway import`: from a file to a question about it, and a plain word about every file that won't do."""

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Cli, succeed

HILLSTROM = Path(__file__).parents[3] / "shared" / "data" / "hillstrom_email.csv"
ASOS = HILLSTROM.with_name("asos_digital_experiments.csv")
COMMON = ("--experiment", "mail", "--variant", "arm", "--control", "none", "--metric", "visit=visit:occurrence")


def trial(folder: Path, rows: int = 400) -> str:
    """Two arms, of which the mailed one visits three times as often."""
    lines = ["id,arm,visit,spend,channel"]
    for number in range(rows):
        mailed = number % 2
        visit = int(number % 10 < (3 if mailed else 1) * 2)
        lines.append(
            f"u{number},{'mail' if mailed else 'none'},{visit},{visit * (number % 7)},{'web' if number % 3 else 'app'}"
        )
    (folder / "trial.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return "trial.csv"


def evidence(cli: Cli, question: str) -> dict[str, Any]:
    (found,) = json.loads(cli("ask", question, "--population", "itt", "--json").out)["evidence"]
    return dict(found)


def test_a_file_can_be_asked_about_on_a_machine_with_nothing_else(empty: Cli) -> None:
    result = succeed(empty("import", trial(empty.folder), *COMMON, "--metric", "spend=spend:sum", "--unit", "id"))
    assert result.out.startswith("imported 400 units from trial.csv as mail")
    assert "published" in result.out
    found = evidence(empty, "Did mail change visit?")
    assert (found["control"]["n"], found["treatment"]["n"]) == (200, 200)
    assert found["difference"]["value"] == pytest.approx(found["treatment"]["value"] - found["control"]["value"])


def test_the_example_it_gives_works(empty: Cli) -> None:
    result = succeed(empty("import", trial(empty.folder), *COMMON))
    line = next(line for line in result.err.splitlines() if line.startswith("next: gateway "))
    assert empty(*shlex.split(line.removeprefix("next: gateway "))).code == 0


def test_an_import_adds_to_the_world_that_is_there(copy_of_world: Cli) -> None:
    succeed(copy_of_world("import", trial(copy_of_world.folder), *COMMON, "--metric", "conversion_7d=spend:sum"))
    assert evidence(copy_of_world, "Did mail change visit?")["experiment_id"] == "mail"
    assert evidence(copy_of_world, "Did one-page checkout increase conversion?")["experiment_id"] == "one_page_checkout"


def test_a_metric_that_should_fall_is_judged_so(empty: Cli) -> None:
    succeed(empty("import", trial(empty.folder), *COMMON, "--lower-is-better", "visit"))
    assert evidence(empty, "Did mail change visit?")["verdict"] == "worse"
    assert "lower is better" in empty("ask", "Did mail change visit?", "--population", "itt").out


@pytest.mark.parametrize(
    ("args", "found"),
    [
        pytest.param(("--variant", "arm"), "--experiment", id="options missing"),
        pytest.param((*COMMON, "--unit", "nobody"), "nobody", id="unknown column"),
        pytest.param(
            ("--experiment", "mail", "--variant", "arm", "--control", "non", "--metric", "visit=visit"),
            "non",
            id="control",
        ),
        pytest.param(
            ("--experiment", "mail", "--variant", "arm", "--control", "none", "--metric", "visit=visit:most"),
            "most",
            id="aggregation",
        ),
        pytest.param((*COMMON, "--metric", "channel=channel:sum"), "channel", id="text in a number column"),
        pytest.param((*COMMON, "--share", "mail"), "NAME=VALUE", id="a share without a number"),
        pytest.param((*COMMON, "--share", "mail=half"), "half", id="a share that is no number"),
        pytest.param((*COMMON, "--started-at", "soon"), "YYYY-MM-DD", id="a day that is none"),
        pytest.param((*COMMON, "--lower-is-better", "spend"), "spend", id="a metric that isn't imported"),
        pytest.param((*COMMON, "--map", "n=visit"), "--aggregate", id="an option of the other kind"),
        pytest.param((*COMMON, "--metric", "visit=spend:sum"), "same name", id="one name twice"),
        pytest.param((*COMMON, "--guardrail", "visit=-0.1"), "above 0", id="a margin that is none"),
        pytest.param((*COMMON, "--guardrail", "visit=nan"), "above 0", id="a margin that is no number"),
        pytest.param((*COMMON, "--guardrail", "visit=0.1"), "every metric is a guardrail", id="nothing left to judge"),
        pytest.param((*COMMON, "--started-at", "9999-12-31"), "9999-12-31 is no day", id="a day that never comes"),
        pytest.param((*COMMON, "--share", "none=inf", "--share", "mail=1"), "positive", id="an endless share"),
    ],
)
def test_what_cannot_be_imported_is_2_and_leaves_nothing_behind(empty: Cli, args: tuple[str, ...], found: str) -> None:
    result = empty("import", trial(empty.folder), *args)
    assert (result.code, result.out) == (2, "")
    assert found in result.err
    assert "Traceback" not in result.err
    assert not (empty.home / "warehouse.duckdb").exists()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("", id="empty"),
        pytest.param("id,arm,visit\n", id="no rows"),
        pytest.param("id,arm,visit\nu1,none,1\nu1,mail,0\n", id="duplicate units"),
        pytest.param("id,arm,visit\nu1,none,\nu2,mail,1\n", id="nulls"),
    ],
)
def test_a_file_that_will_not_do_is_2(empty: Cli, content: str) -> None:
    (empty.folder / "bad.csv").write_text(content, "utf-8")
    result = empty("import", "bad.csv", *COMMON, "--unit", "id")
    assert (result.code, result.out) == (2, "")
    assert "Traceback" not in result.err


def test_a_file_that_is_not_there_is_2(empty: Cli) -> None:
    result = empty("import", "nowhere.csv", *COMMON)
    assert result.code == 2
    assert "nowhere.csv" in result.err


def test_an_import_twice_needs_to_be_asked_for(empty: Cli) -> None:
    file = trial(empty.folder)
    succeed(empty("import", file, *COMMON))
    again = empty("import", file, *COMMON)
    assert again.code == 2
    assert "--replace" in again.err
    succeed(empty("import", file, *COMMON, "--replace"))


def test_sufficient_statistics_come_in_by_their_columns(empty: Cli) -> None:
    (empty.folder / "stats.csv").write_text(
        "exp,m,nc,nt,mc,mt,vc,vt\nnorth,1,1000,1000,0.10,0.15,0.09,0.1275\nnorth,2,,1000,,2,,4\n", "utf-8"
    )
    parts = {
        "experiment": "exp", "metric": "m", "n_control": "nc", "n_treatment": "nt", "mean_control": "mc",
        "mean_treatment": "mt", "variance_control": "vc", "variance_treatment": "vt",
    }  # fmt: skip
    maps = [word for part, column in parts.items() for word in ("--map", f"{part}={column}")]
    succeed(empty("import", "stats.csv", "--aggregate", *maps, "--metric", "1:occurrence", "--prefix", "trial_"))
    found = evidence(empty, "Did trial_north change metric_1?")
    assert found["difference"]["value"] == pytest.approx(0.05)
    assert evidence(empty, "Did trial_north change metric_2?")["not_computable"]


@pytest.mark.skipif(not HILLSTROM.exists(), reason="the public data set is not beside this checkout")
def test_the_hillstrom_trial_comes_out_as_published(empty: Cli) -> None:
    args = (
        "--experiment", "hillstrom_email", "--variant", "segment", "--control", "No E-Mail",
        "--metric", "visit=visit:occurrence", "--metric", "conversion=conversion:occurrence",
        "--metric", "spend=spend:sum", "--covariate", "history", "--dimension", "channel", "--dimension", "newbie",
    )  # fmt: skip
    succeed(empty("import", str(HILLSTROM), *args))
    found = evidence(empty, "Did the mens e-mail increase visits in hillstrom email?")
    assert (found["control"]["n"], found["treatment"]["n"]) == (21_306, 21_307)
    assert found["control"]["value"] == pytest.approx(0.106167, abs=5e-7)
    assert found["treatment"]["value"] == pytest.approx(0.182757, abs=5e-7)
    assert found["difference"]["value"] == pytest.approx(0.076590, abs=5e-7)
    assert found["lift"]["value"] == pytest.approx(0.7214, abs=5e-5)
    assert found["srm"]["status"] == "ok"


@pytest.mark.skipif(not ASOS.exists(), reason="the public data set is not beside this checkout")
def test_empty_cells_of_the_asos_file_come_through_as_not_computable(empty: Cli) -> None:
    parts = {
        "experiment": "experiment_id", "variation": "variant_id", "metric": "metric_id", "time": "time_since_start",
        "n_control": "count_c", "n_treatment": "count_t", "mean_control": "mean_c", "mean_treatment": "mean_t",
        "variance_control": "variance_c", "variance_treatment": "variance_t",
    }  # fmt: skip
    maps = [word for part, column in parts.items() for word in ("--map", f"{part}={column}")]
    kinds = ("--metric", "1:occurrence", "--metric", "2:count", "--metric", "3:count", "--metric", "4:mean")
    succeed(empty("import", str(ASOS), "--aggregate", *maps, *kinds, "--prefix", "asos_"))
    statement = (
        "select not_computable, uplift_abs, p_value_two_sided, ci_low from fct_experiment_results "
        "where analysis_population = 'itt' and dimension = 'all' and not_computable is not null"
    )
    rows = json.loads(empty("sql", statement, "--format", "json").out)["table"]["rows"]
    assert rows
    assert all(p_value is None and low is None for _, _, p_value, low in rows)


def test_options_for_units_do_not_go_with_sufficient_statistics(empty: Cli) -> None:
    result = empty("import", trial(empty.folder), "--aggregate", "--on-null", "drop")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("error: --on-null does not go with --aggregate")


def test_a_metric_may_be_judged_by_cuped_and_winsorised_beside_the_raw_one(empty: Cli) -> None:
    rows = [
        f"{i},{'ab'[i % 2]},{(i // 2) % 90 + 3 * (i % 2) + (i * 7) % 5},{(i // 2) % 90},{i % 3}" for i in range(800)
    ]
    file = empty.folder / "spend.csv"
    file.write_text("\n".join(["id,arm,spend,before,visits", *rows]), "utf-8")
    args = (
        "--experiment", "mail", "--unit", "id", "--variant", "arm", "--control", "a", "--metric", "spend=spend:sum",
        "--metric", "visits=visits:sum", "--covariate", "spend=before", "--cuped", "spend", "--winsorise", "visits=1.5",
    )  # fmt: skip
    succeed(empty("import", str(file), *args))
    found = evidence(empty, "Did mail change spend?")
    assert found["cuped"]["judged"] is True
    assert found["cuped"]["variance_reduction"] > 0.9
    assert found["difference"] == found["cuped"]["difference"]
    capped = evidence(empty, "Did mail change visits winsorised?")
    assert (capped["metric_id"], capped["cuped"]) == ("visits_cap1.5", None)
    assert capped["treatment"]["value"] < 1


@pytest.mark.parametrize(
    ("option", "message"),
    [
        (("--cuped", "spnd"), "error: --cuped names 'spnd', which no --metric does"),
        (("--winsorise", "spend=0"), "error: --winsorise spend is 0, and a cap is above 0"),
        (("--winsorise", "spend"), "error: --winsorise 'spend' is not NAME=VALUE"),
    ],
)
def test_options_that_cannot_be_are_said(empty: Cli, option: tuple[str, str], message: str) -> None:
    file = empty.folder / "spend.csv"
    file.write_text("id,arm,spend\n1,a,1\n2,b,2\n", "utf-8")
    args = ("--experiment", "mail", "--variant", "arm", "--control", "a", "--metric", "spend=spend:sum", *option)
    result = empty("import", str(file), *args)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(message)
