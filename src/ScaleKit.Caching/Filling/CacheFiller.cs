using Microsoft.Extensions.Caching.Hybrid;

namespace ScaleKit.Caching;

/// <summary>
/// Runs fills: memory once more, then the distributed level, then the factory; then publishes what an invalidation since the start does not forbid. A fill
/// fails only when its factory does.
/// </summary>
internal sealed class CacheFiller(LocalLevel local, ValueStore values, ValueMaker maker, MonotonicClock clock)
{
    /// <summary>Runs a flight to its end; never throws. The caller then removes the flight from the table, before it completes.</summary>
    public async Task RunAsync<T>(FlightTable table, FlightKey key, Flight<T> flight, ValueFactory<T> factory, EntryPlan plan)
    {
        try
        {
            var filled = await FillAsync(key.Key, flight, factory, plan).ConfigureAwait(false);

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

    private async ValueTask<Filled<T>> FillAsync<T>(string key, Flight<T> flight, ValueFactory<T> factory, EntryPlan plan)
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
        var made = await maker.MakeAsync(key, flight, factory, plan, stale).ConfigureAwait(false);
        if (made.Stale is { } served)
            return served;
        return made.Plan is { } decided
            ? await values.StoreAsync(key, made.Value, decided, flight.Token, flight.Abandoned).ConfigureAwait(false)
            : new(FillSource.Bypass, made.Value, null);
    }
}
