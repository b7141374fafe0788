using System.Buffers;
using System.Buffers.Binary;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ScaleKit.Caching.Tests;

/// <summary>Envelopes as a node writes them, and such as no node would.</summary>
internal static class Envelopes
{
    public const string Key = "user:1";

    public static readonly EnvelopeHeader Header =
        new(new InvalidationPosition(0x0102030405060708, 42), new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero), TimeSpan.FromMinutes(5), 99, false);

    /// <summary>The token of a cache that has reached the place in the log at which these envelopes were written.</summary>
    public static readonly FillToken Token = new(Header.Position, 0, IsFollowing: true);

    public static byte[] Of<T>(T? value, string[]? tags = null, bool isCompressed = false)
    {
        using var buffer = new PooledBuffer();
        Envelope.Begin(buffer, Header with { IsNull = value is null }, tags ?? []);
        var payloadAt = buffer.Written;
        if (value is not null)
            new CacheSerializers().Get<T>().Serialize(value, buffer);
        if (isCompressed)
            Envelope.Compress(buffer, payloadAt);
        Envelope.Seal(buffer, Key);
        return buffer.Span.ToArray();
    }

    /// <summary>An envelope with these bytes as its payload, whatever they are; of format 2 where a length is given.</summary>
    public static byte[] OfBytes(ReadOnlySpan<byte> payload, int? uncompressed = null, string key = Key)
    {
        using var buffer = new PooledBuffer();
        Envelope.Begin(buffer, Header, []);
        if (uncompressed is { } length)
        {
            (buffer.Span[2], buffer.Span[12]) = (2, 2);
            BinaryPrimitives.WriteInt32LittleEndian(buffer.GetSpan(4), length);
            buffer.Advance(4);
        }

        buffer.Write(payload);
        Envelope.Seal(buffer, key);
        return buffer.Span.ToArray();
    }

    /// <summary>The same bytes with the checksum that fits them, where they are long enough for one.</summary>
    public static byte[] Resealed(byte[] envelope, string key = Key)
    {
        using var buffer = Buffer(envelope);
        if (envelope.Length >= Envelope.FixedLength)
            Envelope.Seal(buffer, key);
        return buffer.Span.ToArray();
    }

    public static PooledBuffer Buffer(ReadOnlySpan<byte> bytes)
    {
        var buffer = new PooledBuffer();
        buffer.Write(bytes);
        return buffer;
    }

    public static EntryCodec Codec(TwoLevelCacheOptions options, ILogger? log = null)
    {
        var clock = new MonotonicClock(TimeProvider.System);
        return new(options, new CacheSerializers(), new CachingMetrics(options.Name, null), clock, new EarlyRefresh(options, clock), hasSharedLevel: true, log ?? NullLogger.Instance);
    }

    /// <summary>What a codec makes of bytes from a store; <see langword="false"/> for a miss.</summary>
    public static bool TryRead<T>(this EntryCodec codec, PooledBuffer buffer, out T value, out string[] tags)
    {
        (value, tags) = (default!, []);
        if (!codec.TryOpen(Key, buffer, Token, isConditional: true, out var opened)
            || !codec.TryDecode<T>(buffer, opened, EntryPlan.Of(null, new TwoLevelCacheOptions(), []), Token, flight: null, out var found, out _))
        {
            return false;
        }

        (value, tags) = (found.ValueFor(isLeader: true), opened.Tags);
        return true;
    }
}
