"""The playground: a local Telegram in the browser with the bot inside, in one program."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import AsyncExitStack, suppress

from starlette.applications import Starlette
from starlette.routing import Mount

from bot.app import ToldToStop, connections, mailer
from bot.playground.app import build_app
from bot.playground.state import Playground
from bot.program import Program
from bot.serving import Server, at_fault
from bot.settings import Settings, WrongSetting
from domain.adapters.mail import CallbackMailer
from domain.ports import Mail, Mailer


async def play(settings: Settings, stopping: asyncio.Event) -> int:
    """Serve the chat page at HOST:PORT and the bot behind it until told to stop."""
    telegram = Playground()
    token = f"1:{secrets.token_urlsafe(24)}"
    app = Starlette()
    async with AsyncExitStack() as stack:
        stack.enter_context(suppress(ToldToStop))
        server = Server(app, host=settings.host, port=settings.port)
        try:
            await stack.enter_async_context(server)
        except OSError as error:
            where = f"{settings.host}:{settings.port}"
            raise WrongSetting(at_fault(error), f"{where} cannot be used: {error.strerror}") from error
        stack.callback(telegram.close)
        connected = connections(
            settings.model_copy(update={"public_url": None}),
            token=token,
            api_url=server.url,
            letters=_letters(settings, telegram),
            migrate=settings.greenroom_auto_migrate,
            stopping=stopping,
        )
        program = Program(await stack.enter_async_context(connected), receives=True)
        chat_page = build_app(telegram, token=token)
        await stack.enter_async_context(chat_page.router.lifespan_context(chat_page))
        app.router.routes.extend([*program.web().routes, Mount("/", chat_page)])
        _invite(server.url, settings)
        await program.run(stopping)
    return 0


def _letters(settings: Settings, telegram: Playground) -> Mailer:
    """Mails are shown beside the chat, where no real ones are wanted."""
    if settings.smtp_url is not None:
        return mailer(settings)

    def deliver(mail: Mail) -> None:
        telegram.deliver_mail(mail.to, mail.subject, mail.text, mail.html)

    return CallbackMailer(deliver)


def _invite(url: str, settings: Settings) -> None:
    judge = "Gemini" if settings.gemini_api_key else "the offline interviewer (GEMINI_API_KEY is not set)"
    print(  # noqa: T201  # the command line's own voice
        f"Greenroom's playground: open {url} in your browser.\n"
        f"It is a local Telegram, since TELEGRAM_BOT_TOKEN is not set. Interviews are judged by {judge}.",
        flush=True,
    )
