namespace ScaleKit.Migration;

/// <summary>One batch of debts: read the entries, read their rows again, apply them to the mirror, remove the entries. Its callers take turns.</summary>
internal sealed class DebtPayer<TKey, TValue>(MigrationLadder ladder)
    where TKey : notnull
{
    private const int FailuresInARow = 3;
    private bool _mirrorDown;

    public RefusedRows<TKey> Refused { get; } = new(ladder.Options.RepairAttempts, ladder.Instruments);

    public async ValueTask<int> PayAsync(IVersionedStore<TKey, TValue> sequencer, IVersionedStore<TKey, TValue> mirror, CancellationToken cancellationToken)
    {
        // Dead letters stay where they are, in front: so many more are looked at.
        var peeked = await sequencer.PeekOutboxAsync(ladder.Options.RepairBatchSize + Refused.Count, cancellationToken).ConfigureAwait(false);
        var debts = Refused.Count == 0 ? peeked : [.. peeked.Where(d => !Refused.IsDead(d.Key))];
        if (debts.Count == 0)
        {
            ladder.Instruments.SetPending(peeked.Count);
            return 0;
        }

        using var activity = MigrationActivities.StartRepair();
        try
        {
            var paid = await PayAsync(debts, sequencer, mirror, cancellationToken).ConfigureAwait(false);
            MigrationActivities.EndRows(activity, paid);
            return paid;
        }
        catch (Exception failure)
        {
            MigrationActivities.Fail(activity, failure);
            throw;
        }
    }

    private async ValueTask<int> PayAsync(
        IReadOnlyList<OutboxEntry<TKey>> debts, IVersionedStore<TKey, TValue> sequencer, IVersionedStore<TKey, TValue> mirror, CancellationToken cancellationToken)
    {
        var keys = debts.Select(static d => d.Key).Distinct().ToList();
        var rows = await sequencer.ReadManyAsync(keys, cancellationToken).ConfigureAwait(false);
        var due = rows.Where(static r => !r.Version.IsNone).ToList();
        IReadOnlyList<OutboxEntry<TKey>> paid = debts;
        Exception? failure = null;
        try
        {
            await mirror.ApplyManyIfNewerAsync(due, cancellationToken).AsTask()
                .WaitAsync(ladder.Options.MirrorTimeout, ladder.Time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception all) when (!cancellationToken.IsCancellationRequested)
        {
            (paid, failure) = await PayOneByOneAsync(debts, due, mirror, all, cancellationToken).ConfigureAwait(false);
        }

        ladder.Mirror.Count(paid.Count, debts.Count - paid.Count);
        if (paid.Count > 0)
        {
            await sequencer.AcknowledgeOutboxAsync(paid, cancellationToken).ConfigureAwait(false);
            ladder.Instruments.Repaired.Add(paid.Count);
        }

        Report(sequencer, mirror, failure);
        return paid.Count;
    }

    // One row that the mirror refuses must not hold the others up; a mirror that refuses several in a row is down.
    private async ValueTask<(IReadOnlyList<OutboxEntry<TKey>> Paid, Exception? Failure)> PayOneByOneAsync(
        IReadOnlyList<OutboxEntry<TKey>> debts, List<VersionedEntry<TKey, TValue>> due, IVersionedStore<TKey, TValue> mirror, Exception failure, CancellationToken cancellationToken)
    {
        var failed = 0;
        var applied = debts.Select(static d => d.Key).Except(due.Select(static r => r.Key)).ToHashSet();
        foreach (var row in failure is TimeoutException ? [] : due)
        {
            try
            {
                await mirror.ApplyIfNewerAsync(row, cancellationToken).AsTask()
                    .WaitAsync(ladder.Options.MirrorTimeout, ladder.Time, cancellationToken).ConfigureAwait(false);
                applied.Add(row.Key);
                Refused.Take(row.Key);
                failed = 0;
            }
            catch (Exception one) when (!cancellationToken.IsCancellationRequested)
            {
                failure = one;
                if (await AnswersAsync(mirror, row.Key, cancellationToken).ConfigureAwait(false))
                {
                    Refused.Refuse(row.Key, row.Version, one);
                    continue;
                }

                if (++failed == FailuresInARow)
                {
                    break;
                }
            }
        }

        return ([.. debts.Where(d => applied.Contains(d.Key))], failure);
    }

    // A mirror that can be read is up: then it is this row that it does not take.
    private async ValueTask<bool> AnswersAsync(IVersionedStore<TKey, TValue> mirror, TKey key, CancellationToken cancellationToken)
    {
        try
        {
            await mirror.ReadAsync(key, cancellationToken).AsTask().WaitAsync(ladder.Options.MirrorTimeout, ladder.Time, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private void Report(IVersionedStore<TKey, TValue> sequencer, IVersionedStore<TKey, TValue> mirror, Exception? failure)
    {
        if (failure is not null)
        {
            if (!_mirrorDown)
            {
                Log.MirrorDown(ladder.Logger, mirror.Name, sequencer.Name, failure);
            }

            _mirrorDown = true;
            ladder.Instruments.CountMirrorFailure(ladder.Phase);
            throw new MirrorUnavailableException($"The mirror '{mirror.Name}' does not take rows; its debt stays in the outbox of '{sequencer.Name}'.", failure);
        }

        if (_mirrorDown)
        {
            _mirrorDown = false;
            Log.MirrorBack(ladder.Logger, mirror.Name);
        }
    }
}
