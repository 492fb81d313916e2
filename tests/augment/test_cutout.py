"""Cutout against a loop over pixels."""

import torch

from gan_lightning.augment import Colour, Cutout


def test_pixels_around_a_random_centre_become_grey() -> None:
    image = torch.ones(64, 2, 8, 6)
    torch.manual_seed(1)
    cut = Cutout(size=0.5)(image, torch.tensor(1.0))
    torch.manual_seed(1)
    torch.rand(64, 1, 1, 1)  # for whether it happens
    centres = torch.rand(64, 1, 1, 1).flatten(), torch.rand(64, 1, 1, 1).flatten()
    for number in range(64):
        for row in range(8):
            for column in range(6):
                off = [(row + 0.5) / 8 - centres[0][number], (column + 0.5) / 6 - centres[1][number]]
                kept = any(abs(distance) >= 0.25 for distance in off)
                assert cut[number, :, row, column].tolist() == [float(kept)] * 2


def test_it_happens_with_its_probability_or_not_at_all() -> None:
    image = torch.rand(2000, 1, 4, 4) + 0.5
    assert torch.equal(Cutout()(image, torch.tensor(0.0)), image)
    changed = (Cutout()(image, torch.tensor(0.3)) != image).flatten(1).any(1).double().mean()
    assert abs(changed - 0.3) < 0.04


def test_colours_change_as_often_as_their_share_says() -> None:
    image = torch.rand(4000, 1, 2, 2)
    brighter = Colour(brightness=1, contrast=0, luma_flip=False, hue=0, saturation=0, share=0.5)
    changed = (brighter(image, torch.tensor(0.6)) != image).flatten(1).any(1).double().mean()
    assert abs(changed - 0.3) < 0.03
