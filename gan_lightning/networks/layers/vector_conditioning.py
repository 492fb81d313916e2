"""Places for conditions that are vectors, such as those of sentences: in G's noise and in D's head."""

from typing import final

import torch
from torch import Tensor, nn

from gan_lightning.errors import SettingError
from gan_lightning.networks.layers.conditioning import Head, Latent
from gan_lightning.networks.layers.norm import Norm
from gan_lightning.ranges import Few, FewOrNone, Size


@final
class ReplicatedConditionHead(Head):
    """c, or a linear function of it, stands beside the features at each place of their last map; a convolution mixes
    the two, and one over the whole map gives the logit (GAN-CLS, Reed et al. 2016, arXiv:1605.05396, figure 2; DF-GAN,
    Tao et al. 2020, arXiv:2008.05865). So one number says whether an image is real and whether it fits, which DF-GAN
    calls one-way.

    Args:
        features: all numbers of the last map, which is `side` pixels high and wide.
        norm: normalises the weights and, of the convolution, the outputs.
        condition: C, at least 1.
        embedding_dim: numbers of the linear function, which LeakyReLU(0.2) follows; None takes c as it is.
        channels: of the convolution's outputs.
        kernel: its height and width, odd.
        side: of the last map.
        bias: whether the convolutions have biases; those of DF-GAN have none.

    Raises:
        SettingError: the features do not fill maps of this side; the data have no condition; the kernel is even.
    """

    uses_condition = True

    def __init__(
        self,
        features: int,
        norm: Norm,
        condition: FewOrNone,
        embedding_dim: Size | None = 128,
        channels: Size = 64,
        kernel: Few = 1,
        side: Few = 4,
        bias: bool = True,
    ) -> None:
        super().__init__()
        if condition == 0:
            raise SettingError(
                "conditioning: this head needs a condition, such as captions or labels, and there is none"
            )
        if features % side**2:
            raise SettingError(
                f"conditioning.head.side={side}: the discriminator's last map has {features} numbers, which are no map "
                f"of {side} x {side} pixels; choose a network whose maps are, such as network=dcgan"
            )
        if kernel % 2 == 0:
            raise SettingError(f"conditioning.head.kernel={kernel}: an odd number, so that the map keeps its size")
        self.shape = (features // side**2, side, side)
        embed = [] if embedding_dim is None else [norm.weight(nn.Linear(condition, embedding_dim)), nn.LeakyReLU(0.2)]
        self.embed = nn.Sequential(*embed)
        both = self.shape[0] + (embedding_dim or condition)
        self.mix = nn.Sequential(
            norm.weight(nn.Conv2d(both, channels, kernel, padding=kernel // 2, bias=bias and not norm.affine)),
            norm.activation(channels),
            nn.LeakyReLU(0.2),
            norm.weight(nn.Conv2d(channels, 1, side, bias=bias)),
        )

    def forward(self, features: Tensor, c: Tensor) -> Tensor:
        planes = self.embed(c.to(features.dtype))[:, :, None, None].expand(-1, -1, *self.shape[1:])
        logits: Tensor = self.mix(torch.cat([features.unflatten(1, self.shape), planes], 1))
        return logits.flatten(1)


@final
class NoiseAndCompressedCondition(Latent):
    """The noise, followed by a linear function of c and LeakyReLU(0.2) (GAN-CLS, arXiv:1605.05396, section 4.1).

    Args:
        latent_dim: length of the noise vector.
        condition: C.
        embedding_dim: numbers of the function.
    """

    def __init__(self, latent_dim: Size, condition: FewOrNone, embedding_dim: Size = 128) -> None:
        super().__init__()
        self.compress = nn.Sequential(nn.Linear(condition, embedding_dim), nn.LeakyReLU(0.2))
        self.features = latent_dim + embedding_dim

    def forward(self, z: Tensor, c: Tensor) -> Tensor:
        return torch.cat([z, self.compress(c.to(z.dtype))], 1)


@final
class ConditioningAugmentation(Latent):
    """The noise, followed by a vector that is drawn around a function of c: mean + deviation * epsilon (StackGAN,
    Zhang et al. 2016, arXiv:1612.03242, section 3.2). So many vectors belong to one caption, and those of similar
    captions overlap.

    Epsilon is the last part of z. It is therefore keyed as all noise is, and at zeros the vector is the mean. Mean and
    logarithm of the deviation are linear functions of c with LeakyReLU(0.2), as in the authors' TensorFlow code.

    Args:
        latent_dim: numbers of z, epsilon's included. If there are no others, the vector is all that the generator gets.
        condition: C, at least 1.
        embedding_dim: numbers of the vector and of epsilon.

    Raises:
        SettingError: the data have no condition; z is shorter than epsilon.
    """

    def __init__(self, latent_dim: Size, condition: FewOrNone, embedding_dim: Size = 128) -> None:
        super().__init__()
        if condition == 0:
            raise SettingError(
                "conditioning=augmented: needs a condition, such as captions or labels, and there is none"
            )
        if latent_dim < embedding_dim:
            raise SettingError(
                f"conditioning.latent.embedding_dim={embedding_dim}: takes as many numbers of the generator's noise, "
                f"which has {latent_dim}; choose at most {latent_dim}, or a larger latent_dim of network.generator"
            )
        self.features, self.noise = latent_dim, latent_dim - embedding_dim
        self.describe = nn.Sequential(nn.Linear(condition, 2 * embedding_dim), nn.LeakyReLU(0.2))

    def forward(self, z: Tensor, c: Tensor) -> Tensor:
        mean, log_deviation = self.gaussian(c)
        noise, epsilon = z[:, : self.noise], z[:, self.noise :]
        return torch.cat([noise, mean + log_deviation.exp() * epsilon], 1)

    def gaussian(self, c: Tensor) -> tuple[Tensor, Tensor]:
        mean, log_deviation = self.describe(c.to(next(self.describe.parameters()).dtype)).chunk(2, 1)
        return mean, log_deviation
