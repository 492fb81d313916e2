"""The Inception network of published FID and IS values."""

import hashlib
import logging
from pathlib import Path
from typing import final

import torch
from torch import Tensor
from torch_fidelity.feature_extractor_inceptionv3 import URL_INCEPTION_V3, FeatureExtractorInceptionV3

from gan_lightning.data import Images
from gan_lightning.errors import SettingError
from gan_lightning.files import expanded
from gan_lightning.metrics.contracts import Extraction, Extractor, without_alpha
from gan_lightning.metrics.extractors.resizing import Resize, TensorFlowResize
from gan_lightning.ranges import PathText

log = logging.getLogger(__name__)

WEIGHTS_FILE = URL_INCEPTION_V3.rpartition("/")[2]
SHA256 = WEIGHTS_FILE.removesuffix(".pth").rpartition("-")[2]  # as far as the name tells
SIDE = FeatureExtractorInceptionV3.INPUT_IMAGE_SIZE
MOST_BYTES = 400_000_000
"""Larger files are not read; the published weights take a quarter of it, and half of it in double precision."""
OTHERWISE = "or choose scores that need no download, as metrics=swd, paired or unpaired"


@final
class InceptionExtractor(Extractor):
    """torch-fidelity's port of the TensorFlow InceptionV3 that FID was defined with (arXiv:1706.08500).

    One pass yields 2,048 features and 1,008 logits. Images are resized to 299x299; grey ones are repeated over three
    channels, transparency is left out. On a CPU it runs a few images per second and core.

    Args:
        weights: path of a local weights file; None takes the one in torch's hub folder, and downloads it there once
            (91 MB).
        resizing: None resizes as TensorFlow 1 did. Scores of another way have another name: `fid_inception_clean`.
    """

    fitted = False
    num_features = 2048
    num_logits = 1008
    takes_unrounded = True
    classes = "ImageNet"

    def __init__(self, weights: PathText | None = None, resizing: Resize | None = None) -> None:
        super().__init__()
        self.weights = None if weights is None else expanded(weights)
        self.resizing = TensorFlowResize() if resizing is None else resizing
        self.name = f"inception{self.resizing.suffix}"
        self.resize = self.resizing.words.replace("SIZE", f"{SIDE}x{SIDE}")

    def prepare(self, train: Images, held: Images) -> None:
        if self.weights is None:
            path, setting = _downloaded(), f"extractor={self.name}"
        else:
            path, setting = self.weights, "metrics.extractor.weights"
            if not path.is_file():
                raise SettingError(f"{setting}={path}: there is no such file; {_remedy(path)}")
        found = _sha256(path, setting)
        try:
            torch.load(path, weights_only=True)  # torch-fidelity itself would run pickled code
            network = FeatureExtractorInceptionV3(
                self.name, ["2048", "logits_unbiased"], feature_extractor_weights_path=str(path)
            )
        except Exception as error:  # whatever pickle, zipfile or torch raise for a damaged or foreign file
            raise SettingError(
                f"{setting}: {path} does not hold the weights of the Inception network; it is damaged or another file "
                f"(its SHA-256 begins with {found[:8]}, that of the published file with {SHA256}); {_remedy(path)}"
            ) from error
        if not found.startswith(SHA256):
            log.warning(
                "%s is not the published file of weights (its SHA-256 begins with %s instead of %s): scores from it "
                "are comparable with no published ones",
                *(path, found[:8], SHA256),
            )
        self.network = network.eval().requires_grad_(False)

    def forward(self, image: Tensor) -> Extraction:
        # The layers one by one: the network's own forward takes whole numbers alone, and resizes by itself.
        *layers, classifier = self.network.children()
        x = (self.resizing(without_alpha(image), SIDE) - 128) / 128
        for layer in layers:
            x = layer(x)
        features = x.flatten(1)
        return Extraction(features, features @ classifier.weight.T)


def _sha256(path: Path, setting: str) -> str:
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise SettingError(
                f"{setting}: {path} has {size / 1e6:,.0f} MB and was not read; the weights of the Inception network "
                f"have 96 MB; {_remedy(path)}"
            )
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise SettingError(f"{setting}: {path} cannot be read ({error.strerror}); {_remedy(path)}") from error


def _downloaded() -> Path:
    """The weights file in torch's hub folder, fetched if it is not there."""
    path = Path(torch.hub.get_dir(), "checkpoints", WEIGHTS_FILE)
    if not path.is_file():
        log.info("Downloading the weights of the Inception network (91 MB, once) to %s", path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            torch.hub.download_url_to_file(URL_INCEPTION_V3, str(path), hash_prefix=SHA256)
        except (OSError, RuntimeError) as error:  # no network or no place; a wrong hash
            raise SettingError(
                f"extractor=inception: its weights are not on this machine and could not be downloaded ({error}); "
                f"{_remedy(path)}"
            ) from error
    return path


def _remedy(path: Path) -> str:
    return (
        f"fetch {URL_INCEPTION_V3} where there is a network and save it as {path}, or anywhere as {WEIGHTS_FILE} and "
        f"set metrics.extractor.weights=FILE, {OTHERWISE}"
    )
