"""What two runs at once on one machine reach together, compared with one run alone.

    python benchmarks/two_runs.py        (five minutes; the machine should do nothing else)

Runs of `gan-train` train one recipe on random pixels without scores, alone and two at once, in turns: with the usual
waiting of OpenMP's threads, and as `gan-train` sets it (`gan_lightning.processes.cores`). Images per second are what
the runs themselves report of training alone. `together` is the sum of two runs at once over one alone: above 1, two
runs at once are done sooner than one after the other. `alone` is one run over one with the usual waiting, and must not
be below 1. Other values can be tried, as in GOMP_SPINCOUNT=5000.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

USUAL, OURS = "usual", "gan-train"
WAYS = {USUAL: {"GOMP_SPINCOUNT": "300000"}, OURS: {}}
"""Variables of the environment. The first are what GNU's OpenMP takes without any."""
RECIPE = ["dataset=fake", "dataset.source.size=4096", "metrics=none", "trainer.accelerator=cpu", "callbacks=base"]


def speeds(count: int, variables: Mapping[str, str], settings: Sequence[str]) -> list[float]:
    """Images per second of as many runs at once."""
    given = {name: value for name, value in os.environ.items() if name not in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")}
    with tempfile.TemporaryDirectory() as folder:
        code = "from gan_lightning.commands import train; train()"
        command = [sys.executable, "-c", code, *RECIPE, *settings, "hydra.run.dir=run"]
        places = [Path(folder, str(number)) for number in range(count)]
        for place in places:
            place.mkdir()
        runs = [_start(command, place, {**given, **variables}) for place in places]
        for run in runs:
            _, told = run.communicate()
            if run.returncode != 0:
                raise RuntimeError(told)
        return [json.loads((place / "run" / "status.json").read_text())["images_per_second"] for place in places]


def _start(command: list[str], folder: Path, environment: Mapping[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


def measure(
    ways: Mapping[str, Mapping[str, str]], rounds: int, settings: Sequence[str]
) -> list[dict[str, float | str]]:
    """A row for each way: speeds, and the medians of the ratios of each round."""
    alone: dict[str, list[float]] = {name: [] for name in ways}
    both: dict[str, list[float]] = {name: [] for name in ways}
    for round_ in range(rounds):
        for name in ways if round_ % 2 else reversed(ways):
            alone[name].append(sum(speeds(1, ways[name], settings)))
            both[name].append(sum(speeds(2, ways[name], settings)))
    return [
        {
            "way": name,
            "images_per_second_alone": median(alone[name]),
            "images_per_second_of_two": median(both[name]),
            "together": median(two / one for two, one in zip(both[name], alone[name], strict=True)),
            "alone": median(one / usual for one, usual in zip(alone[name], alone[USUAL], strict=True)),
        }
        for name in ways
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--images", type=int, default=6_400, help="of each run")
    parser.add_argument("--json", type=Path, help="a file for the figures")
    parser.add_argument("more", nargs="*", help="other values, such as GOMP_SPINCOUNT=5000, or settings of the runs")
    given = parser.parse_args()
    others = [word for word in given.more if word.partition("=")[0].isupper()]
    settings = [*(word for word in given.more if word not in others), f"max_images={given.images}"]
    ways = {**WAYS, **{word: dict([word.split("=", 1)]) for word in others}}
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {' '.join(settings)}", flush=True)
    rows = measure(ways, given.rounds, settings)
    print("| Waiting | one run, images/s | two at once, images/s | together | alone |\n|---|---|---|---|---|")
    for row in rows:
        speed = f"{row['images_per_second_alone']:.0f} | {row['images_per_second_of_two']:.0f}"
        print(f"| {row['way']} | {speed} | {row['together']:.2f} | {row['alone']:.2f} |")
    if given.json is not None:
        given.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
