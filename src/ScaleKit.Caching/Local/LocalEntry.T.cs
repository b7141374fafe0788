using System.Buffers;
using Microsoft.Extensions.Caching.Hybrid;

namespace ScaleKit.Caching;

/// <summary>
/// Holds an immutable value itself, or the bytes of a mutable one, from which every reader gets an object of its own.
/// </summary>
internal sealed class LocalEntry<T> : LocalEntry
{
    private readonly T _value;
    private readonly byte[]? _payload;
    private readonly IHybridCacheSerializer<T>? _serializer;

    /// <summary>A value that is shared with every reader.</summary>
    /// <param name="value">The value.</param>
    /// <param name="serializedBytes">The length of its bytes where they were made for the distributed level, else 0.</param>
    public LocalEntry(T value, int serializedBytes = 0)
    {
        _value = value;
        ValueBytes = EntrySize.OfShared(value, serializedBytes);
    }

    /// <summary>A value of which every reader gets a copy.</summary>
    public LocalEntry(byte[] payload, IHybridCacheSerializer<T> serializer)
    {
        _value = default!;
        _payload = payload;
        _serializer = serializer;
        ValueBytes = EntrySize.OfPayload(payload.Length);
    }

    public override long ValueBytes { get; }

    /// <summary>For hits: a value whose bytes cannot be read back is no hit.</summary>
    public bool TryGetValue(out T value)
    {
        value = _value;
        return _payload is null || TryDeserialize(out value);
    }

    public T GetValue() => _payload is null ? _value : _serializer!.Deserialize(new ReadOnlySequence<byte>(_payload));

    private bool TryDeserialize(out T value)
    {
        try
        {
            value = GetValue();
            return true;
        }
        catch (Exception)
        {
            value = default!;
            return false;
        }
    }
}
