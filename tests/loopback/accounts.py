"""What tests of accounts share: sessions that end, passwords given long ago, further chats, mails."""

from __future__ import annotations

import re

from bot.playground.models import Message
from bot.playground.people import Person
from tests.loopback.greenroom import PASSWORD, Greenroom, links

EMAIL = "ana@example.org"
NEW_PASSWORD = "nine grey geese land"
ENDED = "session of this chat has ended"

# The ways in which a session comes to its end, as SQL that brings it about for a chat.
ENDINGS = {
    "ended": "UPDATE user_sessions SET is_active = false WHERE id = $1",
    "expired": "UPDATE user_sessions SET created_at = created_at - interval '31 days',"
    " expires_at = expires_at - interval '31 days' WHERE id = $1",
    "blacklisted": "INSERT INTO token_blacklist (id, token_id, user_id, expires_at)"
    " SELECT gen_random_uuid(), session_id, user_id, expires_at FROM user_sessions WHERE id = $1",
    "pruned": "DELETE FROM user_sessions WHERE id = $1",
}


async def session_ends(greenroom: Greenroom, person: Person, how: str = "ended") -> None:
    """The session of a person's chat ends."""
    (chat,) = await greenroom.rows("SELECT session_id FROM chats WHERE chat_id = $1", person.id)
    await greenroom.rows(ENDINGS[how], chat["session_id"])


async def time_passes(greenroom: Greenroom, minutes: int = 11) -> None:
    """Every password was given so long ago, every code asked for."""
    await greenroom.rows(
        "UPDATE user_sessions SET session_data = session_data || jsonb_build_object('password_at',"
        " to_char((session_data->>'password_at')::timestamptz AT TIME ZONE 'UTC' - make_interval(mins => $1),"
        ' \'YYYY-MM-DD"T"HH24:MI:SS"+00:00"\'))'
        " WHERE session_data ? 'password_at'",
        minutes,
    )
    await greenroom.rows(
        "UPDATE email_codes SET created_at = created_at - make_interval(mins => $1)", minutes
    )


async def owner(greenroom: Greenroom, name: str = "Ana", email: str = EMAIL) -> Person:
    """Somebody who has just linked a new account and is at home, with the password known."""
    person = greenroom.candidate(name)
    await links(person, email)
    await person.says("/cancel")
    await person.hears("I've left that")
    return person


async def invites(first: Person) -> str:
    """What is to be typed in another chat, by a person who gave the password lately."""
    await first.says("/account")
    card = await first.hears("Signed in")
    await first.taps("Link another chat", on=card)
    shown = await first.hears("To link another chat")
    return text_of_invitation(shown)


def text_of_invitation(shown: Message) -> str:
    found = re.search(r"/start chat_[\w-]+", shown.text)
    assert found is not None
    return found.group()


async def second_chat(greenroom: Greenroom, first: Person, name: str = "Ana's tablet") -> Person:
    """A second chat of the same account, let in by the first."""
    second = greenroom.candidate(name)
    await second.says(await invites(first))
    await second.hears("asked in your other chat")
    await first.hears("asks to be linked")
    await first.taps("Yes, link that chat")
    await second.hears("linked to your account")
    await first.hears("The chat of .* is linked")
    return second


async def gives(person: Person, password: str = PASSWORD) -> None:
    """Give the password that was asked for once more."""
    await person.says(password)
    await person.hears("that is right")
