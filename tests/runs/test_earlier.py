"""Configurations of earlier versions in today's form; whole checkpoints of theirs are in tests/models/recorded."""

import copy

from gan_lightning.runs.earlier import to_today

NETWORKS = "gan_lightning.networks."


def earlier(**generator):
    return {
        "model": {
            "_target_": "gan_lightning.models.GAN",
            "optimisation": {"ema_decay": 0.9},
            "generator": {"_target_": f"{NETWORKS}DCGANGenerator", **generator},
            "discriminator": {"_target_": f"{NETWORKS}DCGANDiscriminator"},
        },
        "spec": {"num_classes": 10, "height": 32, "width": 32},
    }


def test_a_place_for_labels_becomes_an_embedder_of_every_network():
    config = earlier(latent={"_target_": f"{NETWORKS}NoiseAndLabel", "num_classes": 10})
    to_today(config)
    generator, discriminator = config["model"]["generator"], config["model"]["discriminator"]
    assert generator["latent"] == {"_target_": f"{NETWORKS}NoiseAndCondition"}
    one_hot = {"_target_": f"{NETWORKS}OneHot", "num_classes": 10}
    assert generator["embedder"] == discriminator["embedder"] == one_hot
    assert config["model"]["prior"] == {"_target_": "gan_lightning.models.Normal"}
    assert config["model"]["optimisation"] == {"ema_decay": 0.9, "ema_start": 0, "ema_statistics": False}


def test_without_labels_there_is_no_condition():
    config = earlier()
    to_today(config)
    assert config["model"]["generator"]["embedder"] == {"_target_": f"{NETWORKS}NoCondition"}


def test_samples_are_points_if_they_have_one_pixel():
    images, points = earlier(), earlier()
    points["spec"] |= {"height": 1, "width": 1}
    for config in (images, points):
        to_today(config)
    assert (images["spec"]["kind"], points["spec"]["kind"]) == ("images", "points")


def test_todays_configurations_stay_as_they_are():
    config = earlier()
    to_today(config)
    once = copy.deepcopy(config)
    to_today(config)
    assert config == once
