"""Cut pieces out of the three held-out photographs of `dataset=photographs`, and put what became of them side by side.

The photographs are by Trevor "Freespace" and Aitzol Berasategi, CC BY 4.0, from Debian's packages
`lomiri-wallpapers-16.04` and `lomiri-wallpapers-20.04`. The first command writes PIECES/truth, and PIECES/small with
the same four times smaller; the last one writes the columns bicubic interpolation, first and second stage, and truth:

    python docs/super_resolution.py PIECES
    gan-generate checkpoint=first source=PIECES/small output=PIECES/first
    gan-generate checkpoint=second source=PIECES/small output=PIECES/second
    python docs/super_resolution.py PIECES PICTURE.jpg
"""

import sys
from pathlib import Path

from PIL import Image

BACKGROUNDS = Path("/usr/share/backgrounds")
PLACES = (  # left and upper edge of a piece in the photograph at a quarter of its width
    ("Picture_0B_by_freespace.jpg", 340, 200),
    ("friends_by_Aitzol_Berasategi.jpg", 168, 176),
    ("picosdeeuropa_by_Aitzol_Berasategi.jpg", 440, 160),
    ("picosdeeuropa_by_Aitzol_Berasategi.jpg", 140, 440),
)
SIDE, SCALE, SHOWN, GAP = 96, 4, 192, 4  # pixels; a piece is shown twice as wide as it is


def cut(folder: Path) -> None:
    """Write each piece as it is and four times smaller."""
    for kind in ("truth", "small"):
        (folder / kind).mkdir(parents=True, exist_ok=True)
    for number, (name, left, top) in enumerate(PLACES):
        with Image.open(BACKGROUNDS / name) as picture:
            quarter = picture.convert("RGB").reduce(4)
        piece = quarter.crop((left, top, left + SIDE, top + SIDE))
        piece.save(folder / "truth" / f"{number}.png")
        small = piece.resize((SIDE // SCALE, SIDE // SCALE), Image.Resampling.BICUBIC)
        small.save(folder / "small" / f"{number}.png")


def join(folder: Path, output: Path) -> None:
    """Write a row for each piece: bicubic interpolation, first stage, second stage, truth."""
    step = SHOWN + GAP
    sheet = Image.new("RGB", (4 * step - GAP, len(PLACES) * step - GAP), "white")
    for row in range(len(PLACES)):
        found = {kind: _opened(folder / kind, row) for kind in ("small", "first", "second", "truth")}
        found["small"] = found["small"].resize((SIDE, SIDE), Image.Resampling.BICUBIC)
        for column, piece in enumerate(found.values()):
            sheet.paste(piece.resize((SHOWN, SHOWN), Image.Resampling.NEAREST), (column * step, row * step))
    sheet.save(output, quality=90)


def _opened(folder: Path, number: int) -> Image.Image:
    with Image.open(next(folder.rglob(f"{number}*.png"))) as picture:
        return picture.convert("RGB")


if __name__ == "__main__":
    arguments = [Path(argument) for argument in sys.argv[1:]]
    if len(arguments) == 1:
        cut(*arguments)
    elif len(arguments) == 2:
        join(*arguments)
    else:
        sys.exit(f"usage: {sys.argv[0]} PIECES [PICTURE.jpg]")
