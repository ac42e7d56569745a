"""What a bot sets about itself, per language and scope: commands and descriptions."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.playground.errors import bad_request

MAX_COMMANDS = 100
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"[a-z]{2}")

Command = dict[str, str]


@dataclass
class BotSettings:
    """Commands by (scope, language), descriptions by language; "" is for every language without its own."""

    commands: dict[tuple[str, str], list[Command]] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    short_descriptions: dict[str, str] = field(default_factory=dict)

    def menu_of(self, chat_id: int, language: str) -> list[Command]:
        """What a person's menu shows: the narrowest scope first, in their language before any (Bot API,
        "Determining list of commands")."""
        scopes = (scope_key({"type": "chat", "chat_id": chat_id}), "all_private_chats", "default")
        keys = [(scope, code) for scope in scopes for code in (language[:2], "")]
        return next((self.commands[key] for key in keys if self.commands.get(key)), [])

    def description_in(self, language: str) -> str:
        """What an empty chat shows above its start button."""
        return self.descriptions.get(language[:2]) or self.descriptions.get("", "")


def scope_key(scope: object) -> str:
    """Raises `ApiError`."""
    if scope is None:
        return "default"
    if not isinstance(scope, Mapping) or not isinstance(scope.get("type"), str):
        raise bad_request("can't parse BotCommandScope: Can't find field \"type\"")
    kind = str(scope["type"])
    if kind in {"default", "all_private_chats", "all_group_chats", "all_chat_administrators"}:
        return kind
    if kind == "chat":
        return json.dumps([kind, str(scope.get("chat_id"))])
    raise bad_request("can't parse BotCommandScope: Unsupported type specified")


def checked_language(code: str) -> str:
    if code and not _LANGUAGE.fullmatch(code):
        raise bad_request("invalid language code specified")
    return code


def checked_commands(given: object) -> list[Command]:
    """Raises `ApiError`."""
    if not isinstance(given, list):
        raise bad_request("can't parse commands list: expected an Array of BotCommand")
    if len(given) > MAX_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    checked = []
    for entry in given:
        if not isinstance(entry, Mapping):
            raise bad_request("can't parse BotCommand: expected an Object")
        command = str(entry.get("command", "")).removeprefix("/")
        description = str(entry.get("description", "")).strip()
        if not _COMMAND.fullmatch(command):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(description) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
        checked.append({"command": command, "description": description})
    return checked
