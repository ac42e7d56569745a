"""`hardware_setup`: what somebody works on, as it is typed, tapped and merged. Pure; see schemas/."""

from __future__ import annotations

import re

from domain.background.answers import LONGEST_NOTE, note, parts
from domain.background.forms import Answers, is_list, merged, most
from domain.background.phrases import is_of, mentions, names, words_of
from domain.background.schema import schema_of

# A graphics card names its own memory, a phone may be "for the PC": the telling words first.
_ORDER = ("gpu", "devices", "machine", "operating_systems")
_MEMORY = re.compile(
    r"(?<![\w.,])(\d{1,4})\s?(?:gb|gib|gigas?|gigabytes?)\b(?:\s+(?:of\s+|de\s+)?(?:ram|memory|memoria)\b)?",
    re.IGNORECASE,
)
_JOINT = re.compile(r"\s+(?:and|with|on|running|y|e|con|en|und|mit|&|\+|/)\s+", re.IGNORECASE)
_BRACKETS = " <>()[]{}.-"


def understood(typed: str) -> Answers:
    """What a typed description says, by key; what fits no key is kept in the notes as it was typed.

    Raises `Refused` where it says nothing or is too long.
    """
    words = note(typed)
    found: Answers = {}
    left = []
    for part in parts(words):
        if (more := _all_of(part, found)) is not None:
            found = more
        else:
            left.append(part)
    if not found:
        return {"notes": words}
    return found | ({"notes": ", ".join(left)[:LONGEST_NOTE]} if left else {})


def _all_of(part: str, found: Answers) -> Answers | None:
    """`found` with all that a part says; None where some of it is not understood."""
    more: Answers | None = dict(found)
    for piece in _JOINT.split(part):
        more = more if more is None else _one_of(piece, more)
    return _one_of(part, found) if more is None else more


def _one_of(piece: str, found: Answers) -> Answers | None:
    more = dict(found)
    words = words_of(piece)
    memory = _MEMORY.search(piece)
    other = is_of("storage", words) or is_of("gpu", words)
    rules = schema_of("hardware_setup")["properties"]["memory_gb"]
    if (
        memory
        and not other
        and "memory_gb" not in found
        and rules["minimum"] <= int(memory[1]) <= rules["maximum"]
    ):
        more["memory_gb"] = int(memory[1])
        before, after = piece[: memory.start()], piece[memory.end() :]
        piece = f"{before.rstrip(_BRACKETS)} {after.lstrip(_BRACKETS)}"
        words = words_of(piece)
        if not words:
            return more
    return _kept(" ".join(piece.split()), more)


def _kept(piece: str, found: Answers) -> Answers | None:
    """`found` with a piece under the key it belongs to, by the value's own name or as it was typed."""
    words = words_of(piece)
    for key in _ORDER:
        if (value := names("hardware", key).get(words)) is not None:
            return _placed(key, value, found)
    for key in _ORDER:
        if is_of(key, words) and len(piece) <= _longest(key):
            return _placed(key, piece, found)
    return None


def _longest(key: str) -> int:
    rules = schema_of("hardware_setup")["properties"][key]
    return int(rules.get("items", rules)["maxLength"])


def _placed(key: str, value: str, found: Answers) -> Answers | None:
    """`found` with a value; a second machine is a further device. None where there is no room for it."""
    if key == "machine" and key in found:
        key = "devices"
    if is_list("hardware_setup", key):
        has_room = len(found.get(key, ())) < most("hardware_setup", key)
        return merged("hardware_setup", found, {key: [value]}) if has_room else None
    if key in found:
        return None
    systems = _systems_of(value) if key == "machine" else []
    more = {key: value} | ({"operating_systems": systems} if systems else {})
    return merged("hardware_setup", found, more)


def _systems_of(machine: str) -> list[str]:
    """The operating systems that a machine is said to have: "Linux laptop"."""
    known = names("hardware", "operating_systems").items()
    return [name for words, name in known if mentions(words_of(machine), words)]
