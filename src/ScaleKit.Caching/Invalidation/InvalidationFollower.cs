using Microsoft.Extensions.Logging;

namespace ScaleKit.Caching;

/// <summary>
/// Keeps one cache in step with its log. A missing number suspends the memory level at once and is then healed by reading the log; a log that cannot fill the
/// gap costs the memory level. Where records can get lost, each answer of the log lends the memory level trust for a time, counted from when the question was
/// sent. Lock order: the bus's own lock, then this one, then a key group's.
/// </summary>
internal sealed class InvalidationFollower(
    TwoLevelCacheOptions options, IInvalidationBus bus, CacheVersions versions, LocalLevel local, CachingMetrics metrics, TimeProvider time, ILogger logger)
    : IInvalidationSubscriber, IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _disposing = new();
    private readonly RecentLinks _links = new();
    private readonly InvalidationLag _lag = new(metrics, time);
    private TaskCompletionSource _answer = NewAnswer();
    private IDisposable? _subscription;
    private InvalidationPosition _position;
    private InvalidationPosition _target;
    private bool _isBehind;
    private bool _isReading;
    private bool _saidSuspect;
    private volatile bool _isUnreachable;

    /// <summary>Whether the memory level may be used and the shared level can be judged.</summary>
    public bool IsInStep => versions.Current.IsFollowing && time.GetTimestamp() < versions.TrustedUntil;

    public void Start()
    {
        if (bus.NeedsHeartbeat)
            versions.TrustedUntil = long.MinValue;
        _subscription = bus.Subscribe(options.Name, this);
        lock (_gate)
            FallBehind_NeedsLock(default);
        if (bus.NeedsHeartbeat)
            _ = BeatAsync(_disposing.Token);
    }

    public void OnInvalidation(InvalidationRecord record)
    {
        lock (_gate)
        {
            _lag.Heard(record.Position);
            if (IsKnown_NeedsLock(record.Position))
                return;
            if (_isBehind || record.Position.Epoch != _position.Epoch || record.Position.Sequence != _position.Sequence + 1
                || record.PreviousLink != _position.Link)
            {
                FallBehind_NeedsLock(record.Position);
                return;
            }

            Apply_NeedsLock(record);
            _position = record.Position;
            versions.MoveTo(_position);
        }
    }

    public void OnMissed()
    {
        lock (_gate)
        {
            // Where trust ends by itself, the memory level serves on until the answer; otherwise nothing would end it.
            if (bus.NeedsHeartbeat)
                Read_NeedsLock();
            else
                FallBehind_NeedsLock(_position);
        }
    }

    /// <summary>Appends to the log and applies it here. When it returns, this cache serves nothing older, however late the record comes back from the bus.</summary>
    public async ValueTask<InvalidationPosition> InvalidateAsync(Invalidation invalidation, CancellationToken cancellationToken)
    {
        var startedAt = time.GetTimestamp();
        var position = await bus.AppendAsync(invalidation, cancellationToken).ConfigureAwait(false);
        metrics.Invalidated();
        lock (_gate)
        {
            _lag.Appended(position, startedAt);
            if (!IsKnown_NeedsLock(position))
            {
                // Not through OnInvalidation: records before it may still be on their way, and that is no gap. A number that was known otherwise is one.
                Apply_NeedsLock(new(position, invalidation));
                if (_isBehind || position.Epoch != _position.Epoch || position.Sequence <= _position.Sequence)
                    FallBehind_NeedsLock(position);
            }
        }

        return position;
    }

    /// <summary>
    /// Where the cache is not in step, waits for the log's answer, unless the last question found it out of reach: then nobody waits, and the next answer heals it.
    /// </summary>
    public ValueTask<bool> CatchUpAsync(CancellationToken cancellationToken) => IsInStep ? new(true) : AwaitAnswerAsync(cancellationToken);

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

        // Not disposed: a reading under way may still look at the token, and there is no timer to give back.
        _disposing.Cancel();
    }

    private static TaskCompletionSource NewAnswer() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async ValueTask<bool> AwaitAnswerAsync(CancellationToken cancellationToken)
    {
        using var activity = _isUnreachable ? null : CachingActivities.StartCatchUp(options.Name);

        // Twice: the question that is under way may be older than the pause that made the memory level suspect.
        for (var attempt = 0; attempt < 2 && !IsInStep && !_isUnreachable && !_disposing.IsCancellationRequested; attempt++)
        {
            Task answer;
            lock (_gate)
            {
                Read_NeedsLock();
                answer = _isReading ? _answer.Task : Task.CompletedTask;
            }

            await answer.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        var isInStep = IsInStep;
        CachingActivities.EndCatchUp(activity, isInStep);
        return isInStep;
    }

    private bool IsKnown_NeedsLock(InvalidationPosition position) =>
        position.Epoch == _position.Epoch && position.Sequence <= _position.Sequence && !_links.Contradict(position);

    private void Apply_NeedsLock(InvalidationRecord record)
    {
        _links.Note(record.Position);
        if (!string.Equals(record.Invalidation.Cache, options.Name, StringComparison.Ordinal))
            return;
        foreach (var key in record.Invalidation.Keys)
            local.Void(key, record.Position.Sequence);
        versions.VoidTags(record.Invalidation.Tags, record.Position.Sequence);
    }

    private void FallBehind_NeedsLock(InvalidationPosition seen)
    {
        if (!_isBehind && _position.IsKnown)
            metrics.FellBehind();
        _isBehind = true;
        versions.Suspend();
        if (_target.Epoch != seen.Epoch || _target.Sequence < seen.Sequence)
            _target = seen;
        Read_NeedsLock();
    }

    private void Read_NeedsLock()
    {
        if (_isReading || _disposing.IsCancellationRequested)
            return;
        _isReading = true;
        _ = ReadAsync(_disposing.Token);
    }

    private async Task BeatAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(options.HeartbeatInterval, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            lock (_gate)
                Read_NeedsLock();
        }
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            InvalidationPosition from, announced;
            lock (_gate)
                (from, announced) = (_position, _target);

            // Before the question: what the answer confirms was true at this moment or later.
            var askedAt = time.GetTimestamp();
            try
            {
                var batch = await bus.ReadFromAsync(options.Name, from, cancellationToken).ConfigureAwait(false);
                lock (_gate)
                {
                    if (TryCatchUp_NeedsLock(from, announced, batch, askedAt))
                        return;
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                Answered();
            }
            catch (Exception exception)
            {
                if (!_isUnreachable)
                    Log.LogUnreachable(logger, exception, options.Name);
                _isUnreachable = true;
                Answered();
                await Task.Delay(options.HeartbeatInterval, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                TellIfSuspect();
            }
        }
    }

    private bool TryCatchUp_NeedsLock(InvalidationPosition from, InvalidationPosition announced, InvalidationBatch batch, long askedAt)
    {
        var reached = _position;
        if (!batch.IsContinuous)
            StartOver_NeedsLock(from, batch.TagFloor);
        var missed = 0;
        foreach (var record in batch.Records.Where(r => !batch.IsContinuous || r.Position.Sequence > reached.Sequence))
        {
            _lag.Heard(record.Position);
            Apply_NeedsLock(record);
            missed++;
        }

        if (batch.IsContinuous && missed > 0)
            metrics.CaughtUp(missed);
        if (!batch.IsContinuous || reached.Sequence < batch.Head.Sequence)
            _position = batch.Head;
        _links.Note(_position);

        // What was heard while the log was read and is not in the answer needs another reading; what was heard before and is not in it does not exist.
        if ((reached.Epoch == _position.Epoch && reached.Sequence > _position.Sequence) || (_target != announced && !IsKnown_NeedsLock(_target)))
            return false;
        _target = _position;
        (_isBehind, _isReading, _isUnreachable) = (false, false, false);
        if (bus.NeedsHeartbeat)
            versions.TrustedUntil = askedAt + (long)(options.MaxStaleness.TotalSeconds * time.TimestampFrequency);
        versions.Resume(_position);
        if (_saidSuspect)
            Log.InStepAgain(logger, options.Name);
        _saidSuspect = false;
        Answered();
        return true;
    }

    private void StartOver_NeedsLock(InvalidationPosition from, long tagFloor)
    {
        if (from.IsKnown)
        {
            Log.HistoryLost(logger, options.Name);
            metrics.Dropped();
        }

        versions.StartOver(tagFloor);
        local.Clear();
        _links.Clear();
    }

    private void Answered() => Interlocked.Exchange(ref _answer, NewAnswer()).TrySetResult();

    private void TellIfSuspect()
    {
        if (_saidSuspect || !bus.NeedsHeartbeat || time.GetTimestamp() < versions.TrustedUntil)
            return;
        _saidSuspect = true;
        metrics.Suspected();
        Log.Suspect(logger, options.Name);
    }
}
