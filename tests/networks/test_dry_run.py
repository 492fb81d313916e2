"""Networks tried before training: what is wrong with them is a sentence, and trying changes nothing."""

import pytest
import torch
from torch import nn

from gan_lightning.batch import Verdict
from gan_lightning.errors import SettingError
from gan_lightning.networks.dry_run import (
    check_codes,
    check_images,
    check_label_matters,
    check_verdict,
    dry_run_mode,
)

IMAGE, CONDITION = torch.rand(2, 3, 8, 8), torch.zeros(2, dtype=torch.long)


def test_trying_changes_neither_modes_nor_random_numbers_nor_weights():
    network = nn.Sequential(nn.Dropout(), nn.BatchNorm1d(3))
    network[0].eval()
    state, before = torch.get_rng_state(), network[1].running_mean.clone()
    with dry_run_mode(network):
        assert not any(module.training for module in network.modules())
        assert not network(torch.randn(4, 3)).requires_grad
    assert [module.training for module in network.modules()] == [True, False, True]
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(network[1].running_mean, before)


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (lambda: torch.zeros(2, 3, 4, 4), r"^G: Mine makes \(2, 3, 4, 4\), but the data need images \(2, 3, 8, 8\)$"),
        (lambda: None, r"^G: Mine makes NoneType, but"),
        (
            lambda: 1.5 * torch.ones(2, 3, 8, 8),
            r"^G: Mine makes images with values outside \[-1, 1\]; end it with tanh$",
        ),
        (lambda: torch.zeros(2, 3) @ torch.zeros(2, 3), r"^G: Mine fails on a batch of 2: RuntimeError: "),
    ],
)
def test_wrong_images_are_refused(made, told):
    with pytest.raises(SettingError, match=told):
        check_images("G", made, "Mine", IMAGE.shape)
    good = 1.5 * torch.ones(2, 3, 8, 8)
    assert check_images("G", lambda: good, "Mine", IMAGE.shape, bounded=False) is good


class Returning(nn.Module):
    feature_dim = 5

    def __init__(self, returned):
        super().__init__()
        self.returned = returned

    def forward(self, image, condition):
        return self.returned


@pytest.mark.parametrize(
    ("returned", "told"),
    [
        (torch.zeros(2, 1), r"^D: Returning returns a Tensor and not a gan_lightning.batch.Verdict"),
        (Verdict(torch.zeros(2), torch.zeros(2, 5)), r"^D: Returning gives logits \(2,\), but \(B, 1\)"),
        (Verdict(torch.zeros(2, 3), torch.zeros(2, 5)), r"^D: Returning gives logits \(2, 3\), but \(B, 1\)"),
        (Verdict(torch.zeros(2, 1), torch.zeros(2, 4)), r"gives features \(2, 4\).*its feature_dim is 5$"),
    ],
)
def test_wrong_verdicts_are_refused(returned, told):
    with pytest.raises(SettingError, match=told):
        check_verdict("D", Returning(returned), IMAGE, CONDITION)


def test_verdicts_of_one_logit_or_a_map_pass():
    for logits in (torch.zeros(2, 1), torch.zeros(2, 1, 3, 3)):
        check_verdict("D", Returning(Verdict(logits, torch.zeros(2, 5))), IMAGE, CONDITION)


def test_wrong_codes_are_refused():
    check_codes("encoder", Returning(torch.zeros(2, 6)), IMAGE, CONDITION, 6)
    with pytest.raises(SettingError, match=r"^encoder: Returning gives \(2, 6\), but \(B, 7\) is needed$"):
        check_codes("encoder", Returning(torch.zeros(2, 6)), IMAGE, CONDITION, 7)


def test_a_network_that_is_blind_to_its_label_is_refused():
    """Reflection keeps a plane constant, and instance norm subtracts it; zeros at the border do not."""
    label = torch.tensor([[0.0, 1.0], [1.0, 0.0]])

    def network(padding: str) -> nn.Module:
        torch.manual_seed(0)
        return nn.Sequential(nn.Conv2d(5, 4, 3, padding=1, padding_mode=padding), nn.InstanceNorm2d(4), nn.Tanh())

    check_label_matters("network", network("zeros"), IMAGE, label)
    with pytest.raises(SettingError, match=r"^network: Sequential makes the same picture whatever label it gets"):
        check_label_matters("network", network("reflect"), IMAGE, label)
