"""Changes of place: flips, turns, shifts and scales, composed to one affine map per image and sampled once."""

import math
from typing import Any, final

import torch
from torch import Tensor
from torch.nn import functional as F

from gan_lightning.augment.contracts import Transformation, normal, sometimes, uniform
from gan_lightning.ranges import AtLeastZero, Probability, within


@final
class Geometry(Transformation):
    """ADA's pixel blitting and general geometric changes (Karras et al. 2020, arXiv:2006.06676, appendix B), in the
    paper's order and strengths.

    The authors upsample with wavelet filters, transform, and filter again when they downsample. This class samples
    bilinearly at the image's own resolution: turns that are not quarters, and shifts that are not whole pixels, blur a
    little, and pictures that are shrunk may alias. In both, pixels from outside are the picture mirrored at its border
    (here the outermost pixel is repeated). Flips, quarter turns of square images and whole shifts keep the pixels'
    values, up to rounding.

    Args:
        flip: whether left and right are exchanged, in half of the images to which it is applied.
        quarter_turns: whether images are turned by 0, 90, 180 or 270 degrees, at equal odds where it is applied.
        translation: largest shift by whole pixels, as a share of the sides.
        scaling: standard deviation of the binary logarithm of the factor on both sides.
        rotation: largest turn, as a share of a half turn. There is a turn before and one after the stretching; the
            probability of at least one of them is p.
        stretching: standard deviation of the binary logarithm of the factor on the width; the height's is its inverse.
        shift: standard deviation of the shift by parts of pixels, as a share of the sides.

    Raises:
        SettingError: a negative strength, turns of more than a half, or shifts by more than the image.
    """

    def __init__(
        self,
        flip: bool = True,
        quarter_turns: bool = True,
        translation: Probability = 0.125,
        scaling: AtLeastZero = 0.2,
        rotation: Probability = 1.0,
        stretching: AtLeastZero = 0.2,
        shift: AtLeastZero = 0.125,
    ) -> None:
        for name, value in {"scaling": scaling, "stretching": stretching, "shift": shift}.items():
            within(f"augment.ada.geometry.{name}", AtLeastZero, value)
        for name, value in {"translation": translation, "rotation": rotation}.items():
            within(f"augment.ada.geometry.{name}", Probability, value)
        self.flip, self.quarter_turns, self.translation = flip, quarter_turns, translation
        self.scaling, self.rotation, self.stretching, self.shift = scaling, rotation, stretching, shift

    def __call__(self, image: Tensor, p: Tensor) -> Tensor:
        back = self._inverse(image, p)
        height, width = image.shape[2:]
        halves = torch.stack([image.new_full((), half) for half in (width / 2, height / 2, 1.0)])
        grid = F.affine_grid((back / halves[:, None] * halves)[:, :2], list(image.shape), align_corners=False)
        moved: Tensor = _Sampled.apply(image, grid)
        identity = torch.eye(3, dtype=image.dtype, device=image.device)
        return torch.where((back == identity).all(2).all(1)[:, None, None, None], image, moved)

    def _inverse(self, image: Tensor, p: Tensor) -> Tensor:
        """From a place in the new image to the place in the old one, in pixels from the centre (B, 3, 3)."""
        height, width = image.shape[2:]
        once_of_two = 1 - (1 - p).sqrt()  # two turns, of which at least one happens with probability p

        flipped = sometimes(p, (uniform(image) < self.flip / 2).to(image), 0)
        quarters = sometimes(p, (4 * self.quarter_turns * uniform(image)).floor(), 0)
        along_x, along_y = 2 * uniform(image) - 1, 2 * uniform(image) - 1
        reach = sometimes(p, torch.full_like(along_x, self.translation), 0)  # both axes or none
        back = _scaled(1 - 2 * flipped, torch.ones_like(flipped))
        back = back @ _turned(-math.pi / 2 * quarters)
        back = back @ _moved(-(reach * along_x * width).round(), -(reach * along_y * height).round())

        factor = sometimes(p, torch.exp2(-self.scaling * normal(image)), 1)
        back = back @ _scaled(factor, factor)
        back = back @ _turned(-sometimes(once_of_two, math.pi * self.rotation * (2 * uniform(image) - 1), 0))
        factor = sometimes(p, torch.exp2(-self.stretching * normal(image)), 1)
        back = back @ _scaled(factor, 1 / factor)
        back = back @ _turned(-sometimes(once_of_two, math.pi * self.rotation * (2 * uniform(image) - 1), 0))
        along_x, along_y = normal(image), normal(image)
        reach = sometimes(p, torch.full_like(along_x, self.shift), 0)
        return back @ _moved(-reach * along_x * width, -reach * along_y * height)


def _matrix(*entries: Tensor) -> Tensor:
    """Affine maps (B, 3, 3) of (x, y, 1) from the entries of the first two rows, (B, 1, 1, 1) each."""
    rows = torch.cat(entries, 1).view(-1, 2, 3)
    last = torch.eye(3, dtype=rows.dtype, device=rows.device)[2]
    return torch.cat([rows, last.expand(len(rows), 1, 3)], 1)


def _scaled(x: Tensor, y: Tensor) -> Tensor:
    zero = torch.zeros_like(x)
    return _matrix(x, zero, zero, zero, y, zero)


def _moved(x: Tensor, y: Tensor) -> Tensor:
    zero, one = torch.zeros_like(x), torch.ones_like(x)
    return _matrix(one, zero, x, zero, one, y)


def _turned(angle: Tensor) -> Tensor:
    """Clockwise as seen, since y points down."""
    zero = torch.zeros_like(angle)
    return _matrix(angle.cos(), -angle.sin(), zero, angle.sin(), angle.cos(), zero)


def _sample(image: Tensor, grid: Tensor) -> Tensor:
    return F.grid_sample(image, grid, mode="bilinear", padding_mode="reflection", align_corners=False)


class _Sampled(torch.autograd.Function):
    """Images sampled at a grid. Sampling is linear in the images, so its first derivative is the
    adjoint, and the derivative of that is sampling again. Older versions of torch cannot differentiate their own
    function twice, which gradient penalties need."""

    @staticmethod
    def forward(ctx: Any, image: Tensor, grid: Tensor) -> Tensor:
        ctx.save_for_backward(grid)
        return _sample(image, grid)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return _Spread.apply(gradient, *ctx.saved_tensors), None


class _Spread(torch.autograd.Function):
    """The adjoint of `_Sampled`: each value of the new image goes back to where it came from."""

    @staticmethod
    def forward(ctx: Any, gradient: Tensor, grid: Tensor) -> Tensor:
        ctx.save_for_backward(grid)
        with torch.enable_grad():
            image = torch.zeros_like(gradient).requires_grad_()
            (spread,) = torch.autograd.grad(_sample(image, grid), image, gradient)
        return spread

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return _Sampled.apply(gradient, *ctx.saved_tensors), None
