using System.Runtime.ExceptionServices;

namespace ScaleKit.Migration;

/// <summary>
/// Copies every row of the sequencing store to the mirror, tombstones included, several key ranges at a time and by version: a row that the mirror has in a newer version stays. It begins only when
/// every operation from before the dual writes has ended, goes on from its checkpoint after a crash, and makes room when a store gets slow or fails. Thread-safe; one run at a time.
/// </summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public sealed class Backfill<TKey, TValue>
    where TKey : notnull
{
    private const int Attempts = 8;
    private readonly DualWriteRepository<TKey, TValue> _repository;
    private readonly MigrationLadder _ladder;
    private readonly PauseGate _pause;

    /// <summary>A backfill between the stores of a repository.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="repository"/> is null.</exception>
    public Backfill(DualWriteRepository<TKey, TValue> repository)
        : this(repository, new PauseGate())
    {
    }

    internal Backfill(DualWriteRepository<TKey, TValue> repository, PauseGate pause)
    {
        ArgumentNullException.ThrowIfNull(repository);
        _repository = repository;
        _ladder = repository.Ladder;
        _pause = pause;
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
        var run = new BackfillRun<TKey, TValue>(_ladder, source, target, document, state.Tenure);
        var started = _ladder.Time.GetTimestamp();
        await run.BeginAsync(resumed ? stored : null, cancellationToken).ConfigureAwait(false);
        progress?.Report(Progress(run, started));
        await RunLanesAsync(run, () => progress?.Report(Progress(run, started)), cancellationToken).ConfigureAwait(false);
        if (!await _ladder.RecordAsync(state.Tenure, static s => s with { MirrorComplete = true }, cancellationToken).ConfigureAwait(false))
        {
            throw new MigrationStateException("The dual-write period that the backfill belongs to has ended: it counts for nothing.");
        }

        Log.BackfillDone(_ladder.Logger, source.Name, target.Name, run.Rows, run.Applied, resumed);
        return new BackfillReport(run.Rows, run.Applied, resumed, _ladder.Time.GetElapsedTime(started));
    }

    private async Task RunLanesAsync(BackfillRun<TKey, TValue> run, Action copied, CancellationToken cancellationToken)
    {
        // The first lane that fails stops the others; its failure is the one that is told.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Exception? failure = null;
        async Task GuardedAsync()
        {
            try
            {
                await RunLaneAsync(run, copied, stop.Token).ConfigureAwait(false);
            }
            catch (Exception first)
            {
                Interlocked.CompareExchange(ref failure, first, null);
                await stop.CancelAsync().ConfigureAwait(false);
            }
        }

        await Task.WhenAll(Enumerable.Range(0, _ladder.Options.BackfillParallelism).Select(_ => GuardedAsync())).ConfigureAwait(false);
        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    private async Task RunLaneAsync(BackfillRun<TKey, TValue> run, Action copied, CancellationToken cancellationToken)
    {
        while (await TryAsync(run, () => run.TakeAsync(cancellationToken), cancellationToken).ConfigureAwait(false) is { } chunk)
        {
            for (BackfillChunk? rest = chunk; rest is not null;)
            {
                await _ladder.WhileDisabledAsync(cancellationToken).ConfigureAwait(false);
                await _pause.PassAsync(cancellationToken).ConfigureAwait(false);
                var page = rest;
                (rest, var pause) = await TryAsync(run, () => run.StepAsync(page, cancellationToken), cancellationToken).ConfigureAwait(false);
                copied();
                if (pause > TimeSpan.Zero)
                {
                    await Task.Delay(pause, _ladder.Time, cancellationToken).ConfigureAwait(false);
                }
            }
        }
    }

    // A hiccup of either store must not throw hours of copying away; what stays broken ends the run, and the next one goes on from the checkpoint.
    private async ValueTask<T> TryAsync<T>(BackfillRun<TKey, TValue> run, Func<ValueTask<T>> step, CancellationToken cancellationToken)
    {
        var pause = _ladder.Options.RepairInterval;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await step().ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is not MigrationStateException && attempt < Attempts && !cancellationToken.IsCancellationRequested)
            {
                run.Pace.Failed();
                await Task.Delay(pause, _ladder.Time, cancellationToken).ConfigureAwait(false);
                pause *= 2;
            }
        }
    }

    private MigrationProgress Progress(BackfillRun<TKey, TValue> run, long started)
    {
        var seconds = _ladder.Time.GetElapsedTime(started).TotalSeconds;
        return new(
            _ladder.Phase,
            MigrationStep.Backfilling,
            run.Rows,
            Math.Max(run.Total, run.Rows),
            seconds > 0 ? run.RowsOfThisRun / seconds : 0,
            Pace: run.Pace.Share);
    }
}
