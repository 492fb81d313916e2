"""DF-GAN's networks against the authors' numbers of parameters and their layers written plainly."""

from functools import partial

import torch
from torch.nn import functional as F

from gan_lightning.networks import (
    DFGANDiscriminator,
    DFGANGenerator,
    ImageOnly,
    NoNorm,
    ReplicatedConditionHead,
    Vector,
)


def discriminator(size: int, width: int, features: int = 256) -> DFGANDiscriminator:
    head = partial(ReplicatedConditionHead, embedding_dim=None, channels=2 * width, kernel=3, bias=False)
    return DFGANDiscriminator(3, [size, size], NoNorm(), ImageOnly, head, width, Vector(features))


def parameters(network: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def test_sizes_are_those_of_the_authors_networks_at_256_pixels():
    """Their discriminator also holds a shortcut for each of three blocks that keep the channels, and never uses it."""
    with torch.device("meta"):
        assert parameters(DFGANGenerator(3, 256, 32, 100, Vector(256))) == 9_744_131
        assert parameters(discriminator(256, 32)) == 6_915_142 - 3 * (256 * 256 + 256)


def test_the_generator_is_the_authors():
    network = DFGANGenerator(3, 16, 4, 7, Vector(5)).double()
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    z, c = torch.randn(2, 7).double(), torch.randn(2, 5).double()
    y = torch.cat([z, c], 1)
    linear = torch.nn.functional.linear

    def affine(x, layers):
        def column(net):
            return linear(F.relu(linear(y, net[0].weight, net[0].bias)), net[2].weight, net[2].bias)[:, :, None, None]

        return column(layers.gain) * x + column(layers.shift)

    x = network.first(z).view(2, 16, 4, 4)
    for block in network.blocks:
        x = x.repeat_interleave(2, 2).repeat_interleave(2, 3)
        h = x
        for fuse, conv in ((block.fuse_in, block.conv_in), (block.fuse_out, block.conv_out)):
            for layers in fuse.affine:
                h = F.leaky_relu(affine(h, layers), 0.2)
            h = F.conv2d(h, conv.weight, conv.bias, padding=1)
        x = h + F.conv2d(x, block.shortcut.weight, block.shortcut.bias)
    expected = torch.tanh(F.conv2d(F.leaky_relu(x, 0.2), network.to_image.weight, network.to_image.bias, padding=1))
    torch.testing.assert_close(network(z, c), expected)


def test_at_first_neither_the_affine_changes_nor_the_paths_of_blocks_do_anything():
    generator, critic = DFGANGenerator(3, 16, 4, 7, Vector(5)), discriminator(16, 4, 5)
    z = torch.randn(1, 7).expand(2, -1)
    made = generator(z, torch.randn(2, 5))
    torch.testing.assert_close(made[0], made[1])  # another caption changes nothing yet
    image, c = torch.randn(2, 3, 16, 16), torch.randn(2, 5)
    x = critic.first(image)
    for block in critic.blocks:
        x = F.avg_pool2d(F.conv2d(x, block.shortcut.weight, block.shortcut.bias), 2)
    torch.testing.assert_close(critic(image, c).features, x.flatten(1))
    with torch.no_grad():
        critic.blocks[0].gamma.fill_(0.5)
    first = critic.blocks[0]
    added = F.conv2d(critic.first(image), first.added[0].weight, None, stride=2, padding=1)
    added = F.leaky_relu(F.conv2d(F.leaky_relu(added, 0.2), first.added[2].weight, None, padding=1), 0.2)
    shortcut = F.avg_pool2d(first.shortcut(critic.first(image)), 2)
    torch.testing.assert_close(first(critic.first(image)), shortcut + 0.5 * added)
