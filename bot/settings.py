"""Every setting of Leerwijzer, typed, from the environment or from `.env`, all with the prefix `LEERWIJZER_`.

`.env.example` documents each of them for operators; a test keeps the two in step.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from bot.origin import origin_of
from bot.smtp import Server

ROOT = Path(__file__).resolve().parent.parent
"""The root of the project: where config.yml, domain.yml and data/ stand."""
PREFIX = "LEERWIJZER_"
"""Of the name of every setting in the environment."""
MIN_SECRET = 32
"""Characters of a secret that cannot be guessed."""


class Settings(BaseSettings):
    """What an operator may set. A wrong value stops the program at start and names the setting."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=ROOT / ".env", env_file_encoding="utf-8", extra="forbid"
    )

    host: str = "127.0.0.1"
    """Address to listen on; 0.0.0.0 behind a proxy or in a container."""
    port: int = Field(default=8000, ge=1, le=65535)
    public_url: str = "http://localhost:8000"
    """How citizens reach the assistant: in links, and as the first allowed origin of the widget."""
    allowed_origins: tuple[str, ...] = ()
    """Other sites that may carry the widget, like https://www.example.be."""
    data_dir: Path = ROOT / "data"
    """What editors change: training data, articles, catalogue, directory."""
    var_dir: Path = ROOT / "var"
    """What the program writes: the database, its secret."""
    models_dir: Path = ROOT / "models"
    database_url: str = ""
    """SQLAlchemy URL, like postgresql://user:password@host/leerwijzer. Empty: SQLite in var_dir."""
    redis_url: str = ""
    """Redis for wake-ups and locks between processes. Empty: one process."""
    rasa_urls: tuple[str, ...] = ()
    """Addresses of remote Rasa servers. Empty: Rasa runs inside this process."""
    rasa_token: SecretStr = SecretStr("")
    """The token that remote Rasa servers ask for (`rasa run --auth-token`)."""
    actions_url: str = ""
    """Address of a Rasa action server, for remote Rasa servers. Empty: actions run in process."""
    rest_token: SecretStr = SecretStr("")
    """Bearer token of POST /webhooks/rest/webhook. Empty: only the same machine may call it."""
    operator_token: SecretStr = SecretStr("")
    """Password of the operators' pages under /beheer. Empty: only somebody on the same machine may see them."""
    secret: SecretStr = SecretStr("")
    """Signs session tokens. Empty: made once and kept in var_dir."""
    encryption_keys: SecretStr = SecretStr("")
    """Encrypt what people say at rest: keys of `leerwijzer keys new` with spaces between, the one in force first. Empty:
    made once and kept in var_dir."""
    session_days: int = Field(default=30, ge=1, le=365)
    """How long a web session stays valid after the last message."""
    desk_two_factor: Literal["required", "optional"] = "required"
    """Whether every counsellor must give a second factor at the desk; demo accounts never must."""
    oidc_issuer: str = ""
    """Address of an organisation's OpenID Connect, exactly as it names itself. Empty: counsellors have a password."""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_name: str = "je organisatie"
    """How the button reads: "Aanmelden met …"."""
    demo: bool = False
    """Makes a fictional organisation with two counsellors, whose sign-in details anybody can read. Never for real use."""
    examples: Literal["auto", "always", "never"] = "auto"
    """Whether invented courses are in the catalogue; auto: as long as no feed brought real ones."""
    feed_hosts: tuple[str, ...] = ()
    """Hosts of catalogue feeds that may lie on a private network; all others must be public."""
    feed_refresh: bool = True
    """Whether this process reads the feeds of data/catalogue/feeds.yml when they are due."""
    chat_minutes: int = Field(default=10, ge=1, le=120)
    """Minutes in which a counsellor must come to who waits in the conversation; then somebody else is asked."""
    claim_days: int = Field(default=2, ge=1, le=20)
    """Working days in which an organisation must take up a call or a mail."""
    expiry_days: int = Field(default=5, ge=1, le=60)
    """Working days after an escalation when the person is told that nobody came."""
    follow_up_days: int = Field(default=14, ge=0, le=180)
    """Days after a referral is closed when the person is asked how it went; 0 for never."""
    conversation_days: int = Field(default=30, ge=1, le=3650)
    """Days a conversation is kept after the last message."""
    referral_days: int = Field(default=90, ge=1, le=3650)
    """Days a referral, and the conversation it came from, is kept after it ended."""
    audit_days: int = Field(default=365, ge=1, le=3650)
    """Days for which is kept who did and read what, without content."""
    smtp_url: SecretStr = SecretStr("")
    """Mail server that tells organisations of referrals, like smtp://user:password@mail.example.be:587. Empty: no mail."""
    mail_from: str = "leerwijzer@localhost"
    """Sender of that mail."""
    overview_days: int = Field(default=30, ge=1, le=365)
    """How long the link of "mijn overzicht" works."""
    spacy_model: str = ""
    """A Dutch spaCy model that is installed, like nl_core_news_md. Empty: the pipeline of `leerwijzer train`."""
    reply_timeout: float = Field(default=20.0, gt=0)
    """Seconds the assistant may take for one reply before the turn is tried again."""
    workers: int = Field(default=8, ge=1, le=64)
    """Conversations handled at the same time in one process."""
    quiet_period: float = Field(default=1.5, ge=0, le=10)
    """Seconds a person on Telegram or WhatsApp must be quiet before their short messages are read as one. 0: each by itself."""
    telegram_token: SecretStr = SecretStr("")
    """Token of the bot, from @BotFather. Empty: no Telegram."""
    telegram_secret: SecretStr = SecretStr("")
    """What Telegram sends along with each update: 1 to 256 of A-Z a-z 0-9 _ -, of your own choosing."""
    telegram_polling: bool = False
    """Ask Telegram for updates instead of being told: for who has no public address. In one process only."""
    telegram_api_url: str = "https://api.telegram.org"
    """Another Bot API server, of your own."""
    whatsapp_phone_number_id: str = Field(default="", pattern=r"^[0-9]*$")
    """Id of the WhatsApp number (not the number itself), from Meta. Empty: no WhatsApp; else the next three are needed too."""
    whatsapp_access_token: SecretStr = SecretStr("")
    """Permanent access token of a system user, with whatsapp_business_messaging."""
    whatsapp_app_secret: SecretStr = SecretStr("")
    """Secret of the app, with which Meta signs what it posts."""
    whatsapp_verify_token: SecretStr = SecretStr("")
    """What Meta must show when it asks for the webhook, of your own choosing."""
    whatsapp_template: str = ""
    """Name of an approved template without variables, that asks a person who was silent for a day to write again."""
    whatsapp_template_language: str = "nl"
    whatsapp_api_url: str = "https://graph.facebook.com/v26.0"
    """Address and version of the Graph API."""
    log_format: Literal["text", "json"] = "text"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("smtp_url")
    @classmethod
    def _mail_server(cls, url: SecretStr) -> SecretStr:
        if url.get_secret_value():
            Server.parse(url.get_secret_value())
        return url

    @field_validator("data_dir")
    @classmethod
    def _is_there(cls, folder: Path) -> Path:
        if not folder.is_dir():
            raise ValueError(f"there is no folder {folder}")
        return folder

    @field_validator("database_url")
    @classmethod
    def _database(cls, url: str) -> str:
        try:
            known = not url or make_url(url).get_backend_name() in ("sqlite", "postgresql")
        except ArgumentError:
            known = False
        if not known:
            raise ValueError("must be like postgresql://user:password@host/leerwijzer, or empty")
        return url

    @field_validator("redis_url")
    @classmethod
    def _redis(cls, url: str) -> str:
        if url and not url.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("must be like redis://host:6379/0, or empty")
        return url

    @field_validator("secret")
    @classmethod
    def _unguessable(cls, secret: SecretStr) -> SecretStr:
        if 0 < len(secret.get_secret_value()) < MIN_SECRET:
            raise ValueError(f"must have at least {MIN_SECRET} characters, or be empty")
        return secret

    @field_validator("allowed_origins")
    @classmethod
    def _sites(cls, urls: tuple[str, ...]) -> tuple[str, ...]:
        for url in urls:
            origin_of(url)
        return urls

    @field_validator("public_url")
    @classmethod
    def _own_site(cls, url: str) -> str:
        origin_of(url)
        return url

    @field_validator("public_url", "actions_url", "telegram_api_url", "whatsapp_api_url")
    @classmethod
    def _without_slash(cls, url: str) -> str:
        if url and not url.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return url.rstrip("/")

    @field_validator("telegram_secret")
    @classmethod
    def _as_telegram_takes_it(cls, secret: SecretStr) -> SecretStr:
        if secret.get_secret_value() and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret.get_secret_value()):
            raise ValueError("must be 1 to 256 of A-Z a-z 0-9 _ -")
        return secret

    @model_validator(mode="after")
    def _whole_channels(self) -> Self:
        """A channel that is set up by half is refused: it would look as if it worked."""
        if self.telegram_polling or self.telegram_secret.get_secret_value():
            if not self.telegram_token.get_secret_value():
                raise ValueError("Telegram is half set up; missing: LEERWIJZER_TELEGRAM_TOKEN")
        elif self.telegram_token.get_secret_value():
            raise ValueError(
                "Telegram is half set up; missing: LEERWIJZER_TELEGRAM_SECRET (or LEERWIJZER_TELEGRAM_POLLING=true)"
            )
        needed = ("phone_number_id", "access_token", "app_secret", "verify_token")
        given = {name: getattr(self, f"whatsapp_{name}") for name in needed}
        missing = [name for name, value in given.items() if not value]  # an empty secret is false too
        if missing and (len(missing) < len(needed) or self.whatsapp_template):
            names = ", ".join(f"LEERWIJZER_WHATSAPP_{name.upper()}" for name in missing)
            raise ValueError(f"WhatsApp is half set up; missing: {names}")
        return self

    @model_validator(mode="after")
    def _whole_identity(self) -> Self:
        if self.oidc_issuer and not (self.oidc_client_id and self.oidc_client_secret.get_secret_value()):
            raise ValueError("LEERWIJZER_OIDC_ISSUER needs LEERWIJZER_OIDC_CLIENT_ID and LEERWIJZER_OIDC_CLIENT_SECRET")
        return self

    @property
    def database(self) -> str:
        """The SQLAlchemy URL in force."""
        return self.database_url or f"sqlite:///{self.var_dir / 'leerwijzer.db'}"


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process, read once. Raises `pydantic.ValidationError` naming what is wrong."""
    return Settings()
