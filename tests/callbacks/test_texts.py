"""Sequences as text files and as pictures of them."""

import pytest
import torch

from gan_lightning.callbacks import Texts
from gan_lightning.data import SequenceKind, read_png
from gan_lightning.errors import SettingError
from gan_lightning.training import train

TINY = [
    *("model=mle", "dataset=fake_sequences", "dataset.source.size=48", "dataset.batch_size=8", "metrics=none"),
    *("network.width=4", "max_generator_steps=2"),
]


def test_a_line_for_each_sequence_and_pictures_of_them_side_by_side(composed, tmp_path):
    train(composed(*TINY, "callbacks.samples.lines=3"))
    run = tmp_path / "run"
    spec = torch.load(run / "checkpoints" / "last.ckpt", weights_only=True)["config"]["spec"]
    texts = sorted((run / "samples").glob("*.txt"))
    pictures = sorted((run / "samples").glob("*.png"))
    assert [file.stem for file in texts] == [file.stem for file in pictures] == ["000000000", "000000016"]
    written = [file.read_text().splitlines() for file in texts]
    words = set(spec["vocabulary"])
    for lines in (*written, (run / "real.txt").read_text().splitlines()):
        assert len(lines) == 3
        assert all(words.issuperset(line.split(spec["separator"] or None)) for line in lines)
    kind = SequenceKind(spec["vocabulary"], spec["separator"], spec["end"])
    numbers = {word: number for number, word in enumerate(spec["vocabulary"])}
    for lines, file in zip(written, pictures, strict=True):
        tokens = [[numbers[word] for word in line.split(spec["separator"] or None)] for line in lines]
        assert torch.equal(read_png(file), kind.draw(torch.tensor(tokens), 1))  # these data have one length
    strip = read_png(run / "training.png")
    assert torch.equal(strip, torch.cat([read_png(file) for file in pictures], 2))


def test_the_strip_is_thinned_out(composed, tmp_path):
    train(composed(*TINY, "callbacks.samples.lines=2", "callbacks.samples.strip_pictures=1"))
    first = read_png(tmp_path / "run" / "samples" / "000000000.png")
    assert read_png(tmp_path / "run" / "training.png").shape == first.shape


@pytest.mark.parametrize("setting", ["lines", "strip_pictures"])
def test_a_count_below_one_is_refused(setting):
    with pytest.raises(SettingError, match=f"callbacks.samples.{setting}"):
        Texts(**{"run_dir": "run", "lines": 1, "strip_pictures": 1, setting: 0})


def test_data_that_are_no_sequences_are_refused_before_training(composed):
    images = ["dataset=fake", "dataset.source.size=16", "dataset.batch_size=8", "metrics=none"]
    with pytest.raises(SettingError, match=r"callbacks=sequences: shows sequences .* holds images"):
        train(composed("model=dcgan", "callbacks=sequences", *images))
