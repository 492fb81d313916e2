"""A label as planes behind the channels of a picture (StarGAN, arXiv:1711.09020, section 3.1)."""

import torch
from torch import Tensor


def with_label(image: Tensor, label: Tensor) -> Tensor:
    """Pictures (B, C, H, W) and labels (B, L) to (B, C + L, H, W): each number fills a plane.

    Instance norm subtracts whatever is the same at every pixel. Behind it, a network sees such planes only through what
    padding with zeros does to them at the border.
    """
    planes = label.to(image.dtype)[:, :, None, None].expand(-1, -1, *image.shape[2:])
    return torch.cat([image, planes], 1)
