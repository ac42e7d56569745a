"""Keyboards under a message or under the text field, checked as Telegram checks them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.playground.errors import ApiError, bad_request

MAX_BUTTONS = 100
MAX_CALLBACK_DATA_BYTES = 64
MAX_COPIED_TEXT = 256
_ACTIONS = (
    "callback_data",
    "url",
    "copy_text",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "callback_game",
    "pay",
)
_OFFERED = frozenset({"callback_data", "url", "copy_text", "web_app"})
_STYLES = frozenset({"danger", "success", "primary"})


@dataclass(frozen=True)
class Button:
    """One inline button; exactly one of `callback_data`, `url`, `web_app` and `copied_text` is set.

    `web_app` is the address of a Mini App, which the playground opens as any page.
    """

    text: str
    callback_data: str = ""
    url: str = ""
    copied_text: str = ""
    style: str = ""
    web_app: str = ""

    def as_json(self) -> dict[str, object]:
        shown: dict[str, object] = {"text": self.text}
        if self.callback_data:
            shown["callback_data"] = self.callback_data
        if self.url:
            shown["url"] = self.url
        if self.web_app:
            shown["web_app"] = {"url": self.web_app}
        if self.copied_text:
            shown["copy_text"] = {"text": self.copied_text}
        if self.style:
            shown["style"] = self.style
        return shown


Keyboard = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True)
class ReplyMarkup:
    """What came as `reply_markup`: an inline keyboard, or a change of the keyboard under the text field.

    `reply_keyboard` is None where that keyboard stays as it is, and empty where it is taken away. A button
    whose text is in `location_buttons` shares where the person is instead of saying its text.
    """

    inline: Keyboard = ()
    reply_keyboard: tuple[tuple[str, ...], ...] | None = None
    location_buttons: frozenset[str] = frozenset()


def parse_reply_markup(given: object) -> ReplyMarkup:
    """Raises `ApiError` with Telegram's words."""
    if given is None:
        return ReplyMarkup()
    if not isinstance(given, Mapping):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in given:
        return ReplyMarkup(inline=_inline_keyboard(given["inline_keyboard"]))
    if "keyboard" in given:
        keyboard = given["keyboard"]
        return ReplyMarkup(
            reply_keyboard=_reply_keyboard(keyboard), location_buttons=_location_buttons(keyboard)
        )
    if given.get("remove_keyboard"):
        return ReplyMarkup(reply_keyboard=())
    return ReplyMarkup()


def _rows(given: object, field: str) -> list[list[Any]]:
    if not isinstance(given, list):
        raise bad_request(f'field "{field}" of the ReplyMarkup must be an Array')
    if not all(isinstance(row, list) for row in given):
        raise bad_request(f'field "{field}" of the ReplyMarkup must be an Array of Arrays')
    return [row for row in given if row]


def _inline_keyboard(given: object) -> Keyboard:
    rows = _rows(given, "inline_keyboard")
    if sum(map(len, rows)) > MAX_BUTTONS:
        raise bad_request("reply markup is too long")
    return tuple(tuple(_inline_button(button) for button in row) for row in rows)


def _inline_button(given: object) -> Button:
    if not isinstance(given, Mapping):
        raise _button_refused("expected an Object")
    text = given.get("text")
    if not isinstance(text, str):
        raise _button_refused(
            'Field "text" must be of type String' if "text" in given else 'Can\'t find field "text"'
        )
    if not text.strip():
        raise bad_request("inline keyboard button text must be non-empty")
    style = given.get("style", "")
    if style and style not in _STYLES:
        raise bad_request("invalid button style specified")
    # A button of no kind and one with empty callback data draw the same answer.
    actions = [
        action
        for action in _ACTIONS
        if given.get(action) not in (None, "") or (action in given and "switch" in action)
    ]
    if not actions:
        raise _button_refused("Text buttons are unallowed in the inline keyboard")
    action = actions[0]
    if action not in _OFFERED:
        raise bad_request(f"BUTTON_TYPE_INVALID: the local Telegram has no buttons with {action}")
    return _button_of_kind(action, given[action], text, str(style))


def _button_of_kind(action: str, value: object, text: str, style: str) -> Button:
    if action == "callback_data":
        if not isinstance(value, str) or len(value.encode()) > MAX_CALLBACK_DATA_BYTES:
            raise bad_request("BUTTON_DATA_INVALID")
        return Button(text, callback_data=value, style=style)
    if action == "url":
        if (
            not isinstance(value, str)
            or not value.startswith(("http://", "https://", "tg://"))
            or " " in value
        ):
            raise bad_request(f"inline keyboard button URL '{value}' is invalid: Wrong HTTP URL")
        return Button(text, url=value, style=style)
    if action == "web_app":
        address = value.get("url") if isinstance(value, Mapping) else None
        if not isinstance(address, str) or not address.startswith("https://"):
            raise bad_request(
                f"inline keyboard button Web App URL '{address}' is invalid: Only HTTPS links are allowed"
            )
        return Button(text, web_app=address, style=style)
    copied = value.get("text") if isinstance(value, Mapping) else None
    if not isinstance(copied, str) or not 1 <= len(copied) <= MAX_COPIED_TEXT:
        raise bad_request("BUTTON_COPY_TEXT_INVALID")
    return Button(text, copied_text=copied, style=style)


def _reply_keyboard(given: object) -> tuple[tuple[str, ...], ...]:
    rows = []
    for row in _rows(given, "keyboard"):
        texts = [button.get("text") if isinstance(button, Mapping) else button for button in row]
        if not all(isinstance(text, str) and text for text in texts):
            raise bad_request('can\'t parse keyboard button: Field "text" must be a non-empty String')
        rows.append(tuple(map(str, texts)))
    return tuple(rows)


def _location_buttons(given: object) -> frozenset[str]:
    buttons = [button for row in _rows(given, "keyboard") for button in row if isinstance(button, Mapping)]
    return frozenset(str(button["text"]) for button in buttons if button.get("request_location"))


def _button_refused(reason: str) -> ApiError:
    return bad_request(f"can't parse inline keyboard button: {reason}")
