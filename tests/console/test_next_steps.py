"""What is suggested after a run can be pasted: it is parsed by the shell and by Hydra, and composes to what works."""

import shlex
from itertools import product
from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.utils import get_class
from omegaconf import OmegaConf

from gan_lightning.composition import check_kinds
from gan_lightning.console.arguments import prepared
from gan_lightning.console.config import CONF
from gan_lightning.console.next_steps import Finished, next_steps
from gan_lightning.console.quoting import quoted

IMAGES = {"channels": 3, "height": 32, "width": 32, "num_classes": 0, "kind": "images"}
LABELLED = {**IMAGES, "num_classes": 8}
POINTS = {**LABELLED, "height": 1, "width": 1, "kind": "points"}
PAIRS = {"source_channels": 3, "target_channels": 3, "height": 64, "width": 64, "direction": "a2b"}
DOMAINS = {"channels": 3, "height": 64, "width": 64, "planes": 1, "domains": {"blond": [1], "noblond": [0]}}
UNPAIRED = {"a_channels": 3, "b_channels": 3, "height": 64, "width": 64}
ODD = "my 'best' photos, $HOME=#1 é"
OWN = ["network.width=4", "model.optimisation.ema_decay=0.9"]
TYPED = " ".join(OWN)
BUDGET = ["max_images=2000", "trainer.accelerator=cpu"]


def composed(overrides: list[str], own: Path | None = None):
    with initialize_config_dir(CONF, version_base="1.3"):
        found = [] if own is None else [f"hydra.searchpath=[{quoted(f'file://{own}')}]"]
        return compose("train", [*found, *overrides], return_hydra_config=True)


def finished(spec: dict, overrides: list[str], own: Path | None = None, run: str = "outputs/a run") -> Finished:
    config = composed(overrides, own)
    budgets = {"max_images": 1000, "max_generator_steps": None}
    saved = {
        "spec": spec,
        "dataset": OmegaConf.to_container(config.dataset),
        "model": {"loss": {}, "optimisation": budgets},
    }
    command = [*(("--config-dir", str(own)) if own is not None else ()), *overrides]
    return Finished(Path(run), command, config.hydra.runtime.choices, saved)


def jobs(command: str) -> list[list[str]]:
    """The overrides of each job of a suggested training, as a shell and Hydra would read them."""
    words = shlex.split(command)
    assert words.pop(0) == "gan-train"
    if "--config-dir" in words:
        at = words.index("--config-dir")
        assert Path(words[at + 1]).is_dir()
        del words[at : at + 2]
    is_sweep = "-m" in words
    parsed = OverridesParser.create().parse_overrides([word for word in prepared(words) if word != "-m"])
    assert is_sweep == any(override.is_sweep_override() for override in parsed)
    names = [override.get_key_element() for override in parsed]
    assert len(set(names)) == len(names)  # nothing is said twice
    values = [
        [f"{override.get_key_element()}={value}" for value in override.sweep_string_iterator()]
        if override.is_sweep_override()
        else [override.input_line]
        for override in parsed
    ]
    return [list(job) for job in product(*values)]


