"""The diagnosis of recorded runs that collapsed, oscillated or were healthy; and that its advice can be followed."""

import re
from pathlib import Path

from recorded_runs import RECORDED, found, names

from gan_lightning.diagnosis import samples, training

EXPECTED = {
    "collapsed": ["samples no better than noise", "mode collapse"],
    "healthy": [],
    "memorised": ["mode collapse", "copies of training images"],  # ended by Ctrl-C
    "oscillating": ["dropped modes", "training oscillates"],
    "toy_dropped": ["dropped modes"],
    "toy_healthy": ["the run still improves"],
    "won": ["samples no better than noise", "the discriminator has won"],
}


def test_recorded_runs_are_told_apart():
    assert {path.name for path in RECORDED.iterdir()} == set(EXPECTED)
    for name, expected in EXPECTED.items():
        assert names(found(name)) == expected, name


def test_every_setting_that_is_advised_exists(composed):
    rules = "".join((Path(samples.__file__).read_text(), Path(training.__file__).read_text()))
    commands = [words for words in re.findall(r"`([^`]+)`", rules) if re.match(r"'?[\w.]+=", words)]
    assert len(commands) >= 15
    settings = {word.strip("'") for words in commands for word in words.split() if not word.startswith("resume=")}
    while settings:  # as many at once as have different names
        together = {word.partition("=")[0]: word for word in sorted(settings)}
        assert composed(*together.values())
        settings -= set(together.values())
