using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Logging;

namespace ScaleKit.Caching;

/// <summary>Turns values into entries and bytes and back. Bytes that are not what they should be count as missing, each time, and are logged once.</summary>
internal sealed class EntryCodec(
    TwoLevelCacheOptions options,
    CacheSerializers serializers,
    CachingMetrics metrics,
    MonotonicClock clock,
    EarlyRefresh early,
    bool hasSharedLevel,
    ILogger logger)
{
    /// <summary>The longest envelope of a value that is taken.</summary>
    public int MostBytes { get; } = Envelope.MostBytes(options);

    private int _saidCorrupt;
    private int _saidOversized;

    /// <summary>Makes an entry, and in <paramref name="buffer"/> its envelope where bytes are needed; <see langword="null"/> for a value that is too long.</summary>
    public LocalEntry<T>? Encode<T>(
        string key, T value, EntryPlan plan, TimeSpan lifetime, FillToken token, EnvelopeHeader header, PooledBuffer buffer, bool needsBytes)
    {
        var version = header.Position;
        var isShared = value is null || ImmutableTypes<T>.IsImmutable;
        var localLifetime = plan.LocalExpiration < lifetime ? plan.LocalExpiration : lifetime;
        if (isShared && !needsBytes)
            return EntryOf(value, payload: null, bytes: 0, plan.Tags, token, localLifetime, lifetime, version.Sequence, header);
        Envelope.Begin(buffer, header, plan.Tags);
        var payloadAt = buffer.Written;
        if (value is not null)
            serializers.Get<T>().Serialize(value, buffer);
        var length = buffer.Written - payloadAt;
        if (length > options.MaximumPayloadBytes)
        {
            RejectOversized(length);
            return null;
        }

        // Memory keeps the payload as it is: a hit must not pay for its compression.
        var payload = isShared ? null : buffer.Span[payloadAt..].ToArray();
        if (needsBytes)
        {
            if (length >= options.CompressionThresholdBytes && !plan.Forbids(HybridCacheEntryFlags.DisableCompression))
                Envelope.Compress(buffer, payloadAt);
            Envelope.Seal(buffer, key);
        }

        return EntryOf(value, payload, length, plan.Tags, token, localLifetime, lifetime, version.Sequence, header);
    }

    /// <summary>Opens an envelope as far as it can be compared with what this cache knows of the log.</summary>
    public bool TryOpen(string key, PooledBuffer buffer, FillToken token, bool isConditional, out OpenedEnvelope opened)
    {
        opened = default;
        if (!Envelope.TryRead(buffer.Span, key, out var header, out var tags, out var payloadAt))
        {
            RejectCorrupt(buffer.Written);
            return false;
        }

        // Before anything is allocated for it: a few bytes can say that they are compressed gigabytes.
        var length = Math.Max(buffer.Written - payloadAt, header.UncompressedLength);
        if (length > options.MaximumPayloadBytes)
        {
            RejectOversized(length);
            return false;
        }

        // Sequences of another epoch compare with nothing. Where the log lives as long as the values do, such a value is void: a history was lost that may have
        // voided it. Elsewhere: without tags it counts as the oldest there is; with tags nobody can tell, so it is missing.
        var isForeign = header.Position.Epoch != token.Position.Epoch;
        opened = new(header, tags, payloadAt, isForeign ? 0 : header.Position.Sequence, isForeign);
        return !isForeign || (tags.Length == 0 && !isConditional);
    }

    /// <summary>
    /// Reads the value of an opened envelope, and how long it has still to live, which may be less than nothing. A live value that is not for memory has no entry where
    /// nobody shares <paramref name="flight"/>, which is closed then; without a flight it always has one.
    /// </summary>
    public bool TryDecode<T>(
        PooledBuffer buffer, in OpenedEnvelope opened, EntryPlan plan, FillToken token, Flight<T>? flight, [NotNullWhen(true)] out Filled<T>? found, out TimeSpan remaining)
    {
        found = null;
        var age = clock.Time.GetUtcNow() - opened.Header.CreatedAt;
        remaining = age < TimeSpan.Zero ? opened.Header.Lifetime : opened.Header.Lifetime - age;
        var expanded = opened.Header.UncompressedLength > 0 ? ArrayPool<byte>.Shared.Rent(opened.Header.UncompressedLength) : null;
        try
        {
            var bytes = buffer.Memory[opened.PayloadAt..];
            if (expanded is not null)
                bytes = Expand(bytes.Span, expanded.AsMemory(0, opened.Header.UncompressedLength));
            var value = opened.Header.IsNull ? default! : serializers.Get<T>().Deserialize(new ReadOnlySequence<byte>(bytes));
            if (flight is not null && remaining > TimeSpan.Zero && plan.Forbids(HybridCacheEntryFlags.DisableLocalCacheWrite) && flight.TryClose())
            {
                found = new(FillSource.Distributed, value, entry: null, opened.Tags);
                return true;
            }

            var payload = value is null || ImmutableTypes<T>.IsImmutable ? null : bytes.ToArray();
            var local = plan.LocalExpiration < remaining ? plan.LocalExpiration : remaining;
            var entry = EntryOf(value, payload, bytes.Length, opened.Tags, token, local, remaining, opened.Version, opened.Header);
            found = new(FillSource.Distributed, value, entry);
            return true;
        }
        catch (Exception)
        {
            // Whole, of the right key, and still not a T: another type was stored under the key, or an older shape of this one.
            RejectCorrupt(buffer.Written);
            return false;
        }
        finally
        {
            if (expanded is not null)
                ArrayPool<byte>.Shared.Return(expanded);
        }
    }

    private static ReadOnlyMemory<byte> Expand(ReadOnlySpan<byte> payload, Memory<byte> target) =>
        Envelope.TryExpand(payload, target.Span) ? target : throw new InvalidDataException("Not the compressed bytes of a payload of this length.");

    private LocalEntry<T> EntryOf<T>(
        T value, byte[]? payload, int bytes, string[] tags, FillToken token, TimeSpan localLifetime, TimeSpan lifetime, long version, in EnvelopeHeader header)
    {
        var now = clock.Now;
        var expiresAt = clock.After(now, localLifetime);
        var staleUntil = clock.After(now, lifetime + options.FailSafeMaximum);
        LocalEntry<T> entry = payload is null
            ? new(value, bytes) { Version = version, Generation = token.Generation, Tags = tags, ExpiresAt = expiresAt, StaleUntil = staleUntil }
            : new(payload, serializers.Get<T>()) { Version = version, Generation = token.Generation, Tags = tags, ExpiresAt = expiresAt, StaleUntil = staleUntil };

        // With a shared level, memory may expire earlier at no cost: what is refreshed is the value in all levels.
        entry.RefreshFrom(hasSharedLevel
            ? early.PointFor(now, header.Lifetime - lifetime, lifetime, header.FactoryTime)
            : early.PointFor(now, TimeSpan.Zero, localLifetime, header.FactoryTime));
        return entry;
    }

    public void RejectOversized(int length)
    {
        if (Interlocked.Exchange(ref _saidOversized, 1) == 0)
            Log.Oversized(logger, options.Name, length, options.MaximumPayloadBytes);
        metrics.Rejected("oversized");
    }

    private void RejectCorrupt(int bytes)
    {
        if (Interlocked.Exchange(ref _saidCorrupt, 1) == 0)
            Log.Corrupt(logger, options.Name, bytes);
        metrics.Rejected("corrupt");
    }
}
