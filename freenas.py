"""FreeNAS: neural architecture search without training or labels, by pruning an untrained supernet.

    import freenas
    result = freenas.search(freenas.SearchConfig(space="nas-bench-201", seed=0))
    print(result.genotype.notation)

The public names of the engine, and the command `freenas`, which opens the dashboard, or does what `python -m engine`
does where it is given a command.
"""

from __future__ import annotations

import sys

from engine import *  # noqa: F403
from engine import __all__ as __all__
from engine import __version__ as __version__


def main() -> int:
    """Open the dashboard, or run the command that stands in the arguments; returns the exit status."""
    if len(sys.argv) > 1:
        from engine.__main__ import run_process

        return run_process("freenas")
    return open_dashboard()


def open_dashboard() -> int:
    """Serve the dashboard until it is interrupted, and open it in a browser; returns the exit status."""
    from streamlit.web import cli

    from dashboard.server.installation import APP

    cli.main_run([str(APP)], standalone_mode=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
