"""Cut a folder of 300 small photographs out of five large ones, to try a few pictures of one kind.

The five are landscapes from Debian's package `lomiri-wallpapers-16.04` (`apt install lomiri-wallpapers-16.04`): four by
Aitzol Berasategi, CC BY 4.0, and one by Clemens Engelhardt, CC0 1.0. The same command always cuts the same pictures:

    python docs/photographs.py PHOTOS
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

BACKGROUNDS = Path("/usr/share/backgrounds")
LANDSCAPES = (
    "aitzgorri_by_Aitzol_Berasategi.jpg",
    "life_by_Aitzol_Berasategi.jpg",
    "picosdeeuropa_by_Aitzol_Berasategi.jpg",
    "seeding_by_Clements_Engelhardt.jpg",
    "sunset_by_Aitzol_Berasategi.jpg",
)
SIDE = 128  # pixels of a small photograph
EACH = 60  # small photographs from a large one


def main(folder: Path) -> None:
    """Write the small photographs: squares at random places, with 60 to 100 % of the shorter side."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(0)
    for name in LANDSCAPES:
        with Image.open(BACKGROUNDS / name) as picture:
            large = picture.convert("RGB")
        for number in range(EACH):
            side = int(random.uniform(0.6, 1.0) * min(large.size))
            left, top = (int(random.uniform(0, length - side)) for length in large.size)
            small = large.resize((SIDE, SIDE), Image.Resampling.LANCZOS, (left, top, left + side, top + side), 3.0)
            small.save(folder / f"{name.partition('_')[0]}-{number:02}.png")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} FOLDER")
    main(Path(sys.argv[1]))
