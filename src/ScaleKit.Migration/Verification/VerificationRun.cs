namespace ScaleKit.Migration;

/// <summary>One walk over both stores side by side, in key order.</summary>
internal sealed class VerificationRun<TKey, TValue>(
    DualWriteRepository<TKey, TValue> repository,
    IVersionedStore<TKey, TValue> sequencer,
    IVersionedStore<TKey, TValue> mirror,
    RowComparison<TValue> comparison,
    Action<Difference<TKey>>? found,
    bool repair)
    where TKey : notnull
{
    private readonly MigrationLadder _ladder = repository.Ladder;
    private readonly RowCursor<TKey, TValue> _left = new(sequencer, repository.Ladder.Options.VerificationBatchSize);
    private readonly RowCursor<TKey, TValue> _right = new(mirror, repository.Ladder.Options.VerificationBatchSize);
    private readonly Suspects<TKey, TValue> _suspects = new(sequencer, mirror, comparison, repository.Ladder);

    public VerificationReport Report { get; private set; } = new();

    public bool AtEnd => _left.AtEnd && _right.AtEnd;

    public int Suspects => _suspects.Count;

    public async ValueTask BeginAsync(CancellationToken cancellationToken)
    {
        await _left.MoveNextAsync(cancellationToken).ConfigureAwait(false);
        await _right.MoveNextAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask CompareAsync(int rows, CancellationToken cancellationToken)
    {
        var compared = 0;
        for (; compared < rows && !AtEnd; compared++)
        {
            var order = _left.AtEnd ? 1 : _right.AtEnd ? -1 : sequencer.Keys.Order.Compare(_left.Current.Key, _right.Current.Key);
            var left = order <= 0 ? _left.Current : default;
            var right = order >= 0 ? _right.Current : default;
            if (comparison.Compare(left.Row, right.Row) is not null)
            {
                _suspects.Add(order <= 0 ? left.Key : right.Key, left.Version);
            }

            if (order <= 0)
            {
                await _left.MoveNextAsync(cancellationToken).ConfigureAwait(false);
            }

            if (order >= 0)
            {
                await _right.MoveNextAsync(cancellationToken).ConfigureAwait(false);
            }
        }

        Report = Report with { Compared = Report.Compared + compared };
        _ladder.Instruments.Verified.Add(compared);
    }

    public async ValueTask ConfirmAsync(CancellationToken cancellationToken)
    {
        var suspected = _suspects.Count;
        var confirmed = await _suspects.ConfirmAsync(cancellationToken).ConfigureAwait(false);
        Report = Report with { InFlight = Report.InFlight + suspected - confirmed.Count };
        foreach (var (key, kind, ours, theirs) in confirmed)
        {
            // A row that the new store has deleted since is not lost: the old one has yet to hear of it.
            var (old, @new) = ReferenceEquals(sequencer, repository.New) ? (theirs, ours) : (ours, theirs);
            Count(kind, lost: old.Exists && !@new.Exists && @new.Version < old.Version);
            found?.Invoke(new Difference<TKey>(key, kind, ours.Version, theirs.Version));
            if (repair && await RepairAsync(key, kind, ours, theirs, cancellationToken).ConfigureAwait(false))
            {
                Report = Report with { Repaired = Report.Repaired + 1 };
            }
        }
    }

    private void Count(DifferenceKind kind, bool lost)
    {
        _ladder.Instruments.CountDifference(kind);
        Report = Report with
        {
            Missing = Report.Missing + (kind == DifferenceKind.Missing ? 1 : 0),
            Extra = Report.Extra + (kind == DifferenceKind.Extra ? 1 : 0),
            Stale = Report.Stale + (kind == DifferenceKind.Stale ? 1 : 0),
            Different = Report.Different + (kind == DifferenceKind.Different ? 1 : 0),
            Lost = Report.Lost + (lost ? 1 : 0),
        };
    }

    private async ValueTask<bool> RepairAsync(
        TKey key, DifferenceKind kind, VersionedValue<TValue> ours, VersionedValue<TValue> theirs, CancellationToken cancellationToken)
    {
        if (kind is DifferenceKind.Missing or DifferenceKind.Stale)
        {
            return await mirror.ApplyIfNewerAsync(new(key, ours), cancellationToken).ConfigureAwait(false);
        }

        // The mirror stands at the sequencer's version or above, so it takes no copy. The sequencer writes the same row once more, above both versions, and only if nobody
        // has written it since: a version made up here could outrun a write that is acknowledged at this moment.
        var write = new SequencedWrite<TKey, TValue>(key, ours.Value, 0) { IsDelete = !ours.Exists, Floor = theirs.Version };
        var expected = ours.Exists ? ours.Version : RowVersion.None;
        var result = await repository.Steps.WriteAsync(write with { Expected = expected }, cancellationToken).ConfigureAwait(false);
        return result.IsWritten;
    }
}
