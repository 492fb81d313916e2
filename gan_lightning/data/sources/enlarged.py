"""Images of a set, enlarged by interpolation."""

from collections.abc import Sequence
from typing import final

from torch import Tensor

from gan_lightning.bicubic import enlarged
from gan_lightning.data.contracts import Images, quantise, scaled


@final
class EnlargedImages(Images):
    """The same images `scale` times higher and wider, by bicubic interpolation, rounded to 8 bits."""

    label_name = None
    class_names: Sequence[str] = ()

    def __init__(self, images: Images, scale: int) -> None:
        self.images, self.scale = images, scale
        self.attributes, self.channels, self.value_range = {}, images.channels, images.value_range
        self.size = (images.size[0] * scale, images.size[1] * scale)
        self.fingerprint = f"{images.fingerprint}-enlarged-{scale}"

    def __len__(self) -> int:
        return len(self.images)

    def pixels(self, positions: list[int]) -> Tensor:
        return quantise(enlarged(scaled(self.images.pixels(positions)), self.scale))

    def unreadable(self) -> int:
        return self.images.unreadable()
