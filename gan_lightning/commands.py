"""The console scripts.

Importing torch and Lightning takes seconds. Each command therefore answers signals before it imports its work. What the
threads of torch do while they wait is also decided before, because torch reads it while it is imported.
"""

from gan_lightning.processes.cores import let_waiting_threads_sleep
from gan_lightning.processes.requests import end_at_once


def train() -> None:
    """gan-train."""
    _begin()
    from gan_lightning.jobs.train import main

    main()


def evaluate() -> None:
    """gan-evaluate."""
    _begin()
    from gan_lightning.jobs.evaluate import main

    main()


def generate() -> None:
    """gan-generate."""
    _begin()
    from gan_lightning.jobs.generate import main

    main()


def demo() -> None:
    """gan-demo."""
    _begin()
    from gan_lightning.jobs.demo import main

    main()


def export() -> None:
    """gan-export."""
    _begin()
    from gan_lightning.jobs.export import main

    main()


def report() -> None:
    """gan-report."""
    _begin()
    from gan_lightning.report.command import main

    main()


def _begin() -> None:
    end_at_once()
    let_waiting_threads_sleep()
