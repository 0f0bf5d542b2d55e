"""Brings rows into the form every shelf keeps: an id each, once, the shelf's own types, finite vectors."""

from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from duomo.shelf.base import ID, kind_of

_NOTES: Final = b"duomo."  # metadata of a field that is ours; stores add notes of their own


def tidy(rows: pa.Table, held: pa.Schema) -> pa.Table:
    """The rows as a shelf with these columns keeps them; of rows with one id only the last.

    Args:
        rows: with an id column; strings may be dictionary-encoded or large.
        held: the columns of the shelf; other columns of the rows keep their type.

    Raises:
        ValueError: see `Shelf.upsert`.
    """
    if ID not in rows.column_names:
        raise ValueError(f"rows without a column '{ID}'; they have: {', '.join(rows.column_names)}")
    arrays = [_tidy_column(rows[field.name], field, held) for field in rows.schema]
    fields = [
        pa.field(field.name, array.type, field.name != ID, notes_of(field))
        for field, array in zip(rows.schema, arrays, strict=True)
    ]
    if rows[ID].null_count:
        raise ValueError(f"{rows[ID].null_count} rows have no id")
    table = pa.table(arrays, schema=pa.schema(fields))
    ids = table[ID].combine_chunks().dictionary_encode()
    last = np.zeros(len(ids.dictionary), dtype=np.int64)
    last[ids.indices.to_numpy()] = np.arange(len(ids))  # of equal places NumPy keeps what is written last
    return table if last.size == len(ids) else table.take(pa.array(np.sort(last)))


def merged(held: pa.Schema, given: pa.Schema) -> pa.Schema:
    """The shelf's columns in their order, then the new ones; notes of the given fields replace older ones."""
    kept = [given.field(field.name) if field.name in given.names else field for field in held]
    return pa.schema([*kept, *(field for field in given if field.name not in held.names)])


def complete(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """The rows with exactly these columns; null where they have none."""
    names = set(rows.column_names)
    arrays = [
        rows[field.name] if field.name in names else pa.nulls(len(rows), field.type) for field in schema
    ]
    return pa.table(arrays, schema=schema)


def notes_of(field: pa.Field) -> dict[bytes, bytes]:
    """The metadata of a field that Duomo wrote."""
    return {key: note for key, note in (field.metadata or {}).items() if key.startswith(_NOTES)}


def own_schema(schema: pa.Schema) -> pa.Schema:
    """The schema with our metadata only; Lance adds notes of its own."""
    return pa.schema([field.with_metadata(notes_of(field)) for field in schema])


def holds_several(kind: pa.DataType) -> bool:
    """Whether a vector column of this type holds a list of vectors a row, not one."""
    return bool(pa.types.is_list(kind))


def dim_of(kind: pa.DataType) -> int:
    """How many numbers a vector has in a vector column of this type."""
    return int((kind.value_type if holds_several(kind) else kind).list_size)


def lengths_of(lists: pa.Array) -> NDArray[np.int64]:
    """(rows,) how many a list holds; 0 where it is null."""
    return np.asarray(pc.fill_null(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False), np.int64)


def matrix_of(array: pa.Array) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Vectors, one a row, as (rows, dim), zeros where there is none, and (rows,) whether there is one.

    No copy where every row has a vector.
    """
    dim = array.type.list_size
    flat = array.values.slice(array.offset * dim, len(array) * dim).to_numpy(zero_copy_only=False)
    matrix = np.asarray(flat, dtype=np.float32).reshape(len(array), dim)
    present = np.asarray(array.is_valid().to_numpy(zero_copy_only=False), dtype=np.bool_)
    return (matrix if present.all() else np.where(present[:, None], matrix, np.float32(0))), present


def vector_array(rows: NDArray[np.float32], there: NDArray[np.bool_]) -> pa.Array:
    """(n, dim) vectors as a column of fixed-size lists, null where `there` (n,) is False."""
    mask = None if there.all() else pa.array(~there)
    return pa.FixedSizeListArray.from_arrays(pa.array(rows.ravel()), rows.shape[1], mask=mask)


def list_array(values: pa.Array, counts: NDArray[np.int64], absent: pa.Array | None = None) -> pa.Array:
    """Values that stand side by side as a column of lists, (n,) counts of them a list.

    Args:
        values: (m,) the values of all lists.
        counts: (n,) not negative, m in all.
        absent: (n,) where a list is null; None: where it is empty.
    """
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    mask = pa.array(counts == 0) if absent is None else absent
    return pa.ListArray.from_arrays(pa.array(offsets), values, mask=mask)


def _finite(array: pa.Array, name: str) -> pa.Array:
    """The vector column, zeros left out of its lists (an index would lose their rows); raises ValueError."""
    several = holds_several(array.type)
    matrix, _ = matrix_of(array.flatten() if several else array)
    if not np.isfinite(matrix).all():
        raise ValueError(f"column '{name}' holds a vector that is not finite")
    there = np.asarray(matrix.any(axis=1), np.bool_)
    if not several or there.all():
        return array
    row = np.repeat(np.arange(len(array)), lengths_of(array))[there]
    counts = np.bincount(row, minlength=len(array))
    return list_array(vector_array(matrix[there], there[there]), counts, array.is_null()).cast(array.type)


def _tidy_column(column: pa.ChunkedArray, field: pa.Field, held: pa.Schema) -> pa.Array:
    wanted = held.field(field.name).type if field.name in held.names else _plain(field.type)
    array = column.combine_chunks()
    if isinstance(array, pa.ChunkedArray):  # an empty column has no chunk to become an array
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], column.type)
    if array.type != wanted:
        try:
            array = array.cast(wanted)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise ValueError(f"column '{field.name}' is {wanted} on this shelf, not {field.type}") from error
    if kind_of(field) == "vector":
        array = _finite(array, field.name)
    if pa.types.is_floating(array.type):
        array = pc.if_else(pc.is_nan(array), None, array)
    return array


def _plain(kind: pa.DataType) -> pa.DataType:
    """The type without dictionary encoding and 64-bit offsets."""
    if pa.types.is_dictionary(kind):
        return _plain(kind.value_type)
    if pa.types.is_large_string(kind):
        return pa.string()
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return pa.list_(_plain(kind.value_type))
    return kind


def widen(table: Any, given: pa.Schema) -> None:
    """Have LanceDB's table hold the columns of a schema, too, with what that notes of them."""
    held = own_schema(table.schema)
    if added := [field for field in given if field.name not in held.names]:
        table.add_columns(added)
    for field in merged(held, given):
        if field.name in held.names and notes_of(field) != notes_of(held.field(field.name)):
            notes = {key.decode(): note.decode() for key, note in notes_of(field).items()}
            table.update_field_metadata({"path": field.name, "metadata": notes})
