"""A small classifier fitted on the data set's own labels: features for FID and IS without any download."""

import logging
from typing import Any, final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan_lightning.cache import cached
from gan_lightning.data import Images
from gan_lightning.data.progress import progress
from gan_lightning.files import expanded
from gan_lightning.metrics.contracts import Extraction, Extractor, NoLabelsError
from gan_lightning.ranges import Count, PathText, Seed

log = logging.getLogger(__name__)
BATCH = 128
_BETTER_THAN_GUESSING = 0.05
_RARE = 0.01
_LOOKED_AT = 10_000


@final
class ClassifierExtractor(Extractor):
    """Three convolutions and a layer of 64 features, with one linear head per attribute of the data.

    Fitted once by cross-entropy summed over all attributes, then cached under the data's fingerprint.
    Its scale is its own: `fid_classifier` says which of two models of the same data is nearer to them,
    and nothing about another data set or about published values. A copy of the training set scores well.
    A feature that is above 0 for fewer than one real image in a hundred is switched off: its variance is not known, so
    that a single image could add points to an FID.
    Features see what tells the classes apart. Where colours alone do, noise of these colours scores well too
    (`gan_lightning.metrics.references` finds that out).

    Args:
        cache_dir: folder of the fitted weights.
        images: how many images (with repetition) the fit looks at.
        seed: of initialisation and order.
    """

    name = "classifier"
    fitted = True
    num_features = 64
    resize = "none"
    takes_unrounded = True

    def __init__(self, cache_dir: PathText, images: Count, seed: Seed) -> None:
        super().__init__()
        self.cache_dir = expanded(cache_dir)
        self.images, self.seed = images, seed

    def prepare(self, train: Images, held: Images) -> None:
        if train.label_name is None:
            raise NoLabelsError("no labels")
        if len(train.labels.unique()) < 2:
            raise NoLabelsError("pictures of one class only")
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            self._build(train)
            key = {"data": train.fingerprint, "images": self.images, "seed": self.seed}
            key |= {"network": repr(self), "rare": _RARE}
            fitted = cached(self.cache_dir, "classifier", key, lambda: self._fit_once(train))
        self.load_state_dict(fitted)
        self.eval().requires_grad_(False)
        right, guessed = self._accuracy(held)
        log.info(
            "The scores use a classifier that predicts %.1f %% of the labels of %s held-out images; always predicting "
            "the most frequent class would be right for %.1f %%",
            *(100 * right, f"{len(held):,}", 100 * guessed),
        )
        if right < guessed + _BETTER_THAN_GUESSING:
            log.warning("This is hardly better than guessing, so scores from this classifier mean little")

    def fit(self, images: Images) -> None:
        """Fit the network to labelled images, without the cache, also where gradients are switched off."""
        with torch.inference_mode(False), torch.enable_grad(), torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            self._build(images)
            self._fit(images, "Fitting a classifier to samples")
        self.eval().requires_grad_(False)

    def _accuracy(self, held: Images) -> tuple[float, float]:
        """The shares of labels, over all attributes that differ, that the heads and the most frequent class get right.

        The training set cannot show this: even a network as small as this one can memorise every label of a small set.
        """
        seen: dict[str, list[Tensor]] = {name: [] for name in self.names if len(held.attributes[name].unique()) > 1}
        for part in torch.arange(len(held)).split(BATCH):
            for name, classes in self.attributes(held.pixels(part.tolist())).items():
                if name in seen:
                    seen[name].append(classes)
        right = [float((torch.cat(found) == held.attributes[name]).float().mean()) for name, found in seen.items()]
        guessed = [float(held.attributes[name].bincount().max()) / len(held) for name in seen]
        return sum(right) / max(1, len(right)), sum(guessed) / max(1, len(guessed))

    def _build(self, real: Images) -> None:
        stride = max(2, min(real.size) // 16)
        self.convolutions = nn.Sequential(
            nn.Conv2d(real.channels, 32, stride + 2, stride, padding=1),
            nn.ReLU(),
            nn.Conv2d(32, 64, 3, 2, padding=1),
            nn.BatchNorm2d(64),
            nn.ReLU(),
            nn.Conv2d(64, 64, 3, 2, padding=1),
            nn.BatchNorm2d(64),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(4),
            nn.Flatten(),
        )
        # Standardised on the real images, so that the distance does not depend on an arbitrary scale.
        standardise = nn.BatchNorm1d(self.num_features, affine=False)
        self.features = nn.Sequential(nn.Linear(64 * 4 * 4, self.num_features), nn.ReLU(), standardise)
        assert real.label_name is not None
        self.classes, self.class_names = real.label_name, list(real.class_names)
        classes = {name: int(values.max()) + 1 for name, values in real.attributes.items()}
        self.num_logits = classes[self.classes]
        self.names = sorted(classes)
        self.heads = nn.ModuleDict({_key(name): nn.Linear(self.num_features, classes[name]) for name in self.names})

    def _fit_once(self, train: Images) -> dict[str, Any]:
        log.info("Fitting a small classifier for FID and IS (once for these data)")
        return self._fit(train, "Fitting the classifier for the scores (once)")

    def _fit(self, real: Images, title: str) -> dict[str, Any]:
        steps = -(-self.images // BATCH)
        optimizer = torch.optim.Adam(self.parameters())
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=4e-3, total_steps=steps)
        for _ in progress(range(steps), title):
            index = torch.randint(len(real), (BATCH,)).tolist()
            features = self._features(real.pixels(index))
            loss = torch.zeros(())
            for name in self.names:
                loss = loss + F.cross_entropy(self.head(name)(features), real.attributes[name][index])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        self._switch_off_rare_features(real)
        return self.state_dict()

    @torch.no_grad()
    def _switch_off_rare_features(self, real: Images) -> None:
        self.eval()
        linear, relu, _ = self.features
        assert isinstance(linear, nn.Linear)
        looked_at = torch.randperm(len(real))[:_LOOKED_AT]
        above_zero = torch.zeros(self.num_features)
        for part in looked_at.split(BATCH):
            above_zero += (relu(linear(self._maps(real.pixels(part.tolist())))) > 0).sum(0)
        rare = above_zero < _RARE * len(looked_at)
        linear.weight[rare] = 0.0
        linear.bias[rare] = 0.0

    def _maps(self, image: Tensor) -> Tensor:
        return self.convolutions(image.float() / 127.5 - 1)

    def _features(self, image: Tensor) -> Tensor:
        return self.features(self._maps(image))

    def attributes(self, image: Tensor) -> dict[str, Tensor]:
        """Images (B, C, H, W) uint8 to the class (B,) that the network sees for every attribute."""
        features = self._features(image)
        return {name: self.head(name)(features).argmax(1) for name in self.names}

    def head(self, name: str) -> nn.Module:
        """The layer that gives the logits of an attribute's classes."""
        return self.heads[_key(name)]

    def forward(self, image: Tensor) -> Extraction:
        features = self._features(image)
        return Extraction(features, self.head(self.classes)(features))


def _key(name: str) -> str:
    """An attribute, which may be called anything, as torch lets a module be called: most names stay as they are."""
    if name and "." not in name and not name.startswith("of ") and not hasattr(nn.ModuleDict(), name):
        return name
    return f"of {name.replace('%', '%25').replace('.', '%2E')}"
