namespace ScaleKit.Migration;

/// <summary>
/// The protocol of one operation, written against the ports alone: between two store calls it touches nothing shared, so whoever schedules the store
/// calls sees every interleaving that production can have.
/// </summary>
internal sealed class PhaseSteps<TKey, TValue>(
    IVersionedStore<TKey, TValue> old, IVersionedStore<TKey, TValue> @new, MigrationLadder ladder, OutboxRepair<TKey, TValue> repair)
    where TKey : notnull
{
    private const string ReadSalt = "reads";

    public IVersionedStore<TKey, TValue> ReadStore(Stage stage) => stage.Phase.ReadsNew() ? @new : old;

    public IVersionedStore<TKey, TValue> Sequencer(Stage stage) => stage.Phase.NewSequences() ? @new : old;

    private IVersionedStore<TKey, TValue> Mirror(Stage stage) => stage.Phase.NewSequences() ? old : @new;

    public async ValueTask<PhasePin> PinLoadedAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var pin = ladder.Pin();
            if (pin.Stage.IsLoaded)
            {
                return pin;
            }

            pin.Release();
            await ladder.LoadAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public ValueTask<VersionedValue<TValue>> ReadAsync(TKey key, CancellationToken cancellationToken) =>
        ReadAsync(
            key,
            static (store, key, cancellation) => store.ReadAsync(key, cancellation),
            static (key, row) => [new(key, row)],
            cancellationToken,
            share: _ => old.Keys.ToText(key));

    public ValueTask<IReadOnlyList<VersionedEntry<TKey, TValue>>> ReadManyAsync(IReadOnlyList<TKey> keys, CancellationToken cancellationToken) =>
        ReadAsync(keys, static (store, keys, cancellation) => store.ReadManyAsync(keys, cancellation), static (_, rows) => rows, cancellationToken);

    public ValueTask<ScanPage<TKey, TValue>> ScanAsync(ScanRequest<TKey> request, CancellationToken cancellationToken) =>
        ReadAsync(request, static (store, request, cancellation) => store.ScanAsync(request, cancellation), static (_, page) => page.Entries, cancellationToken);

    public async ValueTask<WriteResult> WriteAsync(SequencedWrite<TKey, TValue> write, CancellationToken cancellationToken)
    {
        while (true)
        {
            var pin = await PinWritableAsync(cancellationToken).ConfigureAwait(false);
            WriteResult result;
            try
            {
                result = await WritePinnedAsync(pin.Stage, write, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                pin.Release();
            }

            if (result.Status != WriteStatus.Fenced)
            {
                return result;
            }

            await ladder.OnFencedAsync(pin.Stage, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Reads where versions are issued, computes once, writes under the version that was read; again from the start when another writer was faster.</summary>
    public async ValueTask<VersionedValue<TValue>> UpdateAsync(TKey key, Func<VersionedValue<TValue>, TValue> change, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var pin = await PinWritableAsync(cancellationToken).ConfigureAwait(false);
            TValue value;
            WriteResult result;
            try
            {
                var current = await Sequencer(pin.Stage).ReadAsync(key, cancellationToken).ConfigureAwait(false);
                value = change(current) ?? throw new InvalidOperationException("The change returned null; use DeleteAsync to delete.");
                var write = new SequencedWrite<TKey, TValue>(key, value, pin.Stage.Epoch) { Expected = current.Version };
                result = await WritePinnedAsync(pin.Stage, write, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                pin.Release();
            }

            if (result.IsWritten)
            {
                return VersionedValue.Live(value, result.Version);
            }

            if (result.Status == WriteStatus.Fenced)
            {
                await ladder.OnFencedAsync(pin.Stage, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async ValueTask<TResult> ReadAsync<TWhat, TResult>(
        TWhat what,
        Func<IVersionedStore<TKey, TValue>, TWhat, CancellationToken, ValueTask<TResult>> read,
        Func<TWhat, TResult, IReadOnlyList<VersionedEntry<TKey, TValue>>> rows,
        CancellationToken cancellationToken,
        Func<TWhat, string>? share = null)
    {
        while (true)
        {
            var pin = await PinLoadedAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                // In Q a share of the keys stands in D already: its reads go to the new store and carry nothing.
                var ahead = share is not null && pin.Stage.ReadShare > 0 && KeyShare.Includes(share(what), ReadSalt, pin.Stage.ReadShare);
                var result = await read(ahead ? @new : ReadStore(pin.Stage), what, cancellationToken).ConfigureAwait(false);
                if (pin.Stage.Phase == MigrationPhase.HelpingReads && !ahead)
                {
                    await HelpAsync(pin.Stage, rows(what, result), cancellationToken).ConfigureAwait(false);
                }

                // Ordering: after the stores have answered. A process that slept past its lease, somewhere before this line, has read a phase that may be two moves old.
                if (pin.Stage.MayAnswer)
                {
                    return result;
                }
            }
            finally
            {
                pin.Release();
            }

            await ladder.OnLeaseLostAsync(pin.Stage, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<PhasePin> PinWritableAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var pin = ladder.Pin();
            if (pin.Stage.AcceptsWrites)
            {
                return pin;
            }

            // Never wait with a pin: the move that one waits for waits for the pins.
            pin.Release();
            await ladder.WaitForNextAsync(pin.Stage, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<WriteResult> WritePinnedAsync(Stage stage, SequencedWrite<TKey, TValue> write, CancellationToken cancellationToken)
    {
        var dual = stage.Phase.HasMirror();
        var result = await Sequencer(stage).WriteAsync(write with { Epoch = stage.Epoch, Outbox = dual }, cancellationToken).ConfigureAwait(false);
        if (!result.IsWritten || !dual)
        {
            return result;
        }

        if (!stage.Phase.AwaitsMirror())
        {
            repair.Signal();
            return result;
        }

        var row = write.IsDelete ? VersionedValue.Tombstone<TValue>(result.Version) : VersionedValue.Live(write.Value!, result.Version);
        await ApplyToMirrorAsync(stage, Mirror(stage).ApplyIfNewerAsync(new(write.Key, row), cancellationToken).AsTask(), cancellationToken).ConfigureAwait(false);
        repair.Paid(Sequencer(stage), new(write.Key, result.Version, result.OutboxSequence));
        return result;
    }

    // The reader carries forward what it is about to return: a later reader of the new store can then not see less.
    private async ValueTask HelpAsync(Stage stage, IReadOnlyList<VersionedEntry<TKey, TValue>> rows, CancellationToken cancellationToken)
    {
        var known = rows.Where(static r => !r.Version.IsNone).ToList();
        if (known.Count == 0)
        {
            return;
        }

        var mirror = Mirror(stage);
        var mirrored = await ApplyToMirrorAsync(
            stage, mirror.ReadManyAsync([.. known.Select(static r => r.Key)], cancellationToken).AsTask(), cancellationToken).ConfigureAwait(false);
        var behind = known.Where((row, i) => mirrored[i].Version < row.Version).ToList();
        if (behind.Count > 0)
        {
            await ApplyToMirrorAsync(stage, mirror.ApplyManyIfNewerAsync(behind, cancellationToken).AsTask(), cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<T> ApplyToMirrorAsync<T>(Stage stage, Task<T> call, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await call.WaitAsync(ladder.Options.MirrorTimeout, ladder.Time, cancellationToken).ConfigureAwait(false);
            ladder.Mirror.Count(taken: 1, failed: 0);
            return answer;
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            ladder.Mirror.Count(taken: 0, failed: 1);
            ladder.Instruments.CountMirrorFailure(stage.Phase);
            throw new MirrorUnavailableException(
                $"The mirror '{Mirror(stage).Name}' did not take the row, and {stage.Phase.Title()} needs it. The outcome is unknown: a write stands in "
                + $"'{Sequencer(stage).Name}' and reaches the mirror by the outbox.", failure);
        }
    }
}
