"""Distances between what a fixed network sees in an output and in its target."""

from pathlib import Path
from typing import final

import torch
from torch import Tensor
from torch.nn import functional as F

from gan_lightning.errors import SettingError
from gan_lightning.losses.contracts import Reconstruction

VGG19 = "https://download.pytorch.org/models/vgg19-dcbb9e9d.pth"
_CONVOLUTIONS = (0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34)
"""Their numbers among torchvision's layers; the last is conv5_4."""
_POOLED_BEFORE = (5, 10, 19, 28)
_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet, for values in [0, 1]


@final
class VGG19Distance(Reconstruction):
    """Distance of the features that VGG19's layer conv5_4 has of output and target: the content loss of SRGAN (Ledig et
    al. 2017, arXiv:1609.04802, eq. 5, VGG54) and ESRGAN (Wang et al. 2018, arXiv:1809.00219, section 3.3).

    The weights are torchvision's for ImageNet. They are read from torch's hub folder when they are first needed, never
    fetched, and not kept in checkpoints.

    Args:
        distance: of the features, with its weight: L2 in SRGAN, L1 in ESRGAN.
        activated: whether ReLU comes after the layer, as in SRGAN; ESRGAN takes the features before it, most of which
            are not zero.
        factor: of the features; SRGAN's 1/12.75.

    Raises:
        SettingError: when it is first used: the weights are not on this machine, or pictures have not three channels.

    >>> grey = torch.zeros(1, 1, 16, 16)
    >>> VGG19Distance(lambda output, target: (output - target).square().mean())(grey, grey)
    Traceback (most recent call last):
    gan_lightning.errors.SettingError: model.content: VGG19 sees pictures of 3 channels, and these have 1; use ...
    """

    def __init__(self, distance: Reconstruction, activated: bool = False, factor: float = 1.0) -> None:
        super().__init__(1.0)
        self.distance, self.activated, self.factor = distance, activated, factor
        self.loaded = False
        for name, numbers in (("mean", _MEAN), ("std", _STD)):
            self.register_buffer(name, torch.tensor(numbers).view(1, 3, 1, 1), persistent=False)

    def __call__(self, output: Tensor, target: Tensor) -> Tensor:
        if output.shape[1] != 3:
            raise SettingError(
                f"model.content: VGG19 sees pictures of 3 channels, and these have {output.shape[1]}; use "
                "model.content=null"
            )
        if not self.loaded:
            self._load(output.device)
        with torch.no_grad():
            wanted = self._features(target)
        return self.distance(self._features(output), wanted)

    def _features(self, image: Tensor) -> Tensor:
        """Of pictures (B, 3, H, W) in [-1, 1]: (B, 512, H / 16, W / 16)."""
        x = ((image + 1) / 2 - self.get_buffer("mean")) / self.get_buffer("std")
        for i in _CONVOLUTIONS:
            if i in _POOLED_BEFORE:
                x = F.max_pool2d(x, 2)
            x = F.conv2d(x, self.get_buffer(f"weight_{i}"), self.get_buffer(f"bias_{i}"), padding=1)
            if i != _CONVOLUTIONS[-1] or self.activated:
                x = x.relu()
        return self.factor * x

    def _load(self, device: torch.device) -> None:
        file = Path(torch.hub.get_dir(), "checkpoints", Path(VGG19).name)
        if not file.is_file():
            raise SettingError(
                f"model.content: VGG19's weights are not on this machine; save {VGG19} as {file}, or use "
                "model.content=null with model.discriminator_features, which needs no other network"
            )
        try:
            held = torch.load(file, map_location=device, weights_only=True)
            for i in _CONVOLUTIONS:
                for part in ("weight", "bias"):
                    self.register_buffer(f"{part}_{i}", held[f"features.{i}.{part}"].float(), persistent=False)
        except Exception as error:  # whatever a damaged or another file makes torch raise
            raise SettingError(
                f"model.content: {file} is not the file of VGG19's weights ({type(error).__name__}); save {VGG19} again"
            ) from error
        self.loaded = True
