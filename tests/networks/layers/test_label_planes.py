"""Labels as planes behind the channels of a picture."""

import torch

from gan_lightning.networks.layers.label_planes import with_label


def test_every_number_of_a_label_fills_a_plane():
    image, label = torch.rand(2, 3, 4, 5), torch.tensor([[0, 1], [1, 0]])
    joined = with_label(image, label)
    assert joined.shape == (2, 5, 4, 5)
    assert torch.equal(joined[:, :3], image)
    for i in range(2):
        for j in range(2):
            assert torch.equal(joined[i, 3 + j], torch.full((4, 5), float(label[i, j])))
