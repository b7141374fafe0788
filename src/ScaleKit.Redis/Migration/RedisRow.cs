using System.Buffers.Text;
using System.Text;
using ScaleKit.Migration;

namespace ScaleKit.Redis;

/// <summary>Keys and rows as they lie in Redis. Integer keys are written so that the byte order of their texts is the order of the numbers.</summary>
internal sealed class RedisRow<TKey, TValue>(KeyFormat<TKey> keys, ValueFormat<TValue> values, int maximumLength)
    where TKey : notnull
{
    private const ulong SignBit = 1UL << 63;
    private const int IntegerLength = 16;

    public byte[] Key(TKey key)
    {
        keys.Check(key);
        return Encoding.UTF8.GetBytes(keys.IsInteger ? ((ulong)keys.ToInteger(key) ^ SignBit).ToString("x16", null) : keys.ToText(key));
    }

    public TKey Key(ReadOnlySpan<byte> bytes)
    {
        try
        {
            if (!keys.IsInteger)
            {
                return keys.FromText(Encoding.UTF8.GetString(bytes));
            }

            if (bytes.Length == IntegerLength && Utf8Parser.TryParse(bytes, out ulong number, out var used, 'x') && used == IntegerLength)
            {
                return keys.FromInteger((long)(number ^ SignBit));
            }
        }
        catch (Exception unfit) when (unfit is FormatException or OverflowException)
        {
            throw Foreign(unfit);
        }

        throw Foreign();
    }

    public byte[] Value(TValue? value)
    {
        ArgumentNullException.ThrowIfNull(value);
        byte[] bytes;
        try
        {
            bytes = values.IsText ? Encoding.UTF8.GetBytes(values.ToText(value)) : values.ToBytes(value);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            throw new ArgumentException($"The value of type {typeof(TValue)} cannot be serialized: {failure.Message}", nameof(value), failure);
        }

        return bytes.Length <= maximumLength
            ? bytes
            : throw new ArgumentException($"The value is {bytes.Length} bytes long; the limit is {maximumLength}.", nameof(value));
    }

    public VersionedValue<TValue> Row(byte[]? row)
    {
        if (row is null)
        {
            return default;
        }

        var version = Version(row, out var used);
        var value = Payload(row, used);
        return row[used] == (byte)'1'
            ? VersionedValue.Tombstone<TValue>(version)
            : VersionedValue.Live(values.IsText ? values.FromText(Encoding.UTF8.GetString(value)) : values.FromBytes(value.ToArray()), version);
    }

    public RangeDigest AddTo(RangeDigest digest, TKey key, byte[] row)
    {
        var version = Version(row, out var used);
        return digest.AddRow(keys.ToText(key), version, Payload(row, used));
    }

    public OutboxEntry<TKey> Debt(byte[] entry)
    {
        if (!Utf8Parser.TryParse(entry, out long sequence, out var used) || used >= entry.Length)
        {
            throw Foreign();
        }

        var rest = entry.AsSpan(used + 1);
        var version = Version(rest, out used);
        return new OutboxEntry<TKey>(Key(rest[used..]), version, sequence);
    }

    // Behind the mark that tells whether the row is deleted, and its colon.
    private static ReadOnlySpan<byte> Payload(byte[] row, int mark) => row.Length - mark >= 2 ? row.AsSpan(mark + 2) : throw Foreign();

    // Up to behind the second colon.
    private static RowVersion Version(ReadOnlySpan<byte> row, out int used)
    {
        used = 0;
        if (!Utf8Parser.TryParse(row, out long epoch, out var first) || first >= row.Length
            || !Utf8Parser.TryParse(row[(first + 1)..], out long counter, out var second) || first + second + 2 > row.Length)
        {
            throw Foreign();
        }

        used = first + second + 2;
        var version = new RowVersion(epoch, counter);
        return epoch >= 0 && counter >= 0 && !version.IsNone ? version : throw Foreign();
    }

    private static InvalidDataException Foreign(Exception? cause = null) => new("What lies in Redis under the names of this store was not written by it.", cause);
}
