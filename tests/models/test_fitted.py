"""The distribution that is fitted to codes."""

import torch

from gan_lightning.models.fitted import FittedGaussian


def test_the_fitted_gaussian_has_the_mean_and_the_covariance_of_the_codes():
    torch.manual_seed(0)
    mixing, shift = torch.randn(3, 3), torch.tensor([1.0, -2.0, 0.5])
    prior = FittedGaussian(3, decay=0.99)
    codes = torch.randn(20, 500, 3) @ mixing + shift
    for batch in codes:
        prior.observe(batch)
    everything = codes.flatten(0, 1)
    torch.testing.assert_close(prior.mean, everything.mean(0))
    drawn = prior(torch.randn(50_000, 3))
    torch.testing.assert_close(drawn.T.cov(), everything.T.cov(), rtol=0.05, atol=0.05)
    equal = FittedGaussian(2)
    equal.observe(torch.ones(4, 2))  # no variance at all
    torch.testing.assert_close(equal(torch.randn(5, 2)), torch.ones(5, 2), rtol=0, atol=1e-3)
