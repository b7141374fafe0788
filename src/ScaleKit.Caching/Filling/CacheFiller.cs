using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Logging;

namespace ScaleKit.Caching;

/// <summary>
/// Runs fills: memory once more, then the distributed level, then the factory; then publishes what an invalidation since the start does not forbid. A fill
/// fails only when its factory does.
/// </summary>
internal sealed class CacheFiller(
    TwoLevelCacheOptions options,
    InvalidationFollower follower,
    LocalLevel local,
    ValueStore values,
    CacheVersions versions,
    CachingMetrics metrics,
    MonotonicClock clock,
    ILogger logger)
{
    /// <summary>Runs a flight to its end; never throws. The caller then removes the flight from the table, before it completes.</summary>
    public async Task RunAsync<TState, T>(
        FlightTable table, FlightKey key, Flight<T> flight, TState state, Func<TState, CancellationToken, ValueTask<T>> factory, EntryPlan plan)
    {
        try
        {
            var filled = await FillAsync(key.Key, flight, state, factory, plan).ConfigureAwait(false);

            // Out of the table before the waiters go on: their next call finds the value in memory, or starts a fill of its own.
            table.Remove(key, flight);
            flight.Complete(filled);
        }
        catch (Exception exception)
        {
            table.Remove(key, flight);
            flight.Fail(exception);
        }
    }

    private async ValueTask<Filled<T>> FillAsync<TState, T>(
        string key, Flight<T> flight, TState state, Func<TState, CancellationToken, ValueTask<T>> factory, EntryPlan plan)
    {
        var isInStep = await follower.CatchUpAsync(flight.Abandoned).ConfigureAwait(false);
        var token = isInStep ? versions.Current : flight.Token;

        // Whoever missed the memory level just before the last flight was published comes here; without this look the factory would run twice.
        LocalEntry<T>? stale = null;
        if (!plan.Forbids(HybridCacheEntryFlags.DisableLocalCacheRead) && local.Find(key) is LocalEntry<T> entry)
        {
            if (isInStep && clock.Now < entry.ExpiresAt && values.TryTake(entry, FillSource.Local, out var hit))
                return hit;
            stale = entry;
        }

        var useless = SharedReading.Any;
        if (isInStep && !plan.Forbids(HybridCacheEntryFlags.DisableDistributedCacheRead))
        {
            var (found, isFresh, id) = await values.ReadAsync<T>(key, plan, token, flight.Abandoned).ConfigureAwait(false);
            if (found is not null && isFresh)
                return found;
            stale ??= found?.Entry;
            useless = id;
        }

        if (plan.Forbids(HybridCacheEntryFlags.DisableUnderlyingData))
            return new(FillSource.Nothing, default!, null);
        FillTicket ticket = default;
        if (isInStep && values.Leases(plan))
        {
            (var brought, ticket, token) = await values.LeaseAsync<T>(key, plan, useless, flight.Abandoned).ConfigureAwait(false);
            if (brought is not null)
                return brought;
        }

        T value;
        var started = clock.Now;
        try
        {
            value = await RunAsync(key, state, factory, ticket, flight.Abandoned).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            await values.ReleaseAsync(key, ticket).ConfigureAwait(false);
            if (flight.Abandoned.IsCancellationRequested || !TryServeStale(key, stale, token, out var served))
                throw;
            Log.ServedStale(logger, exception, options.Name);
            return served;
        }
        finally
        {
            metrics.FactoryTook(clock.Time.GetElapsedTime(started));
        }

        return await values.StoreAsync(key, value, plan, token, ticket, isInStep, flight.Abandoned).ConfigureAwait(false);
    }

    /// <summary>Runs the factory, and keeps the lease while it takes its time.</summary>
    private async ValueTask<T> RunAsync<TState, T>(
        string key, TState state, Func<TState, CancellationToken, ValueTask<T>> factory, FillTicket ticket, CancellationToken abandoned)
    {
        var making = factory(state, abandoned);
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

    private bool TryServeStale<T>(string key, LocalEntry<T>? stale, FillToken token, out Filled<T> served)
    {
        // Void is void: a value that was removed while the factory ran is not served, however young it is.
        served = null!;
        return stale is not null
            && clock.Now < stale.StaleUntil
            && versions.IsValid(key, stale.Tags, stale.Version)
            && (options.FailSafeWhileSuspect ? stale.Generation == versions.Current.Generation : versions.Covers(token) && clock.Now < versions.TrustedUntil)
            && values.TryTake(stale, FillSource.Stale, out served);
    }
}
