"""A discriminator of images together with their latents."""

from typing import final

import torch
from torch import Tensor, nn

from gan_lightning.batch import Verdict
from gan_lightning.networks.contracts import Discriminator
from gan_lightning.ranges import BelowOne, Few, Size, within


@final
class JointDiscriminator(nn.Module):
    """D(x, z) = D(x) + h(f(x), z), where D(x) and its features f(x) come from a discriminator of images.

    h is fully connected: z goes through one hidden layer, and then together with f(x) through more of them. So every
    network of this package can judge pairs. BigBiGAN (Donahue and Simonyan 2019, arXiv:1907.02544, section 2) adds a
    term for the image alone to that of the pair in the same way. In figure 1 of BiGAN (arXiv:1605.09782), this network
    is D, which sees (x, E(x)) and (G(z), z).

    Args:
        of: the discriminator of images.
        latent_dim: length of z.
        width: units of each hidden layer of h.
        depth: hidden layers after f(x) and z have met.
        dropout: share of the units of h that are left out in training. Without it, D soon wins.
    """

    def __init__(
        self, of: Discriminator, latent_dim: Size, width: Size = 128, depth: Few = 1, dropout: BelowOne = 0.2
    ) -> None:
        super().__init__()
        within("model.joint.dropout", BelowOne, dropout)
        self.of = of
        self.of_latent = nn.Sequential(nn.Linear(latent_dim, width), nn.LeakyReLU(0.2), nn.Dropout(dropout))
        layers: list[nn.Module] = []
        for inputs in [of.feature_dim + width, *[width] * (depth - 1)]:
            layers += [nn.Linear(inputs, width), nn.LeakyReLU(0.2), nn.Dropout(dropout)]
        self.of_pair = nn.Sequential(*layers, nn.Linear(width, 1))

    def forward(self, image: Tensor, z: Tensor, condition: Tensor) -> Verdict:
        """Images (B, C, H, W), latents z (B, latent_dim) and conditions (B, ...) to raw logits and features."""
        alone = self.of(image, condition)
        # Penalties give images in single precision, also where the encoder gave z in half precision.
        pair = self.of_pair(torch.cat([alone.features, self.of_latent(z.to(image.dtype))], 1))
        return Verdict(alone.logits + pair.view(-1, *[1] * (alone.logits.dim() - 1)), alone.features)
