namespace ScaleKit.Caching;

/// <summary>
/// Holds hits in memory against the log itself, past everything that keeps this cache in step with it: a sampled entry that was void at the log's head, and that memory
/// would still serve <see cref="TwoLevelCacheOptions.MaxStaleness"/> later, is a breach of the guarantee. One check at a time, each with one reading of what the log
/// remembers. After Meta's Polaris ("Cache made consistent", 2022), which samples the reads of a cache in this way. Thread-safe.
/// </summary>
internal sealed class SelfCheck(
    TwoLevelCacheOptions options, IInvalidationBus bus, LocalLevel local, CacheVersions versions, CachingMetrics metrics, MonotonicClock clock) : IDisposable
{
    private readonly CancellationTokenSource _disposing = new();
    private int _isUnderWay;

    /// <summary>A hit; one in so many is checked.</summary>
    public void Sample(LocalEntry entry)
    {
        if (Random.Shared.NextDouble() < options.SelfCheckRate && Interlocked.Exchange(ref _isUnderWay, 1) == 0)
            _ = Task.Run(() => RunAsync(entry), CancellationToken.None);
    }

    public void Dispose()
    {
        // Not disposed: a check under way may still look at the token, and there is no timer to give back.
        _disposing.Cancel();
    }

    private async Task RunAsync(LocalEntry entry)
    {
        try
        {
            if (await IsVoidAsync(entry, _disposing.Token).ConfigureAwait(false))
            {
                await Task.Delay(options.MaxStaleness, clock.Time, _disposing.Token).ConfigureAwait(false);
                if (ReferenceEquals(local.Find(entry.Key), entry) && clock.IsBefore(Math.Min(entry.ExpiresAt, versions.TrustedUntil)))
                    metrics.StaleHit();
            }

            metrics.SelfChecked();
        }
        catch (Exception)
        {
            // A log out of reach proves nothing, and the follower tells of it.
        }
        finally
        {
            Volatile.Write(ref _isUnderWay, 0);
        }
    }

    private async ValueTask<bool> IsVoidAsync(LocalEntry entry, CancellationToken cancellationToken)
    {
        // From no place at all: all that the log remembers, whatever this cache believes to know.
        var epoch = versions.Current.Position.Epoch;
        var batch = await bus.ReadFromAsync(options.Name, default, cancellationToken).ConfigureAwait(false);
        return batch.Head.Epoch == epoch && batch.Records.Any(r => r.Position.Sequence > entry.Version && Voids(r.Invalidation, entry));
    }

    private bool Voids(Invalidation invalidation, LocalEntry entry) =>
        string.Equals(invalidation.Cache, options.Name, StringComparison.Ordinal)
        && (invalidation.Keys.Contains(entry.Key, StringComparer.Ordinal)
            || invalidation.Tags.Any(t => string.Equals(t, Invalidation.Everything, StringComparison.Ordinal) || entry.Tags.Contains(t, StringComparer.Ordinal)));
}
