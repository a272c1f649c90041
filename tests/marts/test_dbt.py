"""The model folder is a dbt project: dbt builds the same tables from it, and runs the same checks."""

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.marts.world import MARTS_SQL, World, at

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("dbt") is None, reason="dbt isn't installed: it is the optional extra 'dbt'"),
]


def test_dbt_builds_and_tests_the_same_marts(world: World, tmp_path: Path) -> None:
    world.experiment()
    world.metric("revenue", "sum")
    world.enrol("a", "control")
    world.event("a", "purchase", at(3), "5")
    world.build()
    ours = world.rows("from agg_experiment_metric_by_variant order by all")
    project = Path(shutil.copytree(MARTS_SQL, tmp_path / "project", ignore=shutil.ignore_patterns("target", "logs")))
    profile = (project / "profiles.example.yml").read_text()
    path = next(line for line in profile.splitlines() if line.strip().startswith("path:"))
    (project / "profiles.yml").write_text(profile.replace(path, f"      path: {world.path}"))
    command = [sys.executable, "-m", "dbt.cli.main", "--no-send-anonymous-usage-stats", "build"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout
    assert world.rows("from agg_experiment_metric_by_variant order by all") == ours
