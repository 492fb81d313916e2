"""Laplacian pyramids, patches of them, and the sliced Wasserstein distance of two sets of patches: pure functions.

Together they are the score of Progressive GAN (Karras et al. 2018, arXiv:1710.10196, section 5 and appendix A), which
needs neither a network nor labels. `gan_lightning.metrics.scores.sliced_wasserstein` gathers samples and reports it.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

PATCH = 7  # pixels a side
SMALLEST = 16  # pixels a side of the last level


def level_sizes(size: tuple[int, int]) -> list[tuple[int, int]]:
    """Height and width of each level of a pyramid: halved, odd sides rounded up, as long as both keep 16 pixels.

    >>> level_sizes((64, 65))
    [(64, 65), (32, 33), (16, 17)]
    """
    sizes = [size]
    while min(sizes[-1]) // 2 >= SMALLEST:
        height, width = sizes[-1]
        sizes.append((-(-height // 2), -(-width // 2)))
    return sizes


def side(size: tuple[int, int]) -> int:
    """Of the square patches of a level of this height and width: 7 pixels, less where it is smaller.

    >>> side((64, 65)), side((3, 5))
    (7, 3)
    """
    return min(PATCH, *size)


def laplacian_pyramid(image: Tensor) -> list[Tensor]:
    """Images (B, C, H, W) as differences between resolutions (Burt and Adelson 1983), from the finest to the coarsest.

    Level 0 holds what is lost when the image is halved, level 1 what is lost when that is halved again, and so on;
    the last level is the smallest image itself. `reconstructed` is the way back.

    >>> finest, smallest = laplacian_pyramid(torch.full((1, 1, 32, 32), 5.0))  # a flat image has no details
    >>> finest.abs().max(), smallest.min(), smallest.max(), smallest.shape
    (tensor(0.), tensor(5.), tensor(5.), torch.Size([1, 1, 16, 16]))
    """
    levels = []
    for _ in level_sizes((image.shape[2], image.shape[3]))[1:]:
        smaller = _halved(image)
        levels.append(image - _enlarged(smaller, image.shape[2:]))
        image = smaller
    return [*levels, image]


def reconstructed(levels: list[Tensor]) -> Tensor:
    """The images whose pyramid this is.

    >>> image = torch.arange(32.0).expand(1, 1, 32, 32)
    >>> torch.allclose(reconstructed(laplacian_pyramid(image)), image)
    True
    """
    image = levels[-1]
    for level in reversed(levels[:-1]):
        image = level + _enlarged(image, level.shape[2:])
    return image


def patches(level: Tensor, corner: Tensor) -> Tensor:
    """Square patches (B, P, C, S, S) of images or levels (B, C, H, W), S as `side` says.

    Args:
        level: what they are cut from.
        corner: (B, P, 2) in [0, 1), where each begins, as a share of the places that it can begin at.

    >>> image = torch.arange(64.0).view(1, 1, 8, 8)  # a patch of 7 pixels has two places along each axis
    >>> cut = patches(image, torch.tensor([[[0.0, 0.0], [0.9, 0.0]]]))
    >>> cut.shape, cut[0, :, 0, 0, 0]
    (torch.Size([1, 2, 1, 7, 7]), tensor([0., 8.]))
    """
    count, _, height, width = level.shape
    length = side((height, width))
    top, left = (corner * torch.tensor([height - length + 1, width - length + 1])).long().to(level.device).unbind(-1)
    steps = torch.arange(length, device=level.device)
    rows, columns = top[..., None, None] + steps[:, None], left[..., None, None] + steps
    image = torch.arange(count, device=level.device)[:, None, None, None]
    return level.permute(0, 2, 3, 1)[image, rows, columns].permute(0, 1, 4, 2, 3)


def projections(rows: Tensor, directions: Tensor) -> Tensor:
    """Rows (N, D) projected on directions (D, K) and sorted: (K, N).

    >>> projections(torch.tensor([[3.0, 0.0], [1.0, 0.0], [2.0, 9.0]]), torch.tensor([[1.0], [0.0]]))
    tensor([[1., 2., 3.]])
    """
    return (directions.T @ rows.T).sort(dim=1).values


def wasserstein(a: Tensor, b: Tensor) -> Tensor:
    """The first Wasserstein distance (K,) between one-dimensional samples, sorted: (K, N) and (K, M).

    It is the area between their quantile functions. These are step functions, constant between the multiples of 1/N
    and of 1/M; in units of 1/NM both are whole numbers.

    >>> wasserstein(torch.tensor([[0.0, 2.0]]), torch.tensor([[1.0]]))  # half of the mass moves up by 1, half down
    tensor([1.])
    """
    n, m = a.shape[1], b.shape[1]
    ends = torch.cat([torch.arange(1, n + 1) * m, torch.arange(1, m + 1) * n]).unique()
    starts = torch.cat([ends.new_zeros(1), ends[:-1]])
    width = ((ends - starts).double() / (n * m)).to(a)
    return ((a[:, starts // m] - b[:, starts // n]).abs() * width).sum(1)


def _halved(image: Tensor) -> Tensor:
    """Every other pixel of images filtered by (1, 4, 6, 4, 1) / 16 along both axes, borders mirrored."""
    for _ in range(2):
        padded = F.pad(image, (2, 2, 0, 0), mode="reflect")
        ends = padded[..., :-4:2] + padded[..., 4::2]
        image = (ends + 4 * (padded[..., 1:-3:2] + padded[..., 3:-1:2]) + 6 * padded[..., 2:-2:2]) / 16
        image = image.transpose(2, 3)
    return image


def _enlarged(image: Tensor, size: torch.Size) -> Tensor:
    """Images spread with zeros between their pixels and filtered by twice as much, to a height and width of `size`."""
    for length in reversed(size):
        after = image[..., -1:] if length % 2 == 0 else image[..., -2:-1]  # mirrored
        padded = torch.cat([image[..., 1:2], image, after], 3)
        even = (padded[..., :-2] + 6 * image + padded[..., 2:]) / 8
        odd = (image + padded[..., 2:]) / 2
        image = torch.stack([even, odd], 4).flatten(3)[..., :length].transpose(2, 3)
    return image
