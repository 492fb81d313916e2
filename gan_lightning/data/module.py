"""The Lightning data module of noise-to-image models: one class for every source of images."""

import logging
from collections.abc import Sequence
from typing import Any, final

import lightning.pytorch as L
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from gan_lightning.batch import Labelled, Query
from gan_lightning.contracts import check_contract
from gan_lightning.counting import counted
from gan_lightning.data.contracts import DataSpec, Draw, Images, NoSplitError, Source, scaled
from gan_lightning.data.jitter import jitter
from gan_lightning.data.loader import loader, near
from gan_lightning.data.notes import Note, by_class
from gan_lightning.data.queries import queries
from gan_lightning.data.sampler import EpochBatches, place
from gan_lightning.errors import SettingError
from gan_lightning.ranges import Batch, Count, FewOrNone, Many, Probability, Seed, Size, within

log = logging.getLogger(__name__)


@final
class Flipped(Dataset[Labelled]):
    """Each image mirrored left to right with probability 1/2, keyed by the draw's seed."""

    def __init__(self, images: Dataset[Labelled]) -> None:
        self.images = images

    def __getitem__(self, draw: Draw) -> Labelled:
        image, condition = self.images[draw]
        return Labelled(jitter(image, (image.shape[2], image.shape[3]), flip=True, seed=draw.seed), condition)


@final
class Described(Dataset[Labelled]):
    """Images whose conditions (N, A) are other attributes than their label."""

    def __init__(self, images: Images, conditions: Tensor) -> None:
        self.images, self.conditions = images, conditions

    def __getitem__(self, draw: Draw) -> Labelled:
        return Labelled(self.images[draw].image, self.conditions[draw.positions])


@final
class Captioned(Dataset[Labelled]):
    """Images with one of their captions each (B, length), whose wording is keyed by the draw's seed."""

    def __init__(self, images: Images, words: Tensor) -> None:
        self.images, self.words = images, words

    def __getitem__(self, draw: Draw) -> Labelled:
        random = torch.Generator().manual_seed(draw.seed ^ 0xCA97)  # not the numbers that decide the flips
        wording = torch.randint(self.words.shape[1], (len(draw.positions),), generator=random)
        image = self.images[draw].image
        return Labelled(image, self.words[draw.positions, wording].to(image.device))


@final
class Dequantised(Dataset[Labelled]):
    """Images whose pixels are spread over the width of their grey level, keyed by the draw's seed."""

    def __init__(self, images: Dataset[Labelled]) -> None:
        self.images = images

    def __getitem__(self, draw: Draw) -> Labelled:
        image, condition = self.images[draw]
        return Labelled(dequantised(image, draw.seed), condition)


def dequantised(image: Tensor, seed: int) -> Tensor:
    """Images in [-1, 1] of 256 grey levels, level k as a number drawn from [k / 128, (k + 1) / 128) - 1.

    The authors of WGAN-GP (arXiv:1704.00028), SNGAN (arXiv:1802.05957) and projection cGANs (arXiv:1802.05637) do so
    with CIFAR-10. Otherwise a discriminator could know real images by their whole grey levels. Rounded to a level
    again, a pixel is at most one level off.
    """
    random = torch.Generator(image.device).manual_seed(seed ^ 0x5EED)  # not the numbers that decide the flips
    return ((image + 1) * 127.5 + torch.rand(image.shape, generator=random, device=image.device)) / 128 - 1