@pytest.mark.parametrize(
    ("spec", "overrides", "expected"),
    [
        (LABELLED, [], ["model=cgan", "loss=lsgan,hinge,wasserstein -m"]),
        (LABELLED, ["model=cgan", "dataset=digits"], ["dataset=digits model=wgan_gp", "dataset=digits loss=lsgan"]),
        (IMAGES, ["model=wgan_gp", *BUDGET], ["max_images=2000 trainer.accelerator=cpu model=dcgan", "loss=lsgan"]),
        (
            LABELLED,
            ["experiment=dcgan_cifar10"],
            ["dataset=cifar10 metrics=inception model=cgan", "experiment=dcgan_cifar10 loss=lsgan"],
        ),
        (
            IMAGES,
            ["dataset=fake", "dataset.source.size=64", "seed=3"],
            ["dataset=fake dataset.source.size=64 model=wgan"],
        ),
        (POINTS, ["experiment=toy_ring"], ["experiment=toy_ring penalty=r1", "experiment=toy_ring loss=lsgan"]),
        (POINTS, ["dataset=toy_grid", "network=points", "metrics=modes", "callbacks=toy"], ["dataset=toy_grid"]),
        (UNPAIRED, ["model=cyclegan"], ["model=discogan", "model=cyclegan loss=lsgan,hinge,non_saturating -m"]),
        (UNPAIRED, ["experiment=cyclegan_horse2zebra"], ["dataset=authors_unpaired model=discogan"]),
        (PAIRS, ["model=pix2pix", "dataset.direction=a2b"], ["model=pix2pix dataset.direction=b2a"]),
        # The network is the same, so that its settings stay, or is another one, so that only one line repeats them.
        (LABELLED, OWN, [f"{TYPED} model=cgan", f"{TYPED} loss=lsgan"]),
        (IMAGES, ["model=wgan_gp", *OWN], ["gan-train model=dcgan", f"model=wgan_gp {TYPED} loss=lsgan"]),
        (IMAGES, ["network=resnet", *OWN], [f"network=resnet {TYPED} model=wgan_gp", f"network=resnet {TYPED} loss="]),
        (
            UNPAIRED,
            ["model=cyclegan", *OWN],
            ["gan-train dataset=avatars_unpaired model=discogan", f"model=cyclegan {TYPED} loss=lsgan"],
        ),
        (PAIRS, ["model=pix2pix", *OWN], [f"model=pix2pix {TYPED} dataset.direction=b2a", f"{TYPED} loss=lsgan"]),
        (
            POINTS,
            ["experiment=toy_ring", "network.generator.latent_dim=4"],
            [f"experiment=toy_ring network.generator.latent_dim=4 {change}" for change in ("penalty=r1", "loss=lsgan")],
        ),
        (
            LABELLED,
            ["loss=hinge", "seed=3", "hydra.run.dir=x"],
            ["gan-train model=cgan", "gan-train seed=3 loss=lsgan"],
        ),
        (LABELLED, ["experiment=memorise"], ["gan-train model=cgan"]),  # a recipe that chooses a list of scores
        (IMAGES, ["model=ebgan"], ["gan-train model=wgan_gp"]),  # an autoencoder suits no other loss
    ],
)
def test_suggestions_fit_the_run_and_compose(spec, overrides, expected):
    commands = next_steps(finished(spec, overrides))
    trains = [command for command in commands if command.startswith("gan-train") and "resume=" not in command]
    assert shlex.split(commands[1]) == ["gan-train", "resume=outputs/a run", "max_images=2000"]
    for command, part in zip(trains, expected, strict=False):
        assert part in command
    for job in (job for command in trains for job in jobs(command)):
        config = composed(job)
        check_kinds(get_class(config.model._target_), config)
    generates = [shlex.split(command) for command in commands if command.startswith("gan-generate")]
    folders = [] if "num_classes" in spec else ["source=FOLDER"]
    assert generates == [["gan-generate", "checkpoint=outputs/a run", *folders]]


def test_own_data_and_classes_are_repeated_and_quoted(tmp_path):
    (tmp_path / ODD / "trainA").mkdir(parents=True)
    (tmp_path / ODD / "dataset").mkdir()
    (tmp_path / ODD / "dataset" / "mine.yaml").write_text(Path(CONF, "dataset", "folder.yaml").read_text())
    own, path = tmp_path / ODD, f"dataset.source.path={quoted(tmp_path / ODD)}"
    typed = ["dataset=mine", path, "dataset.resolution=16", "trusted=[mine]", "network.width=8", "hydra.run.dir=x"]
    generate, _, *trains = next_steps(finished(IMAGES, typed, own))
    assert shlex.split(generate)[1:] == ["checkpoint=outputs/a run", "trusted=[mine]"]
    assert len(trains) == 2
    for job in (job for command in trains for job in jobs(command)):
        config = composed(job, own)
        assert config.dataset.source.path == str(tmp_path / ODD)
        assert (config.dataset.resolution, config.trusted) == (16, ["mine"])
        assert "hydra.run.dir=x" not in job

    unpaired = ["model=cyclegan", "dataset=unpaired_folder", path]
    generate, _, *trains = next_steps(finished(UNPAIRED, unpaired))
    words = OverridesParser.create().parse_overrides(prepared(shlex.split(generate)[1:]))
    assert {word.get_key_element(): word.value() for word in words} == {
        "checkpoint": "outputs/a run",
        "source": str(tmp_path / ODD / "trainA"),
        "output": "outputs/a run/made",
    }
    assert all(composed(job).dataset.source.path == str(tmp_path / ODD) for command in trains for job in jobs(command))


def test_a_model_of_many_domains_shows_all_of_them():
    generate, *_ = next_steps(finished(DOMAINS, ["model=stargan"]))
    assert shlex.split(generate)[-2:] == ["source=FOLDER", "domain=all"]
