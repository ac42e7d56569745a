"""A person with Telegram on their phone, for tests that read like conversations."""

from __future__ import annotations

import asyncio
import mimetypes
import re
from collections.abc import Callable
from pathlib import Path

from bot.playground.files import FileKind
from bot.playground.models import CallbackQuery, Change, ChangeKind, Chat, Mail, Message, Profile
from bot.playground.state import Playground

TIMEOUT = 60.0
_TOLD = frozenset({ChangeKind.MESSAGE, ChangeKind.EDIT})
_PHOTO_SUFFIXES = frozenset({".png", ".jpg", ".jpeg"})

Pattern = str | re.Pattern[str]


class NotHeard(AssertionError):
    """The bot did not say what was waited for; the text is the transcript of the chat."""


class Person:
    """Acts at once and hears in order: what was heard, or passed over in hearing, is not heard again.

    A pattern given as a string is looked for as a regular expression, upper and lower case alike; where it
    is no regular expression, as it stands. Timeouts are in seconds.
    """

    def __init__(self, playground: Playground, chat: Chat) -> None:
        self.playground = playground
        self.chat = chat
        self._heard_up_to = chat.last_seq
        self._last_heard: Message | None = None

    @property
    def id(self) -> int:
        return self.chat.id

    @property
    def profile(self) -> Profile:
        return self.chat.person

    @property
    def last(self) -> Message:
        """The bot's newest message, as it stands now."""
        return self.bot_messages[-1]

    @property
    def messages(self) -> list[Message]:
        """Every message that is in the chat now, oldest first."""
        return list(self.chat.messages.values())

    @property
    def bot_messages(self) -> list[Message]:
        return [message for message in self.messages if message.from_bot]

    @property
    def mails(self) -> list[Mail]:
        """All mails of the playground, whomever they are to, oldest first."""
        return list(self.playground.mails)

    # Acting

    async def says(self, text: str, *, reply_to: int = 0) -> Message:
        return self.playground.say(self.id, text, reply_to)

    async def edits(self, message: Message | int, text: str) -> Message:
        message_id = message if isinstance(message, int) else message.message_id
        return self.playground.edit(self.id, message_id, text)

    async def sends(
        self,
        file: Path | str | bytes,
        name: str = "",
        *,
        caption: str = "",
        as_document: bool = False,
        album: str = "",
    ) -> Message:
        """Send a file by its path or its bytes; pictures go as photos unless `as_document`.

        Files that are chosen together are sent one after the other with the same `album`.
        """
        content = file if isinstance(file, bytes) else await asyncio.to_thread(Path(file).read_bytes)
        name = name or (Path(file).name if not isinstance(file, bytes) else "file")
        kind = FileKind.DOCUMENT
        if Path(name).suffix.lower() in _PHOTO_SUFFIXES and not as_document:
            kind = FileKind.PHOTO
        mime_type = mimetypes.guess_type(name)[0] or ""
        return self.playground.send_file(self.id, kind, name, content, caption, mime_type, album=album)

    async def speaks(self, voice: bytes, *, duration: int = 3, caption: str = "") -> Message:
        """Send a voice note, Opus in Ogg; `duration` in seconds."""
        return self.playground.send_file(
            self.id, FileKind.VOICE, "voice.oga", voice, caption, "audio/ogg", duration
        )

    async def shares_location(self, latitude: float, longitude: float) -> Message:
        """Share a place, in degrees."""
        return self.playground.share_location(self.id, latitude, longitude)

    async def taps(
        self, label: str, *, on: Message | None = None, stale: bool = False, timeout: float = TIMEOUT
    ) -> CallbackQuery:
        """Tap the inline button of that label, or whose label begins with it, whatever its case.

        Looked for under `on`; else under the message heard last and then under the others, newest first;
        waited for if it is not there yet. Where `stale`, `on` may have lost the button by now.
        """

        def look() -> CallbackQuery | None:
            for message in [on] if on else self._where_to_tap():
                current = message if stale else self.chat.messages.get(message.message_id)
                if current is not None and (button := _labelled(current, label)):
                    return self.playground.tap(self.id, message.message_id, button, stale=stale)
            return None

        tapped = await self.chat.bell.until(look, timeout)
        if tapped is None:
            raise NotHeard(f"no button {label!r} to tap\n{self.transcript()}")
        return tapped

    async def blocks(self) -> None:
        self.playground.block(self.id)

    async def unblocks(self) -> None:
        self.playground.unblock(self.id)

    def _where_to_tap(self) -> list[Message]:
        newest_first = self.bot_messages[::-1]
        return [self._last_heard, *newest_first] if self._last_heard else newest_first

    # Hearing

    async def hears(self, pattern: Pattern = "", timeout: float = TIMEOUT) -> Message:
        """The next message or edit of the bot whose text or caption matches, as it stood then.

        Raises `NotHeard` with the transcript of the chat.
        """
        matches = _matcher(pattern)
        found = await self._next(lambda message: matches(message.text), timeout)
        if found is None:
            raise NotHeard(f"did not hear {_shown(pattern)} within {timeout} s\n{self.transcript()}")
        return found

    async def receives(
        self, kind: str = "document", pattern: Pattern = "", timeout: float = TIMEOUT
    ) -> Message:
        """The next message of the bot with a file of that kind and name; its bytes are `file.content`."""
        matches = _matcher(pattern)

        def wanted(message: Message) -> bool:
            return message.file is not None and message.file.kind == kind and matches(message.file.name)

        found = await self._next(wanted, timeout)
        if found is None:
            raise NotHeard(f"received no {kind} {_shown(pattern)} within {timeout} s\n{self.transcript()}")
        return found

    async def hears_nothing(self, pattern: Pattern = "", seconds: float = 0.3) -> None:
        """Wait, and fail if the bot says something that matches; nothing counts as heard by it."""
        heard_up_to, last = self._heard_up_to, self._last_heard
        matches = _matcher(pattern)
        found = await self._next(lambda message: matches(message.text), seconds)
        self._heard_up_to, self._last_heard = heard_up_to, last
        if found is not None:
            raise NotHeard(f"heard {found.text!r}\n{self.transcript()}")

    async def answered(self, query: CallbackQuery, timeout: float = TIMEOUT) -> str:
        """The words with which the bot answered a tap, "" if it answered without any."""
        if await self.chat.bell.until(lambda: query.answered or None, timeout) is None:
            raise NotHeard(f"the tap on {query.callback_data!r} was not answered\n{self.transcript()}")
        return query.answer

    async def gets_mail(self, pattern: Pattern = "", to: str = "", timeout: float = TIMEOUT) -> Mail:
        """The newest mail whose subject or text matches, waited for if there is none yet."""
        matches = _matcher(pattern)

        def look() -> Mail | None:
            fitting = (mail for mail in reversed(self.playground.mails) if not to or mail.to == to)
            return next((mail for mail in fitting if matches(f"{mail.subject}\n{mail.text}")), None)

        mail = await self.playground.mail_bell.until(look, timeout)
        if mail is None:
            raise NotHeard(f"no mail {_shown(pattern)} within {timeout} s\n{self.transcript()}")
        return mail

    def skips_to_now(self) -> None:
        """What the bot said until now is not heard any more."""
        self._heard_up_to = self.chat.last_seq

    def transcript(self) -> str:
        """The chat as it happened, edits and deletions included."""
        lines = [line for change in self.chat.changes if (line := _line(change))]
        return "\n".join([f"--- chat of {self.profile.first_name} ({self.id}) ---", *lines, "---"])

    async def _next(self, wanted: Callable[[Message], bool], timeout: float) -> Message | None:
        def look() -> Message | None:
            for change in self.chat.changes:
                message = change.message
                if change.seq <= self._heard_up_to or change.kind not in _TOLD or message is None:
                    continue
                if message.from_bot and wanted(message):
                    self._heard_up_to, self._last_heard = change.seq, message
                    return message
            return None

        return await self.chat.bell.until(look, timeout)


