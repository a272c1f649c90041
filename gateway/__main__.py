"""The `gateway` command. What must be settled before any library loads, and after all is done, is settled here."""

import gc
import os
import sys


def main() -> None:
    """Entry point of the `gateway` command."""
    gc.set_threshold(300_000, 20, 50)  # libraries make many objects and no garbage as they load: don't look for it
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # other packages have no say in our validation
    try:
        from gateway.cli.process import run_process

        code = run_process(sys.argv[1:])
    except KeyboardInterrupt:  # before the command line is there to say so, or after
        code = 130
    # Everything was closed and flushed by whoever opened it; taking the interpreter apart piece by piece would only
    # keep the caller waiting.
    os._exit(code)


if __name__ == "__main__":
    main()
