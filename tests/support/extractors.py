"""Extractors that need neither weights nor fitting, and a generator that is linear, for tests of scores."""

import torch
from torch import Tensor

from gan_lightning.data import Images
from gan_lightning.metrics import Extraction, Extractor


class Linear(Extractor):
    """A fixed random projection of the pixels of 3 x 16 x 16: 6 features, 4 logits."""

    name = "linear"
    fitted = False
    num_features = 6
    num_logits = 4
    resize = "none"
    classes = "none"
    takes_unrounded = True

    def prepare(self, train: Images, held: Images) -> None:
        random = torch.Generator().manual_seed(0)
        self.register_buffer("matrix", torch.randn(3 * 16 * 16, 10, generator=random))

    def forward(self, image: Tensor) -> Extraction:
        found = (image.flatten(1).float() / 255) @ self.matrix
        return Extraction(found[:, :6], found[:, 6:])


class Brightest(Linear):
    """Sees which colour channel of an image is brightest: the classes 0, 1 and 2 of an attribute `label`."""

    name = "brightest"
    num_logits = 3
    classes = "label"

    def forward(self, image: Tensor) -> Extraction:
        return Extraction(super().forward(image).features, image.float().mean((2, 3)))


class LinearSampler:
    """A generator of images of 3 x 16 x 16 that are linear in w, which is twice the noise z (B, 5)."""

    device = torch.device("cpu")

    def __init__(self) -> None:
        random = torch.Generator().manual_seed(3)
        self.matrix = 0.02 * torch.randn(5, 3 * 16 * 16, generator=random)

    def conditions(self, number: Tensor) -> Tensor:
        return torch.zeros_like(number)

    def noise_at(self, number: Tensor, seed: int) -> Tensor:
        return torch.stack([torch.randn(5, generator=torch.Generator().manual_seed(seed + int(n))) for n in number])

    def map(self, z: Tensor, condition: Tensor) -> Tensor:
        return 2 * z

    def synthesise(self, w: Tensor, condition: Tensor) -> Tensor:
        return (w @ self.matrix).view(-1, 3, 16, 16)
