"""The four console scripts.

Importing torch and Lightning takes seconds. Each command therefore answers signals before it imports its work.
"""

from gan_lightning.processes.requests import end_at_once


def train() -> None:
    """gan-train."""
    end_at_once()
    from gan_lightning.train import main

    main()


def evaluate() -> None:
    """gan-evaluate."""
    end_at_once()
    from gan_lightning.evaluate import main

    main()


def generate() -> None:
    """gan-generate."""
    end_at_once()
    from gan_lightning.generate import main

    main()


def report() -> None:
    """gan-report."""
    end_at_once()
    from gan_lightning.report.command import main

    main()
