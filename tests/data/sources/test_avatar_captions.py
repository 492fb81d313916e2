"""Faces with captions: every word is true, and held-out combinations never reach training."""

import pytest
import torch
from read_captions import read

from gan_lightning.data import NOT_SAID, AvatarCaptions, ImageData
from gan_lightning.data.contracts import Draw
from gan_lightning.data.module import Captioned
from gan_lightning.data.sources.face_grammar import vocabulary
from gan_lightning.errors import SettingError

HELD_OUT = [{"hair_color": "brown", "clothing_color": "yellow"}, {"hair_color": "green", "glasses": "none"}]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = str(tmp_path_factory.mktemp("faces"))
    source = AvatarCaptions(folder, HELD_OUT, wordings=3, num_train=60, num_test=60)
    return ImageData(source, resolution=16, batch_size=4, num_fake=60, seed=0)


def test_captions_of_images_say_what_the_drawings_have(data):
    images = data.images("test")
    captions = images.captions
    for i in range(len(images)):
        classes = {
            o.attribute: o.values[o.of_class[int(images.attributes[o.attribute][i])]] for o in captions.asked.options
        }
        for words in captions.words[i]:
            assert read(captions.vocabulary.decode(words)).items() <= classes.items()
        told = read(captions.vocabulary.decode(captions.words[i, 0]))
        said = captions.asked.said[i].tolist()
        for option, place in zip(captions.asked.options, said, strict=True):
            assert told.get(option.attribute) == (None if place == NOT_SAID else option.values[place])


def test_training_never_shows_what_is_held_out(data):
    train, test = (data.images(split).captions for split in ("train", "test"))
    assert not train.asked.unseen.any()
    assert 0 < test.asked.unseen.sum() < len(test.words)
    for words, unseen in zip(test.words[:, 0], test.asked.unseen.tolist(), strict=True):
        told = read(test.vocabulary.decode(words))
        assert unseen == any(combination.items() <= told.items() for combination in HELD_OUT)
    for row in train.words.flatten(0, 1):
        told = read(train.vocabulary.decode(row))
        assert not any(combination.items() <= told.items() for combination in HELD_OUT)
    (note,) = (note for note in data.summary() if note.heading == "Held out")
    assert "hair_color brown and clothing_color yellow, or hair_color green and glasses none" in note.text


def test_each_draw_chooses_a_wording_by_its_seed(data):
    images = data.images("train")
    captioned = Captioned(images, images.captions.words)
    drawn = [captioned[Draw([0, 1, 2], seed)].condition for seed in (5, 5, 6, 7, 8)]
    assert torch.equal(drawn[0], drawn[1])
    assert any(not torch.equal(drawn[0], other) for other in drawn[2:])
    for row, position in zip(drawn[0], range(3), strict=True):
        assert (row == images.captions.words[position]).all(1).any()
    assert images.captions.words.shape[1] == 3


def test_the_spec_holds_words_and_examples_of_both_kinds(data):
    spec = data.spec()
    assert (spec.num_classes, spec.class_names) == (0, [])
    assert spec.captions.words == vocabulary()
    told = [read(sentence) for sentence in spec.captions.shown]
    unseen = [any(combination.items() <= one.items() for combination in HELD_OUT) for one in told]
    assert unseen == [False, True] * 4


def test_validation_asks_for_the_captions_of_test_images(data):
    queries = torch.cat([query.condition for query in data.val_dataloader()])
    asked = data.images("test").captions.words[:, 0]
    assert sorted(queries.tolist()) == sorted(asked.tolist())


def test_examples_show_what_a_caption_says(data):
    captions = data.images("test").captions
    wanted = captions.words[:1, 0].expand(3, -1)
    pixels = data.examples(3, wanted)
    fitting = captions.fulfilled_by(data.images("test").attributes, wanted[0])
    assert fitting[0]
    shown = data.images("test").pixels(fitting.nonzero().flatten().tolist()).float() / 127.5 - 1
    assert all((picture == shown).flatten(1).all(1).any() for picture in pixels)


def test_the_fingerprint_knows_the_captions(tmp_path, data):
    other = AvatarCaptions(str(data.source.cache_dir), HELD_OUT, wordings=2, num_train=60, num_test=60)
    assert other.load("train", 16).fingerprint != data.images("train").fingerprint


@pytest.mark.parametrize(
    ("held_out", "said"),
    [
        ([{"hat": "red"}], "hat is not an option; allowed are hair, hair_color"),
        ([{"hair": "curly"}], "hair=curly; allowed values are long, short"),
        ([{}], "an empty combination would hold every face out"),
    ],
)
def test_a_combination_that_cannot_be_held_out_is_refused(tmp_path, held_out, said):
    with pytest.raises(SettingError, match=f"dataset.source.held_out: {said}"):
        AvatarCaptions(str(tmp_path), held_out, wordings=1, num_train=4, num_test=4)
