"""Folders of photographs, and the photographs that Debian brings as wallpapers."""

from collections.abc import Sequence
from pathlib import Path
from typing import final

from gan_lightning.data.found import check_folder, pictures_below
from gan_lightning.data.layout import train_and_test
from gan_lightning.data.levels import declared
from gan_lightning.data.notes import listed
from gan_lightning.data.photographs import Photographs, PhotographSource
from gan_lightning.data.pictures import check_channels
from gan_lightning.data.value_range import value_range_of
from gan_lightning.errors import SettingError
from gan_lightning.ranges import Bytes, Few, FewHalvings, PathText

WALLPAPERS = Path("/usr/share/backgrounds")
TRAINING = (
    "Bridge_by_Sander_Klootwijk.jpg",
    "Dragonfly_by_Bolly.jpg",
    "Kleiber_by_Lukas_Baubkus.jpg",
    "Picture_1A_by_freespace.jpg",
    "Wine_by_Jakkub_Mede.jpg",
    "aitzgorri_by_Aitzol_Berasategi.jpg",
    "greentock_by_Peter_Nerlich.jpg",
    "life_by_Aitzol_Berasategi.jpg",
    "seeding_by_Clements_Engelhardt.jpg",
    "sunset_by_Aitzol_Berasategi.jpg",
)
HELD_OUT = (
    "Picture_0B_by_freespace.jpg",
    "friends_by_Aitzol_Berasategi.jpg",
    "picosdeeuropa_by_Aitzol_Berasategi.jpg",
)


@final
class PhotographFolder(PhotographSource):
    """Every picture below a folder, of any size.

    Args:
        path: the folder. Its subfolders `train` and `test`, or `val` where there is no `test`, are the splits; without
            a folder of its own, every tenth picture is the test split.
        channels: 3 (colour), 1 (grey), 4 or 2 (the same with transparency); pictures are converted.
        halvings: how often height and width are halved at first. Of photographs that a camera has saved as JPEG, one
            halving removes most of the noise and of the traces of compression.
        memory_limit: bytes of decoded photographs that may be kept in memory. A larger split is read while training,
            best with dataset.num_workers > 0: the whole photograph for every window of it.
        value_range: the values (low, high) of black and white in pictures of more than 8 bits; None measures them over
            all pictures, held-out ones included.

    Raises:
        SettingError: the folder is missing or holds no picture; a link leads out of it; a picture cannot be read.
    """

    def __init__(
        self,
        path: PathText,
        channels: Few = 3,
        halvings: FewHalvings = 0,
        memory_limit: Bytes = 2**30,
        value_range: Sequence[float] | None = None,
    ) -> None:
        self.path = check_folder("dataset.source.path", path)
        check_channels("channels", channels)
        self.channels, self.halvings, self.memory_limit = channels, halvings, memory_limit
        found = pictures_below(self.path, skip_broken=None)
        if not found.pictures:
            raise SettingError(f"dataset.source.path={path}: holds no picture that Pillow can open")
        names = [file.relative_to(self.path) for file in found.pictures]
        self.names, notes = train_and_test("dataset.source.path", self.path, names)
        chosen = declared("dataset.source.value_range", value_range)
        self.value_range, of_values = value_range_of(
            found.pictures, "dataset.source.value_range", chosen, channels, skip_broken=False
        )
        self.notes = [*notes, *of_values, *found.notes(self.path)]

    def load(self, split: str) -> Photographs:
        if split not in self.names:
            raise SettingError(f"split={split}: a folder of photographs has the splits train and test")
        names = self.names[split]
        files = [self.path / name for name in names]
        how = self.channels, self.halvings, self.value_range, self.memory_limit
        return Photographs(files, [str(name) for name in names], *how, self.notes)


@final
class Wallpapers(PhotographSource):
    """13 photographs from Debian's packages lomiri-wallpapers-16.04 and lomiri-wallpapers-20.04, which are landscapes,
    plants, animals and still lifes of 1 to 20 megapixels. Three of them are the test split.

    By Aitzol Berasategi, Trevor "Freespace" and Jakub Mede (CC BY 4.0); Sander Klootwijk, "Bolly" and Peter Nerlich (CC
    BY-SA 4.0); Lukas Baubkus (CC BY-SA 3.0); Clemens Engelhardt (CC0 1.0).

    Args:
        channels: 3 (colour) or 1 (grey).
        halvings: how often height and width are halved at first, which removes the noise of the camera and the traces
            of JPEG, and shows more in each window.
        memory_limit: bytes of decoded photographs that may be kept in memory.

    Raises:
        SettingError: the packages are not installed.
    """

    def __init__(self, channels: Few = 3, halvings: FewHalvings = 2, memory_limit: Bytes = 2**30) -> None:
        check_channels("channels", channels)
        missing = [name for name in (*TRAINING, *HELD_OUT) if not (WALLPAPERS / name).is_file()]
        if missing:
            raise SettingError(
                f"dataset=photographs: {listed(missing)} not found in {WALLPAPERS}; on Debian and Ubuntu install them "
                "with: apt install lomiri-wallpapers-16.04 lomiri-wallpapers-20.04; any folder of photographs serves "
                "as well, with dataset=super_resolution or dataset=restoration"
            )
        self.channels, self.halvings, self.memory_limit = channels, halvings, memory_limit

    def load(self, split: str) -> Photographs:
        names = {"train": TRAINING, "test": HELD_OUT}.get(split)
        if names is None:
            raise SettingError(f"split={split}: the wallpapers have the splits train and test")
        files = [WALLPAPERS / name for name in names]
        return Photographs(files, names, self.channels, self.halvings, None, self.memory_limit)
