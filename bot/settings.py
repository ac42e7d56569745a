"""Typed settings from the environment or `.env`; secrets are masked wherever they are shown."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import unquote, urlsplit

from platformdirs import user_data_dir
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from domain.calls.prices import Price, parsed
from domain.database import normalised

DEFAULT_MODEL = "gemini-3.8-flash"
IN_DATABASE = "postgres:"
BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[\w!.*'()/-]*)?", re.ASCII)


class WrongSetting(Exception):
    """A setting that an operator has to put right: its name and what is wrong, in one line."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")


class Settings(BaseSettings):
    """Every setting, with its default: README.md says what each means."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore")

    telegram_bot_token: SecretStr | None = None
    telegram_api_url: str | None = None
    gemini_api_key: SecretStr | None = None
    gemini_base_url: str | None = None
    gemini_model: str = DEFAULT_MODEL
    gemini_fallback_model: str | None = None
    gemini_thinking_level: Literal["minimal", "low", "medium", "high"] | None = None
    gemini_daily_calls_per_person: int = Field(default=200, ge=0)
    gemini_daily_calls: int = Field(default=0, ge=0)
    gemini_prices: Annotated[dict[str, Price], NoDecode] = Field(default_factory=dict)
    database_url: SecretStr | None = None
    smtp_url: SecretStr | None = None
    mail_from: str = "Greenroom <greenroom@localhost>"
    encryption_keys: SecretStr | None = None
    public_url: str | None = None
    webhook_secret: SecretStr | None = Field(default=None)
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    blob_url: str = IN_DATABASE
    aws_access_key_id: str | None = None
    aws_secret_access_key: SecretStr | None = None
    aws_session_token: SecretStr | None = None
    aws_region: str | None = None
    aws_endpoint_url: str | None = None
    admin_ids: Annotated[tuple[int, ...], NoDecode] = ()
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "text"] | None = None
    greenroom_home: Path = Field(default_factory=lambda: Path(user_data_dir("greenroom")))
    greenroom_auto_migrate: bool = True
    shutdown_grace: float = Field(default=20.0, ge=0)
    attempts_kept_days: int = Field(default=90, ge=1, le=36500)
    sessions_kept_days: int = Field(default=30, ge=1, le=36500)
    codes_kept_days: int = Field(default=1, ge=1, le=36500)

    @field_validator("admin_ids", mode="before")
    @classmethod
    def _ids(cls, value: object) -> object:
        return [each for each in value.replace(",", " ").split() if each] if isinstance(value, str) else value

    @field_validator("gemini_prices", mode="before")
    @classmethod
    def _prices(cls, value: object) -> object:
        return parsed(value) if isinstance(value, str) else value

    @field_validator("log_level", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator("telegram_bot_token")
    @classmethod
    def _token(cls, value: SecretStr | None) -> SecretStr | None:
        number, colon, secret = (value.get_secret_value() if value else "1:x").partition(":")
        if not (number.isdecimal() and colon and secret) or any(each.isspace() for each in secret):
            raise ValueError("expected a token from BotFather, like 123456:ABC…")
        return value

    @field_validator("telegram_api_url", "gemini_base_url", "public_url", "aws_endpoint_url")
    @classmethod
    def _url(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("expected an address that begins with https:// or http://")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: SecretStr | None) -> SecretStr | None:
        return SecretStr(normalised(value.get_secret_value())) if value else None

    @field_validator("webhook_secret")
    @classmethod
    def _secret(cls, value: SecretStr | None) -> SecretStr | None:
        secret = value.get_secret_value() if value else "x"
        plain = secret.replace("_", "").replace("-", "")
        if not (1 <= len(secret) <= 256 and plain.isascii() and (plain.isalnum() or not plain)):
            raise ValueError("expected 1 to 256 characters of A-Z a-z 0-9 _ -")
        return value

    @field_validator("blob_url")
    @classmethod
    def _blobs(cls, value: str) -> str:
        if value != IN_DATABASE and not BUCKET.fullmatch(value):
            raise ValueError("expected postgres: or s3://bucket/prefix")
        return value.rstrip("/")

    def secrets(self) -> tuple[str, ...]:
        """Every secret value, for the logs to mask; of addresses and lists also the secret in them."""
        values = [getattr(self, name) for name in type(self).model_fields]
        whole = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
        passwords = [password for each in whole if "://" in each for password in _passwords(each)]
        keys = self.encryption_keys.get_secret_value().split(",") if self.encryption_keys else []
        return tuple(each for each in (*whole, *passwords, *keys) if each)


def _passwords(url: str) -> tuple[str, ...]:
    """The password in an address, as it is written there and as it is meant."""
    try:
        password = urlsplit(url).password
    except ValueError:
        return ()
    return (password, unquote(password)) if password else ()


def load() -> Settings:
    """The settings of this process; raises `WrongSetting` for the first one that is wrong."""
    try:
        settings = Settings()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = str(first["loc"][0]).upper() if first["loc"] else "settings"
        raise WrongSetting(name, str(first["msg"]).removeprefix("Value error, ")) from None
    if settings.database_url and not settings.encryption_keys:
        raise WrongSetting(
            "ENCRYPTION_KEYS", "required where DATABASE_URL is set (make one: openssl rand -base64 32)"
        )
    return settings
