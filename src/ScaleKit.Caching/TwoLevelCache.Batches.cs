using Microsoft.Extensions.Caching.Hybrid;

namespace ScaleKit.Caching;

/// <content>Many keys at once.</content>
public sealed partial class TwoLevelCache
{
    /// <summary>
    /// Gets many values, with one reading of the shared level and one factory call for those that are in neither. Keys that somebody else is filling are waited for and not given to the factory;
    /// keys that wait for another node are, if that node fails, filled by calls of their own.
    /// </summary>
    /// <typeparam name="TState">The type of the state.</typeparam>
    /// <typeparam name="T">The type of the values.</typeparam>
    /// <param name="keys">The keys, at most <see cref="TwoLevelCacheOptions.MaximumBatchKeys"/>; repeated ones count once. Keys that break the bounds of the options are made and not cached.</param>
    /// <param name="state">Handed to the factory, so that it needs no closure.</param>
    /// <param name="factory">Makes the values of the keys that it gets. A key that is missing in its answer is not found, which is cached as such.</param>
    /// <param name="options">The options of the entries.</param>
    /// <param name="tags">The tags of every entry.</param>
    /// <param name="cancellationToken">Gives up waiting; cancels the factory when nobody waits for any of its keys any more.</param>
    /// <returns>Every key with its value; <see langword="default"/> for those not found.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="keys"/> or <paramref name="factory"/> is null.</exception>
    /// <exception cref="ArgumentException">A key is null, or there are too many.</exception>
    public async ValueTask<IReadOnlyDictionary<string, T?>> GetOrCreateManyAsync<TState, T>(
        IEnumerable<string> keys,
        TState state,
        Func<TState, IReadOnlyList<string>, CancellationToken, ValueTask<IReadOnlyDictionary<string, T>>> factory,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(factory);
        cancellationToken.ThrowIfCancellationRequested();
        var call = new BatchCall<TState, T>(state, factory, _options, new BatchRead(_shared));
        var values = new Dictionary<string, T?>(StringComparer.Ordinal);
        foreach (var key in keys)
        {
            values[key ?? throw new ArgumentException("A key is null.", nameof(keys))] = default;
            if (values.Count > _options.MaximumBatchKeys)
                throw new ArgumentException($"There are more than {_options.MaximumBatchKeys} different keys, the limit that MaximumBatchKeys sets.", nameof(keys));
        }

        var isCacheable = KeyRules.TryTake(tags, _options, out var taken);
        var plan = EntryPlan.Of(options, _options, taken);
        List<string> missing = [], alone = [];
        foreach (var key in values.Keys)
        {
            if (!isCacheable || !CanCache(key))
                alone.Add(key);
            else if (TryHitLate(key, factory: null, plan, out T hit))
                values[key] = hit;
            else
                missing.Add(key);
        }

        await FillAsync(missing, call, plan, values, cancellationToken).ConfigureAwait(false);
        await MakeAloneAsync(alone, call, plan, values, cancellationToken).ConfigureAwait(false);
        return values;
    }

    /// <inheritdoc cref="GetOrCreateManyAsync{TState, T}(IEnumerable{string}, TState, Func{TState, IReadOnlyList{string}, CancellationToken, ValueTask{IReadOnlyDictionary{string, T}}}, HybridCacheEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask<IReadOnlyDictionary<string, T?>> GetOrCreateManyAsync<T>(
        IEnumerable<string> keys,
        Func<IReadOnlyList<string>, CancellationToken, ValueTask<IReadOnlyDictionary<string, T>>> factory,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(factory);
        return GetOrCreateManyAsync(keys, factory, static (f, missing, c) => f(missing, c), options, tags, cancellationToken);
    }

    private async Task FillAsync<TState, T>(
        List<string> keys, BatchCall<TState, T> call, EntryPlan plan, Dictionary<string, T?> values, CancellationToken cancellationToken)
    {
        var flights = new (FlightKey Key, Flight<T> Flight, bool IsLeader)[keys.Count];
        for (var i = 0; i < flights.Length; i++)
        {
            var flightKey = new FlightKey(keys[i], plan.Flags, typeof(T));
            var isLeader = _flights.JoinOrLead<T>(flightKey, plan.Tags, canJoin: true, canLeave: true, out var flight);
            flights[i] = (flightKey, flight, isLeader);
            if (isLeader)
                call.Expect(keys[i]);
            else
                _metrics.Joined();
        }

        // Only now: a fill that runs before all are expected could believe to be the last.
        foreach (var (flightKey, flight, isLeader) in flights)
        {
            if (isLeader)
                _ = RunAsync(flightKey, flight);
        }

        var landed = await Task.WhenAll(flights.Select(f => f.Flight.WaitAsync(_clock, cancellationToken).AsTask())).ConfigureAwait(false);
        for (var i = 0; i < flights.Length; i++)
        {
            var (flightKey, flight, isLeader) = flights[i];
            if (!isLeader && !_flights.Covers(flightKey.Key, flight, landed[i]))
                (landed[i], isLeader) = await FlyAsync(flightKey.Key, call, plan, canJoin: false, cancellationToken).ConfigureAwait(false);
            else
                _metrics.Requested(landed[i].Source);
            values[flightKey.Key] = landed[i].ValueFor(isLeader);
        }

        async Task RunAsync(FlightKey flightKey, Flight<T> flight)
        {
            await _filler.RunForWaitersAsync(_flights, flightKey, flight, call, plan).ConfigureAwait(false);

            // Found in a level, or failed before it came to the factory.
            call.StepAside(flightKey.Key);
        }
    }

    private async Task MakeAloneAsync<TState, T>(
        List<string> keys, BatchCall<TState, T> call, EntryPlan plan, Dictionary<string, T?> values, CancellationToken cancellationToken)
    {
        if (keys.Count == 0)
            return;
        foreach (var _ in keys)
            _metrics.Requested(FillSource.Bypass);
        if (plan.Forbids(HybridCacheEntryFlags.DisableUnderlyingData))
            return;
        var made = await call.CallAsync(keys, cancellationToken).ConfigureAwait(false);
        foreach (var key in keys)
            values[key] = made.GetValueOrDefault(key);
    }
}
