"""A classifier as a joint density of images and classes."""

import torch

from gan_lightning.batch import Verdict
from gan_lightning.networks import ClassEnergy, Discriminator


class Linear(Discriminator):
    """Features a x, a number for each of three directions."""

    feature_dim = 3

    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(4, 3)

    def forward(self, image: torch.Tensor, condition: torch.Tensor) -> Verdict:
        features = self.layer(image.flatten(1))
        return Verdict(features[:, :1], features)


def test_a_classifier_is_a_joint_density() -> None:
    torch.manual_seed(0)
    energy = ClassEnergy(Linear(), num_classes=5)
    image, label = torch.randn(7, 1, 2, 2), torch.arange(7) % 5
    joint = torch.stack([energy(image, torch.full_like(label, y)).score for y in range(5)], 1)
    torch.testing.assert_close(energy.contrasted(image, label), joint.logsumexp(1))
    p_of_label = joint.softmax(1).gather(1, label[:, None])
    torch.testing.assert_close(energy.supervised(image, label), -p_of_label.log().mean())
