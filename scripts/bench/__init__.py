"""The benchmark against Rasa as it is published. `make bench` runs it."""
