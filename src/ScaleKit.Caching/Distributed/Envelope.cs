using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;

namespace ScaleKit.Caching;

/// <summary>
/// The bytes around a value in the distributed level, little-endian:
/// <code>
///  0  magic "SK"     2     12  flags            1     32  created, ticks   8
///  2  format         1     13  factory time     1     40  lifetime, ticks  8
///  3  zero           1     14  tag count        2     48  clear mark       8
///  4  checksum       8     16  epoch            8     56  tags             (length 2, UTF-8)*
///                          24  sequence         8         payload
/// </code>
/// Format 1 has flag 1 for a null, which has no payload. Format 2 has flag 2: the payload is its uncompressed length in 4 bytes and then Brotli (RFC 7932). What is
/// not compressed is still written as format 1, so that nodes of an older version read it; to them a compressed value is missing.
/// The factory time is 0 where it is not known, else n for 0.1 ms times 2^((n - 1) / 8).
/// The checksum is XXH3-64 of all bytes after it, seeded with XXH3-64 of the key: it also finds bytes that belong to another key. It guards against
/// accidents, not against someone who may write to the store.
/// </summary>
internal static class Envelope
{
    public const int FixedLength = 56;
    private const byte PlainFormat = 1;
    private const byte CompressedFormat = 2;
    private const byte NullFlag = 1;
    private const byte CompressedFlag = 2;
    private const int FormatAt = 2;
    private const int LengthSize = 4;

    // Measured on JSON of 4 to 64 KiB: quality 2 takes more than twice the time for a tenth less at best, quality 0 saves a fifth of the time for a seventh more at least.
    // A window (4 MiB) that fits the value made no difference.
    private const int Quality = 1;
    private const int Window = 22;
    private const int ChecksumAt = 4;
    private const int BodyAt = 12;
    private const int FactoryTimeAt = 13;
    private const int TagCountAt = 14;
    private const double FactoryTimeUnit = 0.1;
    private const double StepsPerDoubling = 8;
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The longest envelope of a value within the options' bounds.</summary>
    public static int MostBytes(TwoLevelCacheOptions options) =>
        (int)Math.Min(
            Array.MaxLength,
            FixedLength + LengthSize + (long)options.MaximumPayloadBytes + (options.MaximumTags * (sizeof(ushort) + (long)Encoding.UTF8.GetMaxByteCount(options.MaximumKeyLength))));

