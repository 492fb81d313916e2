"""What tokens are worth."""

import pytest
import torch

from gan_lightning.batch import Verdict
from gan_lightning.errors import SettingError
from gan_lightning.models import MovingMean, PerToken, RolledOut
from gan_lightning.networks import ConvolutionalReader, LSTMGenerator, RecurrentReader, SequenceDiscriminator


class CountsOnes(SequenceDiscriminator):
    """Real with the share of ones as probability."""

    judges_tokens, feature_dim = False, 1

    def forward(self, token):
        share = (token == 1).double().mean(1, keepdim=True)
        return Verdict(share.logit().float(), share)


def test_a_token_is_worth_the_mean_of_its_completions() -> None:
    torch.manual_seed(0)
    generator = LSTMGenerator(num_tokens=2, length=4, end=None, embedding=2, hidden=3)
    generator.output.weight.data.zero_()
    generator.output.bias.data = torch.tensor([0.3, 0.7]).log()  # ones are drawn with 0.7
    token = torch.tensor([[1, 1, 0, 1], [0, 0, 0, 0]])
    returns = RolledOut(rollouts=1000)(token, generator, CountsOnes())
    expected = [[(1 + 2.1) / 4, (2 + 1.4) / 4, (2 + 0.7) / 4, 0.75], [2.1 / 4, 1.4 / 4, 0.7 / 4, 0]]
    assert torch.allclose(returns, torch.tensor(expected), atol=0.025)


def test_rewards_of_tokens_are_discounted_and_end() -> None:
    torch.manual_seed(0)
    reader = RecurrentReader(num_tokens=3, length=3, end=0, embedding=4, hidden=4)
    generator = LSTMGenerator(3, 3, 0, 4, 4)
    token = torch.tensor([[1, 0, 0]])
    reward = 2 * reader(token).logits[0].sigmoid() - 1
    returns = PerToken(discount=0.5)(token, generator, reader)[0]
    assert torch.allclose(returns, torch.stack([reward[0] + reward[1] / 2, reward[1], reward[1] * 0]))


def test_a_discriminator_of_the_other_kind_is_refused() -> None:
    whole = ConvolutionalReader(3, 3, 4, [[1, 4]])
    tokens = RecurrentReader(3, 3, 0, 4, 4)
    RolledOut(2).check(whole)
    PerToken(0.2).check(tokens)
    with pytest.raises(SettingError, match="network=sequence_cnn, or model=scratchgan"):
        RolledOut(2).check(tokens)
    with pytest.raises(SettingError, match="network=sequence_rnn, or model=seqgan"):
        PerToken(0.2).check(whole)
    with pytest.raises(SettingError, match=r"model.reward.discount=2: a number in \[0, 1\]"):
        PerToken(2)


def test_the_baseline_leaves_out_what_follows_an_end() -> None:
    baseline = MovingMean(decay=0.0)
    baseline.observe(torch.tensor([[1.0, 9.0], [3.0, 5.0]]), torch.tensor([[True, False], [True, True]]))
    assert baseline.value.item() == 3
