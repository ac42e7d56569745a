"""Sentences of a resume that speak to an AI instead of an employer: found, and set aside unread.

Nobody who reads resumes needs to be told to ignore rules or to rate somebody ten out of ten. What is found
here the interviewer never sees; what gets past it is bounded by `domain.resumes.checking`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import zip_longest

_LONGEST_QUOTE = 300
_MOST_WRAPPED = 2  # lines that one sentence may run on for
_SENTENCE = re.compile(r"(?<=[.!?。!?؟])\s+|(?<=[。!?])")
_ENDED = re.compile(r"[.!?。!?؟][\"'”»)\]]*$")
# An order stands at the start of a clause, or after words that make one.
_CLAUSE = (
    r"(?:^|[.:;,!?()\"'“\[\]—–-]\s*"
    r"|\b(?:and|please|then|now|must|should|y|por favor|ahora|und|bitte|et|e)\s+)"
)
_TOP_MARK = (
    r"(?:\b10\s?/\s?10\b|\b100\s?/\s?100\b|\b(?:10|ten) out of (?:10|ten)\b"
    r"|\b(?:highest|maximum|top|perfect|best|full)\s(?:possible\s)?(?:scores?|ratings?|marks?|grades?)\b"
    r"|\bdiez sobre diez\b|\b(?:nota|puntuacion|calificacion) maxima\b|\bbestnote\b|\bnote maximale\b)"
)
_AI = r"(?:ai|a\.i\.|llms?|chatgpt|gpt|gemini|language models?|chatbots?|ia|ki|modelos? de lenguaje)"
_OBJECT = (
    r"(?:(?:this|the|my|our|every|all|any|este|esta|al?|el|la)\s)?"
    r"(?:me|him|her|them|it|this|us|candidates?|applicants?|persons?|resumes?|cv|profile|candidat[oa]|everything)"
)
_BETWEEN = r"(?:(?:an?|the|as|with|at|of|to|him|her|them|it|candidate|resume)\s){0,3}"
_ORDERS = re.compile(
    "|".join(
        (
            r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,30}"
            r"\b(?:all|any|your|previous|prior|above|earlier|preceding|system)\b.{0,30}"
            r"\b(?:instructions?|prompts?|rules?|guidelines?|directives?|criteria)\b",
            rf"{_CLAUSE}(?:rate|rank|evaluate|assess|give|award)\s(?:{_OBJECT}\s)?{_BETWEEN}{_TOP_MARK}",
            rf"{_CLAUSE}(?:score|grade|mark|consider|treat)\s{_OBJECT}\s{_BETWEEN}{_TOP_MARK}",
            rf"{_CLAUSE}(?:califica|calificame|puntua|valora|otorga|dame|bewerte|gib|donne|note)\b"
            rf"[^.]{{0,50}}{_TOP_MARK}",
            rf"\b(?:notes?|message|instructions?|attention|hinweis|nota|mensaje)\s(?:to|for|an|para)\s"
            rf"(?:\w+\s){{0,2}}{_AI}\b",
            rf"\b{_AI}\b.{{0,40}}\b(?:must|should|shall|is to|are to|has to|debe|soll)\b.{{0,30}}"
            rf"\b(?:recommend|rate|score|rank|hire|accept|shortlist|recomendar|elegir)\s{_OBJECT}\b",
            r"\b(?:you are|act as)\s(?:now|no longer)?\s?(?:an?\s)?(?:\w+\s)?"
            rf"(?:{_AI}|assistant|evaluator|screener|recruiter bot)\b",
            r"<\|\w+\|>|\[/?inst\]|</?(?:system|instructions?|prompt)>",
            r"^\W*system (?:prompt|message|override)\s*:",
            r"\b(?:ignora|ignore|olvida|olvide|descarta|omite|desconsidere|esqueca)\b.{0,40}"
            r"\b(?:instrucciones|reglas|indicaciones|instrucoes|regras)\b",
            r"\b(?:ignorier\w*|vergiss|missacht\w*)\b.{0,40}\b(?:anweisung\w*|regeln|vorgaben)\b",
            r"\b(?:ignor\w+|oubli\w+)\b.{0,40}\b(?:instructions|consignes|regles)\b",
            r"(?:игнорируи|забудь)\w*.{0,40}(?:инструкц|указани|правил)\w*",
            r"(?:忽略|无视|忘记).{0,20}(?:指令|指示|规则|提示)",
            r"(?:تجاهل|انس).{0,40}(?:التعليمات|القواعد|الاوامر)",
        )
    ),
)  # a text that is searched is folded, so that case need not be ignored, which takes twice the time


class _Unseen(dict[int, int | None]):
    """For `str.translate`: accents and characters without a width are left out."""

    def __missing__(self, character: int) -> int | None:
        is_unseen = unicodedata.category(chr(character)) in ("Mn", "Cf")
        self[character] = None if is_unseen else character
        return self[character]


_UNSEEN = _Unseen()


@dataclass(frozen=True)
class Parted:
    """A text without what speaks to an AI, and the sentences that do, as they were written."""

    kept: str
    set_aside: tuple[str, ...]


def parted(text: str) -> Parted:
    """Part what speaks to an AI from the resume; a text without any comes back as it is."""
    lines = text.split("\n")
    kept: list[str] = []
    aside: list[str] = []
    runs_on = 0
    for line, following in zip_longest(lines, lines[1:], fillvalue=""):
        if runs_on:
            aside[-1] = f"{aside[-1]} {line.strip()}"
            runs_on = runs_on - 1 if _wraps(line, following) else 0
            kept.append("")
            continue
        at = _order_in(line, following)
        kept.append(line if at is None else line[:at])
        if at is not None:
            aside.append(line[at:].strip())
            runs_on = _MOST_WRAPPED if _wraps(line, following) else 0
    if not aside:
        return Parted(text, ())
    return Parted("\n".join(kept), tuple(each[:_LONGEST_QUOTE] for each in aside))


def _wraps(line: str, following: str) -> bool:
    """Whether the last sentence of a line goes on in the next one."""
    begun = following.strip()[:1]
    return (
        bool(begun) and not _ENDED.search(line.rstrip()) and (line.rstrip()[-1:] in ",;:-" or begun.islower())
    )


def _order_in(line: str, following: str) -> int | None:
    """Where in a line the first sentence that gives an order begins, also where it runs on below."""
    at = 0
    for sentence in _SENTENCE.split(line):
        at = line.index(sentence, at)
        is_last = at + len(sentence) >= len(line.rstrip())
        wrapped = f"{sentence} {following}" if is_last and not _ENDED.search(sentence) else sentence
        found = _ORDERS.search(_folded(wrapped))
        if found and found.start() < len(_folded(sentence)):
            return at
        at += len(sentence)
    return None


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKD", text).casefold().translate(_UNSEEN)
