"""A reader of captions of faces."""

from gan_lightning.data.sources.face_grammar import MOODS
from gan_lightning.vocabulary import words_of


def read(sentence: str) -> dict[str, str]:
    """What a caption says, by a reader that knows nothing of the templates: it looks at neighbouring words."""
    words = words_of(sentence)
    told = {}
    for before, word in zip(["", *words], words, strict=False):
        if word == "hair":
            told["hair_color"] = before
        if word == "shirt":
            told["clothing_color"] = before
        if word in ("long", "short"):
            told["hair"] = word
        if word in ("beard", "man"):
            told["beard"] = "none" if before == "no" else "beard"
        if word in ("glasses", "sunglasses"):
            kinds = {"no": "none", "without": "none", "dark": "dark"}
            told["glasses"] = "dark" if word == "sunglasses" else kinds.get(before, "clear")
        if word in MOODS.values():
            told["mouth"] = next(mood for mood, adjective in MOODS.items() if adjective == word)
    return told
