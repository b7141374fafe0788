using Microsoft.Extensions.Caching.Hybrid;

namespace ScaleKit.Caching;

/// <summary>
/// Runs fills: memory once more, then the distributed level, then the factory; then publishes what an invalidation since the start does not forbid. A fill
/// fails only when its factory does.
/// </summary>
internal sealed class CacheFiller(LocalLevel local, ValueStore values, ValueMaker maker, MonotonicClock clock)
{
    /// <summary>Runs a flight to its end; never throws. A refresh does not take the live value of memory, nor one of the distributed level that is due itself.</summary>
    public async Task RunAsync<T>(FlightTable table, FlightKey key, Flight<T> flight, ValueFactory<T> factory, EntryPlan plan, bool isRefresh = false)
    {
        try
        {
            var filled = await FillAsync(key.Key, flight, factory, plan, isRefresh).ConfigureAwait(false);

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

    private async ValueTask<Filled<T>> FillAsync<T>(string key, Flight<T> flight, ValueFactory<T> factory, EntryPlan plan, bool isRefresh)
    {
        // Whoever missed the memory level just before the last flight was published comes here; without this look the factory would run twice.
        LocalEntry<T>? stale = null;
        if (!plan.Forbids(HybridCacheEntryFlags.DisableLocalCacheRead) && local.Find(key) is LocalEntry<T> entry)
        {
            if (!isRefresh && clock.IsBefore(entry.ExpiresAt) && values.TryTake(entry, FillSource.Local, out var hit))
                return hit;
            stale = entry;
        }

        if (!plan.Forbids(HybridCacheEntryFlags.DisableDistributedCacheRead))
        {
            var reading = isRefresh ? plan with { Flags = plan.Flags | HybridCacheEntryFlags.DisableLocalCacheWrite } : plan;
            var (found, isFresh) = await values.ReadAsync<T>(key, reading, flight.Token, flight.Abandoned).ConfigureAwait(false);
            if (found is { } read && isFresh && (!isRefresh || TryAdopt(key, read, stale, flight.Token)))
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

    /// <summary>Takes what another node has refreshed.</summary>
    private bool TryAdopt<T>(string key, Filled<T> found, LocalEntry<T>? present, FillToken token)
    {
        if (found.Entry is not { } entry || !clock.IsBefore(entry.RefreshAt) || entry.Version < (present?.Version ?? 0))
            return false;
        values.Adopt(key, entry, token);
        return true;
    }
}
