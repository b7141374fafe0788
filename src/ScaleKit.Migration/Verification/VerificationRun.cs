namespace ScaleKit.Migration;

/// <summary>
/// One comparison of both stores: by the digests of a chunk, by those of its halves where they differ, and row by row where a part is short. Row by row from the start where a store has no digest, or
/// where the user says which values are the same.
/// </summary>
internal sealed class VerificationRun<TKey, TValue>(
    DualWriteRepository<TKey, TValue> repository,
    IVersionedStore<TKey, TValue> sequencer,
    IVersionedStore<TKey, TValue> mirror,
    RowComparison<TValue> comparison,
    Action<Difference<TKey>>? found,
    bool repair)
    where TKey : notnull
{
    // Long enough that asking for its end costs little, short enough that writers do not touch every one.
    private const int PagesPerChunk = 16;
    private const int ChunkMaximum = 100_000;
    private const int SuspectsMaximum = 10_000;
    private readonly MigrationLadder _ladder = repository.Ladder;
    private readonly bool _digests = !comparison.IsOwn && (sequencer.Capabilities & mirror.Capabilities).HasFlag(StoreCapabilities.Digest);
    private readonly Suspects<TKey, TValue> _suspects = new(sequencer, mirror, comparison, repository.Ladder);
    private KeyRange<TKey> _rest;

    public VerificationReport Report { get; private set; } = new();

    public bool AtEnd { get; private set; }

    private int PageSize => _ladder.Options.VerificationBatchSize;

    /// <summary>Compares the next chunk, and looks again at what differed once there is enough of it, or at the end.</summary>
    public async ValueTask StepAsync(CancellationToken cancellationToken)
    {
        var before = Report.Compared;
        using var activity = MigrationActivities.StartChunk();
        try
        {
            await CompareNextAsync(cancellationToken).ConfigureAwait(false);
            MigrationActivities.EndRows(activity, Report.Compared - before);
        }
        catch (Exception failure)
        {
            MigrationActivities.Fail(activity, failure);
            throw;
        }
    }

    private async ValueTask CompareNextAsync(CancellationToken cancellationToken)
    {
        var rows = Math.Min(PagesPerChunk * PageSize, ChunkMaximum);
        var chunk = await sequencer.ChunkAsync(_rest, rows, cancellationToken).ConfigureAwait(false);
        AtEnd = chunk == _rest;
        await CompareAsync(chunk, rows, cancellationToken).ConfigureAwait(false);
        if (AtEnd || _suspects.Count >= SuspectsMaximum)
        {
            await ConfirmAsync(cancellationToken).ConfigureAwait(false);
        }

        _rest = AtEnd ? _rest : _rest.After(chunk.Upper!);
    }

    private async ValueTask CompareAsync(KeyRange<TKey> range, int rows, CancellationToken cancellationToken)
    {
        if (!_digests)
        {
            await WalkAsync(range, cancellationToken).ConfigureAwait(false);
            return;
        }

        // A database in the process answers before it returns: the other one must not wait for it.
        var mirrored = Task.Run(() => mirror.DigestAsync(range, cancellationToken).AsTask(), cancellationToken);
        var digest = await sequencer.DigestAsync(range, cancellationToken).ConfigureAwait(false);
        if (digest == await mirrored.ConfigureAwait(false))
        {
            Count(digest.Rows);
            return;
        }

        var half = rows > PageSize ? await sequencer.ChunkAsync(range, rows / 2, cancellationToken).ConfigureAwait(false) : range;
        if (half == range)
        {
            await WalkAsync(range, cancellationToken).ConfigureAwait(false);
            return;
        }

        await CompareAsync(half, rows / 2, cancellationToken).ConfigureAwait(false);
        await CompareAsync(range.After(half.Upper!), rows / 2, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask WalkAsync(KeyRange<TKey> range, CancellationToken cancellationToken)
    {
        var (ours, theirs) = (new RowCursor<TKey, TValue>(sequencer, range, PageSize), new RowCursor<TKey, TValue>(mirror, range, PageSize));
        await ours.MoveNextAsync(cancellationToken).ConfigureAwait(false);
        await theirs.MoveNextAsync(cancellationToken).ConfigureAwait(false);
        var compared = 0;
        for (; !ours.AtEnd || !theirs.AtEnd; compared++)
        {
            var order = ours.AtEnd ? 1 : theirs.AtEnd ? -1 : sequencer.Keys.Order.Compare(ours.Current.Key, theirs.Current.Key);
            var left = order <= 0 ? ours.Current : default;
            var right = order >= 0 ? theirs.Current : default;
            if (comparison.Compare(left.Row, right.Row) is not null)
            {
                _suspects.Add(order <= 0 ? left.Key : right.Key, left.Version);
            }

            if (order <= 0)
            {
                await ours.MoveNextAsync(cancellationToken).ConfigureAwait(false);
            }

            if (order >= 0)
            {
                await theirs.MoveNextAsync(cancellationToken).ConfigureAwait(false);
            }
        }

        Count(compared);
    }

    private void Count(long compared)
    {
        Report = Report with { Compared = Report.Compared + compared };
        _ladder.Instruments.Verified.Add(compared);
    }

    private async ValueTask ConfirmAsync(CancellationToken cancellationToken)
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
