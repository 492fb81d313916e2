"""Captions from the command line, and pictures under them."""

from types import SimpleNamespace

import pytest
import torch
from hydra.utils import instantiate
from omegaconf import OmegaConf

from gan_lightning.data import captioned_rows
from gan_lightning.errors import SettingError
from gan_lightning.runs.initial import begin_from
from gan_lightning.sampling.captions import asked, given_captions
from gan_lightning.sampling.parts import check_spec
from gan_lightning.vocabulary import Vocabulary

SPEC = {"captions": {"words": ["a", "man", "red", "hair"], "length": 4, "shown": ["a man", "red hair"]}}


def model(examples=None):
    return SimpleNamespace(members=[SimpleNamespace(examples=examples)])


READS = model(Vocabulary(["a", "man", "red", "hair"], 4).encode(["a man", "red hair"]))


def test_captions_come_from_the_command_line_from_a_file_or_from_the_data(tmp_path):
    file = tmp_path / "captions.txt"
    file.write_text("a man\n\n  Red hair, a man \n", encoding="utf-8")
    for given, expected in (
        (("a man", None), ["a man"]),
        ((["red", "hair"], None), ["red", "hair"]),
        ((None, str(file)), ["a man", "Red hair, a man"]),
        ((None, None), ["a man", "red hair"]),
    ):
        captions, encoded = asked(*given, READS, SPEC)
        assert captions == expected
        assert torch.equal(encoded, Vocabulary(SPEC["captions"]["words"], 4).encode(expected))
    assert asked(None, None, model(), {"captions": None}) == ([], None)


def test_what_cannot_be_asked_for_is_refused(tmp_path):
    (tmp_path / "empty.txt").write_text("\n \n")
    (tmp_path / "bytes.txt").write_bytes(b"\xff\xfe\x00")
    for caption, file, said in (
        (None, "nowhere.txt", "captions=nowhere.txt: cannot be read"),
        (None, str(tmp_path / "empty.txt"), "has no captions; write one in each line"),
        (None, str(tmp_path / "bytes.txt"), "it is not text in UTF-8"),
        ("a man", str(tmp_path / "empty.txt"), "leave one of them out"),
    ):
        with pytest.raises(SettingError, match=said):
            given_captions(caption, file)
    with pytest.raises(SettingError, match="caption='a hat': hat was never seen in training"):
        asked("a hat", None, READS, SPEC)
    with pytest.raises(SettingError, match="this checkpoint's model reads no captions"):
        asked("a man", None, model(), {"captions": None})


def test_each_caption_stands_above_its_images():
    rows = [("a man with red hair", torch.zeros(3, 3, 16, 16)), ("a man " * 30, torch.ones(2, 3, 16, 16))]
    first, second = captioned_rows(rows, columns=2)
    assert first.shape[2] == second.shape[2] == 2 * 66 + 2
    text, pictures = first[:, : -2 * 66 - 2], first[:, -2 * 66 - 2 :]
    assert (text == 255).float().mean() > 0.5  # black on white
    assert (text < 128).any()
    assert pictures[:, 3:60, 3:60].unique().tolist() == [128]
    assert (pictures[:, 70:130, 70:130] == 255).all()  # no fourth image
    assert second.shape[1] > first.shape[1] - 66  # the long caption has several lines


def test_captions_of_other_words_are_refused(composed):
    facts = {"channels": 3, "height": 16, "width": 16, "class_names": [], "num_classes": 0}
    there, here = ({**facts, "captions": {**SPEC["captions"], "words": words}} for words in (["a", "b"], ["a", "c"]))
    there["captions"]["shown"] = here["captions"]["shown"] = ["a"]
    config = composed("model=gan_cls", "dataset=fake_captions", "network.width=4")
    config.spec = there
    trained = instantiate(config.model)
    check_spec(trained, there, there, "the checkpoint")
    with pytest.raises(SettingError, match="dataset: its captions have the word c and lack b, compared with"):
        check_spec(trained, here, there, "the checkpoint")
    with pytest.raises(SettingError, match="dataset: has no captions, and the checkpoint was trained on some"):
        check_spec(trained, {**facts, "captions": None}, there, "the checkpoint")
    saved = {"config": {"spec": here, "model": OmegaConf.to_container(config.model)}, "state_dict": {}}
    with pytest.raises(SettingError, match="init=RUN: the captions of this run have the word b and lack c"):
        begin_from(trained, config, saved, "RUN")
