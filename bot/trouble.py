"""What is wrong around the program and not in it: a setting, a file, the database, a port."""

from __future__ import annotations


class Trouble(Exception):
    """An error that whoever runs the program can mend: its text says what is wrong, a command shows it without traceback."""

    advice = ""
    """What to do about it, in Dutch; empty when the text says it."""
