"""Any network of timm with weights from a file: DINOv2, CLIP's image tower, ResNet-50 and many others."""

import hashlib
import logging
import re
from difflib import get_close_matches
from pathlib import Path
from typing import Any, final

import torch
from torch import Tensor, nn

from gan_lightning.data import Images
from gan_lightning.errors import SettingError
from gan_lightning.files import expanded
from gan_lightning.metrics.contracts import Extraction, Extractor, without_alpha
from gan_lightning.metrics.extractors.resizing import Interpolation, antialiased
from gan_lightning.ranges import PathText, Size, within

SETTING = "metrics.extractor"


@final
class TimmExtractor(Extractor):
    """A network of timm (https://huggingface.co/docs/timm), such as DINOv2, in whose features Frechet distances agree
    better with people than in Inception's (Stein et al. 2023, arXiv:2306.04675).

    Images are resized as a whole, with timm's interpolation for this network and antialiasing, in floats, and then
    normalised by timm's mean and standard deviation for it. Unlike timm's own evaluation, which cuts the borders off,
    scores look at all of an image. Grey images are repeated over three channels, transparency is left out.

    Features are what the network gives to its classifier, or its output if it has none: the class token of DINOv2, the
    embedding of CLIP. Logits are those of the classifier.

    Args:
        network: its name in timm, with the tag of its weights or without: `vit_small_patch14_dinov2.lvd142m`.
        weights: path of its weights in a file, in timm's format (`.safetensors`, `.bin`, `.pth`) or in one that timm
            converts, such as Meta's files of DINOv2. Nothing is downloaded.
        resolution: pixels a side that images are resized to; None for what timm says of the network.

    Raises:
        SettingError: timm is not installed, does not know the network, or the file does not hold its weights; or the
            network does not take images of this size.
    """

    fitted = False
    takes_unrounded = True
    option = "timm"
    mean: Tensor
    deviation: Tensor

    def __init__(self, network: str, weights: PathText, resolution: Size | None = None) -> None:
        super().__init__()
        timm = _timm()
        file = expanded(weights)
        if not file.is_file():
            raise SettingError(f"{SETTING}.weights={file}: there is no such file; {_remedy(network)}")
        _check_name(timm, network)
        facts = timm.get_pretrained_cfg(network)
        config = timm.data.resolve_data_config(pretrained_cfg=facts.to_dict())
        usual: int = config["input_size"][1]
        self.side = usual if resolution is None else within(f"{SETTING}.resolution", Size, resolution)
        interpolation = config["interpolation"]
        self.interpolation: Interpolation = "bilinear" if interpolation == "bilinear" else "bicubic"
        self.register_buffer("mean", 255 * torch.tensor(config["mean"])[:, None, None], persistent=False)
        self.register_buffer("deviation", 255 * torch.tensor(config["std"])[:, None, None], persistent=False)
        self.network: Any = _loaded(timm, network, file, self.side if facts.fixed_input_size else None)
        self.classifies = _is_classifier(network, facts)
        self.offers = ("features", "logits") if self.classifies else ("features",)
        self._measure(network)
        self.sha256 = _sha256(file)
        self.name = f"{network.replace('.', '_')}_{self.side}px_{self.sha256[:8]}"
        self.resize = (
            f"{self.interpolation} with antialiasing to {self.side}x{self.side}, not rounded, normalised by mean "
            f"{_numbers(config['mean'])} and standard deviation {_numbers(config['std'])}"
        )

    def _measure(self, network: str) -> None:
        """Set the numbers of features and logits, from two images that differ at their borders alone."""
        images = torch.zeros(2, 3, self.side, self.side, dtype=torch.uint8)
        images[1, :, -1], images[1, :, :, -1] = 255, 255
        try:
            found = self(images)
        except Exception as error:  # whatever a network raises that is given another size than it takes
            raise _other_size(network, self.side, error) from error
        if found.features.dim() != 2:
            raise SettingError(
                f"{SETTING}.network={network}: gives no vector of features for an image; choose another network"
            )
        if torch.equal(found.features[0], found.features[1]):
            raise SettingError(
                f"{SETTING}.resolution={self.side}: {network} does not see the last pixels of such images; take a "
                "multiple of the side of its patches, or leave it out for the network's own size"
            )
        self.num_features = found.features.shape[1]
        if found.logits is not None:
            self.num_logits = found.logits.shape[1]
            self.classes = f"its own {self.num_logits:,} classes"

    def prepare(self, train: Images, held: Images) -> None:
        """The weights were loaded when the extractor was built, because its name says which they are."""

    @torch.no_grad()
    def forward(self, image: Tensor) -> Extraction:
        resized = antialiased(without_alpha(image), self.side, self.interpolation)
        maps = self.network.forward_features((resized - self.mean) / self.deviation)
        if not self.classifies:
            return Extraction(self.network.forward_head(maps))
        return Extraction(self.network.forward_head(maps, pre_logits=True), self.network.forward_head(maps))

    def weights_hash(self) -> str:
        """First 16 hexadecimal digits of the SHA-256 of the file."""
        return self.sha256[:16]


