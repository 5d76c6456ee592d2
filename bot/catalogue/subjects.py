"""From free text to subjects: "iets met kindjes" is childcare, "heftruckchauffeur" forklift, "electriek" electricity.

The words are editors' data (data/catalogue/subjects.yml and words.yml). Phrases are tried from sure to unsure: as
written, by stem, as parts of a compound, misspelt. What names only a field ("in den bouw") gives every subject of it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field
from rapidfuzz.distance import OSA

from bot.catalogue import subject_lists
from bot.catalogue.lists import CatalogueDataError, parse, read_yaml
from bot.catalogue.matches import How, Resolution, SubjectMatch
from bot.catalogue.words import begin_alike, stem, tokens
from bot.places.spelling import sound
from bot.remembered import remembered

MAX_TEXT = 500
_LONGEST_PHRASE = 8
_BEGINS_ALIKE = 7
"""Letters that two compounds begin with when they are about the same."""


class Subject(BaseModel):
    """A subject of courses (opleidingsonderwerp), with the words people use for it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    name: str = Field(min_length=2)
    domain: str
    synonyms: tuple[str, ...] = ()
    everyday: tuple[str, ...] = ()
    occupations: tuple[str, ...] = ()
    related: tuple[str, ...] = ()

    def phrases(self) -> Iterable[str]:
        """Everything the subject is called; "Breien, haken en handwerk" also gives each of the three."""
        plain = self.name.split("(")[0]
        parts = (part.strip() for part in re.split(r",| en ", plain))
        yield from (self.name, plain, *(part for part in parts if part and not part.endswith("-")))
        yield from (*self.synonyms, *self.everyday, *self.occupations)


