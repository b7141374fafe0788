using System.Runtime.CompilerServices;
using Microsoft.Extensions.Caching.Hybrid;

namespace ScaleKit.Caching;

/// <content>What happens after a miss in memory.</content>
public sealed partial class TwoLevelCache
{
    private ValueTask<T> FillAsync<T>(
        string key, ValueFactory<T> factory, HybridCacheEntryOptions? options, IEnumerable<string>? tags, CancellationToken cancellationToken)
    {
        if (!KeyRules.TryTake(tags, _options, out var taken) || !CanCache(key))
        {
            _metrics.Requested(FillSource.Bypass);
            return ((options?.Flags ?? _options.Flags) & HybridCacheEntryFlags.DisableUnderlyingData) != HybridCacheEntryFlags.None
                ? default
                : factory.RunAloneAsync(key, cancellationToken);
        }

        var plan = EntryPlan.Of(options, _options, taken);
        return TryHitLate(key, factory, plan, out T value) ? new(value) : FillAsync(key, factory, plan, cancellationToken);
    }

    private ValueTask<T> FillAsync<T>(string key, ValueFactory<T> factory, EntryPlan plan, CancellationToken cancellationToken)
    {
        var flightKey = new FlightKey(key, plan.Flags, typeof(T));
        var isLeader = _flights.JoinOrLead<T>(flightKey, plan.Tags, canJoin: true, cancellationToken.CanBeCanceled, out var flight);

        // Whoever leads and cannot go before the end needs nobody to tell him of it.
        return isLeader && !cancellationToken.CanBeCanceled && _options.FactorySoftTimeout is null
            ? ValueOfAsync(_filler.RunAsync(_flights, flightKey, flight, factory, plan))
            : ValueOfAsync(LandAsync(flightKey, flight, isLeader, factory, plan, cancellationToken));
    }

    // No pooled frames in these two: a caller may wait for them in ways that only a task allows.
    private async ValueTask<T> ValueOfAsync<T>(ValueTask<Filled<T>> run)
    {
        var filled = await run.ConfigureAwait(false);
        _metrics.Requested(filled.Source);
        return filled.ValueFor(isLeader: true);
    }

    private static async ValueTask<T> ValueOfAsync<T>(ValueTask<(Filled<T> Filled, bool IsLeader)> landing)
    {
        var (filled, isLeader) = await landing.ConfigureAwait(false);
        return filled.ValueFor(isLeader);
    }

    private async ValueTask<CacheLookup<T>> LookUpAsync<T>(string key, CancellationToken cancellationToken)
    {
        if (!CanCache(key))
        {
            _metrics.Requested(FillSource.Bypass);
            return default;
        }

        var plan = EntryPlan.Of(null, _options, []);
        plan = plan with { Flags = plan.Flags | HybridCacheEntryFlags.DisableUnderlyingData };
        if (TryHitLate(key, factory: null, plan, out T late))
            return new(IsFound: true, late);
        var (filled, isLeader) = await FlyAsync(key, NoFactory<T>.Instance, plan, canJoin: true, cancellationToken).ConfigureAwait(false);
        return filled.Source == FillSource.Nothing ? default : new CacheLookup<T>(IsFound: true, filled.ValueFor(isLeader));
    }

    private ValueTask<(Filled<T> Filled, bool IsLeader)> FlyAsync<T>(
        string key, ValueFactory<T> factory, EntryPlan plan, bool canJoin, CancellationToken cancellationToken)
    {
        var flightKey = new FlightKey(key, plan.Flags, typeof(T));
        var isLeader = _flights.JoinOrLead<T>(flightKey, plan.Tags, canJoin, cancellationToken.CanBeCanceled, out var flight);
        return LandAsync(flightKey, flight, isLeader, factory, plan, cancellationToken);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<(Filled<T> Filled, bool IsLeader)> LandAsync<T>(
        FlightKey key, Flight<T> flight, bool isLeader, ValueFactory<T> factory, EntryPlan plan, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (isLeader)
                _ = _filler.RunForWaitersAsync(_flights, key, flight, factory, plan);
            else
                _metrics.Joined();
            var filled = await flight.WaitAsync(_clock, cancellationToken).ConfigureAwait(false);
            if (isLeader || _flights.Covers(key.Key, flight, filled))
            {
                _metrics.Requested(filled.Source);
                return (filled, isLeader);
            }

            isLeader = _flights.JoinOrLead(key, plan.Tags, canJoin: false, cancellationToken.CanBeCanceled, out flight);
        }
    }
}
