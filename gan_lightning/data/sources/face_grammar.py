"""A grammar of captions of faces: every sentence is made of options that can be checked in the drawing.

The drawings are those of DiceBear's style `pixel-art`. A sentence names the colour of the hair and of the shirt and
says whether there are glasses; it may also say how long the hair is, whether the face smiles, and whether it has a
beard. The word `man` is used for faces with a beard alone, because the drawings show nothing else that would decide it.
"""

from collections.abc import Mapping, Sequence
from random import Random

from gan_lightning.data.captions import Option
from gan_lightning.vocabulary import words_of

HAIR_COLOURS = {
    "blond": ("#cab188", "#a78961"),
    "brown": ("#603a14", "#83623b", "#611c17", "#603015", "#612616"),
    "black": ("#28150a",),
    "blue": ("#009bbd",),
    "red": ("#bd1700",),
    "green": ("#91cb15",),
}
SHIRT_COLOURS = {
    "blue": ("#5bc0de", "#428bca", "#03396c"),
    "green": ("#88d8b0", "#44c585", "#00b159"),
    "red": ("#ff6f69", "#d11141", "#ae0001"),
    "yellow": ("#ffeead", "#ffd969", "#ffc425"),
}
VALUES: Mapping[str, Mapping[str, Sequence[str]]] = {
    "hair": {"long": ("long",), "short": ("short",)},
    "hair_color": HAIR_COLOURS,
    "clothing_color": SHIRT_COLOURS,
    "glasses": {"none": ("none",), "dark": ("dark",), "clear": ("light",)},
    "beard": {"none": ("none",), "beard": ("variant",)},
    "mouth": {"happy": ("happy",), "sad": ("sad",)},
}
"""By attribute of the drawings and by value of the option, the classes that have this value."""

GLASSES = {
    "none": ("no glasses", "without glasses"),
    "dark": ("dark glasses", "sunglasses"),
    "clear": ("glasses", "clear glasses"),
}
MOODS = {"happy": "smiling", "sad": "sad"}
NOUNS, BEARDED = ("person", "face"), "man"
_OFTEN = {"hair": 0.7, "mouth": 0.5, "beard": 0.5}
"""How often a caption says what it may leave out."""


def options(classes: Mapping[str, Sequence[str]]) -> list[Option]:
    """What captions can say of faces.

    Args:
        classes: by attribute, the names of its classes (`Faces.classes` of `pixel-art`).
    """
    made = []
    for attribute, values in VALUES.items():
        value_of = {name: i for i, names in enumerate(values.values()) for name in names}
        made.append(Option(attribute, list(values), [value_of[name] for name in classes[attribute]]))
    return made


def caption(values: Mapping[str, str], random: Random) -> tuple[str, set[str]]:
    """A sentence about a face, and the attributes of which it says something.

    Args:
        values: by attribute, the value of the option.
        random: draws the wording.

    >>> face = dict(hair="short", hair_color="red", clothing_color="blue", glasses="none", beard="none", mouth="sad")
    >>> caption(face, Random(0))[0]
    'a face with a blue shirt, short red hair and no beard, without glasses'
    """
    says = {name for name in _OFTEN if random.random() < _OFTEN[name]}
    says |= {"hair_color", "clothing_color", "glasses"}
    length = f"{values['hair']} " if "hair" in says else ""
    parts = [f"{length}{values['hair_color']} hair"]
    bearded = values["beard"] == "beard"
    noun = BEARDED if bearded else random.choice(NOUNS)
    says |= {"beard"} if bearded else set()
    if "beard" in says and (not bearded or random.random() < 0.5):
        parts.append("a beard" if bearded else "no beard")
    wears = random.choice(GLASSES[values["glasses"]])
    without = wears.startswith("without")
    parts += [] if without else [wears]
    shirt = f"a {values['clothing_color']} shirt"
    dressed = random.random() < 0.5
    parts += [] if dressed else [shirt]
    random.shuffle(parts)
    mood = f"{MOODS[values['mouth']]} " if "mouth" in says else ""
    tail = ", without glasses" if without else ""
    clothes = f" in {shirt}," if dressed else ""
    return f"a {mood}{noun}{clothes} with {_listed(parts)}{tail}", says


def _listed(parts: Sequence[str]) -> str:
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last


def vocabulary() -> list[str]:
    """Every word of every caption, in the order of the alphabet."""
    fixed = ["a", "with", "in", "and", "without", "hair", "shirt", "beard", "no", BEARDED, *NOUNS, *MOODS.values()]
    named = [*VALUES["hair"], *HAIR_COLOURS, *SHIRT_COLOURS]
    phrases = [phrase for choices in GLASSES.values() for phrase in choices]
    return sorted({word for phrase in [*fixed, *named, *phrases] for word in words_of(phrase)})
