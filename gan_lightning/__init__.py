"""gan_lightning: generative adversarial networks as composable Lightning experiments."""

from gan_lightning.checkpoint import load

__all__ = ["load"]
