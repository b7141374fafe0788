namespace ScaleKit.Caching;

/// <content>Filling the cache before it is asked.</content>
public sealed partial class TwoLevelCache
{
    /// <summary>
    /// Fills many keys, as <see cref="GetOrCreateManyAsync{T}"/> does batch by batch: what is in a level already costs no factory call, and several nodes that warm the same
    /// keys share the work where the second level can. A batch that fails is counted and logged once, and the warm-up goes on: it must not keep an application from starting.
    /// </summary>
    /// <typeparam name="T">The type of the values.</typeparam>
    /// <param name="keys">The keys, read as they are needed.</param>
    /// <param name="factory">Makes the values of the keys that it gets.</param>
    /// <param name="options">The settings; the defaults if <see langword="null"/>.</param>
    /// <param name="progress">Hears of every batch; in order where its implementation keeps it.</param>
    /// <param name="cancellationToken">Stops after the batches under way.</param>
    /// <returns>The final count.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="keys"/> or <paramref name="factory"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of its range.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public async Task<CacheWarmUpProgress> WarmUpAsync<T>(
        IAsyncEnumerable<string> keys,
        Func<IReadOnlyList<string>, CancellationToken, ValueTask<IReadOnlyDictionary<string, T>>> factory,
        CacheWarmUpOptions? options = null,
        IProgress<CacheWarmUpProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(factory);
        options ??= new CacheWarmUpOptions();
        options.Validate(_options.MaximumBatchKeys);
        var (gate, sum, hasFailed) = (new Lock(), default(CacheWarmUpProgress), 0);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Parallelism, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(keys.Chunk(options.BatchSize), parallel, WarmAsync).ConfigureAwait(false);
        return sum;

        async ValueTask WarmAsync(string[] batch, CancellationToken stopping)
        {
            var failed = 0;
            try
            {
                await GetOrCreateManyAsync(batch, factory, options.Entry, options.Tags, stopping).ConfigureAwait(false);
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                failed = batch.Length;
                if (Interlocked.Exchange(ref hasFailed, 1) == 0)
                    Log.WarmUpFailed(_logger, exception, _options.Name, failed);
            }

            // Told under the lock, so that no later count comes before an earlier one.
            lock (gate)
            {
                sum = new(sum.Done + batch.Length - failed, sum.Failed + failed);
                progress?.Report(sum);
            }
        }
    }
}
