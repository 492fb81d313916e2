"""DCGAN's networks: the authors' sizes, the sizes of pictures that fit, and how weights start."""

from functools import partial
from math import sqrt

import pytest
import torch
from configured import build
from formulas import count, draw

from gan_lightning.errors import SettingError
from gan_lightning.networks import (
    DCGANDiscriminator,
    ImageOnly,
    LinearHead,
    NoNorm,
)

JUDGE = partial(DCGANDiscriminator, norm=NoNorm(), image=ImageOnly, head=LinearHead)


@pytest.mark.parametrize(
    ("size", "expected"), [((32, 64), (4, 8)), ((64, 32), (8, 4)), ((48, 48), (6, 6)), ((16, 20), (4, 5))], ids=str
)
def test_dcgans_discriminator_halves_the_shorter_side_down_to_four(
    size: tuple[int, int], expected: tuple[int, int]
) -> None:
    discriminator = JUDGE(3, size, width=2)
    image, label = draw(2, 3, *size), torch.zeros(2, dtype=torch.long)
    last = discriminator.layers(image)
    assert last.shape[2:] == expected
    verdict = discriminator(image, label)
    assert verdict.logits.shape == (2, 1)
    assert verdict.features.shape == (2, discriminator.feature_dim) == (2, last[0].numel())


@pytest.mark.parametrize(
    ("size", "sentence"),
    [
        (
            (32, 66),
            "dataset.resolution=[32,66]: a DCGAN discriminator that halves 3 times takes heights and widths that are "
            "multiples of 8, at least 16; the nearest are [32,64] and [32,72]",
        ),
        (
            (8, 8),
            "dataset.resolution=8: a DCGAN discriminator that halves 2 times takes heights and widths that are "
            "multiples of 4, at least 16; the nearest is 16",
        ),
    ],
    ids=str,
)
def test_a_size_that_dcgans_discriminator_cannot_halve_is_refused(size: tuple[int, int], sentence: str) -> None:
    with pytest.raises(SettingError) as refusal:
        JUDGE(3, size)
    assert str(refusal.value) == sentence


def test_dcgan_has_the_size_of_the_authors_networks() -> None:
    generator, discriminator = build("dcgan", critic_norm="batch", resolution=64, width=64)
    hidden = [(512, 256), (256, 128), (128, 64)]
    of_generator = 100 * 512 * 16 + 2 * 512 + sum(a * b * 16 + 2 * b for a, b in hidden) + 64 * 3 * 16
    of_discriminator = 3 * 64 * 16 + sum(a * b * 16 + 2 * a for a, b in hidden) + 512 * 16
    # The sizes of the PyTorch port, which has no bias anywhere. Here layers without a norm have one.
    assert (of_generator, of_discriminator) == (3_576_704, 2_765_568)
    assert count(generator) == of_generator + 3
    assert count(discriminator) == of_discriminator + 64 + 1


@pytest.mark.parametrize("critic_norm", ["batch", "spectral"])
@pytest.mark.parametrize("network", ["dcgan", "autoencoder"])
def test_dcgan_starts_from_normal_weights(network: str, critic_norm: str) -> None:
    generator, discriminator = build(network, critic_norm=critic_norm, resolution=32, width=32)
    gains = []
    for name, p in (*generator.named_parameters(), *discriminator.named_parameters()):
        if name.startswith("head") and critic_norm == "spectral":
            continue  # wrapped before DCGAN sees it, and its scale is divided away
        if p.ndim > 1:
            error = 0.02 / sqrt(p.numel())  # of the mean; four of them are as good as never exceeded
            assert p.mean().item() == pytest.approx(0, abs=4 * error), name
            assert p.std().item() == pytest.approx(0.02, abs=4 * error / sqrt(2)), name
        elif name.endswith("weight"):
            gains.append(p.detach())
        else:
            assert (p == 0).all(), name
    values = torch.cat(gains)
    error = 0.02 / sqrt(values.numel())
    assert values.mean().item() == pytest.approx(1, abs=4 * error)
    assert values.std().item() == pytest.approx(0.02, abs=4 * error / sqrt(2))
