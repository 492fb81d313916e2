"""The data and the scores of a checkpoint, and what the command line changes of them."""

import pytest
from hydra.errors import InstantiationException
from omegaconf import OmegaConf

from gan_lightning.data import WARNING, Note
from gan_lightning.errors import FaultError, SettingError
from gan_lightning.sampling import parts
from gan_lightning.sampling.parts import (
    as_in_training,
    as_typed,
    built,
    check_sequences,
    chosen_parts,
    notes_of_parts,
    notes_of_ranges,
    notes_of_training,
)

FAKE = {"_target_": "gan_lightning.data.Fake", "size": 8, "channels": 1, "num_classes": 0}


def saved(**changes) -> dict:
    """The settings in a checkpoint that another machine wrote."""
    dataset = {"_target_": "gan_lightning.data.ImageData", "batch_size": 4, "source": {**FAKE, **changes}}
    metrics = {"_target_": "gan_lightning.metrics.NoScores", "num_fake": 4}
    return {"dataset": dataset, "metrics": metrics, "data_dir": "/theirs/data", "cache_dir": "/theirs/cache", "seed": 3}


def asked(**changes) -> OmegaConf:
    """The settings of gan-evaluate on this machine."""
    usual = {"cache_dir": "/here/cache", "data_dir": "/here/data", "num_fake": 9, "seed": None, "trusted": []}
    return OmegaConf.create({**usual, **changes})


def test_parts_are_those_of_the_checkpoint_with_single_settings_of_the_command_line():
    config = asked(dataset={"source": {"size": 5}})
    chosen = chosen_parts(saved(), config)
    assert chosen.dataset == {**saved()["dataset"], "source": {**FAKE, "size": 5}}
    assert chosen.metrics == saved()["metrics"]
    assert (chosen.seed, chosen.num_fake) == (3, 9)
    assert chosen_parts(saved(), asked(seed=7)).seed == 7
    reads, scores = notes_of_parts(chosen, config)
    assert reads == ("Reads", "ImageData of Fake (from the checkpoint, but source.size from the command line)")
    assert scores == ("Scores", "NoScores (from the checkpoint)")


def test_a_whole_part_of_the_command_line_takes_the_place_of_the_checkpoints():
    whole = {"_target_": "gan_lightning.data.PointData", "num_train": 4}
    chosen = chosen_parts({**saved(), "dataset": {"_target_": "os.system"}}, asked(dataset=whole))
    assert chosen.dataset == whole
    replaced = chosen_parts(saved(), asked(dataset={"source": {"_target_": "gan_lightning.data.Digits"}}))
    assert replaced.dataset.source == {"_target_": "gan_lightning.data.Digits"}


def test_folders_of_the_training_machine_become_those_of_this_one():
    there = {"_target_": "gan_lightning.data.Avatars", "cache_dir": "/theirs/cache/avatars"}
    chosen = chosen_parts({**saved(), "dataset": {**saved()["dataset"], "source": there}}, asked())
    assert chosen.dataset.source.cache_dir == "/here/cache/avatars"


def test_a_part_that_builds_no_object_is_refused():
    with pytest.raises(SettingError, match="the checkpoint's metrics does not build an object; gan-train did not"):
        chosen_parts({**saved(), "metrics": {"num_fake": 4}}, asked())


@pytest.mark.parametrize(
    ("facts", "ranges"),
    [
        ({"value_range": [0, 9]}, {"value_range": [0, 9]}),
        (
            {"direction": "b2a", "source_value_range": [0, 1], "target_value_range": [0, 2]},
            {"value_range_a": [0, 2], "value_range_b": [0, 1]},
        ),
        (
            {"direction": "a2b", "source_value_range": [0, 1], "target_value_range": [0, 2]},
            {"value_range_a": [0, 1], "value_range_b": [0, 2]},
        ),
        ({"a_value_range": [0, 3], "b_value_range": None}, {"value_range_a": [0, 3], "value_range_b": None}),
        ({}, {"value_range": None}),
    ],
)
def test_values_mean_what_they_meant_in_training_unless_a_range_is_set(facts, ranges):
    open_ranges = OmegaConf.create({"source": dict.fromkeys(ranges)})
    as_in_training(open_ranges, facts)
    assert open_ranges.source == ranges
    declares = {setting: [5, 6] for setting in ranges}
    declared = OmegaConf.create({"source": declares})
    as_in_training(declared, facts)
    assert declared.source == declares
    as_in_training(OmegaConf.create({}), facts)  # data without a source, such as points


@pytest.mark.parametrize(
    ("now", "then", "heading", "text"),
    [
        ([0, 9], [0, 9], "Range", "0 to 9, as in training"),
        (None, [0, 9], WARNING, "the pictures have 8 bits; their 0 to 255 are mapped to 0 to 9, the range in training"),
        ([0, 9], None, WARNING, "the pictures have more than 8 bits, 0 to 9; those in training had 8, and 0 to 255"),
        ([0, 9], [0, 8], WARNING, "the range is 0 to 9, but was 0 to 8 in training"),
    ],
)
def test_other_ranges_than_in_training_are_a_warning(now, then, heading, text):
    assert notes_of_ranges({"value_range": now, "size": 3}, {"value_range": then}) == [Note(heading, text)]
    (note,) = notes_of_ranges({"source_value_range": now}, {"source_value_range": then})
    assert "source " in note.text


def test_8_bits_as_in_training_are_not_worth_a_note():
    assert notes_of_ranges({"value_range": None}, {"value_range": None}) == []
    assert notes_of_ranges({"value_range": [0, 9]}, {}) == []  # an earlier version wrote no ranges


def test_checkpoints_of_other_data_than_the_first_are_named():
    (note,) = notes_of_training(["a.ckpt", "b.ckpt", "c.ckpt"], [{"size": 1}, {"size": 1}, {"size": 2}])
    assert note.text.startswith("c.ckpt was trained on other data than the first checkpoint")


def test_sequences_of_another_vocabulary_are_refused():
    here, there = {"vocabulary": ["", "b"]}, {"vocabulary": ["a", "c"]}
    check_sequences(here, here, "it", ["vocabulary", "length"])
    with pytest.raises(SettingError, match=r"dataset: has the vocabulary the end, b \(2 tokens\), but it .*on a, c"):
        check_sequences(here, there, "it", ["vocabulary"])


def test_what_cannot_be_built_ends_in_one_sentence():
    with pytest.raises(SettingError, match="^dataset: cannot be built: "):
        built("dataset", OmegaConf.create({"dataset": {"_target_": "gan_lightning.data.Fake", "unknown": 1}}))


@pytest.mark.parametrize("cause", [SettingError("size: too large"), FaultError("the disk is full"), MemoryError()])
def test_sentences_of_a_part_and_memory_that_ran_out_are_not_hidden(monkeypatch, cause):
    for wrapped in (False, True):  # as Hydra wraps them

        def build(_: object, wrapped: bool = wrapped) -> None:
            if not wrapped:
                raise cause
            raise InstantiationException("in a long trace") from cause

        monkeypatch.setattr(parts, "instantiate", build)
        with pytest.raises(InstantiationException if wrapped else type(cause)):
            built("dataset", OmegaConf.create({"dataset": {}}))


def test_settings_in_notes_are_typed_as_those_of_a_checkpoint_are():
    told = Note("Values", "0 to 1 become 0 to 255; 'dataset.source.value_range_a=[LOW,HIGH]' declares others")
    assert "'+dataset.source.value_range_a=[LOW,HIGH]'" in as_typed(told).text
    assert as_typed(as_typed(told)) == as_typed(told)
