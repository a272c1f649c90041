"""Everything that an agent is told of the tools, as one text: what hosts, prompts and other people's agents rely on.

    python -m tests.tools.contract

writes it anew. A test compares: what agents are told changes on purpose, and a reviewer sees it in the diff.
"""

import json
from pathlib import Path
from typing import Final

from gateway.tools import registry
from gateway.tools.agent import annotations, output_schema
from gateway.tools.schema import description, parameters

SNAPSHOT: Final = Path(__file__).parent / "contract.json"


def contract() -> str:
    """Names, descriptions, input schemas and hints of all tools, and the one output schema, in a fixed order."""
    tools = [
        {
            "name": tool.name,
            "description": description(tool),
            "inputSchema": parameters(tool),
            "annotations": annotations(tool),
            "may": sorted(tool.may),
        }
        for tool in registry.TOOLS.values()
    ]
    return json.dumps({"tools": tools, "outputSchema": output_schema()}, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    SNAPSHOT.write_text(contract(), "utf-8")
    print(f"written: {SNAPSHOT}")  # noqa: T201 - a command that says what it did