    /// <summary>Writes everything before the payload. <see cref="Seal"/> ends the envelope after the payload was written.</summary>
    public static void Begin(PooledBuffer target, in EnvelopeHeader header, string[] tags)
    {
        var span = target.GetSpan(FixedLength)[..FixedLength];
        span.Clear();
        span[0] = (byte)'S';
        span[1] = (byte)'K';
        span[FormatAt] = PlainFormat;
        span[BodyAt] = header.IsNull ? NullFlag : (byte)0;
        span[FactoryTimeAt] = Pack(header.FactoryTime);
        BinaryPrimitives.WriteInt64LittleEndian(span[16..], header.Position.Epoch);
        BinaryPrimitives.WriteInt64LittleEndian(span[24..], header.Position.Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(span[32..], header.CreatedAt.UtcTicks);
        BinaryPrimitives.WriteInt64LittleEndian(span[40..], header.Lifetime.Ticks);
        BinaryPrimitives.WriteInt64LittleEndian(span[48..], header.ClearMark);
        BinaryPrimitives.WriteUInt16LittleEndian(span[TagCountAt..], (ushort)tags.Length);
        target.Advance(FixedLength);
        foreach (var tag in tags)
        {
            var length = StrictUtf8.GetByteCount(tag);
            var place = target.GetSpan(length + 2);
            BinaryPrimitives.WriteUInt16LittleEndian(place, (ushort)length);
            StrictUtf8.GetBytes(tag, place[2..]);
            target.Advance(length + 2);
        }
    }

    /// <summary>Puts the payload's compressed form in its place where that is shorter; between <see cref="Begin"/> and <see cref="Seal"/>.</summary>
    public static void Compress(PooledBuffer target, int payloadAt)
    {
        var length = target.Written - payloadAt;
        var rented = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            // One byte less than there is now: what would not be shorter does not fit.
            var room = rented.AsSpan(0, Math.Max(0, length - LengthSize - 1));
            if (!BrotliEncoder.TryCompress(target.Span[payloadAt..], room, out var written, Quality, Window))
                return;
            target.Span[FormatAt] = CompressedFormat;
            target.Span[BodyAt] |= CompressedFlag;
            BinaryPrimitives.WriteInt32LittleEndian(target.Span[payloadAt..], length);
            room[..written].CopyTo(target.Span[(payloadAt + LengthSize)..]);
            target.Rewind(payloadAt + LengthSize + written);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Fills <paramref name="target"/>, which has the uncompressed length; <see langword="false"/> where the bytes make less, more or nothing.</summary>
    public static bool TryExpand(ReadOnlySpan<byte> payload, Span<byte> target) =>
        BrotliDecoder.TryDecompress(payload, target, out var written) && written == target.Length;

    public static void Seal(PooledBuffer target, string key) =>
        BinaryPrimitives.WriteUInt64LittleEndian(target.Span[ChecksumAt..], Checksum(target.Span[BodyAt..], key));

    /// <summary>Takes an envelope apart; <see langword="false"/> for anything that no known format and this key wrote. Allocates for nothing but the tags.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, string key, out EnvelopeHeader header, out string[] tags, out int payloadAt)
    {
        header = default;
        tags = [];
        payloadAt = 0;
        if (source.Length < FixedLength || source[0] != 'S' || source[1] != 'K' || source[3] != 0
            || !AreFlagsOf(source[FormatAt], source[BodyAt])
            || BinaryPrimitives.ReadUInt64LittleEndian(source[ChecksumAt..]) != Checksum(source[BodyAt..], key))
        {
            return false;
        }

        // The checksum holds, so the writer was this code; the bounds are still checked, because a seeded hash is no signature.
        var created = BinaryPrimitives.ReadInt64LittleEndian(source[32..]);
        var lifetime = BinaryPrimitives.ReadInt64LittleEndian(source[40..]);
        if (created < 0 || created > DateTimeOffset.MaxValue.Ticks || lifetime < 0 || !TryReadTags(source, out tags, out payloadAt)
            || !TryReadLength(source, ref payloadAt, out var uncompressed))
        {
            return false;
        }

        header = new EnvelopeHeader(
            new(BinaryPrimitives.ReadInt64LittleEndian(source[16..]), BinaryPrimitives.ReadInt64LittleEndian(source[24..])),
            new DateTimeOffset(created, TimeSpan.Zero),
            new TimeSpan(lifetime),
            BinaryPrimitives.ReadInt64LittleEndian(source[48..]),
            (source[BodyAt] & NullFlag) != 0) { FactoryTime = Unpack(source[FactoryTimeAt]), UncompressedLength = uncompressed };
        return true;
    }

    /// <summary>The checksum covers the flags and not the format: so no two formats may have flags in common.</summary>
    private static bool AreFlagsOf(byte format, byte flags) => format switch
    {
        PlainFormat => flags is 0 or NullFlag,
        CompressedFormat => flags is CompressedFlag,
        _ => false,
    };

    private static bool TryReadLength(ReadOnlySpan<byte> source, ref int payloadAt, out int length)
    {
        length = 0;
        if ((source[BodyAt] & CompressedFlag) == 0)
            return true;
        if (source.Length - payloadAt < LengthSize)
            return false;
        length = BinaryPrimitives.ReadInt32LittleEndian(source[payloadAt..]);
        payloadAt += LengthSize;
        return length > source.Length - payloadAt;
    }

    private static bool TryReadTags(ReadOnlySpan<byte> source, out string[] tags, out int payloadAt)
    {
        var count = BinaryPrimitives.ReadUInt16LittleEndian(source[TagCountAt..]);
        payloadAt = FixedLength;
        tags = [];
        if (count == 0)
            return true;
        if (count > source.Length / 2)
            return false;
        var found = new string[count];
        for (var i = 0; i < count; i++)
        {
            if (source.Length - payloadAt < 2)
                return false;
            var length = BinaryPrimitives.ReadUInt16LittleEndian(source[payloadAt..]);
            payloadAt += 2;
            if (source.Length - payloadAt < length || !System.Text.Unicode.Utf8.IsValid(source.Slice(payloadAt, length)))
                return false;
            found[i] = StrictUtf8.GetString(source.Slice(payloadAt, length));
            payloadAt += length;
        }

        tags = found;
        return true;
    }

    private static byte Pack(TimeSpan factoryTime) =>
        factoryTime <= TimeSpan.Zero
            ? (byte)0
            : (byte)Math.Clamp(Math.Round(Math.Log2(factoryTime.TotalMilliseconds / FactoryTimeUnit) * StepsPerDoubling) + 1, 1, byte.MaxValue);

    private static TimeSpan Unpack(byte packed) =>
        packed == 0 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(FactoryTimeUnit * Math.Pow(2, (packed - 1) / StepsPerDoubling));

    private static ulong Checksum(ReadOnlySpan<byte> body, string key) =>
        XxHash3.HashToUInt64(body, (long)XxHash3.HashToUInt64(MemoryMarshal.AsBytes(key.AsSpan())));
}
