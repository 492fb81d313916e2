"""What a stranger's checkpoint may not ask for: numbers, classes and arguments."""

import pytest

from gan_lightning.errors import SettingError
from gan_lightning.sampling.trust import refuse_absurd_numbers, refuse_untrusted


@pytest.mark.parametrize(
    ("saved", "setting"),
    [
        ({"num_workers": 10**6}, "num_workers"),
        ({"num_fake": 10**12}, "num_fake"),
        ({"resolution": 10**5}, "resolution"),
        ({"source": {"num_train": 10**6}, "resolution": 1024}, "source.num_train"),
        ({"source": {"image_size": [3, 10**9]}}, "source.image_size"),
    ],
)
def test_absurd_numbers_are_the_users_to_ask_for(saved, setting):
    with pytest.raises(SettingError, match=rf"asks for {setting}=.*\+dataset\.{setting}="):
        refuse_absurd_numbers("dataset", saved, {})
    first, _, rest = setting.partition(".")
    refuse_absurd_numbers("dataset", saved, {first: {rest: 5} if rest else 5, "resolution": 64} if rest else {first: 5})


def test_positional_arguments_and_torchvisions_folders(tmp_path):
    with pytest.raises(SettingError, match="holds _args_"):
        refuse_untrusted({"metrics": {"_target_": "gan_lightning.metrics.NoScores", "_args_": [1]}}, "metrics", [])
    with pytest.raises(SettingError, match="no root"):
        refuse_untrusted({"dataset": {"_target_": "torchvision.datasets.FakeData", "size": 9}}, "dataset", [])


def test_trusted_that_does_not_help_says_why(tmp_path, monkeypatch):
    (tmp_path / "strangers_package.py").write_text("from os import system\n")
    monkeypatch.syspath_prepend(tmp_path)
    for target, told in (
        ("missing_package.Mine", r"trusted=\[missing_package\]'? allows it, but missing_package cannot be imported"),
        ("strangers_package.Mine", r"strangers_package has no Mine"),
        ("strangers_package.system", r"and system comes from elsewhere"),
    ):
        with pytest.raises(SettingError, match=told):
            refuse_untrusted({"model": {"_target_": target}}, "model", [target.partition(".")[0]])
