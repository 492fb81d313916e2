"""The distance of features of VGG19, on a file that has its layers but is narrow."""

from pathlib import Path

import pytest
import torch
from torch import nn

from gan_lightning.errors import SettingError
from gan_lightning.losses import L1, L2, VGG19Distance

WIDTHS = [6, 6, "M", 7, 7, "M", 8, 8, 8, 8, "M", 9, 9, 9, 9, "M", 10, 10, 10, 10]


@pytest.fixture
def vgg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> nn.Sequential:
    """torchvision's layers up to conv5_4, narrow, and their weights where the loss looks for them."""
    torch.manual_seed(0)
    layers: list[nn.Module] = []
    channels = 3
    for width in WIDTHS:
        if isinstance(width, str):
            layers.append(nn.MaxPool2d(2))
        else:
            layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU()]
            channels = width
    network = nn.Sequential(*layers)
    for layer in network:
        if isinstance(layer, nn.Conv2d):  # so that so few channels do not all become zero
            nn.init.kaiming_normal_(layer.weight)
            nn.init.constant_(layer.bias, 0.1)
    (tmp_path / "checkpoints").mkdir()
    weights = {f"features.{name}": value for name, value in network.state_dict().items()}
    torch.save(weights, tmp_path / "checkpoints" / "vgg19-dcbb9e9d.pth")
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    return network


def normalised(image: torch.Tensor) -> torch.Tensor:
    mean, std = (torch.tensor(numbers).view(3, 1, 1) for numbers in ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))
    return ((image + 1) / 2 - mean) / std


@pytest.mark.parametrize("activated", [True, False])
def test_features_are_those_of_torchvisions_layers(vgg, activated):
    output, target = torch.rand(2, 3, 32, 32) * 2 - 1, torch.rand(2, 3, 32, 32) * 2 - 1
    layers = vgg if activated else vgg[:-1]
    expected = 3 * (layers(normalised(output)) / 2 - layers(normalised(target)) / 2).square().mean()
    loss = VGG19Distance(L2(weight=3.0), activated, factor=0.5)
    torch.testing.assert_close(loss(output, target), expected)
    assert loss(target, target) == 0


def test_only_the_output_learns_and_checkpoints_stay_small(vgg):
    loss = VGG19Distance(L1(weight=1.0))
    output, target = (torch.rand(1, 3, 16, 16).requires_grad_() for _ in range(2))
    loss(output, target).backward()
    assert output.grad is not None
    assert output.grad.abs().sum() > 0
    assert target.grad is None
    assert not list(loss.parameters())
    assert not loss.state_dict()


def test_what_is_missing_or_damaged_is_a_sentence(vgg, tmp_path):
    image, file = torch.rand(1, 3, 16, 16), tmp_path / "checkpoints" / "vgg19-dcbb9e9d.pth"
    with pytest.raises(SettingError, match="VGG19 sees pictures of 3 channels, and these have 1"):
        VGG19Distance(L1(weight=1.0))(image[:, :1], image[:, :1])
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(SettingError, match="is not the file of VGG19's weights"):
        VGG19Distance(L1(weight=1.0))(image, image)
    file.unlink()
    with pytest.raises(SettingError, match=r"VGG19's weights are not on this machine; save https://.* as .*\.pth"):
        VGG19Distance(L1(weight=1.0))(image, image)
