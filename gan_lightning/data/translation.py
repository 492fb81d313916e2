"""The Lightning data modules of image-to-image translation: pairs, and two domains without pairs."""

from collections.abc import Sequence
from typing import Any, Literal, final

import torch
from torch.utils.data import DataLoader, Dataset

from gan_lightning.batch import Paired, Route, Unpaired
from gan_lightning.counting import counted
from gan_lightning.data.contracts import (
    Draw,
    Images,
    PairedSpec,
    Sides,
    SidesSource,
    UnpairedSpec,
    read_together,
    scaled,
)
from gan_lightning.data.held_out import TranslationData
from gan_lightning.data.jitter import jitter
from gan_lightning.data.loader import loader, near
from gan_lightning.data.notes import Note
from gan_lightning.data.sampler import EpochBatches, TwoOrders, place
from gan_lightning.data.splits import Splits
from gan_lightning.errors import SettingError
from gan_lightning.ranges import Batch, Count, FewOrNone, Probability, Seed, Size, within


class _TwoDomains(TranslationData):
    """What pairs and unpaired pictures of two domains, `a` and `b`, have in common: sizes and splits.

    Args:
        source: of both domains.
        resolution: side of what networks see, or its [height, width].
        batch_size: pairs, or pictures of each domain, per step and process.
        seed: of the order of training pictures, of their crops and mirrors.
        load: side of training pictures before the random crop, or [height, width]; None for no crop.
        flip: mirror training pictures at random.
        evaluation_batch_size: pictures per step of validation.
        num_workers: processes that read pictures.
        gpu_share: of the free memory of a GPU, which training pictures may take.
    """

    def __init__(
        self,
        source: SidesSource,
        resolution: int | Sequence[int],
        batch_size: int,
        seed: int,
        load: int | Sequence[int] | None,
        flip: bool,
        evaluation_batch_size: int,
        num_workers: int,
        gpu_share: float,
    ) -> None:
        super().__init__()
        for name, value in {"batch_size": batch_size, "evaluation_batch_size": evaluation_batch_size}.items():
            within(f"dataset.{name}", Count, value)
        self.splits = Splits(source, resolution, load)
        self.batch_size, self.evaluation_batch_size = batch_size, evaluation_batch_size
        self.seed, self.flip, self.num_workers = seed, flip, num_workers
        self.gpu_share = within("dataset.gpu_share", Probability, gpu_share)

    def sides(self, split: str) -> Sides:
        """Both domains of a split at `resolution`, uncropped."""
        return self.splits.at_resolution(split)

    def domains(self, split: str) -> dict[str, Images]:
        """The pictures of `a` and `b` at `resolution`, uncropped."""
        return by_name(self.sides(split))

    def read(self) -> dict[str, list[Any]]:
        """Number and fingerprint of the pictures of every side that was loaded; processes compare them."""
        return self.splits.read()

    def _notes(self, text: str) -> list[Note]:
        return [Note("Data", f"{type(self.splits.source).__name__}: {text}"), *self.splits.summary()]


def by_name(sides: Sides) -> dict[str, Images]:
    """The pictures of both domains by the domains' names."""
    return {"a": sides.a, "b": sides.b}


@final
class PairedData(_TwoDomains):
    """Training pairs, and held-out pictures to translate whose true translations are known.

    Crop and mirror are drawn once per pair.

    Args:
        source: of the pairs.
        resolution: side of what networks see, or its [height, width].
        batch_size: pairs per step and process.
        seed: of the order of training pairs, of their crops and mirrors.
        load: side of training pictures before the random crop, or [height, width]; None for no crop.
        flip: mirror training pairs at random.
        direction: "a2b", or "b2a" to translate b to a.
        evaluation_batch_size: pictures per step of validation.
        num_workers: processes that read pictures; sets held in memory need none.
        gpu_share: training pictures that are held in memory are copied to the GPU, if there is one and they take at
            most this share of its free memory; 0 leaves them where they are.

    Raises:
        SettingError: from the source, for one without pairs, or for a setting that cannot work.
    """

    delivers = Paired

    def __init__(
        self,
        source: SidesSource,
        resolution: Size | Sequence[Size],
        batch_size: Batch,
        seed: Seed,
        load: Size | Sequence[Size] | None = None,
        flip: bool = False,
        direction: Literal["a2b", "b2a"] = "a2b",
        evaluation_batch_size: Batch = 64,
        num_workers: FewOrNone = 0,
        gpu_share: Probability = 0.25,
    ) -> None:
        if direction not in ("a2b", "b2a"):
            raise SettingError(f"dataset.direction={direction}: allowed are a2b and b2a")
        super().__init__(
            source, resolution, batch_size, seed, load, flip, evaluation_batch_size, num_workers, gpu_share
        )
        self.routes = [Route.named(direction)]

    def spec(self) -> PairedSpec:
        """Measured facts of the training pairs."""
        train = self.splits.to_crop()
        if not train.paired:
            raise SettingError(
                f"dataset.source: the pictures of {type(self.splits.source).__name__} are not paired; "
                "choose a source of pairs, or gan_lightning.data.UnpairedData and a model for it (model=cyclegan)"
            )
        self.splits.check()
        source, target = self._ends(train)
        return PairedSpec(
            source.channels,
            target.channels,
            *self.splits.size,
            self.routes[0].name,
            len(train.a),
            f"{train.a.fingerprint}-{train.b.fingerprint}",
            source.plain_range,
            target.plain_range,
        )

    def summary(self) -> list[Note]:
        """What a user should know of the data before training begins."""
        train, test = self.splits.to_crop(), self.sides("test")
        pairs = f"{counted(len(train.a), 'training pair')}, {len(test.a):,} held out"
        return self._notes(f"{pairs}, translated {self.routes[0].name}")

    def train_dataloader(self) -> DataLoader[Paired]:
        source, target = near(self._ends(self.splits.to_crop()), self.trainer, self.gpu_share)
        pairs = JitteredPairs(source, target, self.splits.size, self.flip)
        order = EpochBatches(len(source), self.batch_size, self.seed, place(self.trainer))
        return loader(pairs, order, self.num_workers, source.device)

    def truth(self, split: str, route: Route) -> Images:
        return self.domains(split)[route.target]

    def _ends(self, sides: Sides) -> tuple[Images, Images]:
        """Source and target of all pairs."""
        domains, (route,) = by_name(sides), self.routes
        return domains[route.source], domains[route.target]


