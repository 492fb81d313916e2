"""Vector drawings as pixels."""

import io

import numpy as np
import resvg_py
import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms.v2 import functional as TF


def rasterise(svg: str, size: tuple[int, int]) -> Tensor:
    """A square SVG on a white ground as (3, height, width) uint8; drawn at the longer side, then squeezed."""
    side = max(size)
    png = resvg_py.svg_to_bytes(svg_string=svg, width=side, height=side, background="#ffffff")
    with Image.open(io.BytesIO(bytes(png))) as picture:
        pixels = torch.from_numpy(np.array(picture.convert("RGB"))).permute(2, 0, 1)
    return pixels if size == (side, side) else TF.resize(pixels, list(size), antialias=True)
