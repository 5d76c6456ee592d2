"""`leerwijzer evaluate compare`: ways to understand a message, trained on the same examples and measured on the same sets."""
