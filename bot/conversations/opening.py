"""/start, and the links that lead to it."""

from __future__ import annotations

from bot.conversations import sharing
from bot.conversations.home import Home
from bot.step import Command, Step, t
from domain.services import Domain


async def start(command: Command, step: Step, domain: Domain) -> Step:
    """/start: the greeting or the home card; a link that is not good for anything says so."""
    home = Home()
    kind, _, token = command.argument.partition("_")
    if kind == "chat" and await domain.accounts.links.claim(token):
        return step.saying(t("chats.claimed")).quietly()
    if kind == "share" and (shown := await sharing.opened(token, step, domain)):
        return shown
    if kind == "file" and (coming := await sharing.file_asked(token, step, domain)):
        return coming
    if command.argument:
        return home.saying(t("start.link_unknown"))
    return home
