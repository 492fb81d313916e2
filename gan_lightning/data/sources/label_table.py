"""A folder of pictures, and a table that says what each of them shows: CelebA's `list_attr_celeba`, or CSV."""

import csv
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, final

import torch
from torch import Tensor

from gan_lightning.counting import counted
from gan_lightning.data.domains import DomainsSource, LabelledPictures, domain_name
from gan_lightning.data.files import Cropped, FileImages, Squeezed, in_memory, no_broken
from gan_lightning.data.found import check_folder, pictures_below
from gan_lightning.data.levels import declared
from gan_lightning.data.notes import Note, listed, shown
from gan_lightning.data.pictures import check_channels
from gan_lightning.data.sources.selected import shuffled_positions
from gan_lightning.data.value_range import value_range_of
from gan_lightning.errors import SettingError
from gan_lightning.files import expanded
from gan_lightning.ranges import Bytes, Few, Many, PathText

_TRUE, _FALSE = {"1", "true", "yes"}, {"-1", "0", "false", "no"}
_MOST_BYTES = 1_000_000_000


class _Table(NamedTuple):
    """What a table says: its columns, and by the name of each picture the entries of its row."""

    columns: list[str]
    rows: dict[str, list[str]]


@final
class LabelTable(DomainsSource):
    """Every picture below a folder, with yes or no for each of some attributes from a table.

    The table is CSV (commas, semicolons or tabs) with a head line (picture, then attributes), or has CelebA's form: a
    line with the number of pictures, a line with the attributes, and lines of a picture and its entries, all apart by
    spaces. Entries are 1 or true or yes, and 0 or -1 or false or no, in any case. Names of pictures are relative to the
    folder.

    An attribute A that is not exclusive makes two domains, A and noA. Of exclusive ones, a translation into one takes
    the others away. Names of domains keep the letters and digits of their attributes.

    Args:
        path: the folder.
        table: the file.
        attributes: columns of the table, which make the label, one number each.
        exclusive: lists of those attributes of which a picture has one at most, such as hair colours.
        num_test: pictures that are held out, drawn at random, but always the same.
        channels: 3 (colour), 1 (grey), 4 or 2 (the same with transparency); pictures are converted.
        memory_limit: bytes of decoded pictures that may be kept in memory.
        skip_broken: name pictures that cannot be read in the log, instead of ending the run, and replace each by
            another one with the same first attribute and as many of the others as there is.
        value_range: the values (low, high) of black and white in pictures of more than 8 bits; None measures them over
            all pictures, held-out ones included.

    A square size is cut out of the centre of each picture, another one is reached by squeezing.

    Raises:
        SettingError: the folder or the table is missing or cannot be read; the table lacks an attribute or does not
            match the pictures; too few pictures; no value lies inside `value_range`.
    """

    def __init__(
        self,
        path: PathText,
        table: PathText,
        attributes: Sequence[str],
        exclusive: Sequence[Sequence[str]] = (),
        num_test: Many = 2000,
        channels: Few = 3,
        memory_limit: Bytes = 2**30,
        skip_broken: bool = False,
        value_range: Sequence[float] | None = None,
    ) -> None:
        self.path = check_folder("dataset.source.path", path)
        self.table = expanded(table)
        check_channels("channels", channels)
        self.channels, self.memory_limit, self.skip_broken = channels, memory_limit, skip_broken
        self.attributes = [*attributes]
        found = _read(self.table)
        self._check_attributes(found.columns, exclusive)
        self.sizes = [1] * len(self.attributes)
        self.domains = self._domains(exclusive)
        pictures = pictures_below(self.path, skip_broken)
        self.files = self._matched(found, [file.relative_to(self.path).as_posix() for file in pictures.pictures])
        self.labels = self._labels(found)
        self.notes = [Note("Table", f"{self.table}: {', '.join(self.attributes)}"), *pictures.notes(self.path)]
        if num_test >= len(self.files):
            raise SettingError(
                f"dataset.source.num_test={num_test}: there are {counted(len(self.files), 'picture')}; fewer can be "
                "held out"
            )
        order = shuffled_positions(len(self.files))
        self.positions = {"test": order[:num_test].sort().values, "train": order[num_test:].sort().values}
        setting, files = "dataset.source.value_range", [self.path / name for name in self.files]
        given = declared(setting, value_range)
        self.value_range, notes = value_range_of(files, setting, given, channels, skip_broken)
        self.notes += notes

    def load(self, split: str, size: tuple[int, int]) -> LabelledPictures:
        if split not in self.positions:
            raise SettingError(f"split={split}: a table of labels has the splits train and test")
        positions, (height, width) = self.positions[split], size
        reading = (Cropped if height == width else Squeezed)(self.channels, size, self.value_range)
        files = [self.path / self.files[i] for i in positions.tolist()]
        images = FileImages(self.path, files, reading, [], no_broken(self.skip_broken, len(files)), self.notes)
        labels = self.labels[positions]
        images.attributes = dict(zip(self.attributes, labels.unbind(1), strict=True))
        images.label_name, images.class_names = self.attributes[0], ["no", "yes"]
        said = hashlib.sha256(labels.numpy().tobytes()).hexdigest()[:8]
        images.fingerprint = f"{images.fingerprint}-{said}"
        return LabelledPictures(in_memory([images], self.memory_limit)[0], labels)

    def _check_attributes(self, columns: Sequence[str], exclusive: Sequence[Sequence[str]]) -> None:
        if not self.attributes or len(set(self.attributes)) < len(self.attributes):
            raise SettingError(
                f"'dataset.source.attributes=[{','.join(self.attributes)}]': one or more different columns of the "
                "table are needed"
            )
        unknown = [name for name in self.attributes if name not in columns]
        if unknown:
            raise SettingError(
                f"dataset.source.attributes: {self.table} has no column {listed(unknown)}; it has "
                f"{listed(columns, most=50) or 'none besides the pictures'}"
            )
        twice = [name for name in self.attributes if columns.count(name) > 1]
        if twice:
            raise SettingError(f"dataset.source.attributes: {self.table} has two columns {listed(twice)}; rename one")
        together = [name for group in exclusive for name in group]
        strange = [name for name in together if name not in self.attributes]
        if strange or len(set(together)) < len(together):
            wrong = f"{listed(strange)} is not in dataset.source.attributes" if strange else "one is in two lists"
            raise SettingError(f"dataset.source.exclusive: {wrong}; each list holds attributes that exclude each other")

    def _domains(self, exclusive: Sequence[Sequence[str]]) -> dict[str, list[int | None]]:
        """What the label has in each domain."""
        domains: dict[str, list[int | None]] = {}
        for attribute in self.attributes:
            group = next((group for group in exclusive if attribute in group), [attribute])
            wanted: list[int | None] = [int(name == attribute) if name in group else None for name in self.attributes]
            named = {domain_name(attribute): wanted}
            if len(group) == 1:
                named[domain_name("no", attribute)] = [None if value is None else 0 for value in wanted]
            for name, label in named.items():
                if name in domains or not domain_name(attribute):
                    raise SettingError(
                        f"dataset.source.attributes: {attribute} cannot name a domain: of its name, letters and digits "
                        f"are kept, and {name or 'nothing'} is left, which must be there once; rename the column"
                    )
                domains[name] = label
        return domains

    def _matched(self, table: _Table, pictures: Sequence[str]) -> list[str]:
        """The pictures in the order of their rows."""
        where = f"dataset.source.table={self.table}"
        there = {*pictures}
        missing = [name for name in table.rows if name not in there]
        if missing:
            raise SettingError(
                f"{where}: {counted(len(missing), 'row names', 'rows name')} no picture in dataset.source.path="
                f"{self.path} ({listed(missing)})"
            )
        unnamed = [name for name in pictures if name not in table.rows]
        if unnamed:
            raise SettingError(
                f"{where}: has no row for {counted(len(unnamed), 'picture')} in dataset.source.path={self.path} "
                f"({listed(unnamed)})"
            )
        return list(table.rows)

    def _labels(self, table: _Table) -> Tensor:
        """Zeros and ones (N, L)."""
        places = [table.columns.index(name) for name in self.attributes]
        labels = []
        for picture, entries in table.rows.items():
            chosen = [entries[place].lower() for place in places]
            wrong = [entry for entry in chosen if entry not in _TRUE | _FALSE]
            if wrong:
                raise SettingError(
                    f"dataset.source.table={self.table}: says {shown(wrong[0], 50)!r} of {shown(picture, 100)}; "
                    "entries are 1, true or yes, and 0, -1, false or no"
                )
            labels.append([int(entry in _TRUE) for entry in chosen])
        return torch.tensor(labels)


