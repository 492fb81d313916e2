"""A loss that lives outside of the package: a class and a YAML, and nothing else changes."""

import csv
from pathlib import Path

import pytest
import torch
from runs import command

import gan_lightning
from gan_lightning.errors import SettingError

CLASS = '''
from gan_lightning.losses import AdversarialLoss


class Exponential(AdversarialLoss):
    """D: E exp(- rate D(x)) + E exp(rate D(x'));  G: E exp(- rate D(x'))."""

    def __init__(self, rate):
        self.rate = rate

    def discriminator(self, real, fake):
        return (-self.rate * real).exp().mean() + (self.rate * fake).exp().mean()

    def generator(self, fake, real=None):
        return (-self.rate * fake).exp().mean()
'''
YAML = "_target_: my_losses.boosting.Exponential\nrate: 0.5\n"


@pytest.fixture
def my_losses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a package of one's own, and a folder of configurations."""
    (tmp_path / "my_losses").mkdir()
    (tmp_path / "my_losses" / "__init__.py").touch()
    (tmp_path / "my_losses" / "boosting.py").write_text(CLASS)
    (tmp_path / "my_conf" / "loss").mkdir(parents=True)
    (tmp_path / "my_conf" / "loss" / "exponential.yaml").write_text(YAML)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_loss_of_ones_own_trains_from_the_command_line(my_losses: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = ["dataset=fake", "dataset.source.size=64", "dataset.batch_size=8", "dataset.resolution=16"]
    short = ["network.width=4", "metrics=none", "max_generator_steps=3", "trainer.log_every_n_steps=1"]
    quiet = ["callbacks.progress.refresh_rate=0", "trainer.accelerator=cpu", "hydra.run.dir=run"]
    own = "trusted=[my_losses]"
    chosen = ["--config-dir", "my_conf", "loss=exponential", "loss.rate=0.25", own]
    done = command("gan-train", *chosen, *data, *short, *quiet, cwd=my_losses)
    assert done.returncode == 0, done.stderr

    with (my_losses / "run" / "logs" / "metrics.csv").open() as file:
        rows = list(csv.DictReader(file))
    logged = [float(row["loss_discriminator"]) for row in rows if row["loss_discriminator"]]
    # Two exponentials of small logits, and three different batches.
    assert len(set(logged)) == 3
    assert logged[0] == pytest.approx(2, abs=0.5)

    checkpoint = my_losses / "run" / "checkpoints" / "last.ckpt"
    saved = torch.load(checkpoint, weights_only=True)
    assert saved["config"]["model"]["loss"] == {"_target_": "my_losses.boosting.Exponential", "rate": 0.25}
    assert saved["counters"]["generator_step"] == 3
    with pytest.raises(SettingError, match="my_losses.boosting.Exponential"):
        gan_lightning.load(checkpoint)
    monkeypatch.syspath_prepend(my_losses)
    model = gan_lightning.load(checkpoint, trusted=["my_losses"]).model
    assert model.loss.rate == 0.25
    assert model.sample(2).shape == (2, 3, 16, 16)


def test_a_class_that_is_not_there_is_named_with_the_reason(my_losses: Path) -> None:
    (my_losses / "my_conf" / "loss" / "exponential.yaml").write_text("_target_: my_losses.bosting.Exponential")
    chosen = ["--config-dir", "my_conf", "loss=exponential", "dataset=fake", "metrics=none"]
    for trust, reason in (
        ([], "No module named 'my_losses'; my_losses in this folder is imported only if you say 'trusted=[my_losses]'"),
        (["trusted=[my_losses]"], "No module named 'my_losses.bosting'"),
    ):
        said = command("gan-train", *chosen, *trust, cwd=my_losses).stderr.splitlines()[-1]
        assert said == f"gan-train: Error locating target 'my_losses.bosting.Exponential': {reason}"
