"""What is installed, built, reachable and configured: for `leerwijzer doctor`."""

from __future__ import annotations

import asyncio
import shutil
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `good` is None for what works but deserves attention."""

    what: str
    good: bool | None
    state: str


async def examine(settings: Settings) -> list[Finding]:
    """Looks at everything; never raises for what is wrong, that is a finding."""
    return [
        *_installed(),
        _model(settings),
        await asyncio.to_thread(_database, settings),
        await asyncio.to_thread(_catalogue, settings),
        await asyncio.to_thread(_encryption, settings),
        await asyncio.to_thread(_redis, settings),
        await _rasa(settings),
        *_configured(settings),
    ]


def _installed() -> list[Finding]:
    found = [Finding("Python", sys.version_info[:2] in {(3, 11), (3, 12), (3, 13)}, sys.version.split()[0])]
    for package in ("rasa", "rasa-sdk", "spacy", "onnxruntime", "fastapi"):
        try:
            found.append(Finding(package, True, version(package)))
        except PackageNotFoundError:
            found.append(Finding(package, False, "niet geïnstalleerd: doe `make run`"))
    return found


def _model(settings: Settings) -> Finding:
    from bot.assistant import training

    if settings.rasa_urls:
        return Finding("model", True, "op de Rasa-servers")
    if training.trained_fingerprint(settings) is None:
        return Finding("model", False, "nog niet getraind: doe `make train`")
    if not training.is_current(settings):
        return Finding("model", None, "de gegevens veranderden sinds het trainen: doe `make train`")
    return Finding("model", True, "getraind op de huidige gegevens")


def _database(settings: Settings) -> Finding:
    from bot.storage.migrate import current, head

    try:
        at = current(settings.database)
    except Exception as error:
        return Finding("databank", False, f"niet bereikbaar ({type(error).__name__})")
    if at == head():
        return Finding("databank", True, f"bereikbaar, versie {at}")
    return Finding(
        "databank", None if at is None else False, "nog niet op de nieuwste versie: `leerwijzer run` doet dat"
    )


def _catalogue(settings: Settings) -> Finding:
    import sqlalchemy as sa

    from bot.storage.database import Database
    from bot.storage.tables import offerings

    database = Database(settings.database, threads=1)
    try:
        with database.read() as connection:
            count = connection.execute(sa.select(sa.func.count()).select_from(offerings)).scalar_one()
            examples = connection.execute(
                sa.select(sa.func.count()).select_from(offerings).where(offerings.c.example.is_(True))
            ).scalar_one()
    except sa.exc.SQLAlchemyError:
        return Finding("cursusaanbod", None, "nog niet geladen: `leerwijzer run` doet dat")
    finally:
        database.close()
    if examples:
        return Finding("cursusaanbod", None, f"{count} opleidingen, waarvan {examples} voorbeelden")
    return Finding("cursusaanbod", count > 0, f"{count} opleidingen")


def _encryption(settings: Settings) -> Finding:
    import sqlalchemy as sa

    from bot.storage.cipher import Cipher, WrongKey, keys_of
    from bot.storage.database import Database
    from bot.storage.tables import inbox

    try:
        cipher = Cipher(keys_of(settings))
    except ValueError as error:
        return Finding("versleuteling", False, str(error))
    given = bool(settings.encryption_keys.get_secret_value())
    database = Database(settings.database, threads=1)
    try:
        with database.read() as connection:
            stored = sa.select(sa.type_coerce(inbox.c.text, sa.Text)).order_by(inbox.c.id.desc()).limit(1)
            latest = connection.execute(stored).scalar()
        if latest:
            cipher.unseal(latest)
    except WrongKey:
        return Finding("versleuteling", False, "de sleutel past niet bij de databank: zet de juiste terug")
    except sa.exc.SQLAlchemyError:
        pass  # that finding is the database's
    finally:
        database.close()
    return Finding(
        "versleuteling", True, "sleutel uit de instellingen" if given else "sleutel in VAR_DIR: bewaar hem apart"
    )


def _redis(settings: Settings) -> Finding:
    if not settings.redis_url:
        return Finding("Redis", True, "niet ingesteld: één proces")
    import redis

    try:
        redis.Redis.from_url(settings.redis_url, socket_timeout=2).ping()
    except redis.RedisError as error:
        return Finding("Redis", False, f"niet bereikbaar ({type(error).__name__})")
    return Finding("Redis", True, "bereikbaar")


async def _rasa(settings: Settings) -> Finding:
    if not settings.rasa_urls:
        return Finding("Rasa", True, "in dit proces")
    from bot.assistant.factory import make_assistant

    assistant = make_assistant(settings)
    await assistant.start()
    try:
        reachable = await assistant.ready()
    finally:
        await assistant.close()
    return Finding("Rasa-servers", reachable, "bereikbaar" if reachable else "geen enkele server antwoordt")


def _configured(settings: Settings) -> list[Finding]:
    public = settings.public_url.startswith("https://") or "localhost" in settings.public_url
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    return [
        Finding(
            "openbaar adres", True if public else None, settings.public_url + ("" if public else " (zonder https)")
        ),
        Finding(
            "REST-webhook",
            True,
            "met token"
            if settings.rest_token.get_secret_value()
            else "alleen vanop deze machine (geen token ingesteld)",
        ),
        Finding("Telegram", True, _telegram(settings)),
        Finding("WhatsApp", True, "ingesteld" if settings.whatsapp_phone_number_id else "niet ingesteld"),
        Finding(
            "Chromium",
            True if chromium else None,
            "aanwezig" if chromium else "ontbreekt: browsertests worden overgeslagen",
        ),
    ]


def _telegram(settings: Settings) -> str:
    if not settings.telegram_token.get_secret_value():
        return "niet ingesteld"
    return "ingesteld, haalt berichten op" if settings.telegram_polling else "ingesteld, met webhook"
