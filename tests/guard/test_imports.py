"""The guard stands alone, and starts quickly."""

import json
import subprocess
import sys

_PROGRAM = """
import json, sys
import sqlglot
before = set(sys.modules)
import gateway.guard
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def test_importing_the_guard_imports_nothing_heavy_and_nothing_else_of_ours() -> None:
    command = [sys.executable, "-c", _PROGRAM]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded = json.loads(ran.stdout)
    assert [name for name in loaded if name.startswith("sqlglot.optimizer")] == []
    assert [name for name in loaded if name.startswith("gateway.") and not name.startswith("gateway.guard")] == []
    assert [name for name in loaded if name.split(".")[0] in ("duckdb", "pydantic", "yaml", "numpy", "rapidfuzz")] == []
