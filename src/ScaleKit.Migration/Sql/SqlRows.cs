using System.Data.Common;

namespace ScaleKit.Migration;

/// <summary>Rows to columns and back. The columns of a row are value, epoch, counter, deleted, and the key where it is read too.</summary>
internal sealed class SqlRows<TKey, TValue>(KeyFormat<TKey> keys, ValueFormat<TValue> values, int maximumLength)
    where TKey : notnull
{
    public object KeyColumn(TKey key)
    {
        keys.Check(key);
        return keys.IsInteger ? keys.ToInteger(key) : keys.ToText(key);
    }

    public object ValueColumn(TValue? value)
    {
        ArgumentNullException.ThrowIfNull(value);
        object column;
        try
        {
            column = values.IsText ? values.ToText(value) : values.ToBytes(value);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            throw new ArgumentException($"The value of type {typeof(TValue)} cannot be serialized: {failure.Message}", nameof(value), failure);
        }

        var length = column is string text ? text.Length : ((byte[])column).Length;
        return length <= maximumLength
            ? column
            : throw new ArgumentException($"The value is {length} {(values.IsText ? "characters" : "bytes")} long; the limit is {maximumLength}.", nameof(value));
    }

    public object[] Columns(VersionedEntry<TKey, TValue> entry) =>
    [
        KeyColumn(entry.Key),
        entry.Row.IsDeleted ? DBNull.Value : ValueColumn(entry.Value),
        entry.Version.Epoch,
        entry.Version.Counter,
        entry.Row.IsDeleted ? 1L : 0L,
    ];

    /// <summary>The columns of many rows, each an array. One statement cannot touch a row twice: of two entries of a key the newer one counts.</summary>
    public object[] ColumnArrays(IReadOnlyList<VersionedEntry<TKey, TValue>> entries)
    {
        var newest = new Dictionary<TKey, VersionedEntry<TKey, TValue>>(entries.Count);
        foreach (var entry in entries)
        {
            if (!newest.TryGetValue(entry.Key, out var known) || known.Version < entry.Version)
            {
                newest[entry.Key] = entry;
            }
        }

        var rows = newest.Values.ToArray();
        return
        [
            KeyColumns(Array.ConvertAll(rows, static r => r.Key)),
            values.IsText
                ? Array.ConvertAll(rows, r => r.Row.IsDeleted ? null : (string)ValueColumn(r.Value))
                : Array.ConvertAll(rows, r => r.Row.IsDeleted ? null : (byte[])ValueColumn(r.Value)),
            Array.ConvertAll(rows, static r => r.Version.Epoch),
            Array.ConvertAll(rows, static r => r.Version.Counter),
            Array.ConvertAll(rows, static r => r.Row.IsDeleted ? 1L : 0L),
        ];
    }

    public object KeyColumns(IReadOnlyList<TKey> many) =>
        keys.IsInteger ? many.Select(key => (long)KeyColumn(key)).ToArray() : many.Select(key => (string)KeyColumn(key)).ToArray();

    public object[] Bounds(KeyRange<TKey> range, long? limit = null)
    {
        var bounds = new List<object>(3);
        if (range.HasLower)
        {
            bounds.Add(KeyColumn(range.Lower!));
        }

        if (range.HasUpper)
        {
            bounds.Add(KeyColumn(range.Upper!));
        }

        if (limit is { } rows)
        {
            bounds.Add(rows);
        }

        return [.. bounds];
    }

    public TKey Key(DbDataReader reader, int column) =>
        keys.IsInteger ? keys.FromInteger(reader.GetInt64(column)) : keys.FromText(reader.GetString(column));

    public VersionedValue<TValue> Row(DbDataReader reader)
    {
        var version = new RowVersion(reader.GetInt64(1), reader.GetInt64(2));
        return reader.GetInt64(3) != 0
            ? VersionedValue.Tombstone<TValue>(version)
            : VersionedValue.Live(values.IsText ? values.FromText(reader.GetString(0)) : values.FromBytes(reader.GetFieldValue<byte[]>(0)), version);
    }

    public ulong Hash(DbDataReader reader)
    {
        var version = new RowVersion(reader.GetInt64(1), reader.GetInt64(2));
        var key = keys.ToText(Key(reader, 4));
        return values.IsText ? RowHash.Of(key, version, reader.GetString(0)) : RowHash.Of(key, version, reader.GetFieldValue<byte[]>(0));
    }
}
