"""Padding: the same answer at greater length and with no more in it. Made by rule, the same each time."""

from __future__ import annotations

import hashlib

from domain.interviews.sentences import pieces

# Sentences that hold nothing a key point could ask for.
FILLERS = {
    "en": (
        "That is how I would put it, more or less.",
        "I think that is worth saying at this place.",
        "To say it once more in other words, that is what I mean.",
        "One could of course speak about this for a long time.",
        "As I said a moment ago, that is my view of it.",
        "I hope that it becomes clear what I have in mind.",
        "It is a good topic, and I have often thought about it.",
    ),
    "es": (
        "Así es como yo lo diría, más o menos.",
        "Creo que vale la pena decirlo en este punto.",
        "Por decirlo otra vez con otras palabras, eso es lo que quiero decir.",
        "Claro que de esto se podría hablar durante mucho rato.",
        "Como decía hace un momento, esa es mi opinión.",
        "Espero que se vea lo que tengo en mente.",
        "Es un buen tema, y lo he pensado a menudo.",
    ),
}


def padded(answer: str, language: str = "en") -> str:
    """The answer with a filler sentence after each of its own, and two more around it.

    What was said stays word for word and in one piece, so that every quote of it still stands.
    """
    fillers = FILLERS.get(language, FILLERS["en"])
    start = hashlib.sha256(answer.encode()).digest()[0]
    said = [piece.strip() for piece in pieces(answer) if piece.strip()]
    sentences = [fillers[start % len(fillers)]]
    for number, sentence in enumerate(said, start=1):
        sentences += [sentence, fillers[(start + number) % len(fillers)]]
    sentences.append(fillers[(start + len(said) + 1) % len(fillers)])
    return " ".join(sentences)
