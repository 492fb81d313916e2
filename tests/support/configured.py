"""Networks that several files test: of options of `network`, as a run would build them, and small ones."""

from typing import Any

import torch
from hydra.utils import instantiate
from omegaconf import DictConfig, OmegaConf

from gan_lightning.console.config import CONF
from gan_lightning.networks import Discriminator, Generator, NoiseOnly, StyleGAN2Generator


def build(
    network: str,
    conditioning: str = "none",
    critic_norm: str = "none",
    channels: int = 3,
    resolution: int = 16,
    width: int = 4,
    minibatch: str = "none",
) -> tuple[Generator, Discriminator]:
    """Both networks as a run would build them; the data have three classes."""
    spec = {"channels": channels, "height": resolution, "width": resolution, "num_classes": 3}
    config = DictConfig({"spec": spec, "dataset": {"batch_size": 8}})
    chosen = {"network": network, "conditioning": conditioning, "critic_norm": critic_norm, "minibatch": minibatch}
    for group, option in chosen.items():
        config[group] = OmegaConf.load(f"{CONF}/{group}/{option}.yaml")
    config.network.width = width
    if network == "mlp":
        config.network.generator.hidden = config.network.discriminator.hidden = [2 * width, width]
    torch.manual_seed(0)
    return instantiate(config.network.generator), instantiate(config.network.discriminator)


def configured(network: str, critic_norm: str) -> DictConfig:
    """The configuration of both networks of a translation, for pictures of 64 pixels."""
    config = DictConfig({"spec": {"height": 64, "width": 64}})
    for group, option in (("network", network), ("critic_norm", critic_norm)):
        config[group] = OmegaConf.load(f"{CONF}/{group}/{option}.yaml")
    return config


def small_stylegan2(**settings: Any) -> StyleGAN2Generator:
    """For 32 pixels, with 12 numbers of noise and 10 of w."""
    torch.manual_seed(0)
    return StyleGAN2Generator(3, 32, NoiseOnly, width=8, widest=16, latent_dim=12, style_dim=10, depth=2, **settings)
