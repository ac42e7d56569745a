"""Every table, imported in one place for the migrations and their tests."""

from domain.accounts import models as accounts
from domain.background import models as background
from domain.calls import models as calls
from domain.exports import models as exports
from domain.interviews import models as interviews
from domain.messaging import models as messaging
from domain.orm import Base
from domain.personalization import models as personalization
from domain.resumes import models as resumes

__all__ = [
    "Base",
    "accounts",
    "background",
    "calls",
    "exports",
    "interviews",
    "messaging",
    "personalization",
    "resumes",
]
