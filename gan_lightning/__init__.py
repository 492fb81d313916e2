"""gan_lightning: generative adversarial networks as composable Lightning experiments."""

from gan_lightning.checkpoint import ensemble, load

__all__ = ["ensemble", "load"]
