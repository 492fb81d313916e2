"""A grammar whose captions are true, by a reader that knows nothing of its templates."""

from random import Random

from read_captions import read

from gan_lightning.data.sources.face_grammar import GLASSES, VALUES, caption, vocabulary
from gan_lightning.vocabulary import words_of


def test_a_caption_says_the_truth_and_what_it_claims_to_say():
    random, vocabulary_of_all = Random(0), set(vocabulary())
    sentences = set()
    for _ in range(500):
        face = {name: random.choice([*values]) for name, values in VALUES.items()}
        sentence, says = caption(face, random)
        assert read(sentence) == {name: face[name] for name in says}, sentence
        assert set(words_of(sentence)) <= vocabulary_of_all
        sentences.add(sentence)
    assert {word for sentence in sentences for word in words_of(sentence)} == vocabulary_of_all
    for phrase in (phrase for choices in GLASSES.values() for phrase in choices):
        assert any(phrase in sentence for sentence in sentences)
