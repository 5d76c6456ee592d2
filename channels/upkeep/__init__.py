"""Pages for operators and editors: what must be looked at again."""
