"""The places where a label enters, each against its formula."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from gan_lightning.errors import SettingError
from gan_lightning.networks import ConditionalBatchNorm, ImageAndLabel, NoiseAndLabel, NoNorm, ProjectionHead

LABEL = torch.tensor([2, 0, 1, 0])


def noise(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0))


def test_the_embedded_label_stands_behind_the_noise() -> None:
    torch.manual_seed(0)
    latent = NoiseAndLabel(5, num_classes=3, embedding_dim=2)
    z = noise(4, 5)
    expected = np.hstack([z.numpy(), latent.embedding.weight.detach().numpy()[LABEL]])
    np.testing.assert_array_equal(latent(z, LABEL).detach(), expected)
    assert latent.features == 7


def test_the_embedded_label_stands_behind_the_image_as_constant_planes() -> None:
    torch.manual_seed(0)
    entry = ImageAndLabel(3, num_classes=3, embedding_dim=2)
    image = noise(4, 3, 4, 4)
    planes = entry.embedding.weight.detach().numpy()[LABEL].reshape(4, 2, 1, 1) * np.ones((4, 4), np.float32)
    expected = np.concatenate([image.numpy(), planes], axis=1)
    np.testing.assert_array_equal(entry(image, LABEL).detach(), expected)
    assert entry.channels == 5


def test_projection_adds_the_inner_product_with_the_labels_embedding() -> None:
    torch.manual_seed(0)
    head = ProjectionHead(6, NoNorm(), num_classes=3)
    features = noise(4, 6)
    f, w, b, e = (t.detach().numpy() for t in (features, head.linear.weight, head.linear.bias, head.embedding.weight))
    expected = [[w[0] @ f[i] + b[0] + e[c] @ f[i]] for i, c in enumerate(LABEL)]
    np.testing.assert_allclose(head(features, LABEL).detach(), expected, rtol=1e-5)


def test_conditional_batch_norm_starts_plain_and_then_differs_by_class() -> None:
    norm = ConditionalBatchNorm(2, num_classes=3)
    x = 3 * noise(4, 2, 5, 5) + 1
    array = x.double().numpy()
    mean, variance = (f(array, axis=(0, 2, 3), keepdims=True) for f in (np.mean, np.var))
    plain = (array - mean) / np.sqrt(variance + 1e-5)
    np.testing.assert_allclose(norm(x, LABEL).detach(), plain, atol=1e-5)

    with torch.no_grad():
        norm.gain.weight[0] = torch.tensor([2.0, 3.0])
        norm.bias.weight[1] = torch.tensor([-1.0, 5.0])
    expected = plain.copy()
    expected[LABEL == 0] *= np.array([2, 3])[:, None, None]
    expected[LABEL == 1] += np.array([-1, 5])[:, None, None]
    np.testing.assert_allclose(norm(x, LABEL).detach(), expected, atol=1e-5)


@pytest.mark.parametrize("num_classes", [0, 1])
@pytest.mark.parametrize(
    "build",
    [
        pytest.param(lambda n: NoiseAndLabel(5, num_classes=n), id="latent"),
        pytest.param(lambda n: ImageAndLabel(3, num_classes=n), id="image"),
        pytest.param(lambda n: ConditionalBatchNorm(2, num_classes=n), id="norm"),
        pytest.param(lambda n: ProjectionHead(6, NoNorm(), num_classes=n), id="head"),
    ],
)
def test_conditioning_on_data_without_classes_is_refused(build: Callable[[int], nn.Module], num_classes: int) -> None:
    with pytest.raises(SettingError, match=rf"conditioning needs class labels.* {num_classes} classes"):
        build(num_classes)
