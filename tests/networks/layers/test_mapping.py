"""The mapping network, and the head that compares features with a mapped label."""

import torch
from formulas import draw

from gan_lightning.networks import EqualisedRate, MappedProjectionHead, OneHot
from gan_lightning.networks.layers.mapping import Mapping
from gan_lightning.networks.layers.norm import pixel_norm


def test_the_head_for_labels_is_an_inner_product_over_the_root_of_its_length() -> None:
    torch.manual_seed(0)
    head = MappedProjectionHead(6, EqualisedRate(), 3, width=4, depth=2)
    features, c = draw(2, 6), OneHot(3)(torch.tensor([2, 0]))
    wanted = head.mapping(pixel_norm(head.embedding(c)))
    expected = [[(row * vector).sum() / 2] for row, vector in zip(head.linear(features), wanted, strict=True)]
    torch.testing.assert_close(head(features, c).detach(), torch.tensor([[row[0].item()] for row in expected]))
    torch.testing.assert_close(pixel_norm(5 * features).square().mean(1), torch.ones(2))


def test_a_mapping_learns_at_a_hundredth_of_the_rate() -> None:
    assert {part.scale for name, part in Mapping(4, 4, 1).named_modules() if name.endswith("bias.0")} == {0.01}
