"""Whether samples show what captions say: counted by hand, on real images, and on samples that know their captions."""

import pytest
import torch

from gan_lightning.batch import Generated
from gan_lightning.data import AvatarCaptions, Fake, ImageData, in_turn
from gan_lightning.errors import SettingError
from gan_lightning.metrics import CaptionAccuracy, ClassifierExtractor, GenerationScores
from gan_lightning.metrics.scores.captions import Agreement

HELD_OUT = [{"hair_color": "brown", "clothing_color": "yellow"}, {"glasses": "dark", "mouth": "sad"}]


@pytest.fixture(scope="module")
def faces(tmp_path_factory):
    folder = str(tmp_path_factory.mktemp("faces"))
    data = ImageData(AvatarCaptions(folder, HELD_OUT, 1, 400, 150), 16, batch_size=4, num_fake=150, seed=0)
    scores = {"caption_seen": CaptionAccuracy(unseen=False), "caption_unseen": CaptionAccuracy(unseen=True)}
    made = GenerationScores(folder, "train", 1, 150, None, scores, ClassifierExtractor(folder, 12_000, 0))
    assert made.prepare(data)
    return data, made


def test_options_are_counted_only_where_captions_say_them():
    agreement = Agreement(options=3)
    agreement.update(torch.tensor([[0, 1, -1], [2, -1, -1]]), torch.tensor([[0, 0, 0], [2, 1, 1]]))
    agreement.update(torch.tensor([[1, 1, -1]]), torch.tensor([[0, 1, 1]]))
    assert agreement.compute().tolist() == [[3, 2, 0], [2, 1, 0]]


def scored(data, scores, positions):
    """Test images at these positions, as if they were samples for the captions in turn."""
    scores.reset(torch.device("cpu"))
    images = data.images("test").pixels(positions.tolist()).float() / 127.5 - 1
    number = torch.arange(len(positions))
    for part in number.split(50):
        scores.update(Generated(part, images[part], torch.zeros(len(part), 20)))
    return scores.compute()


def test_the_images_of_the_captions_reach_the_classifiers_own_accuracy(faces):
    data, scores = faces
    values = scored(data, scores, in_turn(torch.arange(150)))
    captions, attributes = data.images("test").captions, data.images("test").attributes
    with torch.no_grad():
        seen = scores.extractor.attributes(data.images("test").pixels(list(range(150))))
    for name, unseen in (("caption_seen", False), ("caption_unseen", True)):
        shares = []
        for column, option in enumerate(captions.asked.options):
            said = captions.asked.said[:, column]
            chosen = (said >= 0) & (captions.asked.unseen == unseen)
            right = torch.tensor(option.of_class)[seen[option.attribute]] == said
            shares.append(right[chosen].double().mean().item())
            assert scores.detail[f"{name}_by_option"][option.attribute] == pytest.approx(shares[-1])
        assert values[f"{name}_classifier"] == pytest.approx(sum(shares) / len(shares))
        assert set(scores.detail[f"{name}_real"]) == {option.attribute for option in captions.asked.options}
    assert len(attributes["hair"]) == 150


def test_images_of_other_captions_score_worse_than_those_of_their_own(faces):
    data, scores = faces
    right = scored(data, scores, in_turn(torch.arange(150)))
    wrong = scored(data, scores, in_turn(torch.arange(150)).roll(1))
    assert all(right[name] > wrong[name] + 0.2 for name in right)
    assert scores.references["real"]["caption_seen_classifier"] > scores.references["noise"]["caption_seen_classifier"]


def test_what_the_score_needs_is_said(tmp_path):
    def prepare(source, unseen=False):
        data = ImageData(source, 16, batch_size=4, num_fake=20, seed=0)
        scores = {"caption_seen": CaptionAccuracy(unseen)}
        extractor = ClassifierExtractor(str(tmp_path), 100, 0)
        GenerationScores(str(tmp_path), "train", 1, 20, None, scores, extractor).prepare(data)

    with pytest.raises(SettingError, match="caption_seen needs captions, and nobody wrote any"):
        prepare(Fake(30, 3, 4))
    with pytest.raises(SettingError, match="caption_seen needs captions of combinations that training never shows"):
        prepare(AvatarCaptions(str(tmp_path), [], 1, 30, 30), unseen=True)
