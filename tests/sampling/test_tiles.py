"""Large pictures in parts: the same result, and no part is larger than allowed."""

import pytest
import torch

from gan_lightning.networks import RRDBNet, SRResNet
from gan_lightning.sampling.tiles import in_tiles, overlap_of


@pytest.mark.parametrize("make", [SRResNet, RRDBNet])
@pytest.mark.parametrize(("scale", "size"), [(1, (50, 121)), (2, (90, 30)), (4, (64, 65))])
def test_parts_that_overlap_by_the_reach_make_the_whole(make, scale, size):
    torch.manual_seed(0)
    network = make(3, 3, scale, width=4, blocks=1).eval()
    image = torch.rand(1, 3, *size) * 2 - 1
    seen = []

    def translate(part: torch.Tensor) -> torch.Tensor:
        seen.append(part.shape[2:])
        return network(part)

    tile = 4 * network.reach + 3
    with torch.no_grad():
        whole = network(image)
        tiled = in_tiles(translate, image, scale, tile, overlap_of(tile, network.reach))
        torch.testing.assert_close(tiled, whole, rtol=0, atol=1e-6)
        assert len(seen) == 1 or max(max(part) for part in seen) <= tile < max(size)
        # With less overlap the edges of the parts show.
        assert (in_tiles(network, image, scale, 24, 1) - whole).abs().max() > 1e-4


def test_a_part_is_mostly_new():
    assert overlap_of(100, 10) == 10
    assert overlap_of(100, 400) == 25
