namespace ScaleKit.Migration;

/// <summary>What this instance has seen of one dual-write period. Thread-safe.</summary>
internal sealed class EvidenceCounters(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Queue<(long Next, long Seen)> _marks = [];
    private long _tenure = -1;
    private long _reads;
    private long _mismatches;
    private long _debtFreeSince;
    private bool _isDebtFree;

    /// <summary>A shadow read was compared.</summary>
    public void CountShadow(long tenure, bool same)
    {
        lock (_gate)
        {
            Begin_NeedsLock(tenure);
            _reads++;
            _mismatches += same ? 0 : 1;
        }
    }

    /// <summary>The repair has looked at the outbox.</summary>
    /// <param name="tenure">The dual-write period.</param>
    /// <param name="status">What it holds.</param>
    /// <param name="behind">Whether the repair leaves debts that it could not pay.</param>
    public void SeeDebt(long tenure, OutboxStatus status, bool behind)
    {
        lock (_gate)
        {
            Begin_NeedsLock(tenure);
            var now = time.GetTimestamp();
            var (oldest, next) = (status.Partitions.Min(static p => p.Oldest), status.Partitions.Max(static p => p.Next));
            while (_marks.TryPeek(out var mark) && (status.Pending == 0 || (status.Partitions.Count == 1 && mark.Next <= oldest)))
            {
                _marks.Dequeue();
            }

            // An entry that stands in the outbox now is at least as old as the first look that saw its sequence taken.
            if (status.Pending > 0 && (_marks.Count == 0 || _marks.Last().Next < next))
            {
                _marks.Enqueue((next, now));
            }

            if (behind)
            {
                _isDebtFree = false;
            }
            else if (!_isDebtFree)
            {
                (_isDebtFree, _debtFreeSince) = (true, now);
            }
        }
    }

    public GateEvidence Take(MigrationState state, double confidence)
    {
        lock (_gate)
        {
            Begin_NeedsLock(state.Tenure);
            return new GateEvidence
            {
                BackfillComplete = state.MirrorComplete,
                VerifiedRows = state.VerifiedRows,
                VerifiedDifferences = state.VerifiedDifferences,
                ShadowReads = _reads,
                ShadowMismatches = _mismatches,
                ShadowMismatchBound = MismatchBound.Of(_reads, _mismatches, confidence),
                DebtFreeFor = _isDebtFree ? time.GetElapsedTime(_debtFreeSince) : TimeSpan.Zero,
                Lag = _marks.TryPeek(out var oldest) ? time.GetElapsedTime(oldest.Seen) : TimeSpan.Zero,
                ReversedFrom = state.ReversedFrom,
            };
        }
    }

    // What an earlier period has shown counts for nothing.
    private void Begin_NeedsLock(long tenure)
    {
        if (_tenure != tenure)
        {
            (_tenure, _reads, _mismatches, _isDebtFree) = (tenure, 0, 0, false);
            _marks.Clear();
        }
    }
}
