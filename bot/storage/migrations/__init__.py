"""Alembic migrations, run by `bot.storage.migrate`. One file a version in `versions/`."""
