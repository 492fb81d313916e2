"""Tries networks on a batch of random numbers before training, to check that they fulfil their contracts.

A class of the user's own may be wrong where no signature shows it. Trying changes nothing: the networks are in
evaluation mode and get no gradients, and the run's random numbers are not changed.
"""

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from gan_lightning.batch import Verdict
from gan_lightning.errors import SettingError
from gan_lightning.networks.contracts import Discriminator, Encoder, Translator
from gan_lightning.networks.layers.label_planes import with_label
from gan_lightning.networks.sequence_critics import SequenceDiscriminator

BATCH = 2
_ROUNDING = 1e-12
"""Share of the change by another picture below which a change, in double precision, is taken for one of rounding."""


@contextmanager
def dry_run_mode(model: nn.Module) -> Iterator[None]:
    """Evaluation mode without gradients; afterwards, torch's random state is as before."""
    training = [module for module in model.modules() if module.training]
    model.eval()
    try:
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            yield
    finally:
        for module in training:
            module.training = True


def check_images(
    setting: str, make: Callable[[], Tensor], name: str, shape: Sequence[int], bounded: bool = True
) -> Tensor:
    """Return the images that a generator or translator makes, after checking them.

    Args:
        setting: which setting chose the network.
        make: calls it.
        name: of its class.
        shape: (B, C, H, W) that they must have.
        bounded: whether they must lie in [-1, 1].

    Raises:
        SettingError: it fails, or the images have another shape or leave [-1, 1].
    """
    images = _tried(setting, name, make)
    made = tuple(images.shape) if isinstance(images, Tensor) else type(images).__name__
    if made != tuple(shape):
        raise SettingError(f"{setting}: {name} makes {made}, but the data need images {tuple(shape)}")
    if bounded and images.abs().max() > 1:
        raise SettingError(f"{setting}: {name} makes images with values outside [-1, 1]; end it with tanh")
    return images


def check_codes(setting: str, encoder: Encoder, image: Tensor, condition: Tensor, outputs: int) -> None:
    """Check what an encoder returns for images (B, C, H, W).

    Raises:
        SettingError: it fails, or does not return (B, outputs).
    """
    name = type(encoder).__name__
    codes = _tried(setting, name, lambda: encoder(image, condition))
    made = tuple(codes.shape) if isinstance(codes, Tensor) else type(codes).__name__
    if made != (len(image), outputs):
        raise SettingError(f"{setting}: {name} gives {made}, but (B, {outputs}) is needed")


def check_verdict(setting: str, discriminator: Discriminator, image: Tensor, condition: Tensor) -> None:
    """Check what a discriminator returns for images (B, C, H, W).

    Raises:
        SettingError: it fails, or does not return a `Verdict` of so many logits and features.
    """
    name = type(discriminator).__name__
    verdict = _tried(setting, name, lambda: discriminator(image, condition))
    if not isinstance(verdict, Verdict):
        raise SettingError(
            f"{setting}: {name} returns a {type(verdict).__name__} and not a gan_lightning.batch.Verdict(logits, "
            "features): raw logits (B, 1) or a map of them, and features (B, feature_dim)"
        )
    logits, features = (tuple(part.shape) for part in verdict)
    if len(logits) not in (2, 4) or logits[:2] != (len(image), 1):
        raise SettingError(f"{setting}: {name} gives logits {logits}, but (B, 1) or (B, 1, h, w) is needed")
    if features != (len(image), discriminator.feature_dim):
        raise SettingError(
            f"{setting}: {name} gives features {features}, but (B, feature_dim) is needed, and its feature_dim is "
            f"{discriminator.feature_dim}"
        )


def check_reading(setting: str, discriminator: SequenceDiscriminator, token: Tensor) -> None:
    """Check what a discriminator returns for sequences (B, T).

    Raises:
        SettingError: it fails, or does not return as many logits and features as its class declares.
    """
    name = type(discriminator).__name__
    verdict = _tried(setting, name, lambda: discriminator(token))
    asked = (len(token), token.shape[1] if discriminator.judges_tokens else 1), (len(token), discriminator.feature_dim)
    given = tuple(tuple(part.shape) for part in verdict) if isinstance(verdict, Verdict) else type(verdict).__name__
    if given != asked:
        raise SettingError(f"{setting}: {name} gives {given}, but a Verdict of logits and features {asked} is needed")


def check_label_matters(setting: str, network: Translator, image: Tensor, label: Tensor) -> None:
    """Check that what a network makes depends on the label planes behind its picture.

    The network is tried in double precision, so that even a weak effect of a label, as of one that is only just
    initialised, differs from errors of rounding.

    Args:
        setting: which setting chose the network.
        network: takes a picture with its label (`with_label`).
        image: two different ones (2, C, H, W).
        label: two different ones (2, L).

    Raises:
        SettingError: another label changes nothing.
    """
    exact, (first, second) = copy.deepcopy(network).double(), image.double().split(1)
    made = exact(with_label(first, label[:1]))
    by_label = (exact(with_label(first, label[1:])) - made).abs().max()
    by_image = (exact(with_label(second, label[:1])) - made).abs().max()
    if by_label < _ROUNDING * by_image:
        raise SettingError(
            f"{setting}: {type(network).__name__} makes the same picture whatever label it gets; label planes that are "
            "padded by reflection are the same number everywhere, which instance norm subtracts: pad with zeros, as "
            "network=stargan does, or use another norm"
        )


def _tried(setting: str, name: str, call: Callable[[], Any]) -> Any:
    try:
        return call()
    except SettingError:
        raise
    except (AttributeError, IndexError, RuntimeError, TypeError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise SettingError(
            f"{setting}: {name} fails on a batch of {BATCH}: {type(error).__name__}: {reason}"
        ) from error
