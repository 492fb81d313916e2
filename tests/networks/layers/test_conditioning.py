"""The places where a condition enters, each against its formula."""

import numpy as np
import pytest
import torch
from formulas import draw
from torch import Tensor, nn
from torch.nn import functional as F

from gan_lightning.networks import (
    ConditionalBatchNorm,
    ImageAndCondition,
    NoiseAndCondition,
    NoNorm,
    OneHot,
    ProjectionHead,
    SpectralNorm,
)
from gan_lightning.networks.layers.conditioning import LinearBatchNorm
from gan_lightning.networks.layers.weighted import Layers

LABEL = torch.tensor([2, 0, 1, 0])
C = OneHot(3)(LABEL)
ATTRIBUTES = torch.tensor([[2, 1], [0, 0], [1, 1], [0, 1]])


def noise(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0))


def test_the_embedded_label_stands_behind_the_noise() -> None:
    torch.manual_seed(0)
    latent = NoiseAndCondition(5, 3, embedding_dim=2)
    z = noise(4, 5)
    expected = np.hstack([z.numpy(), latent.embedding.weight.detach().numpy()[LABEL]])
    np.testing.assert_array_equal(latent(z, C).detach(), expected)
    assert latent.features == 7


def test_the_embedded_label_stands_behind_the_image_as_constant_planes() -> None:
    torch.manual_seed(0)
    entry = ImageAndCondition(3, 3, embedding_dim=2)
    image = noise(4, 3, 4, 4)
    planes = entry.embedding.weight.detach().numpy()[LABEL].reshape(4, 2, 1, 1) * np.ones((4, 4), np.float32)
    expected = np.concatenate([image.numpy(), planes], axis=1)
    np.testing.assert_array_equal(entry(image, C).detach(), expected)
    assert entry.channels == 5


def test_projection_adds_the_inner_product_with_the_labels_embedding() -> None:
    torch.manual_seed(0)
    head = ProjectionHead(6, NoNorm(), 3)
    features = noise(4, 6)
    f, w, b, e = (t.detach().numpy() for t in (features, head.linear.weight, head.linear.bias, head.embedding.weight))
    expected = [[w[0] @ f[i] + b[0] + e[c] @ f[i]] for i, c in enumerate(LABEL)]
    np.testing.assert_allclose(head(features, C).detach(), expected, rtol=1e-5)


def test_conditional_batch_norm_starts_plain_and_then_differs_by_class() -> None:
    norm = ConditionalBatchNorm(2, 3)
    x = 3 * noise(4, 2, 5, 5) + 1
    array = x.double().numpy()
    mean, variance = (f(array, axis=(0, 2, 3), keepdims=True) for f in (np.mean, np.var))
    plain = (array - mean) / np.sqrt(variance + 1e-5)
    np.testing.assert_allclose(norm(x, C).detach(), plain, atol=1e-5)

    with torch.no_grad():
        norm.gain.weight[0] = torch.tensor([2.0, 3.0])
        norm.bias.weight[1] = torch.tensor([-1.0, 5.0])
    expected = plain.copy()
    expected[LABEL == 0] *= np.array([2, 3])[:, None, None]
    expected[LABEL == 1] += np.array([-1, 5])[:, None, None]
    np.testing.assert_allclose(norm(x, C).detach(), expected, atol=1e-5)


def test_every_place_takes_the_vector_of_several_attributes() -> None:
    torch.manual_seed(0)
    embedder = OneHot([3, 2])
    c = embedder(ATTRIBUTES)
    latent, head = NoiseAndCondition(5, embedder.features, 2), ProjectionHead(6, NoNorm(), embedder.features)
    rows, features = latent.embedding.weight.detach(), noise(4, 6)
    embedded = rows[ATTRIBUTES[:, 0]] + rows[3 + ATTRIBUTES[:, 1]]
    torch.testing.assert_close(latent(noise(4, 5), c)[:, 5:], embedded)
    rows = head.embedding.weight.detach()
    embedded = rows[ATTRIBUTES[:, 0]] + rows[3 + ATTRIBUTES[:, 1]]
    torch.testing.assert_close(head(features, c) - head.linear(features), (embedded * features).sum(1, keepdim=True))
    norm, x = ConditionalBatchNorm(2, embedder.features), noise(4, 2, 5, 5)
    torch.testing.assert_close(norm(x, c), norm.norm(x))  # a gain of one also where two rows add up
    norm(x, 7.3 * c).sum().backward()
    assert norm.gain.weight.grad is not None


def test_the_embedding_of_a_class_is_a_row_of_its_weights_to_the_bit() -> None:
    torch.manual_seed(0)
    latent = NoiseAndCondition(5, 3, embedding_dim=64)
    table = nn.Embedding(3, 64, _weight=latent.embedding.weight.detach())
    assert torch.equal(latent(noise(4, 5), C)[:, 5:], table(LABEL))


def test_spectral_norm_divides_the_embedding_by_its_largest_singular_value() -> None:
    torch.manual_seed(0)
    head = ProjectionHead(6, SpectralNorm(), 3)
    for _ in range(100):
        head(noise(4, 6), C)
    head.eval()
    largest = np.linalg.svd(head.embedding.weight.detach().numpy(), compute_uv=False)[0]
    assert largest == pytest.approx(1, abs=1e-4)


def test_the_gain_of_biggans_norm_is_one_plus_a_linear_function() -> None:
    torch.manual_seed(0)
    norm = LinearBatchNorm(4, 3, Layers())
    x, c = draw(5, 4, 3, 3), draw(5, 3, seed=1)
    plain = F.batch_norm(x, None, None, training=True)
    gain, bias = 1 + c @ norm.gain.weight.T, c @ norm.bias.weight.T
    torch.testing.assert_close(norm(x, c), plain * gain[:, :, None, None] + bias[:, :, None, None])
    torch.testing.assert_close(norm(x, torch.zeros(5, 3)), plain)
