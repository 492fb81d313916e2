"""The Lightning data module of pictures that lie in many domains, and what it asks of their source."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, final

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from gan_lightning.batch import ANY, Attributed, Route
from gan_lightning.contracts import check_contract
from gan_lightning.counting import counted
from gan_lightning.data.contracts import Draw, Images, scaled
from gan_lightning.data.held_out import TranslationData
from gan_lightning.data.jitter import jitter
from gan_lightning.data.loader import loader, near
from gan_lightning.data.notes import Note
from gan_lightning.data.sampler import EpochBatches, place
from gan_lightning.data.sources.selected import SelectedImages
from gan_lightning.data.splits import height_and_width
from gan_lightning.errors import SettingError
from gan_lightning.ranges import Batch, Count, FewOrNone, Probability, Seed, Size, within


@dataclass(frozen=True)
class DomainsSpec:
    """Measured facts of a data set of many domains.

    Attributes:
        channels, height, width: of every picture.
        sizes: how many numbers of the label each attribute has: one for yes or no, or one for each of several values.
        planes: numbers of a label.
        domains: by name, what the label of a picture in it has at each place: 0, 1, or None for either.
        size: number of training pictures.
        fingerprint: changes when any training picture or label does.
        value_range: as of `DataSpec`.
    """

    channels: int
    height: int
    width: int
    sizes: list[int]
    planes: int
    domains: dict[str, list[int | None]]
    size: int
    fingerprint: str
    value_range: list[float] | None = None


class LabelledPictures(NamedTuple):
    """One split: pictures, and their labels (N, L) of zeros and ones, long."""

    images: Images
    labels: Tensor


class DomainsSource(ABC):
    """Where pictures of many domains come from.

    Attributes:
        sizes, domains: as of `DomainsSpec`.
    """

    sizes: Sequence[int]
    domains: Mapping[str, Sequence[int | None]]

    @abstractmethod
    def load(self, split: str, size: tuple[int, int]) -> LabelledPictures:
        """The pictures of `split`, train or test, at `size` (height, width), with their labels.

        Raises:
            SettingError: the split does not exist, or its files are missing or cannot be read.
        """

    def translated(self, split: str, size: tuple[int, int], domain: str) -> Images | None:
        """The true translations of all pictures of a split into a domain, in their order; None if nobody knows them.
        Their label is the attribute that the domain changes."""
        return None


@final
class DomainsData(TranslationData):
    """Training pictures with labels, and held-out ones to translate into each domain that they are not in.

    A route leads from `any` picture to each domain.

    Args:
        source: of the pictures.
        resolution: side of what networks see, or its [height, width].
        batch_size: pictures per discriminator step and process.
        seed: of the order of training pictures and of their mirrors.
        flip: mirror training pictures at random.
        evaluation_batch_size: pictures per step of validation.
        num_workers: processes that read pictures; sets held in memory need none.
        gpu_share: training pictures that are held in memory are copied to the GPU, if there is one and they take at
            most this share of its free memory; 0 leaves them where they are.

    Raises:
        SettingError: from the source, or for a domain that no picture, or every held-out picture, lies in.
    """

    delivers = Attributed

    def __init__(
        self,
        source: DomainsSource,
        resolution: Size | Sequence[Size],
        batch_size: Batch,
        seed: Seed,
        flip: bool = False,
        evaluation_batch_size: Batch = 64,
        num_workers: FewOrNone = 0,
        gpu_share: Probability = 0.25,
    ) -> None:
        super().__init__()
        check_contract("dataset.source", source, DomainsSource)
        for name, value in {"batch_size": batch_size, "evaluation_batch_size": evaluation_batch_size}.items():
            within(f"dataset.{name}", Count, value)
        self.source, self.size = source, height_and_width("resolution", resolution)
        self.batch_size, self.evaluation_batch_size = batch_size, evaluation_batch_size
        self.seed, self.flip, self.num_workers = seed, flip, num_workers
        self.gpu_share = within("dataset.gpu_share", Probability, gpu_share)
        self.routes = [Route(ANY, name) for name in source.domains]
        self._splits: dict[str, LabelledPictures] = {}

    def labelled(self, split: str) -> LabelledPictures:
        """The pictures of a split with their labels, loaded at the first call."""
        if split not in self._splits:
            self._splits[split] = self.source.load(split, self.size)
        return self._splits[split]

    def members(self, split: str, domain: str) -> Tensor:
        """Which pictures of a split (N,) lie in a domain."""
        labels, wanted = self.labelled(split).labels, self.source.domains[domain]
        asked = [i for i, value in enumerate(wanted) if value is not None]
        return (labels[:, asked] == torch.tensor([wanted[i] for i in asked])).all(1)

    def domains(self, split: str) -> dict[str, Images]:
        images = self.labelled(split).images
        named = {name: _some(images, self.members(split, name)) for name in self.source.domains}
        return {ANY: images, **named}

    def sources(self, split: str, route: Route) -> Images:
        """The pictures that are not in the target of a route yet."""
        return _some(self.labelled(split).images, ~self.members(split, route.target))

    def pictures(self, split: str) -> Images:
        return self.labelled(split).images

    def truth(self, split: str, route: Route) -> Images | None:
        translated = self.source.translated(split, self.size, route.target)
        return None if translated is None else _some(translated, ~self.members(split, route.target))

    def spec(self) -> DomainsSpec:
        """Measured facts of the training pictures."""
        for domain in self.source.domains:
            for split in ("train", "test"):
                if not self.members(split, domain).any():
                    raise SettingError(f"dataset.source: no picture of its split {split} lies in the domain {domain}")
            if self.members("test", domain).all():
                raise SettingError(
                    f"dataset.source: every picture of its split test lies in the domain {domain}, so none can be "
                    "translated there"
                )
        images = self.labelled("train").images
        return DomainsSpec(
            images.channels,
            *self.size,
            list(self.source.sizes),
            sum(self.source.sizes),
            {name: list(wanted) for name, wanted in self.source.domains.items()},
            len(images),
            images.fingerprint,
            images.plain_range,
        )

    def summary(self) -> list[Note]:
        """What a user should know of the data before training begins."""
        train, test = (self.labelled(split).images for split in ("train", "test"))
        height, width = self.size
        sizes = f"{height} x {width} pixels (height x width), {counted(train.channels, 'channel')}"
        count = f"{counted(len(train), 'training picture')}, {len(test):,} held out"
        shares = (f"{name} {int(self.members('train', name).sum()):,}" for name in self.source.domains)
        return [
            Note("Data", f"{type(self.source).__name__}: {count}, {sizes}"),
            Note("Domains", ", ".join(shares)),
            *train.notes,
        ]

    def read(self) -> dict[str, list[Any]]:
        """Number and fingerprint of the pictures of every split that was loaded; processes compare them."""
        return {split: [len(images), images.fingerprint] for split, (images, _) in self._splits.items()}

    def train_dataloader(self) -> DataLoader[Attributed]:
        labels = self.labelled("train").labels
        (images,) = near([self.labelled("train").images], self.trainer, self.gpu_share)
        order = EpochBatches(len(images), self.batch_size, self.seed, place(self.trainer))
        pictures = _Attributed(images, labels.float(), self.size, self.flip)
        return loader(pictures, order, self.num_workers, images.device)


@final
class _Attributed(Dataset[Attributed]):
    """Pictures in [-1, 1] that are mirrored at random, keyed by the draw's seed, with their labels."""

    def __init__(self, images: Images, labels: Tensor, size: tuple[int, int], flip: bool) -> None:
        self.images, self.labels, self.size, self.flip = images, labels.to(images.device), size, flip

    def __getitem__(self, draw: Draw) -> Attributed:
        pixels = jitter(self.images.pixels(draw.positions), self.size, self.flip, draw.seed)
        return Attributed(scaled(pixels), self.labels[torch.tensor(draw.positions)])


def _some(images: Images, wanted: Tensor) -> Images:
    return SelectedImages(images, wanted.nonzero().flatten())


def domain_name(*words: str) -> str:
    """The name of a domain, made of letters and digits alone.

    >>> domain_name("Black_Hair"), domain_name("no", "glasses")
    ('BlackHair', 'noglasses')
    """
    return "".join(character for word in words for character in word if character.isalnum())
