"""`python -m tests.mcp.slow_server FIFO`: `gateway mcp` on the slow engine, which says `started` and `ended` there."""

import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Semaphore

from gateway.mcp_server.stdio import serve
from gateway.settings import load_settings
from tests.mcp.serving import Slowness, slow_gateway


@dataclass
class Told(Semaphore):
    """Says a word where a semaphore would be released."""

    pipe: Path
    word: str

    def release(self, n: int = 1) -> None:
        with self.pipe.open("w") as out:
            out.write(f"{self.word}\n" * n)


def main() -> None:
    """Serve until the client leaves."""
    pipe = Path(sys.argv[1])
    slowness = Slowness(started=Told(pipe, "started"), ended=Told(pipe, "ended"))
    settings = load_settings()
    sys.exit(serve(settings, partial(slow_gateway, settings, slowness)))


if __name__ == "__main__":
    main()
