"""The last lines of a run: what has ended it, and what would go on."""

import re
from types import SimpleNamespace

from lightning.pytorch.callbacks import EarlyStopping

from gan_lightning.console.ending import nothing_left, stopped_by


def test_a_run_that_a_callback_has_stopped_is_not_told_to_raise_its_budget(tmp_path):
    early = EarlyStopping("swd", patience=2)
    config = {
        "run_dir": str(tmp_path),
        "model": {"optimisation": {"max_images": 100, "max_generator_steps": None}},
        "trainer": {"max_epochs": -1},
    }
    assert "max_images=100" in nothing_left(config, {"early": early})
    trainer = SimpleNamespace(callbacks=[early])
    assert stopped_by(trainer, config, {"early": early}) is None
    early.wait_count = 2
    assert (
        stopped_by(trainer, config, {"early": early})
        == "callbacks.early has ended the run: swd did not improve any more"
    )
    assert re.search("callbacks.early has stopped this run; .* init=", nothing_left(config, {"early": early}))