@final
class UnpairedData(_TwoDomains):
    """Training pictures of two domains, drawn independently, and held-out ones of both to translate.

    A source of pairs serves too: its partners are not shown in training, but known in validation.

    Args:
        source: of both domains.
        resolution: side of what networks see, or its [height, width].
        batch_size: pictures of each domain per step and process.
        seed: of the orders of training pictures, of their crops and mirrors.
        load: side of training pictures before the random crop, or [height, width]; None for no crop.
        flip: mirror training pictures at random.
        evaluation_batch_size: pictures per step of validation.
        num_workers: processes that read pictures; sets held in memory need none.
        gpu_share: training pictures that are held in memory are copied to the GPU, if there is one and they take at
            most this share of its free memory; 0 leaves them where they are.

    Raises:
        SettingError: from the source, or for a setting that cannot work.
    """

    delivers = Unpaired
    routes = (Route("a", "b"), Route("b", "a"))

    def __init__(
        self,
        source: SidesSource,
        resolution: Size | Sequence[Size],
        batch_size: Batch,
        seed: Seed,
        load: Size | Sequence[Size] | None = None,
        flip: bool = False,
        evaluation_batch_size: Batch = 64,
        num_workers: FewOrNone = 0,
        gpu_share: Probability = 0.25,
    ) -> None:
        super().__init__(
            source, resolution, batch_size, seed, load, flip, evaluation_batch_size, num_workers, gpu_share
        )

    def spec(self) -> UnpairedSpec:
        """Measured facts of the training pictures."""
        self.splits.check()
        train = self.splits.to_crop()
        return UnpairedSpec(
            train.a.channels,
            train.b.channels,
            *self.splits.size,
            len(train.a),
            len(train.b),
            f"{train.a.fingerprint}-{train.b.fingerprint}",
            train.a.plain_range,
            train.b.plain_range,
        )

    def summary(self) -> list[Note]:
        """What a user should know of the data before training begins."""
        train, test = self.splits.to_crop(), self.sides("test")
        training = f"a {len(train.a):,} and b {len(train.b):,} training pictures"
        return self._notes(f"{training}, {len(test.a):,} and {len(test.b):,} held out")

    def train_dataloader(self) -> DataLoader[Unpaired]:
        train = self.splits.to_crop()
        a, b = near([train.a, train.b], self.trainer, self.gpu_share)
        order = TwoOrders((len(a), len(b)), self.batch_size, self.seed, place(self.trainer))
        return loader(JitteredSides(a, b, self.splits.size, self.flip), order, self.num_workers, a.device)

    def truth(self, split: str, route: Route) -> Images | None:
        sides = self.sides(split)
        return {"a": sides.a2b, "b": sides.b2a}[route.source]


@final
class JitteredPairs(Dataset[Paired]):
    """Pairs (source, target) in [-1, 1] whose pictures are cropped and mirrored together, keyed by the draw's seed."""

    def __init__(self, source: Images, target: Images, size: tuple[int, int], flip: bool) -> None:
        self.source, self.target, self.size, self.flip = source, target, size, flip

    def __getitem__(self, draw: Draw) -> Paired:
        pair = torch.cat(read_together([self.source, self.target], draw.positions), dim=1)
        moved = jitter(pair, self.size, self.flip, draw.seed)
        return Paired(*map(scaled, moved.split([self.source.channels, self.target.channels], dim=1)))


@final
class JitteredSides(Dataset[Unpaired]):
    """Pictures of two domains in [-1, 1], cropped and mirrored independently, each keyed by its own draw's seed."""

    def __init__(self, a: Images, b: Images, size: tuple[int, int], flip: bool) -> None:
        self.a, self.b, self.size, self.flip = a, b, size, flip

    def __getitem__(self, draws: tuple[Draw, Draw]) -> Unpaired:
        return Unpaired(
            *(
                scaled(jitter(images.pixels(draw.positions), self.size, self.flip, draw.seed))
                for images, draw in zip((self.a, self.b), draws, strict=True)
            )
        )
