"""A language model that is trained in a few milliseconds: word n-grams over a page of text.

What makes it answer rather than babble: before it says anything, every sentence of the text is weighed by the words that
it shares with the question (rare words count more, and those that it begins with), and the n-grams of heavy sentences are
the likely ones. A sentence loses weight with every word that is taken from it, so that nothing is said twice.
"""

import math
import re
from collections import defaultdict

ORDER = 3
# How much more an agreement on three preceding words counts than one on two, or on one.
TRUST = {3: 8.0, 2: 2.0, 1: 0.1}
# Words that say nothing about what a question is about.
EMPTY = set("a about am an and any are as at be but by can could did do does for from has have how in is it its like me of on or".split()) | set(
    "please so some tell that the there this to was we what which why will with would".split()
)
# The text speaks of itself as "I", whoever asks says "you".
MIRROR = {"you": "i", "your": "my", "i": "you", "my": "your", "thank": "thank", "thanks": "thank", "hey": "hi"}
# What is answered when a question has nothing in common with the text.
LOST = "you know answer"
BEGIN, END = "<begin>", "<end>"


def words_of(text):
    return re.findall(r"\w+(?:'\w+)?|[^\w\s]", text)


def root_of(word):
    """So that "caravans?" finds "caravan" and "Serving" finds "serve"; no more linguistics than that."""
    return re.sub(r"(?<=\w{3})(?:ing|ed|es|s|e)$", "", word.lower())


def topics_of(text):
    words = [word.lower() for word in words_of(text) if word[0].isalnum()]
    return {root_of(MIRROR.get(word, word)) for word in words if word not in EMPTY}


def text_of(word, is_first):
    return word if is_first or re.fullmatch(r"[.,;:!?)]", word) else " " + word


class Model:
    def __init__(self, text):
        sentences = [words_of(line) for line in text.splitlines() if line.strip()]
        self.sentence_count = len(sentences)
        self.word_count = sum(len(sentence) for sentence in sentences)
        # The words before -> what followed them, and in which sentence.
        self.followers = defaultdict(list)
        self.sentences_with = defaultdict(dict)
        for number, sentence in enumerate(sentences):
            for place, word in enumerate(sentence):
                self.sentences_with[root_of(word)].setdefault(number, 1.5 if place < 3 else 1.0)
            padded = [BEGIN] * ORDER + sentence + [END]
            for place in range(ORDER, len(padded)):
                for length in TRUST:
                    self.followers[tuple(padded[place - length : place])].append((padded[place], number))

    def weigh(self, texts):
        """The weight of each sentence for what was said; the last text counts most."""
        scores = [0.0] * self.sentence_count
        importance = 1.0
        for text in reversed(texts):
            known = topics_of(text) & self.sentences_with.keys()
            for topic in sorted(known or (topics_of(LOST) if importance == 1.0 else ())):
                found = self.sentences_with[topic]
                for number, prominence in found.items():
                    scores[number] += importance * prominence * math.log(self.sentence_count / len(found))
            importance *= 0.3
        return [(0.1 + score) ** 4 for score in scores]

    def generate(self, texts, dice, temperature, sentence_count=2, beginning=""):
        """Yields words, each as the text to append, until it has said enough. `beginning` is continued where it is known."""
        weights = self.weigh(texts)
        context = ([BEGIN] * ORDER + words_of(beginning))[-ORDER:]
        if not self.followers.get((context[-1],)):
            context = [BEGIN] * ORDER
        is_first, ended = not beginning, 0
        while ended < sentence_count:
            word, number = self.choose(context, weights, dice, temperature)
            weights[number] *= 0.8
            if word == END:
                ended += 1
                context = [BEGIN] * ORDER
                continue
            yield text_of(word, is_first)
            is_first = False
            context = context[1:] + [word]

    def choose(self, context, weights, dice, temperature):
        likelihood, source = defaultdict(float), {}
        for length, trust in TRUST.items():
            for word, number in self.followers.get(tuple(context[-length:]), ()):
                likelihood[word] += trust * weights[number]
                if word not in source or weights[number] > weights[source[word]]:
                    source[word] = number
        best = max(likelihood, key=likelihood.get)
        if temperature == 0:
            return best, source[best]
        # Relative to the best, so that low temperatures do not overflow.
        chances = {word: (value / likelihood[best]) ** (1 / temperature) for word, value in likelihood.items()}
        (word,) = dice.choices(list(chances), weights=list(chances.values()))
        return word, source[word]
