"""The Lightning data module of pairs that are made on the fly: photographs, and what a degradation makes of them."""

from collections.abc import Sequence
from typing import Any, final

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from gan_lightning.batch import Paired, Route
from gan_lightning.contracts import check_contract
from gan_lightning.counting import counted
from gan_lightning.data.contracts import Draw, Images, PairedSpec, scaled
from gan_lightning.data.degradations import Degradation
from gan_lightning.data.held_out import TranslationData
from gan_lightning.data.loader import loader
from gan_lightning.data.notes import Note, shown
from gan_lightning.data.photographs import CutOut, Degraded, Photographs, PhotographSource, Window, cut, windows
from gan_lightning.data.sampler import EpochBatches, place
from gan_lightning.data.splits import height_and_width
from gan_lightning.errors import SettingError
from gan_lightning.ranges import Batch, Count, FewOrNone, Many, Seed, Size, within


@final
class RestorationData(TranslationData):
    """Pairs of a degraded window of a photograph (domain `a`) and the window itself (domain `b`).

    Each window for training is cut out of a photograph at a random place, perhaps mirrored and turned, and then
    degraded. An epoch has as many windows as lie side by side in all photographs, and larger photographs have more of
    them. Held-out windows lie side by side, in the photographs of the split test.

    Args:
        source: of the photographs.
        degradation: what is to be undone.
        resolution: side of a window before it is degraded, or its [height, width]; multiples of the scale of the
            degradation.
        batch_size: pairs per step and process.
        seed: of the order and places of the windows, of mirrors and turns, and of the degradation.
        flip: mirror training windows left to right at random.
        turn: turn training windows by a quarter at random; then windows are squares.
        held_out: windows of the held-out photographs that are scored at most, spread over all of them.
        evaluation_batch_size: windows per step of validation.
        num_workers: processes that read photographs; photographs held in memory need none.

    Raises:
        SettingError: from the source; a window that is not such a multiple, or larger than a photograph.
    """

    delivers = Paired

    def __init__(
        self,
        source: PhotographSource,
        degradation: Degradation,
        resolution: Size | Sequence[Size],
        batch_size: Batch,
        seed: Seed,
        flip: bool = False,
        turn: bool = False,
        held_out: Many = 256,
        evaluation_batch_size: Batch = 64,
        num_workers: FewOrNone = 0,
    ) -> None:
        super().__init__()
        check_contract("dataset.source", source, PhotographSource)
        check_contract("dataset.degradation", degradation, Degradation)
        for name, value in {"batch_size": batch_size, "evaluation_batch_size": evaluation_batch_size}.items():
            within(f"dataset.{name}", Count, value)
        self.source, self.degradation = source, degradation
        self.size = height_and_width("resolution", resolution)
        self.batch_size, self.evaluation_batch_size, self.num_workers = batch_size, evaluation_batch_size, num_workers
        self.seed, self.flip, self.turn, self.held_out = seed, flip, turn, held_out
        if any(side % degradation.scale for side in self.size):
            raise SettingError(
                f"dataset.resolution={resolution}: allowed are multiples of dataset.degradation.scale="
                f"{degradation.scale}, so that the smaller picture has whole pixels"
            )
        if turn and self.size[0] != self.size[1]:
            raise SettingError(f"dataset.resolution={resolution}: dataset.turn=true turns squares only")
        self.routes = [Route("a", "b", degradation.scale)]
        self._photographs: dict[str, Photographs] = {}

    def photographs(self, split: str) -> Photographs:
        """The photographs of a split, loaded at the first call.

        Raises:
            SettingError: there are none, or one is smaller than a window.
        """
        if split not in self._photographs:
            found = self.source.load(split)
            if len(found) == 0:
                raise SettingError(
                    f"dataset.source: its split {split} holds no photograph; at least 2 are needed, since some are "
                    "held out for the scores"
                )
            for name, size in zip(found.names, found.sizes, strict=True):
                if size[0] < self.size[0] or size[1] < self.size[1]:
                    raise SettingError(
                        f"dataset.resolution={_times(self.size)}: {shown(name, 200)} has only {_times(size)} pixels "
                        "(height x width), so no such window can be cut out of it; choose a smaller resolution, or "
                        "take it out of the folder"
                    )
            self._photographs[split] = found
        return self._photographs[split]

    def domains(self, split: str) -> dict[str, Images]:
        """Degraded windows `a`, and the windows themselves `b`."""
        photographs = self.photographs(split)
        every = windows(photographs.sizes, self.size)
        count = min(len(every), self.held_out)
        clean = CutOut(photographs, [every[i * len(every) // count] for i in range(count)], self.size)
        return {"a": Degraded(clean, self.degradation), "b": clean}

    def pictures(self, split: str) -> Images:
        """The windows before they are degraded."""
        return self.domains(split)["b"]

    def truth(self, split: str, route: Route) -> Images:
        return self.domains(split)[route.target]

    def read(self) -> dict[str, list[Any]]:
        """Number and fingerprint of the photographs of every split that was loaded; processes compare them."""
        return {split: [len(found), found.fingerprint] for split, found in self._photographs.items()}

    def spec(self) -> PairedSpec:
        """Measured facts of the training pairs."""
        train, _ = self.photographs("train"), self.photographs("test")
        values = None if train.value_range is None else list(train.value_range)
        return PairedSpec(
            self.degradation.channels(train.channels),
            train.channels,
            *self.size,
            self.routes[0].name,
            len(windows(train.sizes, self.size)),
            f"{train.fingerprint}-{self.degradation!r}",
            values,
            values,
            self.degradation.scale,
        )

    def summary(self) -> list[Note]:
        """What a user should know of the data before training begins."""
        train, test = self.photographs("train"), self.photographs("test")
        facts = self.spec()
        held = len(self.domains("test")["b"])
        kind, how = type(self.source).__name__, self.degradation
        sizes = f"{_times(self.size)} pixels (height x width), {counted(facts.target_channels, 'channel')}"
        smaller = "" if how.scale == 1 else f", made {how.scale} times smaller"
        return [
            Note(
                "Data",
                f"{kind}: {counted(len(train), 'photograph')} with {counted(facts.size, 'window')} side by side, "
                f"{counted(len(test), 'photograph')} held out with {counted(held, 'window')}",
            ),
            Note("Size", f"windows of {sizes}{smaller}, {counted(facts.source_channels, 'channel')}"),
            Note("Task", f"undo {how!r}"),
            *train.notes,
        ]

    def train_dataloader(self) -> DataLoader[Paired]:
        photographs = self.photographs("train")
        which = [window.photograph for window in windows(photographs.sizes, self.size)]
        pairs = DrawnPairs(photographs, which, self.size, self.degradation, self.flip, self.turn)
        order = EpochBatches(len(which), self.batch_size, self.seed, place(self.trainer))
        return loader(pairs, order, self.num_workers)


@final
class DrawnPairs(Dataset[Paired]):
    """Pairs (degraded, clean) in [-1, 1], of windows at random places; the draw's seed decides all that is random.

    Args:
        photographs: to cut windows out of.
        which: by the position in a draw, the number of the photograph.
        size: (height, width) of a window before it is degraded.
        degradation: what happens to it.
        flip, turn: whether windows are mirrored, and turned by a quarter, at random.
    """

    def __init__(
        self,
        photographs: Photographs,
        which: Sequence[int],
        size: tuple[int, int],
        degradation: Degradation,
        flip: bool,
        turn: bool,
    ) -> None:
        self.photographs, self.which, self.size = photographs, which, size
        self.degradation, self.flip, self.turn = degradation, flip, turn

    def __getitem__(self, draw: Draw) -> Paired:
        random = torch.Generator().manual_seed(draw.seed)
        clean = [self._window(self.which[position], random) for position in draw.positions]
        degraded = [self.degradation(window, random) for window in clean]
        return Paired(scaled(torch.stack(degraded)), scaled(torch.stack(clean)))

    def _window(self, photograph: int, random: torch.Generator) -> Tensor:
        rooms = (large - small + 1 for large, small in zip(self.photographs.sizes[photograph], self.size, strict=True))
        top, left = (int(torch.randint(room, (), generator=random)) for room in rooms)
        mirrored, turned = torch.randint(2, (2,), generator=random).tolist()
        window = cut(self.photographs, Window(photograph, top, left), self.size)
        if self.flip and mirrored:
            window = window.flip(2)
        return window.transpose(1, 2).flip(1) if self.turn and turned else window


def _times(size: Sequence[int]) -> str:
    return " x ".join(map(str, size))