def _timm() -> Any:
    try:
        import timm
        import timm.data
    except ImportError as error:
        raise SettingError(
            "extractor=timm: needs the extra `backbones`, which is not installed: pip install "
            "'gan-lightning[backbones]'; extractor=classifier needs nothing more"
        ) from error
    logging.getLogger("timm").setLevel(logging.WARNING)  # it tells of every file that it reads
    return timm


def _check_name(timm: Any, network: str) -> None:
    """Refuse a name that timm does not know, and suggest similar ones."""
    names = {*timm.list_models(), *timm.list_models(pretrained=True)}
    if network in names:
        return
    wanted = network.lower()
    similar = sorted((name for name in names if wanted in name), key=lambda name: (len(name), name))[:5]
    similar = similar or get_close_matches(wanted, sorted(names), n=5, cutoff=0.4)
    or_else = f"; did you mean {', '.join(similar)}" if similar else ""
    raise SettingError(f"{SETTING}.network={network}: timm knows no network of this name{or_else}")


def _loaded(timm: Any, name: str, file: Path, side: int | None) -> nn.Module:
    """The network with the weights of the file, and with none that are not in it.

    Args:
        side: of the images, for networks that are built for one size; None for others.
    """
    size = {} if side is None else {"img_size": side}

    def built(seed: int) -> nn.Module:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            # Without the overlay timm would download the weights.
            network: nn.Module = timm.create_model(
                name, pretrained=True, pretrained_cfg_overlay={"file": str(file)}, **size
            )
        return network.eval().requires_grad_(False)

    try:
        network = built(0)
        # timm lets some files have gaps, and fills them with random numbers: in two networks they differ.
        again = built(1).state_dict()
    except Exception as error:  # whatever pickle, zipfile, torch or timm raise for a damaged or foreign file
        if side is not None:
            _try_size(timm, name, side)
        raise SettingError(
            f"{SETTING}.weights: {file} does not hold the weights of {name} ({_in_short(error)}); {_remedy(name)}"
        ) from error
    missing = [key for key, value in network.state_dict().items() if not torch.equal(value, again[key])]
    if missing:
        raise SettingError(f"{SETTING}.weights: {file} lacks weights of {name}, such as {missing[0]}; {_remedy(name)}")
    return network


def _try_size(timm: Any, name: str, side: int) -> None:
    """Refuse a size that the network takes with no weights whatever."""
    try:
        timm.create_model(name, img_size=side).eval()(torch.zeros(1, 3, side, side))
    except Exception as error:
        raise _other_size(name, side, error) from error


def _other_size(name: str, side: int, error: Exception) -> SettingError:
    return SettingError(
        f"{SETTING}.resolution={side}: {name} does not take images of this size ({_in_short(error)}); leave it out "
        "for the network's own size"
    )


def _is_classifier(network: str, facts: Any) -> bool:
    """Whether the last layer tells classes apart. That of CLIP's image tower embeds an image among texts; timm declares
    it in the same way, but tags of such weights name no data set with classes, as `openai` and `laion2b_ft_in1k` do."""
    full = f"{network}.{facts.tag}"
    embeds = "clip" in full or "_pe_core_" in full
    return facts.num_classes > 0 and not (embeds and not re.search(r"_in\d+k", full))


def _sha256(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as content:
        while part := content.read(2**24):
            digest.update(part)
    return digest.hexdigest()


def _numbers(values: Any) -> str:
    return " ".join(f"{value:.4g}" for value in values)


def _in_short(error: Exception) -> str:
    return f"{' '.join(str(error).split()):.200}" or type(error).__name__


def _remedy(network: str) -> str:
    return (
        f"fetch the weights of {network} where there is a network, as from https://huggingface.co/timm, and set "
        f"{SETTING}.weights=FILE"
    )
