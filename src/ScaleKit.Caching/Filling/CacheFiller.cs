using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Logging;

namespace ScaleKit.Caching;

/// <summary>
/// Runs fills: memory once more, then the distributed level, then the factory; then publishes what an invalidation since the start does not forbid. A fill
/// fails only when its factory does.
/// </summary>
internal sealed class CacheFiller(
    TwoLevelCacheOptions options, LocalLevel local, ValueStore values, CacheVersions versions, CachingMetrics metrics, MonotonicClock clock, ILogger logger)
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
        // Whoever missed the memory level just before the last flight was published comes here; without this look the factory would run twice.
        LocalEntry<T>? stale = null;
        if (!plan.Forbids(HybridCacheEntryFlags.DisableLocalCacheRead) && local.Find(key) is LocalEntry<T> entry)
        {
            if (clock.Now < entry.ExpiresAt && values.TryTake(entry, FillSource.Local, out var hit))
                return hit;
            stale = entry;
        }

        if (!plan.Forbids(HybridCacheEntryFlags.DisableDistributedCacheRead))
        {
            var (found, isFresh) = await values.ReadAsync<T>(key, plan, flight.Token, flight.Abandoned).ConfigureAwait(false);
            if (found is { } read && isFresh)
                return read;
            stale ??= found?.Entry;
        }

        if (plan.Forbids(HybridCacheEntryFlags.DisableUnderlyingData))
            return new(FillSource.Nothing, default!, null);
        T value;
        var started = clock.Now;
        try
        {
            value = await factory(state, flight.Abandoned).ConfigureAwait(false);
        }
        catch (Exception exception) when (!flight.Abandoned.IsCancellationRequested && TryServeStale(key, stale, flight.Token, out var served))
        {
            Log.ServedStale(logger, exception, options.Name);
            return served;
        }
        finally
        {
            metrics.FactoryTook(clock.Time.GetElapsedTime(started));
        }

        return await values.StoreAsync(key, value, plan, flight.Token, flight.Abandoned).ConfigureAwait(false);
    }

    private bool TryServeStale<T>(string key, LocalEntry<T>? stale, FillToken token, out Filled<T> served)
    {
        // Void is void: a value that was removed while the factory ran is not served, however young it is.
        served = null!;
        return stale is not null
            && clock.Now < stale.StaleUntil
            && versions.IsValid(key, stale.Tags, stale.Version)
            && versions.Covers(token)
            && values.TryTake(stale, FillSource.Stale, out served);
    }
}