class Domain(BaseModel):
    """A field of study (studiedomein): a group of subjects."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    name: str
    everyday: tuple[str, ...] = ()


class Subjects:
    """All subjects and the words that lead to them. Load once, then share: it never changes."""

    def __init__(
        self,
        subjects: Sequence[Subject],
        domains: Sequence[Domain],
        *,
        stop_words: Iterable[str] = (),
        tails: Iterable[str] = (),
        heads: Iterable[str] = (),
        weak_words: Iterable[str] = (),
        level_words: Iterable[str] = (),
        near_words: Iterable[str] = (),
        descriptions: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """`descriptions` say what is done with a subject without its name."""
        self._subjects = {subject.id: subject for subject in subjects}
        self._domains = {domain.id: domain for domain in domains}
        self._stop_words = frozenset(stop_words)
        self._tails = frozenset(tails)
        self._heads = frozenset(heads)
        self._weak_words = frozenset(weak_words)
        self._level_words = frozenset(level_words)
        self._near_words = frozenset(near_words)
        self._descriptions = descriptions or {}
        self._raw: dict[tuple[str, ...], list[str]] = {}
        self._stems: dict[tuple[str, ...], list[str]] = {}
        self._domain_raw: dict[tuple[str, ...], str] = {}
        self._single: dict[str, list[str]] = {}
        for subject in subjects:
            for phrase in subject.phrases():
                self._add(phrase, subject.id)
        for domain in domains:
            for phrase in (domain.name, *domain.everyday):
                self._domain_raw.setdefault(tokens(phrase), domain.id)
                if content := self.content(tokens(phrase)):
                    self._domain_raw.setdefault(content, domain.id)
        self._phrases_with: dict[str, list[tuple[str, ...]]] = {}
        for stems in self._stems:
            for word in set(stems):
                self._phrases_with.setdefault(word, []).append(stems)
        several = sorted({phrase for phrase, _ in self.names() if " " in phrase.strip()}, key=len, reverse=True)
        joined = "|".join(re.escape(phrase) for phrase in several)
        self._written = re.compile(rf"\b(?:{joined})\b", re.IGNORECASE) if several else None
        self._in_order = sorted(self._single)
        self._sounds = {word: sound(word) for word in self._single if len(word) >= 4}

    @classmethod
    def load(cls, folder: Path) -> Subjects:
        """The subjects of a folder like data/catalogue, the same for all who ask while its files stay as they are.

        Raises `CatalogueDataError` naming file, entry and field.
        """
        return _of_folder(folder)

    @classmethod
    def _read(cls, folder: Path) -> Subjects:
        content = read_yaml(folder / "subjects.yml")
        domains = [parse(Domain, entry, "subjects.yml") for entry in content.get("domains", ())]
        subjects = [parse(Subject, entry, "subjects.yml") for entry in content.get("subjects", ())]
        known, fields = {subject.id for subject in subjects}, {domain.id for domain in domains}
        if len(known) != len(subjects):
            doubles = sorted({s.id for s in subjects if sum(other.id == s.id for other in subjects) > 1})
            raise CatalogueDataError(f"subjects.yml: {', '.join(doubles)} stands there more than once")
        for subject in subjects:
            if subject.domain not in fields:
                raise CatalogueDataError(f"subjects.yml, {subject.id}, domain: {subject.domain!r} is unknown")
            if unknown := set(subject.related) - known:
                raise CatalogueDataError(
                    f"subjects.yml, {subject.id}, related: {', '.join(sorted(unknown))} is unknown"
                )
        lists = {
            name: [token for word in words for token in tokens(word)]
            for name, words in subject_lists.words(folder).items()
        }
        descriptions = subject_lists.descriptions(folder, known)
        return cls(subjects, domains, **lists, descriptions=descriptions)

    def __iter__(self) -> Iterator[Subject]:
        return iter(self._subjects.values())

    def __len__(self) -> int:
        return len(self._subjects)

    def __contains__(self, subject_id: object) -> bool:
        return subject_id in self._subjects

    def get(self, subject_id: str) -> Subject | None:
        """The subject with an id, if there is one."""
        return self._subjects.get(subject_id)

    def name(self, subject_id: str) -> str:
        """The Dutch name of a subject; the id itself for one that is not in the list."""
        subject = self._subjects.get(subject_id)
        return subject.name if subject else subject_id

    def names(self) -> Iterable[tuple[str, str]]:
        """Every phrase and the subject it leads to, for an entity recogniser."""
        for subject in self._subjects.values():
            for phrase in dict.fromkeys(subject.phrases()):
                yield phrase, subject.id

    def descriptions(self) -> Iterable[tuple[str, str]]:
        """What is done with each subject, said without its name, and the subject: to compare with, never a name."""
        for subject_id, texts in self._descriptions.items():
            yield from ((text, subject_id) for text in texts)

    @property
    def plain_words(self) -> frozenset[str]:
        """Words that say nothing about a subject, and verbs that belong to all of them."""
        return self._stop_words | self._weak_words

    def title_words(self, words: Iterable[str]) -> tuple[str, ...]:
        """The words that tell one title from another: those about a subject, and about its level ("basis", "deel 2")."""
        return tuple(word for word in words if word not in self._stop_words or word in self._level_words)

    def is_weak(self, word: str) -> bool:
        """Whether it is a verb that belongs to every subject, and so says little about any."""
        return word in self._weak_words

    def is_tailed(self, word: str) -> bool:
        """Whether a compound is a known word with a tail that means nothing more: "lascursus"."""
        return any(word[cut:] in self._tails and bool(self._part(word[:cut])) for cut in range(len(word) - 3, 2, -1))

    def content(self, words: Iterable[str]) -> tuple[str, ...]:
        """The words that say something about a subject."""
        return tuple(word for word in words if word not in self._stop_words)

    def only_near(self, text: str) -> bool:
        """Whether a text asks what no subject is: its words lead only to something alike, as "piloot" to drones."""
        words = self.content(tokens(text))
        return bool(words) and self._near_words.issuperset(words)

    def named(self, text: str) -> str:
        """The words of a text that name a subject, empty when none do: "haken" of "ik zoek haken"."""
        said = list(dict.fromkeys(match.words for match in self.resolve(text).matches if match.how is not How.SPELLING))
        return " ".join(said[:2])

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where a text holds a phrase of several words as it is written: "online bankieren" is not about how."""
        for match in self._written.finditer(text[:MAX_TEXT]) if self._written else ():
            yield match.span()

    def phrases_in(self, words: Iterable[str]) -> Iterator[tuple[frozenset[str], tuple[str, ...]]]:
        """The phrases of several words that a text holds whole, in any form and order: their stems, their subjects."""
        present = set(map(stem, words))
        for phrase in {p for word in present for p in self._phrases_with.get(word, ()) if len(p) > 1}:
            if present.issuperset(phrase):
                yield frozenset(phrase), tuple(self._stems[phrase])

    def half_of(self, word: str) -> tuple[str, ...]:
        """The subjects of the first part of a compound whose last part nobody knows: "winkel" in "winkeljuffrouw".

        Also those of another word that begins so: "sollicitatiebrief" beside "sollicitatiegesprek".
        """
        for cut in range(len(word) - 3, 3, -1):
            if ids := self._part(word[:cut]):
                return tuple(ids)
        at = bisect_left(self._in_order, word)
        near = [(begin_alike(word, other), other) for other in self._in_order[max(0, at - 1) : at + 1]]
        letters, other = max(near, default=(0, ""))
        return tuple(self._single[other]) if letters >= _BEGINS_ALIKE else ()

    def neighbours(self, subject_ids: Iterable[str]) -> tuple[str, ...]:
        """Subjects to offer when these have no course: the related ones first, then the rest of the same field."""
        wanted = list(dict.fromkeys(subject_ids))
        found = [other for id_ in wanted if id_ in self._subjects for other in self._subjects[id_].related]
        fields = {self._subjects[id_].domain for id_ in wanted if id_ in self._subjects}
        found += [subject.id for subject in self._subjects.values() if subject.domain in fields]
        return tuple(id_ for id_ in dict.fromkeys(found) if id_ not in wanted)

    def language(self, name: str) -> Resolution:
        """The subject of a language to learn ("Spaans", "nederlands")."""
        found = self.resolve(name)
        languages = tuple(m for m in found.matches if self._subjects[m.subject_id].domain in ("talen", "basis"))
        return Resolution(languages, found.rest)

    def resolve(self, text: str) -> Resolution:
        """The subjects a text is about, surest first; nothing when it names none."""
        written = tokens(text[:MAX_TEXT])
        if not written:
            return Resolution()
        matches: dict[str, SubjectMatch] = {}
        left = self._take_raw(written, matches)
        if left:
            left = self._take_stems(left, matches)
        unknown = []
        for word in left:
            compound = () if (word,) in self._domain_raw else self._compound(word)
            for match in compound:
                matches.setdefault(match.subject_id, match)
            if not compound:
                unknown.append(word)
        if matches:
            return Resolution(tuple(matches.values()), tuple(unknown))
        if field := self._field(written):
            return Resolution(field)
        # Only now: beside a subject that is sure, a word that merely resembles another one says nothing.
        guesses = {match.subject_id: match for word in unknown for match in self._misspelt(word)}
        explained = {match.words for match in guesses.values()}
        return Resolution(tuple(guesses.values()), tuple(word for word in unknown if word not in explained))

    # -- building

    def _add(self, phrase: str, subject_id: str) -> None:
        raw = tokens(phrase)
        content = self.content(raw)
        for index, key in ((self._raw, raw), (self._raw, content), (self._stems, tuple(map(stem, content)))):
            if key and subject_id not in index.setdefault(key, []):
                index[key].append(subject_id)
        if len(content) == 1 and subject_id not in self._single.setdefault(content[0], []):
            self._single[content[0]].append(subject_id)

    # -- finding

    def _take_raw(self, written: tuple[str, ...], matches: dict[str, SubjectMatch]) -> tuple[str, ...]:
        """Phrases as they are written, longest first; gives the content words that are left."""
        for candidates in (written, self.content(written)):
            position = 0
            left: list[str] = []
            while position < len(candidates):
                for length in range(min(_LONGEST_PHRASE, len(candidates) - position), 0, -1):
                    part = candidates[position : position + length]
                    ids = self._raw.get(part) or (self._raw.get(("".join(part),)) if length == 2 else None)
                    if ids and (length > 1 or part[0] not in self._stop_words or len(candidates) == 1):
                        for subject_id in ids:
                            matches.setdefault(subject_id, SubjectMatch(subject_id, How.EXACT, " ".join(part)))
                        position += length
                        break
                else:
                    left.append(candidates[position])
                    position += 1
            if matches:
                return self.content(left)
        return self.content(written)

    def _take_stems(self, left: tuple[str, ...], matches: dict[str, SubjectMatch]) -> tuple[str, ...]:
        """Phrases all of whose words stand in the text in any form and order, those with most letters first."""
        stems = [stem(word) for word in left]
        present = set(stems)
        complete = {p for word in present for p in self._phrases_with.get(word, ()) if set(p) <= present}
        taken: set[str] = set()
        for phrase in sorted(complete, key=lambda p: (-len(p), -sum(map(len, p)), p)):
            if taken & set(phrase):
                continue
            taken |= set(phrase)
            said = " ".join(word for word, short in zip(left, stems, strict=True) if short in phrase)
            for subject_id in self._stems[phrase]:
                matches.setdefault(subject_id, SubjectMatch(subject_id, How.STEM, said))
        return tuple(word for word, short in zip(left, stems, strict=True) if short not in taken)

    def _compound(self, word: str) -> tuple[SubjectMatch, ...]:
        """A known word inside a compound: before a tail that means nothing more (las-cursus), or as its last part."""
        for cut in range(len(word) - 3, 2, -1):
            left, right = word[:cut], word[cut:]
            if right in self._tails and (ids := self._part(left)):
                return tuple(SubjectMatch(id_, How.COMPOUND, word) for id_ in ids)
        for cut in range(3, len(word) - 3):
            left, right = word[:cut], word[cut:]
            known = left in self._heads or self._part(left)
            if known and len(right) >= 4 and (ids := self._part(right)):
                return tuple(SubjectMatch(id_, How.COMPOUND, word) for id_ in ids)
        return ()

    def _part(self, part: str) -> list[str]:
        """The subjects of a part of a compound, with or without its linking letters."""
        for form in (
            part,
            part.removesuffix("s"),
            part.removesuffix("en"),
            part.removesuffix("n"),
            part.removesuffix("e"),
        ):
            if len(form) < 3:
                continue
            if form in self._single:
                return self._single[form]
            if ids := self._stems.get((stem(form),)):
                return ids
        return []

    def _misspelt(self, word: str) -> tuple[SubjectMatch, ...]:
        if len(word) < 4 or word in self._weak_words:
            return ()
        heard = sound(word)
        # A short word is one step from many others: only what sounds the same, or has two letters swapped, is sure.
        allowed = 1 if len(heard) < 10 else 2
        short = len(heard) < 6
        best, names = allowed + 1, []
        for name, as_heard in self._sounds.items():
            if abs(len(as_heard) - len(heard)) > allowed:
                # The beginning of a longer word, or a longer form of a known one: "boekhoud", "verpleegsters".
                longer, shorter = (as_heard, heard) if len(as_heard) > len(heard) else (heard, as_heard)
                if not (len(shorter) >= 6 and longer.startswith(shorter) and len(longer) - len(shorter) <= 4):
                    continue
                steps = allowed
            else:
                steps = OSA.distance(heard, as_heard, score_cutoff=allowed)
                if short and steps and sorted(heard) != sorted(as_heard):
                    continue
                if steps and heard[0] != as_heard[0]:
                    steps += 1
            if steps < best:
                best, names = steps, [name]
            elif steps == best <= allowed:
                names.append(name)
        if best > allowed:
            return ()
        ids = dict.fromkeys(subject_id for name in names for subject_id in self._single[name])
        return tuple(SubjectMatch(id_, How.SPELLING, word) for id_ in ids)

    def _field(self, written: tuple[str, ...]) -> tuple[SubjectMatch, ...]:
        for phrase in (written, self.content(written)):
            for length in range(len(phrase), 0, -1):
                for start in range(len(phrase) - length + 1):
                    if domain := self._domain_raw.get(phrase[start : start + length]):
                        said = " ".join(phrase[start : start + length])
                        inside = (subject for subject in self._subjects.values() if subject.domain == domain)
                        return tuple(SubjectMatch(subject.id, How.DOMAIN, said) for subject in inside)
        return ()


_of_folder = remembered(Subjects._read)
