using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using ScaleKit.Caching;

namespace ScaleKit.Redis;

/// <summary>
/// The bytes of a value in Redis: 1 (format), the version (epoch and sequence, 8 bytes each), a number of its own (8 bytes), then what the cache gave. The
/// numbers are big-endian, so that scripts compare versions byte by byte.
/// </summary>
internal static class SharedValue
{
    public const int HeadLength = 25;
    private const int IdAt = 17;
    private const byte Format = 1;

    public static byte[] Of(FillTicket ticket, ReadOnlySpan<byte> value)
    {
        var bytes = new byte[HeadLength + value.Length];
        WriteHead(bytes, ticket.Position);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(IdAt), ticket.Token);
        value.CopyTo(bytes.AsSpan(HeadLength));
        return bytes;
    }

    /// <summary>The beginning of a value of this version.</summary>
    public static byte[] Head(InvalidationPosition version)
    {
        var bytes = new byte[IdAt];
        WriteHead(bytes, version);
        return bytes;
    }

    public static bool IsOurs([NotNullWhen(true)] byte[]? bytes) => bytes is { Length: >= HeadLength } && bytes[0] == Format;

    public static long IdOf(byte[] bytes) => BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(IdAt));

    /// <summary>Hands the bytes over without their head. What is not ours is handed over whole: the cache sees that it is corrupt.</summary>
    public static SharedReading Take(byte[]? bytes, IBufferWriter<byte> target)
    {
        if (bytes is null)
            return default;
        var isOurs = IsOurs(bytes);
        var value = isOurs ? bytes.AsSpan(HeadLength) : bytes;
        value.CopyTo(target.GetSpan(value.Length));
        target.Advance(value.Length);
        return new(IsFound: true, isOurs ? IdOf(bytes) : 0);
    }

    private static void WriteHead(Span<byte> target, InvalidationPosition version)
    {
        target[0] = Format;
        BinaryPrimitives.WriteInt64BigEndian(target[1..], version.Epoch);
        BinaryPrimitives.WriteInt64BigEndian(target[9..], version.Sequence);
    }
}
