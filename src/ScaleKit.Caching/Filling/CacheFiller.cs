using System.Runtime.CompilerServices;
using Microsoft.Extensions.Caching.Hybrid;

namespace ScaleKit.Caching;

/// <summary>
/// Runs fills: memory once more, then the shared level, then the factory; then publishes what an invalidation since the start does not forbid. A fill
/// fails only when its factory does.
/// </summary>
internal sealed class CacheFiller(
    InvalidationFollower follower, LocalLevel local, ValueStore values, ValueMaker maker, CacheVersions versions, MonotonicClock clock, string cacheName)
{
    /// <summary>Runs a flight to its end. A refresh does not take the live value of memory, nor one of the shared level that is due itself.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Filled<T>> RunAsync<T>(
        FlightTable table, FlightKey key, Flight<T> flight, ValueFactory<T> factory, EntryPlan plan, bool isRefresh = false)
    {
        try
        {
            var isInStep = await follower.CatchUpAsync(flight.Abandoned).ConfigureAwait(false);
            var token = isInStep ? versions.Current : flight.Token;
            var filled = TryTakeLocal<T>(key.Key, plan, isInStep && !isRefresh, out var stale);
            var useless = SharedReading.Any;
            if (filled is null && isInStep && values.CanRead(plan, token))
            {
                using var buffer = values.NewTarget();
                try
                {
                    (var isThere, useless) = await values.ReadAsync(key.Key, factory, buffer, flight.Abandoned).ConfigureAwait(false);
                    var reading = isRefresh ? plan with { Flags = plan.Flags | HybridCacheEntryFlags.DisableLocalCacheWrite } : plan;
                    var (found, isFresh) = isThere ? await values.TakeAsync(key.Key, buffer, flight, reading, token, keepsEntry: isRefresh).ConfigureAwait(false) : default;
                    if (isFresh && (!isRefresh || TryAdopt(key.Key, found!, stale, token)))
                        filled = found;
                    else
                        stale ??= found?.Entry;
                }
                catch (Exception exception) when (values.IsStoreError(exception, buffer, flight.Abandoned))
                {
                    useless = 0;
                }
            }

            filled ??= await FillAsync(key.Key, flight, factory, plan, token, isInStep, stale, useless).ConfigureAwait(false);

            // Out of the table before the waiters go on: their next call finds the value in memory, or starts a fill of its own.
            table.Remove(key, flight);
            flight.Complete(filled);
            return filled;
        }
        catch (Exception exception)
        {
            table.Remove(key, flight);
            flight.Fail(exception);
            throw;
        }
    }

    /// <summary>Runs a flight for those who wait for it; never throws.</summary>
    public async Task RunForWaitersAsync<T>(FlightTable table, FlightKey key, Flight<T> flight, ValueFactory<T> factory, EntryPlan plan)
    {
        try
        {
            await RunAsync(table, key, flight, factory, plan).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The flight has told them.
        }
    }

    private ValueTask<Filled<T>> FillAsync<T>(
        string key, Flight<T> flight, ValueFactory<T> factory, EntryPlan plan, FillToken token, bool isInStep, LocalEntry<T>? stale, long useless)
    {
        if (plan.Forbids(HybridCacheEntryFlags.DisableUnderlyingData))
            return new(new Filled<T>(FillSource.Nothing, default!, null));
        return CachingActivities.AreHeard
            ? FillHeardAsync(key, flight, factory, plan, token, isInStep, stale, useless)
            : FillUnheardAsync(key, flight, factory, plan, token, isInStep, stale, useless);
    }

    private async ValueTask<Filled<T>> FillHeardAsync<T>(
        string key, Flight<T> flight, ValueFactory<T> factory, EntryPlan plan, FillToken token, bool isInStep, LocalEntry<T>? stale, long useless)
    {
        using var activity = CachingActivities.StartFill(cacheName);
        try
        {
            var filled = await FillUnheardAsync(key, flight, factory, plan, token, isInStep, stale, useless).ConfigureAwait(false);
            CachingActivities.EndFill(activity, filled.Source);
            return filled;
        }
        catch (Exception failure)
        {
            CachingActivities.FailFill(activity, failure);
            throw;
        }
    }

    private async ValueTask<Filled<T>> FillUnheardAsync<T>(
        string key, Flight<T> flight, ValueFactory<T> factory, EntryPlan plan, FillToken token, bool isInStep, LocalEntry<T>? stale, long useless)
    {
        FillTicket ticket = default;
        if (isInStep && values.Leases(plan))
        {
            (var brought, ticket, token) = await values.LeaseAsync(key, flight, factory, plan, useless).ConfigureAwait(false);
            if (brought is not null)
                return brought;
        }

        var made = await MakeAsync(key, flight, token, ticket, factory, plan, stale).ConfigureAwait(false);
        if (made.Plan is { } decided)
            return await values.StoreAsync(key, made.Value, decided, token, ticket, isInStep, flight.Abandoned).ConfigureAwait(false);
        await values.ReleaseAsync(key, ticket).ConfigureAwait(false);
        return made.Stale ?? new(FillSource.Bypass, made.Value, null);
    }

    /// <summary>Runs the factory, and keeps the lease while it takes its time.</summary>
    private async ValueTask<Made<T>> MakeAsync<T>(
        string key, Flight<T> flight, FillToken token, FillTicket ticket, ValueFactory<T> factory, EntryPlan plan, LocalEntry<T>? stale)
    {
        try
        {
            var making = maker.MakeAsync(key, flight, token, factory, plan, stale);
            if (ticket.Token == 0 || making.IsCompleted)
                return await making.ConfigureAwait(false);
            var task = making.AsTask();
            while (true)
            {
                await ((Task)task).WaitAsync(values.RenewalInterval, clock.Time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (task.IsCompleted)
                    return await task.ConfigureAwait(false);
                await values.RenewAsync(key, ticket).ConfigureAwait(false);
            }
        }
        catch
        {
            await values.ReleaseAsync(key, ticket).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Whoever missed the memory level just before the last flight was published comes here; without this look the factory would run twice.</summary>
    private Filled<T>? TryTakeLocal<T>(string key, EntryPlan plan, bool canTake, out LocalEntry<T>? stale)
    {
        stale = plan.Forbids(HybridCacheEntryFlags.DisableLocalCacheRead) ? null : local.Find(key) as LocalEntry<T>;
        return canTake && stale is { } entry && clock.IsBefore(entry.ExpiresAt) && values.TryTake(entry, FillSource.Local, out var hit) ? hit : null;
    }

    /// <summary>Takes what another node has refreshed.</summary>
    private bool TryAdopt<T>(string key, Filled<T> found, LocalEntry<T>? present, FillToken token)
    {
        if (found.Entry is not { } entry || !clock.IsBefore(entry.RefreshAt) || entry.Version < (present?.Version ?? 0))
            return false;
        values.Adopt(key, entry, token);
        return true;
    }
}
