using System.Runtime.CompilerServices;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Logging;

namespace ScaleKit.Caching;

/// <summary>Reads and stores values in both levels as far as the versions, and the leases of the shared level, allow.</summary>
internal sealed class ValueStore(
    TwoLevelCacheOptions options,
    LocalLevel local,
    SharedLevel? shared,
    CacheVersions versions,
    EntryCodec codec,
    CachingMetrics metrics,
    MonotonicClock clock,
    ILogger logger)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(100);

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

    /// <summary>Whether fills of this plan need a lease of the shared level.</summary>
    public bool Leases(EntryPlan plan) => shared is { IsConditional: true } && WritesShared(plan);

    /// <summary>Whether the shared level may be read: out of step with the log, nothing in there can be judged.</summary>
    public bool CanRead(EntryPlan plan, FillToken token) =>
        shared is not null && token.IsFollowing && !plan.Forbids(HybridCacheEntryFlags.DisableDistributedCacheRead);

    /// <summary>Memory for one reading, as much as the longest value that is taken needs.</summary>
    public PooledBuffer NewTarget() => new(codec.MostBytes);

    /// <summary>Reads the shared level. Throws what the store throws; see <see cref="IsStoreError"/>.</summary>
    public ValueTask<SharedReading> ReadAsync<T>(string key, ValueFactory<T> factory, PooledBuffer buffer, CancellationToken cancellationToken) =>
        factory.ReadAsync(shared!, key, buffer, cancellationToken);

    /// <summary>
    /// Judges what was read. What cannot be read, judged or trusted counts as missing; an expired value is not fresh; what is live also goes to the memory level. A value
    /// that goes to no memory and that nobody shares comes without an entry, unless <paramref name="keepsEntry"/> asks for one.
    /// </summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<(Filled<T>? Found, bool IsFresh)> TakeAsync<T>(
        string key, PooledBuffer buffer, Flight<T> flight, EntryPlan plan, FillToken token, bool keepsEntry)
    {
        if (!codec.TryOpen(key, buffer, token, shared!.IsConditional, out var opened)
            || !versions.IsValid(key, opened.Tags, opened.Version) || !versions.Covers(token)
            || (opened.IsForeign && !await IsSinceLastClearAsync(opened, flight.Abandoned).ConfigureAwait(false))
            || !codec.TryDecode(buffer, opened, plan, token, keepsEntry ? null : flight, out var found, out var remaining))
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

    /// <summary>Whether a reading failed, or was given up. In both cases somebody may still write to its memory.</summary>
    public bool IsStoreError(Exception exception, PooledBuffer buffer, CancellationToken cancellationToken)
    {
        buffer.Abandon();
        if (cancellationToken.IsCancellationRequested)
            return false;
        if (buffer.IsOverfull)
        {
            codec.RejectOversized(codec.MostBytes);
            return true;
        }

        Log.ReadFailed(logger, exception, options.Name);
        metrics.Rejected("store_error");
        return true;
    }

    /// <summary>
    /// Asks for the right to fill a key until it is granted or another node has brought the value. No ticket and no value: the store cannot tell, and nobody
    /// is kept waiting for it.
    /// </summary>
    public async ValueTask<(Filled<T>? Found, FillTicket Ticket, FillToken Token)> LeaseAsync<T>(
        string key, Flight<T> flight, ValueFactory<T> factory, EntryPlan plan, long useless)
    {
        using var buffer = NewTarget();
        var (number, pause) = (FillTicket.New(default).Token, FirstPause);
        while (true)
        {
            // Before the question: the factory that a grant allows begins later, so it sees all that the token covers.
            var token = versions.Current;
            var ticket = new FillTicket(number, token.Position);
            try
            {
                buffer.Rewind(0);
                var answer = await shared!.LeaseAsync(key, ticket, useless, buffer, flight.Abandoned).ConfigureAwait(false);
                if (answer.State == FillLeaseState.Granted)
                    return (null, ticket, token);
                if (answer.State == FillLeaseState.Found)
                {
                    var (found, isFresh) = await TakeAsync(key, buffer, flight, plan, token, keepsEntry: false).ConfigureAwait(false);
                    if (isFresh)
                        return (found, default, token);
                    useless = answer.Id;
                    continue;
                }
            }
            catch (Exception exception) when (IsStoreError(exception, buffer, flight.Abandoned))
            {
                return (null, default, token);
            }

            if (pause == FirstPause)
            {
                metrics.LeaseWaited();
                factory.StepAside(key);
            }

            await shared.WaitAsync(key, pause, flight.Abandoned).ConfigureAwait(false);
            pause = Shorter(pause * 2, LongestPause);
        }
    }

    /// <summary>Prolongs the lease of a factory that takes long. A lease that is lost costs the value its place in the cache, not the caller its value.</summary>
    public ValueTask RenewAsync(string key, FillTicket ticket) =>
        QuietlyAsync(async store => await store.RenewAsync(key, ticket).ConfigureAwait(false));

    public TimeSpan RenewalInterval => shared!.RenewalInterval;

    /// <summary>Gives the right to fill back, so that the next one need not wait for its end.</summary>
    public ValueTask ReleaseAsync(string key, FillTicket ticket) =>
        ticket.Token == 0 ? ValueTask.CompletedTask : QuietlyAsync(async store => await store.ReleaseAsync(key, ticket).ConfigureAwait(false));

    /// <summary>Stores what a factory made. Whatever goes wrong, the caller has the value.</summary>
    public async ValueTask<Filled<T>> StoreAsync<T>(
        string key, T value, EntryPlan plan, FillToken token, FillTicket ticket, bool isInStep, CancellationToken cancellationToken)
    {
        var lifetime = Jittered(plan.Expiration);
        using var buffer = new PooledBuffer();
        var entry = await TryEncodeAsync(key, value, plan, lifetime, token, buffer, cancellationToken).ConfigureAwait(false);
        var isLeased = ticket.Token != 0 && entry is not null && WritesShared(plan);
        if (!isLeased)
            await ReleaseAsync(key, ticket).ConfigureAwait(false);
        if (isLeased)
            await FillAsync(key, buffer, entry!, plan, lifetime, token, ticket, cancellationToken).ConfigureAwait(false);
        else if (entry is not null && Publish(key, entry, plan, lifetime, token) && isInStep && shared is { IsConditional: false } && WritesShared(plan))
            await WriteAsync(key, buffer, entry, lifetime, token, cancellationToken).ConfigureAwait(false);
        return new(FillSource.Factory, value, entry, plan.Tags);
    }

    /// <summary>Announces a set to the shared level before its record is appended.</summary>
    public async ValueTask<FillTicket> ClaimAsync(string key, EntryPlan plan, CancellationToken cancellationToken)
    {
        if (!Leases(plan))
            return default;
        var ticket = FillTicket.New(default);
        await shared!.ClaimAsync(key, ticket, cancellationToken).ConfigureAwait(false);
        return ticket;
    }

    /// <summary>Stores what a caller set under the version of its own invalidation. What goes wrong in the shared level is the caller's to know.</summary>
    public async ValueTask SetAsync<T>(string key, T value, EntryPlan plan, FillToken token, FillTicket ticket, CancellationToken cancellationToken)
    {
        var version = ticket.Position;
        var lifetime = Jittered(plan.Expiration);
        using var buffer = new PooledBuffer();
        try
        {
            var mark = await MarkAsync(plan, cancellationToken).ConfigureAwait(false);
            var entry = codec.Encode(key, value, plan, lifetime, token, new(version, clock.Time.GetUtcNow(), lifetime, mark, value is null), buffer, WritesShared(plan));
            if (shared is not null && (entry is null || !WritesShared(plan)))
                await shared.RevokeAsync(key, version, cancellationToken).ConfigureAwait(false);
            else if (shared is { IsConditional: true })
                await shared.SetAsync(key, ticket, buffer.Memory, lifetime + options.FailSafeMaximum, cancellationToken).ConfigureAwait(false);
            if (entry is null)
                return;
            if (version.Epoch == token.Position.Epoch)
                Publish(key, entry, plan, lifetime, token);
            if (shared is { IsConditional: false } && WritesShared(plan))
                await OverwriteAsync(key, buffer, entry, lifetime, token, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            buffer.Abandon();

            // The record says that the older value is void: it must not outlive the memory of that.
            await RevokeQuietlyAsync(key, version).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Takes an entry of the shared level, which was read without keeping it, into memory.</summary>
    public void Adopt<T>(string key, LocalEntry<T> entry, FillToken token)
    {
        if (!local.TryPublish(key, entry, clock.Time.GetElapsedTime(clock.Now, options.FailSafeMaximum > TimeSpan.Zero ? entry.StaleUntil : entry.ExpiresAt), token))
            metrics.Rejected("superseded");
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private bool WritesShared(EntryPlan plan) => shared is not null && !plan.Forbids(HybridCacheEntryFlags.DisableDistributedCacheWrite);

    private ValueTask<long> MarkAsync(EntryPlan plan, CancellationToken cancellationToken) =>
        WritesShared(plan) && shared!.Cleared is { } mark ? mark.ReadAsync(cancellationToken) : new(ClearMark.Unknown);

    private async ValueTask<LocalEntry<T>?> TryEncodeAsync<T>(
        string key, T value, EntryPlan plan, TimeSpan lifetime, FillToken token, PooledBuffer buffer, CancellationToken cancellationToken)
    {
        try
        {
            var mark = await MarkAsync(plan, cancellationToken).ConfigureAwait(false);
            return codec.Encode(key, value, plan, lifetime, token, new(token.Position, clock.Time.GetUtcNow(), lifetime, mark, value is null) { FactoryTime = plan.FactoryTime }, buffer, WritesShared(plan));
        }
        catch (Exception exception)
        {
            RejectUnserializable<T>(exception);
            return null;
        }
    }

    /// <summary>
    /// The shared level first: a fill whose lease was revoked is stored nowhere. Where the store fails, the memory level may still take the value, for it is
    /// judged by this cache's own knowledge of the log.
    /// </summary>
    private async ValueTask FillAsync<T>(
        string key, PooledBuffer buffer, LocalEntry<T> entry, EntryPlan plan, TimeSpan lifetime, FillToken token, FillTicket ticket, CancellationToken cancellationToken)
    {
        try
        {
            if (!await shared!.FillAsync(key, ticket, buffer.Memory, lifetime + options.FailSafeMaximum, cancellationToken).ConfigureAwait(false))
            {
                metrics.Rejected("superseded");
                return;
            }
        }
        catch (Exception exception)
        {
            buffer.Abandon();
            if (!cancellationToken.IsCancellationRequested)
                Log.WriteFailed(logger, exception, options.Name);
            metrics.Rejected("store_error");
        }

        Publish(key, entry, plan, lifetime, token);
    }

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
        try
        {
            await OverwriteAsync(key, buffer, entry, lifetime, token, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            buffer.Abandon();
            if (!cancellationToken.IsCancellationRequested)
                Log.WriteFailed(logger, exception, options.Name);
            metrics.Rejected("store_error");
        }
    }

    private async ValueTask OverwriteAsync<T>(
        string key, PooledBuffer buffer, LocalEntry<T> entry, TimeSpan lifetime, FillToken token, CancellationToken cancellationToken)
    {
        await shared!.FillAsync(key, default, buffer.Memory, lifetime + options.FailSafeMaximum, cancellationToken).ConfigureAwait(false);

        // An invalidation that came while the bytes were on their way has deleted what was there before them. Readers reject them by their version; take them away.
        if (!versions.Allows(token, key, entry.Tags, entry.Version))
        {
            metrics.Rejected("superseded");
            await shared.RevokeAsync(key, default, cancellationToken).ConfigureAwait(false);
        }
    }

    private ValueTask RevokeQuietlyAsync(string key, InvalidationPosition version) =>
        QuietlyAsync(async store => await store.RevokeAsync(key, version, CancellationToken.None).ConfigureAwait(false));

    private async ValueTask QuietlyAsync(Func<SharedLevel, ValueTask> call)
    {
        try
        {
            if (shared is not null)
                await call(shared).ConfigureAwait(false);
        }
        catch (Exception)
        {
            metrics.Rejected("store_error");
        }
    }

    private async ValueTask<bool> IsSinceLastClearAsync(OpenedEnvelope opened, CancellationToken cancellationToken) =>
        opened.Header.ClearMark != ClearMark.Unknown
        && opened.Header.ClearMark == await shared!.Cleared!.ReadAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>How long the store must hold an entry: as long as it may be needed for fail-safe.</summary>
    private TimeSpan KeepFor(TimeSpan lifetime, TimeSpan localLifetime) =>
        options.FailSafeMaximum > TimeSpan.Zero ? lifetime + options.FailSafeMaximum : localLifetime;

    private TimeSpan Jittered(TimeSpan lifetime)
    {
        lifetime = MonotonicClock.Clamp(lifetime);
        return lifetime - (Shorter(options.JitterMaximum, lifetime / 10) * Random.Shared.NextDouble());
    }

    private void RejectUnserializable<T>(Exception exception)
    {
        Log.Unserializable(logger, exception, options.Name, typeof(T).Name);
        metrics.Rejected("unserializable");
    }
}