def _read(file: Path) -> _Table:
    """The table in a file.

    Raises:
        SettingError: there is none, or its lines do not fit its first ones.
    """
    where = f"dataset.source.table={file}"
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise SettingError(f"{where}: is too large for a table of labels")
        lines = file.read_text("utf-8-sig").splitlines()
    except OSError as error:
        raise SettingError(f"{where}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise SettingError(f"{where}: is not text in UTF-8") from error
    lines = [line for line in lines if line.strip()]
    if len(lines) < 2:
        raise SettingError(f"{where}: holds no rows")
    stated = int(lines[0]) if lines[0].strip().isdecimal() else None
    if stated is None:
        head, *body = _entries(where, lines)
        columns = head[1:]
    else:
        columns, *body = [line.split() for line in lines[1:]]
    if stated is not None and stated != len(body):
        raise SettingError(f"{where}: its first line says {stated} pictures, but it has {counted(len(body), 'row')}")
    rows: dict[str, list[str]] = {}
    for picture, *entries in body:
        if len(entries) != len(columns):
            raise SettingError(
                f"{where}: has {counted(len(columns), 'column')}, but {counted(len(entries), 'entry', 'entries')} for "
                f"{shown(picture, 100)}"
            )
        if picture in rows:
            raise SettingError(f"{where}: has two rows for {shown(picture, 100)}")
        rows[picture] = entries
    return _Table(columns, rows)


def _entries(where: str, lines: Sequence[str]) -> list[list[str]]:
    """The entries of every line of CSV.

    Raises:
        SettingError: a quotation mark has no end.
    """
    outside_marks = re.sub('"[^"]*"', "", lines[0])
    between = max(",;\t", key=outside_marks.count)  # what spreadsheets write depends on the language of the machine
    try:
        return [[entry.strip() for entry in row] for row in csv.reader(lines, delimiter=between)]
    except csv.Error as error:  # a mark that is never closed makes one entry of all that follows
        raise SettingError(f"{where}: is not CSV ({error})") from error
