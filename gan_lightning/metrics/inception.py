"""The Inception network of published FID and IS values."""

from pathlib import Path
from typing import final

import torch
from torch import Tensor
from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

from gan_lightning.data import Images
from gan_lightning.errors import SettingError
from gan_lightning.files import expanded
from gan_lightning.metrics.contracts import Extraction, Extractor
from gan_lightning.ranges import PathText

WEIGHTS_FILE = "weights-inception-2015-12-05-6726825d.pth"


@final
class InceptionExtractor(Extractor):
    """torch-fidelity's port of the TensorFlow InceptionV3 that FID was defined with (arXiv:1706.08500).

    One pass yields 2,048 features and 1,008 logits. Images are resized to 299x299 as TensorFlow 1 did;
    grey ones are repeated over three channels. On a CPU it runs a few images per second and core.

    Args:
        weights: path of a local weights file; None downloads it once (91 MB).
    """

    name = "inception"
    num_features = 2048
    num_logits = 1008
    resize = "bilinear to 299x299 as TensorFlow 1"
    classes = "ImageNet"

    def __init__(self, weights: PathText | None = None) -> None:
        super().__init__()
        self.weights = None if weights is None else str(expanded(weights))

    def prepare(self, real: Images) -> None:
        if self.weights is not None and not Path(self.weights).is_file():
            raise SettingError(f"metrics.extractor.weights={self.weights}: there is no such file")
        try:
            if self.weights is not None:
                torch.load(self.weights, weights_only=True)  # torch-fidelity itself would run pickled code
            network = FeatureExtractorInceptionV3(
                self.name, ["2048", "logits_unbiased"], feature_extractor_weights_path=self.weights
            )
        except Exception as error:  # the loader raises what urllib, pickle or torch raise
            raise SettingError(
                f"metrics=inception: the weights could not be loaded from {self.weights or 'the network'} ({error}); "
                f"fetch {WEIGHTS_FILE} from torch-fidelity's releases on a machine with a network and set "
                "metrics.extractor.weights=FILE, or use metrics=classifier"
            ) from error
        self.network = network.eval().requires_grad_(False)

    def forward(self, image: Tensor) -> Extraction:
        return Extraction(*self.network(image[:, :3].expand(-1, 3, -1, -1)))
