"""The configuration of a run in its checkpoints and loggers."""

from types import SimpleNamespace
from typing import Any

import pytest

from gan_lightning.callbacks import provenance
from gan_lightning.callbacks.provenance import Provenance

CONFIG = {"seed": 3, "model": {"width": 8}}


@pytest.mark.parametrize("first", [True, False])
def test_every_logger_of_the_first_process_has_the_configuration_beside_the_protocol(monkeypatch, first):
    logged: list[Any] = []
    monkeypatch.setattr(provenance, "log_settings", lambda *given: logged.append(given))
    trainer: Any = SimpleNamespace(is_global_zero=first, loggers=["csv", "board"])
    Provenance(CONFIG, {"split": "train"}, ["fid"]).setup(trainer, None, "fit")
    whole = {"seed": 3, "model": {"width": 8}, "protocol": {"split": "train"}}
    assert logged == ([("csv", whole, ["fid"]), ("board", whole, ["fid"])] if first else [])


@pytest.mark.parametrize(("first", "images_seen", "loggers"), [(True, 64, 2), (False, 64, 0), (True, 0, 2)])
def test_every_logger_of_the_first_process_learns_where_a_run_goes_on(monkeypatch, first, images_seen, loggers):
    logged: list[Any] = []
    monkeypatch.setattr(provenance, "log_start", lambda *given: logged.append(given))
    trainer: Any = SimpleNamespace(is_global_zero=first, loggers=["csv", "board"])
    Provenance(CONFIG, {"split": "train"}, []).on_train_start(trainer, SimpleNamespace(images_seen=images_seen))
    assert logged == [("csv", images_seen), ("board", images_seen)][:loggers]


def test_a_checkpoint_holds_the_configuration_and_what_was_there():
    checkpoint: dict[str, Any] = {"state_dict": {}}
    Provenance(CONFIG, {"split": "train"}, []).on_save_checkpoint(SimpleNamespace(), None, checkpoint)
    assert checkpoint == {"state_dict": {}, "config": CONFIG}
