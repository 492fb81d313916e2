"""Random crops and mirrors of training images."""

import torch
from torch import Tensor


def jitter(images: Tensor, size: tuple[int, int], flip: bool, seed: int) -> Tensor:
    """Cut a window out of each image (B, C, H, W) and mirror it left to right with probability 1/2.

    Windows are uniform over all places inside the image. Pictures that must move together are given together,
    stacked along the channels.

    Args:
        size: height and width of the window, at most those of the images.
        flip: whether to mirror.
        seed: of the windows and mirrors; nothing else decides them.
    """
    random = torch.Generator().manual_seed(seed)
    mirrored = (torch.rand(len(images), generator=random) < 0.5).to(images.device, non_blocking=True)
    (height, width), room = size, [images.shape[2] - size[0], images.shape[3] - size[1]]
    if any(room):
        tops, lefts = (torch.randint(space + 1, (len(images),), generator=random).tolist() for space in room)
        windows = zip(images, tops, lefts, strict=True)
        images = torch.stack([image[:, top : top + height, left : left + width] for image, top, left in windows])
    return torch.where(mirrored[:, None, None, None], images.flip(3), images) if flip else images
