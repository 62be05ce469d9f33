"""FreeNAS: neural architecture search without training or labels, by pruning an untrained supernet.

    import freenas
    result = freenas.search(freenas.SearchConfig(space="nas-bench-201", seed=0))
    print(result.genotype.notation)

The public names of the engine, and the command `freenas`, which opens the dashboard, or does what `python -m engine`
does where it is given a command.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence

from engine import *  # noqa: F403
from engine import __all__ as __all__
from engine import __version__ as __version__


def main() -> int:
    """Run the command that stands in the arguments, or open the dashboard; returns the exit status.

    Options of Streamlit, which have a dot in their names as in `--server.port 8600`, are for the dashboard.
    """
    arguments = sys.argv[1:]
    if not arguments or arguments[0] == "--" or re.match(r"--\w+\.", arguments[0]):
        return open_dashboard(arguments)
    from engine.__main__ import run_process

    return run_process("freenas")


def open_dashboard(options: Sequence[str] = ()) -> int:
    """Serve the dashboard until it is interrupted, and open it in a browser; returns the exit status.

    `options` are those of `streamlit run`, and behind `--` those of the app.
    """
    from click import ClickException
    from streamlit.web import cli

    from dashboard.server.installation import APP

    try:
        cli.main_run([str(APP), *options], standalone_mode=False)
    except ClickException as error:
        error.show()
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
