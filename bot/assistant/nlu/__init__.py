"""Our own Rasa components for understanding Dutch. Importing any of them makes Rasa importable first."""

from bot.assistant.rasa_import import prepare

prepare()
