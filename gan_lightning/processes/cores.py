"""How the threads of a process share the cores of the machine with other programs."""

import math
import os
import sys
from pathlib import Path

SPINS = 1000
"""How often a thread looks again before it sleeps, in loops of the OpenMP runtime: some ten microseconds.

The usual 300,000 take milliseconds. If a second run has the core of the thread that is waited for, waiting so long
keeps another core from both runs. A thread that does not wait at all has to be woken by the system in each small
operation, which makes a single run slower.
"""


def let_waiting_threads_sleep() -> None:
    """Let threads of torch that have nothing to do leave their core to other programs, unless the user has decided.

    This is for GNU's OpenMP, which torch brings along on Linux. It reads its variables once, while torch is imported.
    """
    if not {"GOMP_SPINCOUNT", "OMP_WAIT_POLICY"} & os.environ.keys():
        os.environ["GOMP_SPINCOUNT"] = str(SPINS)


def granted() -> int:
    """The cores that this process may use at once: of the machine, of its affinity, and of its control group."""
    own = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return max(1, math.ceil(min(own, _quota(Path("/proc/self/cgroup"), Path("/sys/fs/cgroup")))))


def _quota(groups: Path, mounted: Path) -> float:
    """The smallest number of cores that the control groups above a process grant (version 2); infinite without one."""
    try:
        (group,) = [line.partition("::")[2] for line in groups.read_text().splitlines() if line.startswith("0::")]
    except (OSError, ValueError):
        return math.inf
    folder = mounted / group.lstrip("/")
    quotas = [_cores(above / "cpu.max") for above in (folder, *folder.parents) if above.is_relative_to(mounted)]
    return min(quotas, default=math.inf)


def _cores(file: Path) -> float:
    """What a file `cpu.max` grants: microseconds of computation in each period of so many microseconds."""
    try:
        most, period = file.read_text().split()
        return math.inf if most == "max" else int(most) / int(period)
    except (OSError, ValueError):
        return math.inf
