"""What is misspelled on the command line is answered by what was probably meant."""

import pytest
from hydra import compose, initialize_config_dir
from hydra.errors import HydraException

from gan_lightning.console import cli
from gan_lightning.console.config import CONF


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("los=hinge", "los: there is no such setting; did you mean loss?"),
        ("loss=wgan", "loss=wgan: there is no such option; say model=wgan or loss=wasserstein"),
        ("model=stylegan3", "model=stylegan3: there is no such option; it is not here; nearest is model=stylegan2"),
        ("dataset=celebA", "dataset=celebA: there is no such option; did you mean dataset=celeba?"),
        ("dataset=CIFAR-10", "dataset=CIFAR-10: there is no such option; did you mean dataset=cifar10?"),
        ("max_epochs=3", "max_epochs: there is no such setting; say trainer.max_epochs=3 or max_images=200000"),
        ("max_steps=3", "max_steps: there is no such setting; say max_generator_steps=3"),
        ("trainer.max_steps=3", "trainer.max_steps: is not used here; set max_generator_steps instead"),
        ("batch_size=3", "batch_size: there is no such setting; say dataset.batch_size=3"),
        ("path=x", "path: there is no such setting; say dataset=folder dataset.source.path=x"),
        ("loss=hinje", "loss=hinje: there is no such option; did you mean loss=hinge?"),
        ("loss=f_gan/kll", "loss=f_gan/kll: there is no such option; did you mean loss=f_gan/kl, "),
        ("loss=", "loss=: names no option; there are began, energy_based, hinge, "),
        ("experimnt=x", "experimnt: there is no such setting; did you mean experiment?"),
        ("model.critic_stpes=3", "model.critic_stpes: there is no such setting; did you mean model.critic_steps?"),
        ("dataset.resolutoin=64", "dataset.resolutoin: there is no such setting; did you mean dataset.resolution?"),
        ("trainer.max_epoch=1", "trainer.max_epoch: there is no such setting; did you mean trainer.max_epochs?"),
        ("callbacks.bst.monitor=x", "callbacks.bst: there is no such setting; did you mean callbacks.best?"),
        # Well spelled, but of another part.
        (
            "trainer.detect_anomaly=true",
            "trainer.detect_anomaly: has no value yet, so it is added with a plus: +trainer.detect_anomaly=true",
        ),
        ("sweep.x=1", "sweep.x=1: no option of sweep is chosen; choose sweep=OPTION beside it"),
        (
            "netG=unet_256",
            "netG: there is no such setting; one option chooses both networks: model=pix2pix network=unet",
        ),
        ("no_cuda=true", "no_cuda: there is no such setting; say trainer.accelerator=cpu"),
        (
            "degradation=grey",
            "degradation: goes only with dataset=photographs, dataset=restoration or dataset=super_resolution; choose",
        ),
        ("critic_steps=3", "critic_steps: there is no such setting; say model.critic_steps=3"),
        ("generator_batch=3", "generator_batch: there is no such setting; did you mean model.generator_batch?"),
        (
            "model.lr=1",
            "model.lr: there is no such setting; say lr=1",
        ),
        ("xyzzy=3", "xyzzy: there is no such setting; --cfg job shows all"),
        (
            "hydra/launcher=ray",
            "hydra/launcher=ray: there is no such option; there are basic",
        ),
    ],
)
def test_nearest_is_named_in_one_sentence(given, told, monkeypatch):
    with initialize_config_dir(CONF, version_base="1.3"), pytest.raises(HydraException) as caught:
        compose("train", [given])
    monkeypatch.setattr("sys.argv", ["gan-train", given])
    found = cli.sentence(caught.value)
    assert found.startswith(told)
    assert "\n" not in found


@pytest.mark.parametrize(
    ("command", "given", "told"),
    [
        (
            "generate",
            "network=x.pkl",
            "network: gan-generate has no such group; say checkpoint=RUN",
        ),
        (
            "generate",
            "film=mp4",
            "film: goes only with show=linear_walk or show=spherical_walk; choose that too, or leave film out",
        ),
        (
            "generate",
            "film.frames_per_second=20",
            "film: goes only with show=linear_walk or show=spherical_walk; choose that too, or leave film out",
        ),
        (
            "evaluate",
            "metrics.extractor.weights='a b'",
            "metrics.extractor.weights='a b': no option of metrics is chosen; choose metrics=OPTION beside it, or say "
            "'+metrics.extractor.weights=a b' to change the checkpoint's metrics",
        ),
    ],
)
def test_each_command_has_its_own_suggestions(command, given, told, monkeypatch):
    with initialize_config_dir(CONF, version_base="1.3"), pytest.raises(HydraException) as caught:
        compose(command, [given])
    monkeypatch.setattr("sys.argv", [f"gan-{command}", given])
    assert cli.sentence(caught.value) == told


def test_a_setting_of_a_part_is_not_taken_for_one_of_the_command(monkeypatch):
    given = ["extractor=timm", "metrics=fid", "metrics.extractor.model=resnet18"]
    with initialize_config_dir(CONF, version_base="1.3"), pytest.raises(HydraException) as caught:
        compose("evaluate", given)
    monkeypatch.setattr("sys.argv", ["gan-evaluate", *given])
    assert cli.sentence(caught.value).startswith("metrics.extractor.model: there is no such setting; --cfg job shows")


@pytest.mark.parametrize(
    ("given", "extra"),
    [("launcher=no_joblib", "joblib"), ("launcher=submitit_not", "submitit"), ("sweeper=optuna_not", "optuna")],
)
def test_option_of_a_plugin_that_is_missing_names_its_extra(given, extra):
    with initialize_config_dir(CONF, version_base="1.3"), pytest.raises(HydraException) as caught:
        compose("train", [f"hydra/{given}"])
    assert cli.sentence(caught.value) == f"hydra/{given}: its plugin is missing; pip install 'gan-lightning[{extra}]'"
