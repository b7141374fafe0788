namespace ScaleKit.Migration;

/// <summary>
/// Copies every row of the sequencing store to the mirror, tombstones included, in key order and by version: a row that the mirror has in a newer version stays. It begins only when
/// every operation from before the dual writes has ended, and goes on from its checkpoint after a crash. Thread-safe; one run at a time.
/// </summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public sealed class Backfill<TKey, TValue>
    where TKey : notnull
{
    private const int Attempts = 8;
    private readonly DualWriteRepository<TKey, TValue> _repository;
    private readonly MigrationLadder _ladder;

    /// <summary>A backfill between the stores of a repository.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="repository"/> is null.</exception>
    public Backfill(DualWriteRepository<TKey, TValue> repository)
    {
        ArgumentNullException.ThrowIfNull(repository);
        _repository = repository;
        _ladder = repository.Ladder;
    }

    /// <summary>Runs to the end, from the checkpoint if there is one of this dual-write period.</summary>
    /// <exception cref="MigrationStateException">
    /// The phase has no dual writes, operations from before it have not ended, the dual-write period ended meanwhile, or another backfill runs.
    /// </exception>
    public async Task<BackfillReport> RunAsync(IProgress<MigrationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        // T5: a write that began before the dual writes would reach the source only, perhaps behind the copy's cursor.
        if (!await _ladder.SettleAsync(cancellationToken).ConfigureAwait(false))
        {
            throw new MigrationStateException("Operations that began in an earlier phase have not ended; the backfill must not overtake them.");
        }

        var state = _ladder.State;
        if (!state.Phase.HasMirror())
        {
            throw new MigrationStateException($"The backfill needs dual writes, and {state.Phase.Title()} has none: move the ladder first.");
        }

        var (source, target) = state.Phase.NewSequences() ? (_repository.New, _repository.Old) : (_repository.Old, _repository.New);
        var document = new CheckpointDocument(_ladder.Journal, _ladder.DocumentName("backfill"));
        var stored = await document.ReadAsync(cancellationToken).ConfigureAwait(false);
        var resumed = stored is not null && stored.Tenure == state.Tenure;
        var checkpoint = resumed ? stored! : new BackfillCheckpoint { Tenure = state.Tenure };
        var run = new BackfillRun<TKey, TValue>(_ladder, source, target, document, state.Tenure);
        var started = _ladder.Time.GetTimestamp();
        await run.BeginAsync(checkpoint, cancellationToken).ConfigureAwait(false);
        while (!run.Checkpoint.Done)
        {
            progress?.Report(Progress(run, started));
            await _ladder.WhileDisabledAsync(cancellationToken).ConfigureAwait(false);
            await StepWithRetriesAsync(run, cancellationToken).ConfigureAwait(false);
            await ThrottleAsync(run, started, cancellationToken).ConfigureAwait(false);
        }

        if (!await _ladder.RecordAsync(state.Tenure, static s => s with { MirrorComplete = true }, cancellationToken).ConfigureAwait(false))
        {
            throw new MigrationStateException("The dual-write period that the backfill belongs to has ended: it counts for nothing.");
        }

        progress?.Report(Progress(run, started));
        Log.BackfillDone(_ladder.Logger, source.Name, target.Name, run.Checkpoint.Rows, run.Applied, resumed);
        return new BackfillReport(run.Checkpoint.Rows, run.Applied, resumed, _ladder.Time.GetElapsedTime(started));
    }

    // A hiccup of either store must not throw hours of copying away; what stays broken ends the run, and the next one goes on from the checkpoint.
    private async ValueTask StepWithRetriesAsync(BackfillRun<TKey, TValue> run, CancellationToken cancellationToken)
    {
        var pause = _ladder.Options.RepairInterval;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await run.StepAsync(_ladder.Options.BackfillBatchSize, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (Exception failure) when (failure is not MigrationStateException && attempt < Attempts && !cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(pause, _ladder.Time, cancellationToken).ConfigureAwait(false);
                pause *= 2;
            }
        }
    }

    private async ValueTask ThrottleAsync(BackfillRun<TKey, TValue> run, long started, CancellationToken cancellationToken)
    {
        if (_ladder.Options.BackfillRowsPerSecond is > 0 and var limit)
        {
            var due = TimeSpan.FromSeconds((double)run.RowsOfThisRun / limit) - _ladder.Time.GetElapsedTime(started);
            if (due > TimeSpan.Zero)
            {
                await Task.Delay(due, _ladder.Time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private MigrationProgress Progress(BackfillRun<TKey, TValue> run, long started)
    {
        var seconds = _ladder.Time.GetElapsedTime(started).TotalSeconds;
        return new(
            _ladder.Phase,
            MigrationStep.Backfilling,
            run.Checkpoint.Rows,
            Math.Max(run.Total, run.Checkpoint.Rows),
            seconds > 0 ? run.RowsOfThisRun / seconds : 0);
    }
}
