"""The Lightning data module of toy mixtures: points of the plane in place of images."""

import hashlib
from typing import Any, final

import lightning.pytorch as L
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from gan_lightning.batch import Labelled, Query
from gan_lightning.counting import counted
from gan_lightning.data.contracts import DataSpec, Draw
from gan_lightning.data.kinds import PointKind
from gan_lightning.data.loader import loader
from gan_lightning.data.notes import Note
from gan_lightning.data.queries import queries
from gan_lightning.data.sampler import EpochBatches, place
from gan_lightning.data.sources.mixtures import Mixture
from gan_lightning.ranges import Batch, Count, Many, Seed, within


@final
class Points(Dataset[Labelled]):
    """Points (N, 2) as images of two channels and one pixel, fetched a batch at a time; the label is the mode (N,)."""

    def __init__(self, points: Tensor, mode: Tensor) -> None:
        self.images, self.labels = points[:, :, None, None], mode

    def __getitem__(self, draw: Draw) -> Labelled:
        return Labelled(self.images[draw.positions], self.labels[draw.positions])


@final
class PointData(L.LightningDataModule):
    """Training batches of points from a mixture, and queries for generated ones.

    The points are drawn once, and come in epochs as images do.

    Args:
        mixture: what the points are drawn from. The label is the mode.
        num_train: points of an epoch.
        batch_size: points per discriminator step and process.
        num_fake: how many generated points validation asks for, over all processes.
        seed: of the points and of their order.
        evaluation_batch_size: points per step of validation.

    Raises:
        SettingError: a count below one.
    """

    delivers = Labelled

    def __init__(
        self,
        mixture: Mixture,
        num_train: Many,
        batch_size: Batch,
        num_fake: Many,
        seed: Seed,
        evaluation_batch_size: Batch = 4096,
    ) -> None:
        super().__init__()
        counts = {"num_train": num_train, "batch_size": batch_size, "evaluation_batch_size": evaluation_batch_size}
        for name, value in counts.items():
            within(f"dataset.{name}", Count, value)
        self.mixture, self.batch_size, self.seed = mixture, batch_size, seed
        self.num_fake, self.evaluation_batch_size = num_fake, evaluation_batch_size
        self.points = Points(*mixture.sample(num_train, seed))

    def spec(self) -> DataSpec:
        """Measured facts of the training points, seen as images of one pixel."""
        size, modes = len(self.points.labels), len(self.mixture.centres)
        # Of what is drawn from: points of another seed are the same data to whoever compares runs.
        content = self.mixture.centres.numpy().tobytes() + repr((self.mixture.std, size)).encode()
        fingerprint = hashlib.sha256(content).hexdigest()[:16]
        names = [str(i) for i in range(modes)]
        return DataSpec(2, 1, 1, modes, names, size, fingerprint, kind=PointKind.name)

    def read(self) -> dict[str, list[Any]]:
        """Number and fingerprint of the training points; processes compare them."""
        spec = self.spec()
        return {"train": [spec.size, spec.fingerprint]}

    def summary(self) -> list[Note]:
        """What a user should know of the data before training begins."""
        modes, mixture = len(self.mixture.centres), type(self.mixture).__name__
        return [Note("Data", f"{mixture}: {len(self.points.labels):,} points of {counted(modes, 'mode')}")]

    def train_dataloader(self) -> DataLoader[Labelled]:
        batches = EpochBatches(len(self.points.labels), self.batch_size, self.seed, place(self.trainer))
        return loader(self.points, batches, num_workers=0)

    def val_dataloader(self) -> DataLoader[Query]:
        """This process's exact share of the queries 0 ... num_fake - 1; modes occur as often as in the data."""
        return queries(self.points.labels, self.num_fake, self.evaluation_batch_size, place(self.trainer))

    def held_out(self, count: int) -> Labelled:
        """`count` points that training did not see, with their modes."""
        points, mode = self.mixture.sample(count, self.seed + 1)
        return Labelled(points[:, :, None, None], mode)

    def examples(self, n: int) -> Labelled:
        """The first `n` training points, or all where there are fewer."""
        return Labelled(self.points.images[:n], self.points.labels[:n])
