using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Logging;

namespace ScaleKit.Caching;

/// <summary>Turns values into entries and bytes and back, and stores them in both levels as far as the versions allow.</summary>
internal sealed class ValueStore(
    TwoLevelCacheOptions options,
    LocalLevel local,
    DistributedLevel? distributed,
    CacheVersions versions,
    CacheSerializers serializers,
    CachingMetrics metrics,
    MonotonicClock clock,
    ILogger logger)
{
    private int _saidCorrupt;
    private int _saidOversized;

    /// <summary>Makes a result of an entry in memory; <see langword="false"/> if its bytes cannot be read back.</summary>
    public bool TryTake<T>(LocalEntry<T> entry, FillSource source, out Filled<T> taken)
    {
        taken = null!;
        try
        {
            taken = new(source, entry.GetValue(), entry);
            return true;
        }
        catch (Exception exception)
        {
            RejectUnserializable<T>(exception);
            return false;
        }
    }

    /// <summary>Reads the distributed level. What cannot be read, judged or trusted counts as missing. An expired value is returned as not fresh.</summary>
    public async ValueTask<(Filled<T>? Found, bool IsFresh)> ReadAsync<T>(string key, EntryPlan plan, FillToken token, CancellationToken cancellationToken)
    {
        // Out of step with the log, nothing in there can be judged.
        if (distributed is null || !token.IsFollowing)
            return default;
        using var buffer = new PooledBuffer();
        try
        {
            if (!await distributed.TryReadAsync(key, buffer, cancellationToken).ConfigureAwait(false))
                return default;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            buffer.Abandon();
            Log.ReadFailed(logger, exception, options.Name);
            metrics.Rejected("store_error");
            return default;
        }

        if (!TryJudge(key, buffer, token, out var opened)
            || (opened.IsForeign && !await IsSinceLastClearAsync(opened, cancellationToken).ConfigureAwait(false))
            || !TryDecode<T>(buffer, opened, plan, token, out var found, out var remaining))
        {
            return default;
        }

        var isFresh = remaining > TimeSpan.Zero;
        if (isFresh && !plan.Forbids(HybridCacheEntryFlags.DisableLocalCacheWrite)
            && !local.TryPublish(key, found.Entry!, KeepFor(remaining, Shorter(plan.LocalExpiration, remaining)), token))
        {
            metrics.Rejected("superseded");
        }

        return (found, isFresh);
    }

    /// <summary>Stores what a factory made. Whatever goes wrong, the caller has the value.</summary>
    public async ValueTask<Filled<T>> StoreAsync<T>(string key, T value, EntryPlan plan, FillToken token, CancellationToken cancellationToken)
    {
        var lifetime = Jittered(plan.Expiration);
        using var buffer = new PooledBuffer();
        LocalEntry<T>? entry;
        try
        {
            var mark = WritesDistributed(plan) ? await distributed!.Cleared.ReadAsync(cancellationToken).ConfigureAwait(false) : ClearMark.Unknown;
            entry = Encode(key, value, plan, lifetime, token, new(token.Position, clock.Time.GetUtcNow(), lifetime, mark, value is null), buffer);
        }
        catch (Exception exception)
        {
            RejectUnserializable<T>(exception);
            entry = null;
        }

        if (entry is not null && Publish(key, entry, plan, lifetime, token) && WritesDistributed(plan))
        {
            try
            {
                await WriteAsync(key, buffer, entry, lifetime, token, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                buffer.Abandon();
                if (!cancellationToken.IsCancellationRequested)
                    Log.WriteFailed(logger, exception, options.Name);
                metrics.Rejected("store_error");
            }
        }

        return new(FillSource.Factory, value, entry);
    }

    /// <summary>Stores what a caller set under the version of its own invalidation. What goes wrong in the distributed level is the caller's to know.</summary>
    public async ValueTask SetAsync<T>(
        string key, T value, EntryPlan plan, FillToken token, InvalidationPosition version, CancellationToken cancellationToken)
    {
        var lifetime = Jittered(plan.Expiration);
        using var buffer = new PooledBuffer();
        try
        {
            var mark = WritesDistributed(plan) ? await distributed!.Cleared.ReadAsync(cancellationToken).ConfigureAwait(false) : ClearMark.Unknown;
            var entry = Encode(key, value, plan, lifetime, token, new(version, clock.Time.GetUtcNow(), lifetime, mark, value is null), buffer);
            if (entry is not null && version.Epoch == token.Position.Epoch)
                Publish(key, entry, plan, lifetime, token);
            if (!WritesDistributed(plan))
                return;
            if (entry is not null)
                await WriteAsync(key, buffer, entry, lifetime, token, cancellationToken).ConfigureAwait(false);
            else
                await distributed!.RemoveAsync(key, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            buffer.Abandon();
            throw;
        }
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private bool WritesDistributed(EntryPlan plan) => distributed is not null && !plan.Forbids(HybridCacheEntryFlags.DisableDistributedCacheWrite);

    private bool Publish<T>(string key, LocalEntry<T> entry, EntryPlan plan, TimeSpan lifetime, FillToken token)
    {
        var allowed = plan.Forbids(HybridCacheEntryFlags.DisableLocalCacheWrite)
            ? versions.Allows(token, key, entry.Tags, entry.Version)
            : local.TryPublish(key, entry, KeepFor(lifetime, Shorter(Jittered(plan.LocalExpiration), lifetime)), token);
        if (!allowed)
            metrics.Rejected("superseded");
        return allowed;
    }

    private async ValueTask WriteAsync<T>(
        string key, PooledBuffer buffer, LocalEntry<T> entry, TimeSpan lifetime, FillToken token, CancellationToken cancellationToken)
    {
        await distributed!.WriteAsync(key, buffer.Memory, lifetime + options.FailSafeMaximum, cancellationToken).ConfigureAwait(false);

        // An invalidation that came while the bytes were on their way has deleted what was there before them. Readers reject them by their version; take them away.
        if (!versions.Allows(token, key, entry.Tags, entry.Version))
        {
            metrics.Rejected("superseded");
            await distributed.RemoveAsync(key, cancellationToken).ConfigureAwait(false);
        }
    }

    private LocalEntry<T>? Encode<T>(
        string key, T value, EntryPlan plan, TimeSpan lifetime, FillToken token, EnvelopeHeader header, PooledBuffer buffer)
    {
        var version = header.Position;
        var isShared = value is null || ImmutableTypes<T>.IsImmutable;
        var localLifetime = Shorter(plan.LocalExpiration, lifetime);
        if (isShared && !WritesDistributed(plan))
            return EntryOf(value, payload: null, bytes: 0, plan.Tags, token, version.Sequence, localLifetime, lifetime);
        Envelope.Begin(buffer, header, plan.Tags);
        var payloadAt = buffer.Written;
        if (value is not null)
            serializers.Get<T>().Serialize(value, buffer);
        var length = buffer.Written - payloadAt;
        if (length > options.MaximumPayloadBytes)
        {
            if (Interlocked.Exchange(ref _saidOversized, 1) == 0)
                Log.Oversized(logger, options.Name, length, options.MaximumPayloadBytes);
            metrics.Rejected("oversized");
            return null;
        }

        Envelope.Seal(buffer, key);
        return EntryOf(value, isShared ? null : buffer.Span[payloadAt..].ToArray(), length, plan.Tags, token, version.Sequence, localLifetime, lifetime);
    }

    private bool TryJudge(string key, PooledBuffer buffer, FillToken token, out Opened opened)
    {
        opened = null!;
        if (!Envelope.TryRead(buffer.Span, key, out var header, out var tags, out var payloadAt) || buffer.Written - payloadAt > options.MaximumPayloadBytes)
        {
            RejectCorrupt(buffer.Written);
            return false;
        }

        // Sequences of another epoch compare with nothing. Without tags the value counts as the oldest there is; with tags nobody can tell, so it is missing.
        var isForeign = header.Position.Epoch != token.Position.Epoch;
        opened = new(header, tags, payloadAt, isForeign ? 0 : header.Position.Sequence, isForeign);
        return (!isForeign || tags.Length == 0) && versions.IsValid(key, tags, opened.Version) && versions.Covers(token);
    }

    private async ValueTask<bool> IsSinceLastClearAsync(Opened opened, CancellationToken cancellationToken) =>
        opened.Header.ClearMark != ClearMark.Unknown
        && opened.Header.ClearMark == await distributed!.Cleared.ReadAsync(cancellationToken).ConfigureAwait(false);

    private bool TryDecode<T>(
        PooledBuffer buffer, Opened opened, EntryPlan plan, FillToken token, [NotNullWhen(true)] out Filled<T>? found, out TimeSpan remaining)
    {
        found = null;
        var age = clock.Time.GetUtcNow() - opened.Header.CreatedAt;
        remaining = age < TimeSpan.Zero ? opened.Header.Lifetime : opened.Header.Lifetime - age;
        try
        {
            var bytes = buffer.Memory[opened.PayloadAt..];
            var value = opened.Header.IsNull ? default! : serializers.Get<T>().Deserialize(new ReadOnlySequence<byte>(bytes));
            var payload = value is null || ImmutableTypes<T>.IsImmutable ? null : bytes.ToArray();
            var entry = EntryOf(value, payload, bytes.Length, opened.Tags, token, opened.Version, Shorter(plan.LocalExpiration, remaining), remaining);
            found = new(FillSource.Distributed, value, entry);
            return true;
        }
        catch (Exception)
        {
            // Whole, of the right key, and still not a T: another type was stored under the key, or an older shape of this one.
            RejectCorrupt(buffer.Written);
            return false;
        }
    }

    private LocalEntry<T> EntryOf<T>(T value, byte[]? payload, int bytes, string[] tags, FillToken token, long version, TimeSpan localLifetime, TimeSpan lifetime)
    {
        var now = clock.Now;
        var expiresAt = clock.After(now, localLifetime);
        var staleUntil = clock.After(now, lifetime + options.FailSafeMaximum);
        return payload is null
            ? new(value, bytes) { Version = version, Generation = token.Generation, Tags = tags, ExpiresAt = expiresAt, StaleUntil = staleUntil }
            : new(payload, serializers.Get<T>()) { Version = version, Generation = token.Generation, Tags = tags, ExpiresAt = expiresAt, StaleUntil = staleUntil };
    }

    /// <summary>How long the store must hold an entry: as long as it may be needed for fail-safe.</summary>
    private TimeSpan KeepFor(TimeSpan lifetime, TimeSpan localLifetime) =>
        options.FailSafeMaximum > TimeSpan.Zero ? lifetime + options.FailSafeMaximum : localLifetime;

    private TimeSpan Jittered(TimeSpan lifetime)
    {
        lifetime = MonotonicClock.Clamp(lifetime);
        return lifetime - (Shorter(options.JitterMaximum, lifetime / 10) * Random.Shared.NextDouble());
    }

    private void RejectCorrupt(int bytes)
    {
        if (Interlocked.Exchange(ref _saidCorrupt, 1) == 0)
            Log.Corrupt(logger, options.Name, bytes);
        metrics.Rejected("corrupt");
    }

    private void RejectUnserializable<T>(Exception exception)
    {
        Log.Unserializable(logger, exception, options.Name, typeof(T).Name);
        metrics.Rejected("unserializable");
    }

    private sealed record Opened(EnvelopeHeader Header, string[] Tags, int PayloadAt, long Version, bool IsForeign);
}