@final
class ImageData(L.LightningDataModule):
    """Training batches of real images, and queries for generated ones.

    Args:
        source: where images come from.
        resolution: pixels a side of the square images.
        batch_size: real images per discriminator step and process.
        num_fake: how many generated images validation asks for, over all processes.
        evaluation_batch_size: images per step of validation.
        seed: of the order of training images and of their flips.
        flip: mirror training images at random.
        dequantise: spread each pixel of training images over the width of its grey level (`dequantised`).
        gpu_share: training images that are held in memory are copied to the GPU, if there is one and they take at most
            this share of its free memory; 0 leaves them where they are.
        num_workers: processes that read images; sets held in memory need none.
        attributes: of the images, one or more that are their condition (B, A); None: the condition is the label (B,).

    Raises:
        SettingError: from the source, for a count below one, or for attributes that the images do not have.
    """

    delivers = Labelled

    def __init__(
        self,
        source: Source,
        resolution: Size,
        batch_size: Batch,
        num_fake: Many,
        seed: Seed,
        evaluation_batch_size: Batch = 256,
        flip: bool = False,
        num_workers: FewOrNone = 0,
        dequantise: bool = False,
        attributes: Sequence[str] | None = None,
        gpu_share: Probability = 0.25,
    ) -> None:
        super().__init__()
        check_contract("dataset.source", source, Source)
        counts = {"resolution": resolution, "batch_size": batch_size, "evaluation_batch_size": evaluation_batch_size}
        for name, value in counts.items():
            within(f"dataset.{name}", Count, value)
        self.source, self.resolution, self.batch_size = source, resolution, batch_size
        self.num_fake, self.evaluation_batch_size = num_fake, evaluation_batch_size
        self.seed, self.flip, self.num_workers, self.dequantise = seed, flip, num_workers, dequantise
        self.attributes = attributes
        self.gpu_share = within("dataset.gpu_share", Probability, gpu_share)
        self._splits: dict[str, Images] = {}

    def images(self, split: str) -> Images:
        """The images of a split, loaded at the first call."""
        if split not in self._splits:
            self._splits[split] = self.source.load(split, self.resolution)
        return self._splits[split]

    def conditions(self, split: str = "train") -> Tensor:
        """Of the images of a split: their classes (N,), the attributes (N, A) that were chosen, or the numbers of the
        words of their first captions (N, length)."""
        images = self.images(split)
        if self.attributes is None:
            return images.labels if images.captions is None else images.captions.words[:, 0]
        unknown = [name for name in self.attributes if name not in images.attributes]
        if unknown or not self.attributes:
            known = ", ".join(sorted(images.attributes)) or "none"
            given = f"the images have no {', '.join(unknown)}" if unknown else "names none"
            raise SettingError(f"dataset.attributes: {given}; give one or more of {known}, or null")
        return torch.stack([images.attributes[name] for name in self.attributes], 1)

    @property
    def captioned(self) -> bool:
        """Whether captions are the images' conditions."""
        return self.attributes is None and self.images("train").captions is not None

    @property
    def asked_split(self) -> str:
        """Whose conditions validation asks for: those of the training images, but the captions of test images, of which
        some describe what training never shows."""
        return "test" if self.captioned else "train"

    def spec(self) -> DataSpec:
        """Measured facts of the training images."""
        images = self.images("train")
        captioned = self.captioned
        names = list(images.class_names) if self.attributes is None and not captioned else []
        num_classes = len(names) if self.attributes is None else (self.conditions().amax(0) + 1).tolist()
        captions = self.images("test").captions if captioned else None
        return DataSpec(
            images.channels,
            self.resolution,
            self.resolution,
            num_classes,
            names,
            len(images),
            images.fingerprint,
            images.plain_range,
            captions=None if captions is None else captions.spec(),
        )

    def read(self) -> dict[str, list[Any]]:
        """Number and fingerprint of the images of every split that was loaded; processes compare them."""
        return {split: [len(images), images.fingerprint] for split, images in self._splits.items()}

    def examples(self, count: int, condition: Tensor | None) -> Tensor:
        """Training images (count, C, H, W) in [-1, 1], different ones as far as there are so many; of data with
        captions, test images.

        Args:
            count: how many.
            condition: of each (count, ...), which captions may fulfil without being theirs; None for any images.
        """
        images = self.images(self.asked_split)
        order = torch.randperm(len(images), generator=torch.Generator().manual_seed(self.seed))
        wanted = torch.zeros(count, 1) if condition is None else condition.view(count, -1)
        known = torch.zeros(len(images), 1) if condition is None else self.conditions(self.asked_split)
        known = known.view(len(images), -1)
        captions = images.captions if self.captioned and condition is not None else None
        positions = []
        for i, one in enumerate(wanted):
            fits = (known == one).all(1) if captions is None else captions.fulfilled_by(images.attributes, one)
            alike = order[fits[order]]
            alike = alike if len(alike) else order
            positions.append(int(alike[int((wanted[:i] == one).all(1).sum()) % len(alike)]))
        return scaled(images.pixels(positions))

    def held_out(self, count: int) -> Labelled:
        """At most `count` real images that training did not see, with their conditions; training images, and a warning,
        where the source has no split `test`, or one without the labels that the training images have."""
        try:
            test, wanted = self.images("test"), self.attributes
        except NoSplitError:
            log.warning("This data set has no held-out images, so training images are used instead")
            return self.some("train", count)
        if wanted is None:
            labelled = test.label_name == self.images("train").label_name
        else:
            labelled = all(name in test.attributes for name in wanted)
        if not labelled:
            log.warning("The held-out images of this data set have no labels, so training images are used instead")
        return self.some("test" if labelled else "train", count)

    def some(self, split: str, count: int) -> Labelled:
        """At most `count` real images of a split, with their conditions."""
        images, conditions = self.images(split), self.conditions(split)
        order = torch.randperm(len(images), generator=torch.Generator().manual_seed(self.seed))
        if self.attributes is not None:  # networks are as wide as the values of training images ask for
            order = order[(conditions[order] <= self.conditions().amax(0)).all(1)]
        order = order[:count]
        return Labelled(scaled(images.pixels(order.tolist())), conditions[order])

    def summary(self) -> list[Note]:
        """What a user should know of the data before training begins."""
        images = self.images("train")
        source = type(self.source).__name__
        size = f"{self.resolution} x {self.resolution} pixels, {counted(images.channels, 'channel')}"
        notes = [Note("Data", f"{source}: {counted(len(images), 'training picture')} at {size}")]
        if self.attributes is not None:
            sizes = zip(self.attributes, (self.conditions().amax(0) + 1).tolist(), strict=True)
            notes.append(Note("Attributes", ", ".join(f"{name} ({counted(n, 'value')})" for name, n in sizes)))
        elif self.captioned:
            captions = images.captions
            assert captions is not None
            wordings = counted(captions.words.shape[1], "caption")
            notes.append(Note("Captions", f"{wordings} of each picture, of {len(captions.vocabulary)} words"))
        elif images.class_names:
            count = counted(len(images.class_names), "class", "classes")
            notes.append(Note("Labels", f"{count}: {by_class(images.labels.tolist(), images.class_names)}"))
        elif all(note.heading != "Labels" for note in images.notes):
            notes.append(Note("Labels", "none"))
        return [*notes, *images.notes]

    def train_dataloader(self) -> DataLoader[Labelled]:
        (images,) = near([self.images("train")], self.trainer, self.gpu_share)
        at = place(self.trainer)
        batches = EpochBatches(len(images), self.batch_size, self.seed, at, blocks=images.blocks)
        training: Dataset[Labelled] = images if self.attributes is None else Described(images, self.conditions())
        if self.captioned and images.captions is not None:
            training = Captioned(images, images.captions.words)
        training = Flipped(training) if self.flip else training
        return loader(Dequantised(training) if self.dequantise else training, batches, self.num_workers, images.device)

    def val_dataloader(self) -> DataLoader[Query]:
        """This process's exact share of the queries 0 ... num_fake - 1; conditions occur as often as in the data."""
        return queries(
            self.conditions(self.asked_split), self.num_fake, self.evaluation_batch_size, place(self.trainer)
        )
