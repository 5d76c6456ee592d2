"""What a search costs in a catalogue of a thousand to a million courses: `python -m scripts.bench_search`."""
