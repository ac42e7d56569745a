"""Every command the bot understands, and the menu that shows the main ones."""

from __future__ import annotations

from collections.abc import Mapping

from bot.conversations import (
    account,
    admin,
    background,
    exporting,
    home,
    interview_setup,
    linking,
    opening,
    progress,
    recommendations,
    reminders,
    resume,
    second_look,
)
from bot.step import OnCommand
from bot.texts import LANGUAGES, template

COMMANDS: Mapping[str, OnCommand] = {
    "start": opening.start,
    "help": home.help_,
    "cancel": home.cancel,
    "privacy": home.privacy,
    "link": linking.link,
    "background": background.background,
    "resume": resume.resume,
    "interview": interview_setup.interview,
    "progress": progress.progress,
    "history": progress.history,
    "report": progress.report,
    "pdf": progress.pdf,
    "retry": second_look.retry,
    "disagree": second_look.disagree,
    "recommendations": recommendations.recommendations,
    "practice": recommendations.practice,
    "reminders": reminders.reminders,
    "profile": recommendations.profile,
    "account": account.account,
    "language": account.language,
    "logout": account.logout,
    "export": exporting.export,
    "delete": account.erase,
    "admin": admin.admin,
}

MENU = ("start", "interview", "resume", "progress", "profile", "account", "help")


def menus() -> dict[str, list[tuple[str, str]]]:
    """The menu in every language: commands and what they do."""
    return {language: [(name, template(f"menu.{name}", language)) for name in MENU] for language in LANGUAGES}
