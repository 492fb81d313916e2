"""TensorBoard's files, read back with its own reader."""

import pytest
from hydra.errors import InstantiationException

from gan_lightning import loggers
from gan_lightning.console import cli
from gan_lightning.training import train

DIGITS = ["dataset=digits", "network.width=4", "metrics.extractor.images=2000", "metrics.num_fake=100"]
SHORT = ["trainer.max_epochs=2", "trainer.log_every_n_steps=10"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # from TensorBoard's own code
def test_scalars_grids_and_hyperparameters_with_their_scores(composed, tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

    train(composed("logger=tensorboard", *DIGITS, *SHORT))
    events = EventAccumulator(str(tmp_path / "run" / "tensorboard"), {"images": 0, "scalars": 0})
    events.Reload()
    assert [event.step for event in events.Scalars("fid_classifier")] == [44 * 32, 88 * 32]
    assert [event.step for event in events.Scalars("loss_generator")] == [320 * i for i in range(1, 9)]
    assert [event.step for event in events.Images("samples")] == [0, 44 * 32, 88 * 32]
    assert "hp_metric" not in events.Tags()["scalars"]
    told = {tag: HParamsPluginData.FromString(content) for tag, content in events.PluginTagToContent("hparams").items()}
    metrics = [metric.name.tag for metric in told["_hparams_/experiment"].experiment.metric_infos]
    assert metrics == ["fid_classifier", "is_classifier", "swd"]  # whose values are the scalars of these names
    settings = told["_hparams_/session_start_info"].session_start_info.hparams
    assert settings["model/optimisation/generator/lr"].number_value == 0.001
    assert settings["protocol/extractor"].string_value == "classifier"
    assert (tmp_path / "run" / "logs" / "metrics.csv").exists()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # from TensorBoard's own code
def test_what_a_resumed_run_repeats_is_shown_once(composed, tmp_path):
    from tensorboard.backend.event_processing import event_accumulator, plugin_event_accumulator

    run = tmp_path / "run"
    train(composed("logger=tensorboard", *DIGITS, *SHORT))
    for file in ("last", "best"):  # as if it had been killed before it could save them
        (run / "checkpoints" / f"{file}.ckpt").unlink()
    train(composed("logger=tensorboard", *DIGITS, *SHORT, f"resume={run}"))
    assert len(list((run / "tensorboard").glob("events*"))) == 2

    known = event_accumulator.EventAccumulator(str(run / "tensorboard"), {"images": 0, "scalars": 0})
    known.Reload()
    served = plugin_event_accumulator.EventAccumulator(str(run / "tensorboard"), {"tensors": 0})  # by TensorBoard
    served.Reload()
    for scores in (known.Scalars("fid_classifier"), served.Tensors("fid_classifier")):
        assert [event.step for event in scores] == [44 * 32, 88 * 32]
    for losses in (known.Scalars("loss_generator"), served.Tensors("loss_generator")):
        assert [event.step for event in losses] == [320 * i for i in range(1, 9)]
    for grids in (known.Images("samples"), served.Tensors("samples")):
        assert [event.step for event in grids] == [0, 44 * 32, 88 * 32]


def test_without_tensorboard_one_sentence_names_the_extra(composed, monkeypatch):
    monkeypatch.setattr(loggers.tensorboard, "find_spec", lambda name: None)
    with pytest.raises(InstantiationException) as refused:
        train(composed("logger=tensorboard", *DIGITS))
    told = "logger=tensorboard needs TensorBoard: pip install 'gan-lightning[tensorboard]'"
    assert cli.sentence(refused.value) == told
