"""Trained networks without their training step."""

import torch
from torch import nn

from gan_lightning.models import Normal
from gan_lightning.models.alone import GeneratorAlone, with_own_statistics
from gan_lightning.networks import Generator


class Doubling(Generator):
    latent_dim = 3

    def __init__(self):
        super().__init__()
        self.gain = nn.Parameter(torch.tensor(2.0))

    def forward(self, z, condition):
        return self.synthesise(self.map(z, condition), condition)

    def map(self, z, condition):
        return self.gain * z

    def synthesise(self, w, condition):
        return w[:, :, None, None].expand(-1, -1, 4, 4)


def test_own_statistics_are_those_that_batch_norm_takes_of_one_picture():
    network = nn.Sequential(nn.Conv2d(3, 5, 3), nn.BatchNorm2d(5), nn.Sequential(nn.ReLU(), nn.BatchNorm2d(5)))
    for parameter in network.parameters():
        nn.init.normal_(parameter)
    pictures = torch.randn(4, 3, 12, 9)
    alone = [network.train()(picture[None]) for picture in pictures]  # a batch of one
    made = with_own_statistics(network).eval()(pictures)
    assert not [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    assert torch.allclose(made, torch.cat(alone), atol=1e-5)


def test_a_generator_alone_maps_synthesises_and_stays_in_range():
    model = GeneratorAlone(Doubling(), 0, Normal())
    z, condition = torch.tensor([[0.1, 0.2, 3.0]]), torch.zeros(1, dtype=torch.long)
    assert torch.allclose(model.map(z, condition), 2 * z)
    image = model(z, condition)
    assert image.shape == (1, 3, 4, 4)
    assert torch.allclose(image[0, :, 0, 0], torch.tensor([0.2, 0.4, 1.0]))
    # What brings noise to the distribution of codes comes before the mapping.
    fitted = GeneratorAlone(Doubling(), 0, Normal(), nn.Linear(3, 3, bias=False))
    nn.init.eye_(fitted.fitted.weight)
    fitted.fitted.weight.data *= -1
    assert torch.allclose(fitted.map(z, condition), -2 * z)
