"""Data sets that torchvision reads or downloads, and scikit-learn's digits."""

import gzip
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, final

import torch
from torch import Tensor
from torchvision.datasets import FashionMNIST, VisionDataset
from torchvision.transforms.v2.functional import pil_to_tensor

from gan_lightning.cache import acquired, cached
from gan_lightning.data.contracts import NoSplitError, Source
from gan_lightning.data.images import TensorImages, square
from gan_lightning.data.progress import progress
from gan_lightning.errors import SettingError
from gan_lightning.files import expanded, write_whole
from gan_lightning.ranges import PathText

DEBIAN_FASHION_MNIST = Path("/usr/share/datasets/fashion-mnist")


@final
class Vision(Source):
    """A torchvision data set, decoded once and held in memory.

    Args:
        name: of the data set, for the cache and for messages.
        cache_dir: folder of the decoded images.
        splits: by split, a builder of the torchvision data set, which downloads if it needs to. A target
            that is None makes the set unlabelled.

    Raises:
        SettingError: an unknown split, or a download that failed.
    """

    def __init__(self, name: str, cache_dir: PathText, splits: Mapping[str, Callable[[], VisionDataset]]) -> None:
        self.name = name
        self.cache_dir = expanded(cache_dir)
        self.splits = splits

    def load(self, split: str, resolution: int) -> TensorImages:
        if split not in self.splits:
            raise NoSplitError(f"split={split}: dataset={self.name} has the splits {', '.join(self.splits)}")
        builder = partial(self.splits[split])  # flat, also where Hydra made a partial of it
        settings = {"arguments": repr(builder.args), "keywords": repr(sorted(builder.keywords.items()))}
        key = {"name": self.name, "split": split, "resolution": resolution, **settings}
        stored = cached(self.cache_dir, self.name, key, lambda: self._decode(split, resolution))
        if stored["labels"] is None:
            return TensorImages(stored["images"], {}, None, [])
        return TensorImages(stored["images"], {"label": stored["labels"]}, "label", stored["class_names"])

    def _decode(self, split: str, resolution: int) -> dict[str, Any]:
        try:
            # Splits and resolutions have the same files, which two processes must not fetch or unpack at a time.
            with acquired(self.cache_dir / f"{self.name}.lock"):
                dataset = self.splits[split]()
        except Exception as error:  # broken files make torchvision raise almost anything
            if "gdown" in str(error):
                raise SettingError(
                    f"dataset={self.name}: its download needs gdown; pip install 'gan-lightning[celeba]'"
                ) from error
            raise SettingError(
                f"dataset={self.name}: the {split} split is missing or damaged on this machine, and could not be "
                f"downloaded ({error}); choose a data set that needs no network (avatars, digits), or check data_dir "
                "and remove damaged files there"
            ) from error
        images: list[Tensor] = []
        labels: list[int | None] = []
        for picture, target in progress(dataset, f"Decoding {self.name} {split} (once)"):
            images.append(square(pil_to_tensor(picture), resolution))
            labels.append(target)
        labelled = labels[0] is not None
        return {
            "images": torch.stack(images),
            "labels": torch.tensor(labels) if labelled else None,
            "class_names": [str(name) for name in dataset.classes] if labelled else [],
        }


def fashion_mnist(root: PathText, train: bool) -> FashionMNIST:
    """Fashion-MNIST from `root`, or unpacked from Debian's package there, or downloaded by torchvision."""
    folder = expanded(root)
    raw = folder / "FashionMNIST" / "raw"
    if DEBIAN_FASHION_MNIST.is_dir():
        for archive in DEBIAN_FASHION_MNIST.glob("*.gz"):
            unpacked = gzip.decompress(archive.read_bytes())
            # torchvision takes any file that is there, also one that is damaged or half unpacked.
            if not (raw / archive.stem).is_file() or (raw / archive.stem).read_bytes() != unpacked:
                write_whole(raw / archive.stem, unpacked)
    return FashionMNIST(str(folder), train=train, download=True)


@final
class Digits(Source):
    """scikit-learn's 1,797 handwritten digits (UCI, 8x8, enlarged bilinearly), grey: tiny, for tests and first steps.

    Every fifth image is in the test split.

    Raises:
        SettingError: scikit-learn is not installed, or an unknown split.
    """

    def load(self, split: str, resolution: int) -> TensorImages:
        try:
            from sklearn.datasets import load_digits
        except ImportError as error:
            raise SettingError("dataset=digits needs scikit-learn: pip install 'gan-lightning[digits]'") from error
        if split not in ("train", "test"):
            raise NoSplitError(f"split={split}: digits have the splits train and test")
        digits = load_digits()
        held_out = torch.arange(len(digits.images)) % 5 == 4
        chosen = held_out if split == "test" else ~held_out
        images = torch.from_numpy(digits.images * (255 / 16)).round().to(torch.uint8)[chosen]
        labels = torch.from_numpy(digits.target).long()[chosen]
        return TensorImages(
            square(images[:, None], resolution), {"label": labels}, "label", [str(n) for n in digits.target_names]
        )
