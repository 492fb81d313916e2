"""The plain way of drawing samples."""

import torch

from gan_lightning.sampling.samplers import Plain


def test_plain_samples_are_those_of_the_numbers_under_the_conditions_seed_and_truncation_of_the_task(task):
    asked = task(wanted=torch.tensor([3, 1]), seed=5, truncation=0.5)
    sampler = Plain()
    sampler.begin(asked)
    number = torch.tensor([4, 1, 2])
    made = sampler.draw(number)
    model = asked.ensemble.members[0]
    condition = torch.tensor([3, 1, 3])  # the classes come in turn
    noise = model.noise_at(number, 5)
    with torch.no_grad():
        expected = model.synthesise(model.latent_of(noise, condition, 0.5), condition)
    torch.testing.assert_close(made, expected)
    torch.testing.assert_close(sampler.draw(torch.tensor([1])), made[1:2])
    assert sampler.report() == ""
