"""Configurations that earlier versions wrote into checkpoints, in today's form. Only this file knows of them."""

from typing import Any

_PACKAGE = "gan_lightning.networks."
_RENAMED = {"NoiseAndLabel": "NoiseAndCondition", "ImageAndLabel": "ImageAndCondition"}
_CONDITIONAL = tuple(_PACKAGE + name for name in (*_RENAMED.values(), "ConditionalBatchNorm", "ProjectionHead"))
_WITH_EMBEDDER = tuple(
    f"{_PACKAGE}{family}{player}"
    for family in ("DCGAN", "MLP", "ResNet", "Autoencoder")
    for player in ("Generator", "Discriminator")
)


def to_today(config: dict[str, Any]) -> None:
    """Bring the configuration of a checkpoint into today's form, in place.

    Earlier, each place where a class label enters had an embedding of its own (`num_classes`); now a network has an
    `embedder`. The weights have the same names and shapes. Noise was always normal; now a `prior` says so.
    There were no penalties on the generator. Averages began with the first update and copied all statistics. Samples
    were images, or points if they had one pixel; now their `kind` is named.
    """
    model, spec = config["model"], config["spec"]
    if "num_classes" in spec and "kind" not in spec:  # of samples from noise
        spec["kind"] = "points" if (spec["height"], spec["width"]) == (1, 1) else "images"
    if model.get("_target_") == "gan_lightning.models.GAN":
        model.setdefault("prior", {"_target_": "gan_lightning.models.Normal"})
        model.setdefault("generator_penalties", {})
    if isinstance(model.get("optimisation"), dict) and "ema_decay" in model["optimisation"]:
        model["optimisation"] = {"ema_start": 0, "ema_statistics": False, **model["optimisation"]}
    if not isinstance(model.get("generator"), dict):
        return  # a translator, which has no conditions
    networks = [model[player] for player in ("generator", "discriminator") if isinstance(model.get(player), dict)]
    counts = [count for network in networks for count in _without_labels(network)]
    one_hot = {"_target_": f"{_PACKAGE}OneHot", "num_classes": counts[0]} if counts else None
    for network in networks:
        if network.get("_target_") in _WITH_EMBEDDER and "embedder" not in network:
            network["embedder"] = dict(one_hot or {"_target_": f"{_PACKAGE}NoCondition"})


def _without_labels(node: Any) -> list[Any]:
    """The numbers of classes that places for labels had, which are taken out of them."""
    if not isinstance(node, dict):
        return []
    target = str(node.get("_target_"))
    package, _, name = target.rpartition(".")
    if f"{package}." == _PACKAGE and name in _RENAMED:
        node["_target_"] = target = _PACKAGE + _RENAMED[name]
    counts = [node.pop("num_classes")] if target in _CONDITIONAL and "num_classes" in node else []
    return counts + [count for child in node.values() for count in _without_labels(child)]
