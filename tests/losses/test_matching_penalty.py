"""The matching-aware gradient penalty against its closed form, and who it reaches."""

import torch
from torch import nn

from gan_lightning.losses import ConditionalCritic, MatchingAware


def test_on_a_linear_critic_it_is_the_length_of_both_slopes_together():
    a, b = torch.randn(3, 4, 4), torch.randn(5)
    real, c = torch.randn(6, 3, 4, 4), torch.randn(6, 5)
    critic = ConditionalCritic(lambda image, c: (image * a).sum((1, 2, 3)) + c @ b, c)
    squared = a.square().sum() + b.square().sum()
    for weight, power in ((2.0, 6.0), (3.0, 2.0)):
        term = MatchingAware(weight, power)(critic, real, torch.zeros_like(real), critic(real), critic(real))
        torch.testing.assert_close(term, weight * squared ** (power / 2))


def test_it_looks_at_real_images_with_their_own_captions():
    real, c = torch.randn(4, 1, 2, 2), torch.randn(4, 3)
    critic = ConditionalCritic(lambda image, c: image.square().sum((1, 2, 3)) / 2 * c[:, 0], c)
    slope = c[:, :1, None, None] * real, real.square().sum((1, 2, 3)) / 2
    squared = slope[0].square().sum((1, 2, 3)) + slope[1].square()
    term = MatchingAware()(critic, real, torch.full_like(real, 9.0), critic(real), critic(real))
    torch.testing.assert_close(term, 2 * (squared**3).mean())


def test_the_critic_learns_from_it_and_the_encoder_does_not():
    encoder, image_layer, text_layer = nn.Linear(3, 3), nn.Linear(4, 1), nn.Linear(3, 1)
    c = encoder(torch.randn(4, 3))
    critic = ConditionalCritic(lambda image, c: (image_layer(image.flatten(1)) * text_layer(c)).squeeze(1), c)
    real = torch.randn(4, 1, 2, 2)
    MatchingAware()(critic, real, real, critic(real), critic(real)).backward()
    assert image_layer.weight.grad is not None
    assert text_layer.weight.grad is not None
    assert encoder.weight.grad is None
