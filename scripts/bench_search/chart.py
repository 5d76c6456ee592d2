"""Cost against size, both on a logarithmic scale, as SVG without a library."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 760, 420, 70, 50, 20, 220
COLOURS = ("#005a9c", "#b5402a", "#2c7a3f", "#7a4fa3", "#8a6d00")


def lines(series: Mapping[str, Sequence[tuple[float, float]]], title: str, across: str, up: str) -> str:
    """Each series as a line through its points. Its text tells the numbers to who cannot see it."""
    points = [point for line in series.values() for point in line]
    left, right = math.log10(min(x for x, _ in points)), math.log10(max(x for x, _ in points))
    low = math.floor(math.log10(min(y for _, y in points)))
    high = math.ceil(math.log10(max(y for _, y in points)))

    def place(x: float, y: float) -> tuple[float, float]:
        return (
            LEFT + (math.log10(x) - left) / max(right - left, 1e-9) * (WIDTH - LEFT - RIGHT),
            HEIGHT - BOTTOM - (math.log10(y) - low) / max(high - low, 1) * (HEIGHT - TOP - BOTTOM),
        )

    told = "; ".join(f"{name}: " + ", ".join(f"{x:,.0f} → {y:.1f}" for x, y in line) for name, line in series.items())
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        ' font-family="sans-serif" font-size="12">',
        f"<title>{escape(title)}</title><desc>{escape(told)}</desc>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
    ]
    for power in range(low, high + 1):
        _, y = place(10**left, 10.0**power)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{10.0**power:g}</text>')
    for x in sorted({x for x, _ in points}):
        at, _ = place(x, 10.0**low)
        size = f"{x:,.0f}".replace(",", ".")
        parts.append(f'<text x="{at:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{size}</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text x="{middle}" y="{HEIGHT - 10}" text-anchor="middle">{escape(across)}</text>')
    turned = f'transform="rotate(-90 16 {HEIGHT / 2})"'
    parts.append(f'<text x="16" y="{HEIGHT / 2}" {turned} text-anchor="middle">{escape(up)}</text>')
    # Names beside the last points, pushed apart where they would overlap.
    ends = sorted(((place(*line[-1])[1], number, name) for number, (name, line) in enumerate(series.items())))
    taken = -100.0
    for y, number, name in ends:
        taken = max(y + 4, taken + 15)
        colour = COLOURS[number % len(COLOURS)]
        parts.append(f'<text x="{WIDTH - RIGHT + 10}" y="{taken:.1f}" fill="{colour}">{escape(name)}</text>')
    for number, line in enumerate(series.values()):
        colour = COLOURS[number % len(COLOURS)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in line))
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in (place(*point) for point in line)
        ]
    return "\n".join([*parts, "</svg>", ""])
