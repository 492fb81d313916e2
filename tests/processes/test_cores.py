"""What the threads of torch do while they wait is decided before torch is imported, and the user has the last word."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gan_lightning.processes.cores import SPINS, _quota, granted, let_waiting_threads_sleep

# What a command's environment is when it begins to import torch.
STARTING = """
import os, sys
class Importing:
    def find_spec(self, name, path=None, target=None):
        if name == "torch":
            print(os.environ.get("GOMP_SPINCOUNT"))
            sys.stdout.flush()
            os._exit(0)
sys.meta_path.insert(0, Importing())
from gan_lightning import commands
sys.argv = ["gan-train", "run_dir=unused", "dataset=fake"]
commands.train()
"""


def test_threads_are_told_before_torch_is_imported(tmp_path):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("GOMP_", "OMP_"))}
    done = subprocess.run(
        [sys.executable, "-c", STARTING], capture_output=True, text=True, check=True, env=environment, cwd=tmp_path
    )
    assert done.stdout == f"{SPINS}\n", done.stderr


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {"GOMP_SPINCOUNT": str(SPINS)}),
        ({"GOMP_SPINCOUNT": "7"}, {"GOMP_SPINCOUNT": "7"}),
        ({"OMP_WAIT_POLICY": "ACTIVE"}, {"OMP_WAIT_POLICY": "ACTIVE"}),
    ],
)
def test_the_user_has_the_last_word(given, expected, monkeypatch):
    names = ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")
    for name in names:
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    let_waiting_threads_sleep()
    assert {name: os.environ[name] for name in names if name in os.environ} == expected


def test_a_container_may_grant_fewer_cores_than_the_machine_has(tmp_path):
    groups, mounted = tmp_path / "cgroup", tmp_path / "mounted"
    (mounted / "a" / "b").mkdir(parents=True)
    groups.write_text("0::/a/b\n")
    assert _quota(groups, mounted) == float("inf")
    (mounted / "a" / "b" / "cpu.max").write_text("max 100000\n")
    (mounted / "a" / "cpu.max").write_text("150000 100000\n")
    assert _quota(groups, mounted) == 1.5
    (mounted / "a" / "b" / "cpu.max").write_text("50000 100000\n")
    assert _quota(groups, mounted) == 0.5
    assert _quota(Path("/nowhere"), mounted) == float("inf")


def test_affinity_limits_the_cores():
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert granted() == 1
    finally:
        os.sched_setaffinity(0, before)
