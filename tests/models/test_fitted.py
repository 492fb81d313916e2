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


def test_estimates_and_codes_are_float32_in_a_run_of_bfloat16():
    torch.manual_seed(0)
    codes, normal = torch.randn(40, 3).bfloat16(), torch.randn(5, 3)
    usual, ours = FittedGaussian(3), FittedGaussian(3)
    usual.observe(codes.float())
    with torch.autocast("cpu", torch.bfloat16):
        ours.observe(codes)
        drawn = ours(normal)
    torch.testing.assert_close(ours.state_dict(), usual.state_dict(), rtol=0, atol=0)
    torch.testing.assert_close(drawn, usual(normal), rtol=0, atol=0)
