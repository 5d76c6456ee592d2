"""What is installed, built, reachable and configured: for `leerwijzer doctor`."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bot.origin import is_here
from bot.settings import Settings
from bot.terminal import in_words


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `good` is None for what works but deserves attention."""

    what: str
    good: bool | None
    state: str


async def examine(settings: Settings) -> list[Finding]:
    """Looks at everything; never raises for what is wrong, that is a finding."""
    looks: tuple[tuple[str, Callable[[Settings], Finding]], ...] = (
        ("map om te schrijven", _writable),
        ("gegevens", _data),
        ("model", _model),
        ("databank", _database),
        ("cursusaanbod", _catalogue),
        ("versleuteling", _encryption),
        ("geheim", _secret),
        ("Redis", _redis),
    )
    found = [await asyncio.to_thread(_looked, what, look, settings) for what, look in looks]
    return [*_installed(), *found, await _rasa(settings), *_configured(settings)]


def _looked(what: str, look: Callable[[Settings], Finding], settings: Settings) -> Finding:
    try:
        return look(settings)
    except Exception as error:
        said = in_words(error)
        return Finding(what, False, " ".join(said).strip() if said else f"{type(error).__name__}: {error}")


def _writable(settings: Settings) -> Finding:
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    good = os.access(settings.var_dir, os.W_OK)
    return Finding(
        "map om te schrijven", good, str(settings.var_dir) + ("" if good else ": daar mag ik niet schrijven")
    )


def _data(settings: Settings) -> Finding:
    from bot.catalogue.subjects import Subjects
    from bot.entitlements.rules import shared_rules
    from bot.knowledge.articles import load_library
    from bot.knowledge.figures import load_figures
    from bot.places import Gazetteer
    from bot.referral.directory import load_directory

    folder = settings.data_dir
    places = Gazetteer.load(folder / "places")
    subjects = Subjects.load(folder / "catalogue")
    directory = load_directory(folder / "referral", places)
    shared_rules(folder)
    library = load_library(folder / "knowledge" / "articles", load_figures(folder / "knowledge"))
    return Finding(
        "gegevens",
        True,
        f"{len(list(library))} artikels, {len(subjects)} onderwerpen, {len(list(directory))} organisaties",
    )


def _installed() -> list[Finding]:
    found = [Finding("Python", sys.version_info[:2] in {(3, 11), (3, 12), (3, 13)}, sys.version.split()[0])]
    for package in ("rasa", "rasa-sdk", "spacy", "onnxruntime", "fastapi"):
        try:
            found.append(Finding(package, True, version(package)))
        except PackageNotFoundError:
            found.append(Finding(package, False, "niet geïnstalleerd: doe `make run`"))
    return found


def _model(settings: Settings) -> Finding:
    from spacy.util import is_package

    from bot.assistant import training

    if settings.rasa_urls:
        return Finding("model", True, "op de Rasa-servers")
    if settings.spacy_model and not is_package(settings.spacy_model) and not Path(settings.spacy_model).exists():
        return Finding("model", False, f"het spaCy-model {settings.spacy_model} is niet geïnstalleerd")
    if training.trained_fingerprint(settings) is None:
        return Finding("model", False, "nog niet getraind: doe `make train`")
    if not training.is_current(settings):
        return Finding("model", None, "de gegevens veranderden sinds het trainen: doe `make train`")
    return Finding("model", True, "getraind op de huidige gegevens")


def _database(settings: Settings) -> Finding:
    from bot.storage.migrate import current, head

    at = current(settings.database)
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

    cipher = Cipher(keys_of(settings))
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


def _secret(settings: Settings) -> Finding:
    if settings.secret.get_secret_value():
        return Finding("geheim", True, "uit de instellingen")
    return Finding("geheim", True, "in VAR_DIR; wordt daar gemaakt als het er niet is")


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
    here = is_here(settings.public_url)
    public = settings.public_url.startswith("https://") or here
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    return [
        Finding(
            "openbaar adres", True if public else None, settings.public_url + ("" if public else " (zonder https)")
        ),
        _door("REST-webhook", "LEERWIJZER_REST_TOKEN", bool(settings.rest_token.get_secret_value()), here),
        _door("beheer", "LEERWIJZER_OPERATOR_TOKEN", bool(settings.operator_token.get_secret_value()), here),
        Finding("Telegram", True, _telegram(settings)),
        Finding("WhatsApp", True, "ingesteld" if settings.whatsapp_phone_number_id else "niet ingesteld"),
        Finding(
            "Chromium",
            True if chromium else None,
            "aanwezig" if chromium else "ontbreekt: browsertests worden overgeslagen",
        ),
    ]


def _door(what: str, setting: str, token: bool, here: bool) -> Finding:
    if token:
        return Finding(what, True, "met token")
    if here:
        return Finding(what, True, "alleen vanop deze machine (geen token ingesteld)")
    return Finding(what, None, f"gesloten: met een openbaar adres is {setting} nodig")


def _telegram(settings: Settings) -> str:
    if not settings.telegram_token.get_secret_value():
        return "niet ingesteld"
    return "ingesteld, haalt berichten op" if settings.telegram_polling else "ingesteld, met webhook"
