"""Encoders of captions against torch's own recurrent network on sentences without padding."""

import pytest
import torch
from torch import nn

from gan_lightning.errors import SettingError
from gan_lightning.networks import BagOfWords, GRUEncoder, Stages

CAPTIONS = {"words": ["a", "red", "blue", "hair", "shirt", "and"], "length": 9, "shown": ["red hair", "blue shirt"]}


def encoded(encoder, *sentences):
    return encoder(encoder.vocabulary.encode(sentences))


def test_gru_equals_torchs_own_in_both_directions():
    encoder = GRUEncoder(CAPTIONS, features=8, word_features=5)
    theirs = nn.GRU(5, 4, batch_first=True, bidirectional=True)
    for ours, suffix in ((encoder.forwards, ""), (encoder.backwards, "_reverse")):
        for name, value in ours.named_parameters():
            getattr(theirs, f"{name}{suffix}").data.copy_(value)
    for sentence in ("red hair", "a blue shirt and red hair", "hair"):
        words = encoder.vocabulary.encode([sentence])
        _, last = theirs(encoder.words(words[:, : len(sentence.split())]))
        torch.testing.assert_close(encoder(words)[0], last.flatten())


@pytest.mark.parametrize("make", [GRUEncoder, BagOfWords])
def test_padding_and_company_change_nothing(make):
    encoder = make(CAPTIONS, features=8)
    longer = make({**CAPTIONS, "length": 20}, features=8)
    longer.load_state_dict(encoder.state_dict())
    alone = encoded(encoder, "a red shirt")
    torch.testing.assert_close(encoded(longer, "a red shirt"), alone)
    torch.testing.assert_close(encoded(encoder, "blue hair", "a red shirt")[1:], alone)


def test_only_the_gru_knows_the_order_of_words():
    sentences = "red hair and a blue shirt", "blue hair and a red shirt"
    for make, differs in ((GRUEncoder, True), (BagOfWords, False)):
        first, second = encoded(make(CAPTIONS), *sentences)
        assert torch.allclose(first, second, atol=1e-6) != differs


def test_examples_are_the_captions_to_show():
    encoder = BagOfWords(CAPTIONS)
    assert [encoder.vocabulary.decode(row) for row in encoder.examples] == CAPTIONS["shown"]
    assert "examples" not in encoder.state_dict()


@pytest.mark.parametrize("make", [GRUEncoder, BagOfWords])
def test_an_encoder_learns_in_the_first_of_two_stages_only(make):
    encoder = make(CAPTIONS, features=8, stages=Stages(second_at=0.5))
    learning = encoded(encoder, "a red shirt")
    assert learning.requires_grad
    encoder.stages.follow(0.5)
    frozen = encoded(encoder, "a red shirt")
    assert not frozen.requires_grad
    assert torch.equal(frozen, learning)


def test_data_without_captions_and_odd_widths_are_refused():
    with pytest.raises(SettingError, match="this data set has none; choose dataset=avatars_captions"):
        BagOfWords(None)
    with pytest.raises(SettingError, match=r"text_encoder.features=7: an even number"):
        GRUEncoder(CAPTIONS, features=7)
