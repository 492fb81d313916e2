"""An untrained network as an extractor: features for FID without labels, weights or a download."""

from typing import final

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import update_bn

from gan_lightning.data import Images
from gan_lightning.metrics.contracts import Extraction, Extractor, without_alpha
from gan_lightning.ranges import Count, Seed

BATCH = 64
_WIDTHS = (32, 64, 64, 64)


@final
class RandomExtractor(Extractor):
    """Four convolutions of stride 2 with random weights, and the means of their 64 last maps.

    Random features, which Naeem et al. 2020 (arXiv:2002.09797) recommend where data are unlike ImageNet, know no
    objects. Means over maps see colours and texture, wherever they lie: blur, noise and checkerboards, and hardly how
    parts are arranged. Every map, and every feature, is normalised by its mean and variance over training images, so
    that no scale is arbitrary. `fid_random` compares models of one data set and one seed, and nothing else.

    Grey images are repeated over three channels, transparency is left out.

    Args:
        images: training images, evenly spread, that the normalisation is computed from.
        seed: of the weights.
    """

    name = "random"
    fitted = False  # its features do not depend on labels
    num_features = _WIDTHS[-1]
    offers = ("features",)
    resize = "none"
    takes_unrounded = True

    def __init__(self, images: Count = 2000, seed: Seed = 0) -> None:
        super().__init__()
        self.images = images
        random = torch.Generator().manual_seed(seed)
        layers: list[nn.Module] = []
        narrow = 3
        for wide in _WIDTHS:
            layer = nn.Conv2d(narrow, wide, 3, stride=2, padding=1, bias=False)
            nn.init.kaiming_normal_(layer.weight, generator=random)
            layers += [layer, nn.BatchNorm2d(wide, affine=False), nn.ReLU()]
            narrow = wide
        means = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.BatchNorm1d(narrow, affine=False)]
        self.network = nn.Sequential(*layers, *means)
        self.eval().requires_grad_(False)

    def prepare(self, train: Images, held: Images) -> None:
        count = min(self.images, len(train))
        chosen = [i * len(train) // count for i in range(count)]
        parts = [chosen[i :: -(-count // BATCH)] for i in range(-(-count // BATCH))]  # all of about the same size
        update_bn((_scaled(train.pixels(part)) for part in parts), self.network)

    def forward(self, image: Tensor) -> Extraction:
        return Extraction(self.network(_scaled(image)))


def _scaled(image: Tensor) -> Tensor:
    """Three channels in [-1, 1]."""
    return without_alpha(image).float() / 127.5 - 1