def _matcher(pattern: Pattern) -> Callable[[str], bool]:
    if isinstance(pattern, re.Pattern):
        return lambda text: pattern.search(text) is not None
    try:
        compiled = re.compile(pattern, re.IGNORECASE | re.MULTILINE)
    except re.error:
        return lambda text: pattern in text
    return lambda text: pattern in text or compiled.search(text) is not None


def _shown(pattern: Pattern) -> str:
    return repr(pattern.pattern if isinstance(pattern, re.Pattern) else pattern)


def _labelled(message: Message, label: str) -> str:
    """The label of the message's button that is `label`, or else begins with it; "" if none does."""
    labels = [button.text for button in message.buttons if button.callback_data]
    wanted = label.casefold()
    exact = next((text for text in labels if text.casefold() == wanted), "")
    return exact or next((text for text in labels if text.casefold().startswith(wanted)), "")


def _line(change: Change) -> str:
    message = change.message
    if change.kind is ChangeKind.DELETION:
        return f"  (message {change.message_id} deleted)"
    if change.kind is ChangeKind.ANSWER and change.text:
        return f"  (tap answered: {change.text})"
    if message is None or change.kind not in _TOLD:
        return ""
    who = "bot" if message.from_bot else "   "
    file = f"<{message.file.kind} {message.file.name}> " if message.file else ""
    edited = "(edit) " if change.kind is ChangeKind.EDIT else ""
    buttons = "".join(f" [{button.text}]" for button in message.buttons)
    return f"{who} #{message.message_id} {edited}{file}{message.text}{buttons}"
