using Microsoft.Extensions.Logging;

namespace ScaleKit.Caching;

/// <summary>Runs the factory of a fill: within its timeouts, not while a failed one backs off, and with the expired value in its place where that is allowed.</summary>
internal sealed class ValueMaker(
    TwoLevelCacheOptions options, ValueStore values, CacheVersions versions, CachingMetrics metrics, MonotonicClock clock, ILogger logger)
{
    private readonly FailureTable? _failures = options.FailureBackOff > TimeSpan.Zero ? new(options.FailureBackOff, versions, clock) : null;

    /// <summary>Makes a value. Throws what the factory throws, unless an expired value may be served.</summary>
    public async ValueTask<Made<T>> MakeAsync<T>(
        string key, Flight<T> flight, FillToken token, ValueFactory<T> factory, EntryPlan plan, LocalEntry<T>? stale)
    {
        var known = _failures?.Find(key, token);
        try
        {
            known?.Throw();
            var (value, decided) = await RunAsync(key, flight, token, factory, plan, stale).ConfigureAwait(false);
            _failures?.Forget(key);
            return new(value, value is null ? decided?.ForNothing(options) : decided, Stale: null);
        }
        catch (Exception exception) when (!flight.Abandoned.IsCancellationRequested)
        {
            if (known is null)
                _failures?.Note(key, plan.Tags, token, exception);
            if (!TryServeStale(key, stale, token, out var served))
                throw;
            if (known is null)
                Log.ServedStale(logger, exception, options.Name);
            return new(default!, null, served);
        }
    }

    private async ValueTask<(T Value, EntryPlan? Plan)> RunAsync<T>(
        string key, Flight<T> flight, FillToken token, ValueFactory<T> factory, EntryPlan plan, LocalEntry<T>? stale)
    {
        var started = clock.Now;
        try
        {
            var (value, decided) = options.FactorySoftTimeout is null && options.FactoryHardTimeout is null
                ? await factory.RunAsync(key, plan, stale, flight.Abandoned).ConfigureAwait(false)
                : await RunWithinAsync(key, flight, token, factory, plan, stale).ConfigureAwait(false);
            return (value, decided is { } d ? d with { FactoryTime = clock.Time.GetElapsedTime(started) } : null);
        }
        finally
        {
            metrics.FactoryTook(clock.Time.GetElapsedTime(started));
        }
    }

    private async Task<(T Value, EntryPlan? Plan)> RunWithinAsync<T>(
        string key, Flight<T> flight, FillToken token, ValueFactory<T> factory, EntryPlan plan, LocalEntry<T>? stale)
    {
        using var ended = new CancellationTokenSource();
        var stop = CancellationTokenSource.CreateLinkedTokenSource(flight.Abandoned);

        // The timers first: they count the factory's synchronous part too, which therefore runs on a thread of its own.
        var soft = TimerOf(stale is null ? null : options.FactorySoftTimeout, ended.Token);
        var hard = TimerOf(options.FactoryHardTimeout, ended.Token);
        var running = Task.Run(() => factory.RunAsync(key, plan, stale, stop.Token).AsTask(), CancellationToken.None);
        try
        {
            // Whoever waits gets the expired value; the fill goes on and stores what comes.
            if (await Task.WhenAny(running, soft, hard).ConfigureAwait(false) == soft && TryServeStale(key, stale, token, out var served))
                flight.AnswerMeanwhile(served);
            if (await Task.WhenAny(running, hard).ConfigureAwait(false) != hard)
                return await running.ConfigureAwait(false);
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);

            // Not while the factory may still look at its token.
            if (running.IsCompleted)
                stop.Dispose();
        }

        // What it still makes is not stored: the next call may run a factory of its own, and only one at a time may store.
        await stop.CancelAsync().ConfigureAwait(false);
        _ = running.ContinueWith(
            static t => _ = t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        throw new TimeoutException(
            $"The factory of the key \"{Printable.Of(key)}\" has not returned within FactoryHardTimeout, {options.FactoryHardTimeout}. It was cancelled.");
    }

    private Task TimerOf(TimeSpan? timeout, CancellationToken cancellationToken) =>
        Task.Delay(timeout ?? Timeout.InfiniteTimeSpan, clock.Time, cancellationToken);

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
