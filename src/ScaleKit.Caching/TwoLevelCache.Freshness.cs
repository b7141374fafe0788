using Microsoft.Extensions.Caching.Hybrid;

namespace ScaleKit.Caching;

/// <content>Refreshing values: in the background before they expire, and on demand.</content>
public sealed partial class TwoLevelCache
{
    private const int MostBackgroundRefreshes = 64;
    private readonly RefreshTurns _turns = new();
    private int _backgroundRefreshes;

    /// <summary>
    /// Voids the value on every cache of the bus, as <see cref="RemoveAsync(string, CancellationToken)"/> does, and makes it anew. Callers who come while a refresh of the
    /// key runs share the next one, because the running one may have read before what they know. If the factory fails the old value is gone all the same.
    /// </summary>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <param name="key">The key; one that breaks the bounds of <see cref="TwoLevelCacheOptions"/> bypasses the cache.</param>
    /// <param name="factory">Makes the value. It goes on when its callers have given up.</param>
    /// <param name="options">What holds where the factory does not decide otherwise.</param>
    /// <param name="tags">The tags of the entry where the factory does not decide otherwise.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>A value that was made after the call began.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> or <paramref name="factory"/> is null.</exception>
    public ValueTask<T> RefreshAsync<T>(
        string key,
        Func<CacheFill, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(factory);
        cancellationToken.ThrowIfCancellationRequested();
        var making = new DecidingFactory<Func<CacheFill, CancellationToken, ValueTask<T>>, T>(
            factory, static (f, fill, c) => f(fill, c), options, _options);
        return RefreshAsync(key, making, options, tags, cancellationToken);
    }

    /// <inheritdoc cref="RefreshAsync{T}(string, Func{CacheFill, CancellationToken, ValueTask{T}}, HybridCacheEntryOptions?, IEnumerable{string}?, CancellationToken)"/>
    public ValueTask<T> RefreshAsync<T>(
        string key,
        Func<CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(factory);
        cancellationToken.ThrowIfCancellationRequested();
        var making = new PlainFactory<Func<CancellationToken, ValueTask<T>>, T>(factory, static (f, c) => f(c));
        return RefreshAsync(key, making, options, tags, cancellationToken);
    }

    private async ValueTask<T> RefreshAsync<T>(
        string key, ValueFactory<T> factory, HybridCacheEntryOptions? options, IEnumerable<string>? tags, CancellationToken cancellationToken)
    {
        if (!KeyRules.TryTake(tags, _options, out var taken) || !CanCache(key))
        {
            await RemoveAsync(key, cancellationToken).ConfigureAwait(false);
            _metrics.Requested(FillSource.Bypass);
            return await factory.RunAloneAsync(key, cancellationToken).ConfigureAwait(false);
        }

        var plan = EntryPlan.Of(options, _options, taken);
        plan = plan with { Flags = plan.Flags & ~HybridCacheEntryFlags.DisableUnderlyingData };
        var (isFirst, refresh) = _turns.JoinNext(new(key, plan.Flags, typeof(T)), RunAsync);
        var filled = await refresh.WaitAsync(cancellationToken).ConfigureAwait(false);
        return filled.ValueFor(isFirst);

        async Task<Filled<T>> RunAsync()
        {
            await RemoveAllAsync([key], CancellationToken.None).ConfigureAwait(false);
            var (made, isLeader) = await FlyAsync(key, factory, plan, canJoin: true, CancellationToken.None).ConfigureAwait(false);
            return isLeader ? made : new(made.Source, made.ValueFor(isLeader), made.Entry);
        }
    }

    /// <summary>A hit that the hot path left to the slow one: the value is alive, but it may be time to refresh it.</summary>
    private bool TryHitLate<T>(string key, ValueFactory<T>? factory, EntryPlan plan, out T value)
    {
        value = default!;
        if (plan.Forbids(HybridCacheEntryFlags.DisableLocalCacheRead)
            || _local.Find(key) is not LocalEntry<T> entry || !_clock.IsBefore(Math.Min(entry.ExpiresAt, _versions.TrustedUntil)) || !entry.TryGetValue(out value))
        {
            return false;
        }

        _metrics.Requested(FillSource.Local);
        if (factory is not null && !plan.Forbids(HybridCacheEntryFlags.DisableUnderlyingData) && _early.TryClaim(entry))
            RefreshInBackground(key, factory, plan, entry);
        return true;
    }

    private void RefreshInBackground<T>(string key, ValueFactory<T> factory, EntryPlan plan, LocalEntry<T> entry)
    {
        var flightKey = new FlightKey(key, plan.Flags, typeof(T));
        if (Interlocked.Increment(ref _backgroundRefreshes) > MostBackgroundRefreshes)
        {
            Interlocked.Decrement(ref _backgroundRefreshes);
            _early.TryAgain(entry);
        }
        else if (_flights.JoinOrLead<T>(flightKey, plan.Tags, canJoin: true, canLeave: true, out var flight))
        {
            _ = Task.Run(() => RunRefreshAsync(flightKey, flight, factory, plan, entry), CancellationToken.None);
        }
        else
        {
            flight.Leave();
            Interlocked.Decrement(ref _backgroundRefreshes);
        }
    }

    private async Task RunRefreshAsync<T>(FlightKey key, Flight<T> flight, ValueFactory<T> factory, EntryPlan plan, LocalEntry<T> entry)
    {
        try
        {
            var filled = await _filler.RunAsync(_flights, key, flight, factory, plan, isRefresh: true).ConfigureAwait(false);
            _metrics.Refreshed(filled.Source);
            if (filled.Source == FillSource.Stale)
                _early.TryAgain(entry);
        }
        catch (Exception exception)
        {
            _metrics.Refreshed(FillSource.Nothing);
            Log.RefreshFailed(_logger, exception, _options.Name);
            _early.TryAgain(entry);
        }
        finally
        {
            Interlocked.Decrement(ref _backgroundRefreshes);
        }
    }
}
