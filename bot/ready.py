"""What must be there before the assistant can run, made where it is not: the model, vectors, articles, the database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from rich.progress import TaskID

from bot.settings import Settings
from bot.terminal import shown_progress

PATIENCE = 8.0
"""Seconds for the process before this one to end: at a restart they overlap."""


def ensure_usable(settings: Settings) -> None:
    """What must hold before anything is made. Raises `WrongKey` when an encryption key is none, `DatabaseInUse` when another
    process has the same SQLite database, and keeps it."""
    from bot.conversation.alone import Alone
    from bot.storage.cipher import Cipher, keys_of, use
    from bot.storage.database import Database

    use(Cipher(keys_of(settings)))
    database = Database(settings.database, threads=1)
    alone = Alone(database)
    try:
        alone.begin(PATIENCE)
    finally:
        alone.end()
        database.close()


def train_if_needed(settings: Settings, force: bool = False) -> bool:
    """Trains what changed, with a progress bar. Gives whether it did."""
    from bot.assistant import training

    prepare_meaning(settings)
    prepare_articles(settings)
    if not force and training.is_current(settings):
        return False
    with shown_progress() as bar:
        tasks = {}

        def tell(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bar.add_task(f"Trainen: {step}", total=total or None)
            bar.update(tasks[step], completed=done, total=total or None)

        training.train(settings, tell, force=force)
        for task in tasks.values():
            bar.update(task, total=1, completed=1)
    return True


@contextmanager
def one_bar(title: str) -> Iterator[Callable[[int, int], None]]:
    """Gives what is told how much is done, of how much; a bar appears at the first word."""
    with shown_progress() as bar:
        task: TaskID | None = None

        def tell(done: int, total: int) -> None:
            nonlocal task
            task = bar.add_task(title, total=total) if task is None else task
            bar.update(task, completed=done)

        yield tell


def prepare_meaning(settings: Settings, titles: Iterable[str] = ()) -> None:
    """Computes, with a progress bar, what searching by meaning needs and is not there yet: subjects and titles as vectors."""
    from bot.catalogue import meaning
    from bot.catalogue.subjects import Subjects

    with one_bar("Zoeken op betekenis") as tell:
        subjects = Subjects.load(settings.data_dir / "catalogue")
        meaning.prepare(meaning.open_vectors(settings.models_dir / meaning.FILE), subjects, titles, tell)


def prepare_articles(settings: Settings) -> None:
    """Makes the search through the articles ready, with a progress bar where that takes time."""
    from bot.knowledge.prepare import prepare_finder

    with one_bar("Artikels lezen") as tell:
        prepare_finder(settings, tell)


def prepare_database(settings: Settings) -> None:
    """Brings the database to its newest shape and the example catalogue to this month, where it belongs.

    Titles of real courses are made ready to be searched by meaning, where an import did not do it for this encoder.
    """
    from bot.catalogue import examples, meaning
    from bot.catalogue.search import today_in_belgium
    from bot.counsellors.demo import demo_of
    from bot.counsellors.demo import make as make_demo
    from bot.storage.database import Database
    from bot.storage.migrate import migrate

    migrate(settings.database)
    database = Database(settings.database)
    try:
        with database.begin() as connection:
            examples.keep(connection, today_in_belgium(), settings.data_dir, settings.examples)
            if (demo := demo_of(settings)) is not None:
                make_demo(connection, demo)
        with database.read() as connection:
            titles = meaning.untagged_titles(connection)
    finally:
        database.close()
    if titles:
        prepare_meaning(settings, titles)
