"""Any folder of images."""

from typing import final

from gan_lightning.data.contracts import Images, Source
from gan_lightning.data.files import Cropped, FileImages, held, no_broken
from gan_lightning.data.pictures import check_channels, picture_files
from gan_lightning.errors import SettingError
from gan_lightning.files import expanded


@final
class Folder(Source):
    """Every image below a folder; if all lie in subfolders, the first level's names are the classes.

    A set whose decoded size is at most `memory_limit` is read at once and held in memory, so a corrupt
    file is found before training; a larger one is read while training, best with dataset.num_workers > 0.

    Args:
        path: the folder. If its only content are subfolders `train` and `test`, they are the splits;
            otherwise all of it is the split train.
        channels: 3 (colour), 1 (grey), 4 or 2 (the same with transparency); images are converted.
        memory_limit: bytes of decoded images that may be held in memory.
        skip_broken: name images that cannot be read in the log and let another one of their class stand for each,
            instead of ending the run.

    Raises:
        SettingError: the folder is missing or empty, has no such split, holds a file that is no image or a
            link that leads out of it.
    """

    def __init__(self, path: str, channels: int = 3, memory_limit: int = 2**30, skip_broken: bool = False) -> None:
        self.path = expanded(path)
        if not self.path.is_dir():
            raise SettingError(f"dataset.source.path={path}: there is no such folder")
        check_channels("channels", channels)
        self.channels, self.memory_limit, self.skip_broken = channels, memory_limit, skip_broken

    def load(self, split: str, resolution: int) -> Images:
        files = picture_files(self.path)
        # Beside other folders or images, `train` is a class like any other.
        beside = {file.relative_to(self.path).parts[0] for file in files}
        split_folders = sorted(beside, reverse=True) if beside and beside <= {"train", "test"} else []
        if split not in (split_folders or ["train"]):
            raise SettingError(
                f"split={split}: dataset.source.path={self.path} has the splits "
                f"{', '.join(split_folders) or 'train (everything)'}; a subfolder `{split}` would add one"
            )
        root = self.path / split if split_folders else self.path
        files = [file for file in files if file.is_relative_to(root)]
        if not files:
            raise SettingError(f"dataset.source.path={root}: holds no image that Pillow can open")
        nested = all(file.parent != root for file in files)
        reading = Cropped(self.channels, (resolution, resolution))
        broken = no_broken(self.skip_broken, len(files))
        return held([FileImages(root, files, reading, nested, broken)], self.memory_limit)[0]
