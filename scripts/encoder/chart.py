"""A line chart as SVG, without a library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 720, 400, 60, 50, 20, 190
COLOURS = ("#005a9c", "#b5402a", "#2c7a3f", "#7a4fa3")


def lines(series: Mapping[str, Sequence[tuple[float, float]]], title: str, across: str, up: str) -> str:
    """Each series as a line through its points, `up` as shares of 1. Its text says what it shows."""
    points = [point for line in series.values() for point in line]
    widest = max(x for x, _ in points) * 1.05
    lowest = max(0.0, int(min(y for _, y in points) * 10) / 10)

    def place(x: float, y: float) -> tuple[float, float]:
        return (
            LEFT + x / widest * (WIDTH - LEFT - RIGHT),
            HEIGHT - BOTTOM - (y - lowest) / (1 - lowest) * (HEIGHT - TOP - BOTTOM),
        )

    told = "; ".join(f"{name}: " + ", ".join(f"{x:g} → {y:.0%}" for x, y in line) for name, line in series.items())
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        ' font-family="sans-serif" font-size="12">',
        f"<title>{escape(title)}</title><desc>{escape(told)}</desc>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
    ]
    share = lowest
    while share <= 1.0001:
        _, y = place(0, share)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{share:.0%}</text>')
        share += 0.1
    for x in sorted({x for x, _ in points}):
        at, _ = place(x, lowest)
        parts.append(f'<text x="{at:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{x:g}</text>')
    parts.append(
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 10}" text-anchor="middle">{escape(across)}</text>'
    )
    parts.append(
        f'<text x="14" y="{HEIGHT / 2}" transform="rotate(-90 14 {HEIGHT / 2})" text-anchor="middle">'
        f"{escape(up)}</text>"
    )
    for number, (name, line) in enumerate(series.items()):
        colour = COLOURS[number % len(COLOURS)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in line))
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in (place(*point) for point in line)
        ]
        last_x, last_y = place(*line[-1])
        parts.append(f'<text x="{last_x + 10:.1f}" y="{last_y + 4:.1f}" fill="{colour}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>", ""])
