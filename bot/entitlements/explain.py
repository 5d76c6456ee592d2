"""Why a rule comes out as it does: the conditions that decide, as reasons in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.entitlements.compiled import Bits, Form, Node, weakest
from bot.entitlements.logic import Truth
from bot.entitlements.outcome import Reason


def reasons(node: Node, bits: Bits, sure: bool) -> Iterator[Reason]:
    """The reasons for the truth of a condition: of a false `all` what is false, of a true `any` what is true.

    What is only assumed is no reason: its proviso says it.
    """
    if node.worded:
        if not _assumed(node, bits):
            yield _reason(node, bits, sure)
        return
    truth = node.truth(bits, sure)
    for child in node.children:
        own = child.truth(bits, sure)
        if _tells(node.form, truth, own):
            yield from reasons(child, bits, sure)


def every_reason(node: Node, bits: Bits) -> Iterator[Reason]:
    """Every condition with its truth, for professionals. What is only assumed is not known."""
    if node.worded:
        yield _reason(node, bits, sure=False)
    else:
        for child in node.children:
            yield from every_reason(child, bits)


def open_atoms(node: Node, bits: Bits) -> Iterator[Node]:
    """The atoms and open ends on which a condition that is not known still hangs.

    An open end counts only once everything that stands beside it under `all` is met: till then a fact may settle it.
    """
    if not node.children:
        yield node
        return
    left = [child for child in node.children if child.truth(bits, sure=False) is None]
    if node.form is Form.ALL and any(child.form is not Form.OPEN for child in left):
        left = [child for child in left if child.form is not Form.OPEN]
    for child in left:
        yield from open_atoms(child, bits)


def provisos(node: Node, bits: Bits) -> Iterator[str]:
    """What was taken as met without being told, of a condition that is true."""
    if node.form is Form.ATOM:
        if node.provided and not (bits.true & node.bit):
            yield node.provided
        return
    held = [child for child in node.children if child.truth(bits, sure=False) is True]
    if node.form is Form.ANY:  # one way is enough: the one that needs no proviso, if there is one
        held = sorted(held, key=lambda child: len(list(provisos(child, bits))))[:1]
    for child in held:
        yield from provisos(child, bits)


def first(found: Iterable[Reason], truth: Truth) -> Reason | None:
    """The first reason with that truth."""
    return next((reason for reason in found if reason.met is truth), None)


def _tells(form: Form, truth: Truth, own: Truth) -> bool:
    if truth is None:
        return own is None or form is Form.ALL
    return own is truth


def _assumed(node: Node, bits: Bits) -> bool:
    """Whether a condition counts as met only because of what was not told."""
    return node.truth(bits, sure=False) is True and any(provisos(node, bits))


def _reason(node: Node, bits: Bits, sure: bool) -> Reason:
    truth = None if _assumed(node, bits) else node.truth(bits, sure)
    text = {True: node.met, False: node.unmet, None: node.unclear}[truth]
    under = list(node.atoms())
    if truth is None and node.labels:
        unknown = {atom.fact for atom in under if atom.truth(bits, sure=False) is None}
        if open_ones := [label for fact, label in node.labels if fact in unknown]:
            text = f"Ik weet nog niet {' en '.join(open_ones)}."
    return Reason(
        text=text,
        met=truth,
        certainty=weakest(atom.certainty for atom in under),
        facts=tuple(dict.fromkeys(atom.fact for atom in under if atom.fact)),
    )
