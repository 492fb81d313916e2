"""Random pixels, for debugging a step or timing it."""

from typing import final

import torch

from gan_lightning.data.captions import Asked, Captions, Option, combined
from gan_lightning.data.contracts import NoSplitError, Sides, SidesSource, Source
from gan_lightning.data.domains import DomainsSource, LabelledPictures
from gan_lightning.data.images import TensorImages
from gan_lightning.ranges import Classes, FakeImages, Few
from gan_lightning.vocabulary import Vocabulary


@final
class Fake(Source):
    """Uniform noise with random labels, the same at every call; every split is equal in size.

    Args:
        size: images of a split.
        channels: of each image.
        num_classes: classes of the label, 0 for none.

    Raises:
        NoSplitError: a split other than train, val and test.
    """

    def __init__(self, size: FakeImages, channels: Few, num_classes: Classes) -> None:
        self.size, self.channels, self.num_classes = size, channels, num_classes

    def load(self, split: str, resolution: int) -> TensorImages:
        random = _random(split)
        shape = (self.size, self.channels, resolution, resolution)
        images = torch.randint(256, shape, dtype=torch.uint8, generator=random)
        if self.num_classes == 0:
            return TensorImages(images, {}, None, [])
        labels = torch.randint(self.num_classes, (self.size,), generator=random)
        return TensorImages(images, {"label": labels}, "label", [str(i) for i in range(self.num_classes)])


@final
class FakeSides(SidesSource):
    """Uniform noise as two domains, the same at every call; every split is equal in size.

    Args:
        size: images of each domain in a split.
        channels_a, channels_b: of each image.
        paired: whether to call the domains' images partners of one another.

    Raises:
        NoSplitError: a split other than train, val and test.
    """

    def __init__(self, size: FakeImages, channels_a: Few, channels_b: Few, paired: bool) -> None:
        self.size, self.channels, self.paired = size, (channels_a, channels_b), paired

    def load(self, split: str, size: tuple[int, int]) -> Sides:
        random = _random(split)
        a, b = (
            TensorImages(
                torch.randint(256, (self.size, channels, *size), dtype=torch.uint8, generator=random), {}, None, []
            )
            for channels in self.channels
        )
        return Sides(a, b, b, a, paired=True) if self.paired else Sides(a, b, None, None, paired=False)


@final
class FakeDomains(DomainsSource):
    """Uniform noise with labels of a kind, one of several, and of a yes or no; the same at every call.

    Domains are `kind0`, `kind1` ... and `yes` and `no`; every split is equal in size.

    Args:
        size: images of a split.
        channels: of each image.
        kinds: how many there are, at least two.

    Raises:
        NoSplitError: a split other than train, val and test.
    """

    def __init__(self, size: FakeImages, channels: Few, kinds: Few) -> None:
        self.size, self.channels, self.kinds = size, channels, kinds
        self.sizes = [kinds, 1]
        self.domains = {f"kind{i}": [*(int(i == j) for j in range(kinds)), None] for i in range(kinds)}
        self.domains |= {"yes": [*[None] * kinds, 1], "no": [*[None] * kinds, 0]}

    def load(self, split: str, size: tuple[int, int]) -> LabelledPictures:
        random = _random(split)
        images = torch.randint(256, (self.size, self.channels, *size), dtype=torch.uint8, generator=random)
        number = torch.arange(self.size)  # so that even a few images lie in all domains
        kind, answer = number % self.kinds, number // self.kinds % 2
        labels = torch.cat([kind[:, None] == torch.arange(self.kinds), answer[:, None] == 1], 1).long()
        return LabelledPictures(TensorImages(images, {}, None, []), labels)


def _random(split: str) -> torch.Generator:
    if split not in ("train", "val", "test"):
        raise NoSplitError(f"split={split}: random pixels have the splits train, val and test")
    return torch.Generator().manual_seed(sum(split.encode()))


@final
class FakeCaptions(Source):
    """Uniform noise with random captions, the same at every call; every split is equal in size.

    Captions say a shade, dark or bright, and a size, large or small, in two wordings, of which the shorter one says the
    shade alone. No training image is dark and large.

    Args:
        size: images of a split.
        channels: of each image.
        wordings: captions of each image, at most 2.

    Raises:
        NoSplitError: a split other than train, val and test.
    """

    shades, sizes = ("dark", "bright"), ("large", "small")

    def __init__(self, size: FakeImages, channels: Few, wordings: Few = 2) -> None:
        self.size, self.channels, self.wordings = size, channels, wordings

    def load(self, split: str, resolution: int) -> TensorImages:
        random = _random(split)
        shape = (self.size, self.channels, resolution, resolution)
        images = torch.randint(256, shape, dtype=torch.uint8, generator=random)
        values = torch.randint(2, (self.size, 2), generator=random)
        options = [Option("shade", self.shades, [0, 1]), Option("size", self.sizes, [0, 1])]
        held_out = [{"shade": "dark", "size": "large"}]
        if split == "train":
            values[combined(options, values, held_out), 1] = 1
        vocabulary = Vocabulary(["a", *self.shades, *self.sizes], length=4)
        pairs = [(self.shades[shade], self.sizes[size]) for shade, size in values.tolist()]
        sentences = [sentence for shade, size in pairs for sentence in (f"a {size} {shade} a", f"{shade}")]
        made = TensorImages(images, {"shade": values[:, 0], "size": values[:, 1]}, "shade", self.shades)
        words = vocabulary.encode(sentences).view(self.size, 2, -1)[:, : self.wordings]
        unseen = combined(options, values, held_out)
        made.captions = Captions(vocabulary, words, Asked(options, values, unseen), held_out)
        return made
