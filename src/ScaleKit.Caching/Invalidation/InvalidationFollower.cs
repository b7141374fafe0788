using Microsoft.Extensions.Logging;

namespace ScaleKit.Caching;

/// <summary>
/// Keeps one cache in step with the log. A missing number suspends the memory level at once and is then healed by reading the log; a log that cannot fill the
/// gap costs the memory level. Lock order: the bus's own lock, then this one, then a key group's.
/// </summary>
internal sealed class InvalidationFollower(
    string cache, IInvalidationBus bus, CacheVersions versions, LocalLevel local, CachingMetrics metrics, TimeProvider time, ILogger logger)
    : IInvalidationSubscriber, IDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _disposing = new();
    private IDisposable? _subscription;
    private InvalidationPosition _position;
    private InvalidationPosition _target;
    private bool _catchingUp;

    public void Start()
    {
        _subscription = bus.Subscribe(this);
        lock (_gate)
            CatchUp_NeedsLock();
    }

    public void OnInvalidation(InvalidationRecord record)
    {
        lock (_gate)
        {
            if (IsKnown_NeedsLock(record.Position))
                return;
            if (_catchingUp || record.Position.Epoch != _position.Epoch || record.Position.Sequence != _position.Sequence + 1)
            {
                FallBehind_NeedsLock(record.Position);
                return;
            }

            Apply_NeedsLock(record);
            _position = record.Position;
            versions.MoveTo(_position);
        }
    }

    public void OnHead(InvalidationPosition head)
    {
        lock (_gate)
        {
            if (!IsKnown_NeedsLock(head))
                FallBehind_NeedsLock(head);
        }
    }

    /// <summary>Appends to the log and applies it here. When it returns, this cache serves nothing older, however late the record comes back from the bus.</summary>
    public async ValueTask<InvalidationPosition> InvalidateAsync(Invalidation invalidation, CancellationToken cancellationToken)
    {
        var position = await bus.AppendAsync(invalidation, cancellationToken).ConfigureAwait(false);
        metrics.Invalidated();
        lock (_gate)
        {
            if (!IsKnown_NeedsLock(position))
            {
                // Not through OnInvalidation: records before it may still be on their way, and that is no gap.
                Apply_NeedsLock(new(position, invalidation));
                if (_catchingUp || position.Epoch != _position.Epoch)
                    FallBehind_NeedsLock(position);
            }
        }

        return position;
    }

    /// <summary>Voids the whole memory level, here only.</summary>
    public void DropLocal()
    {
        lock (_gate)
        {
            versions.DropLocal();
            local.Clear();
        }
    }

    public void Dispose()
    {
        _subscription?.Dispose();

        // Not disposed: a catch-up may still look at the token, and there is no timer to give back.
        _disposing.Cancel();
    }

    private bool IsKnown_NeedsLock(InvalidationPosition position) =>
        position.Epoch == _position.Epoch && position.Sequence <= _position.Sequence;

    private void Apply_NeedsLock(InvalidationRecord record)
    {
        if (!string.Equals(record.Invalidation.Cache, cache, StringComparison.Ordinal))
            return;
        foreach (var key in record.Invalidation.Keys)
            local.Void(key, record.Position.Sequence);
        foreach (var tag in record.Invalidation.Tags)
            versions.VoidTag(tag, record.Position.Sequence);
    }

    private void FallBehind_NeedsLock(InvalidationPosition seen)
    {
        versions.Suspend();
        if (_target.Epoch != seen.Epoch || _target.Sequence < seen.Sequence)
            _target = seen;
        CatchUp_NeedsLock();
    }

    private void CatchUp_NeedsLock()
    {
        if (_catchingUp || _disposing.IsCancellationRequested)
            return;
        _catchingUp = true;
        _ = CatchUpAsync(_disposing.Token);
    }

    private async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        var isFirst = true;
        while (true)
        {
            try
            {
                InvalidationPosition from, announced;
                lock (_gate)
                    (from, announced) = (_position, _target);
                var batch = await bus.ReadFromAsync(from, cancellationToken).ConfigureAwait(false);
                lock (_gate)
                {
                    if (TryCatchUp_NeedsLock(from, announced, batch))
                        return;
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                if (isFirst)
                    Log.CatchUpFailed(logger, exception, cache);
                isFirst = false;
                await Task.Delay(RetryDelay, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private bool TryCatchUp_NeedsLock(InvalidationPosition from, InvalidationPosition announced, InvalidationBatch batch)
    {
        if (!batch.IsContinuous)
        {
            if (from.IsKnown)
                Log.HistoryLost(logger, cache);
            versions.StartOver(batch.TagFloor);
            local.Clear();
        }

        foreach (var record in batch.Records)
            Apply_NeedsLock(record);
        if (!batch.IsContinuous || _position.Sequence < batch.Head.Sequence)
            _position = batch.Head;

        // A later place that was announced while the log was read needs another read; one announced before and not in the log does not exist.
        if (_target != announced && _target.Epoch == _position.Epoch && _target.Sequence > _position.Sequence)
            return false;
        _target = _position;
        _catchingUp = false;
        versions.Resume(_position);
        return true;
    }
}
