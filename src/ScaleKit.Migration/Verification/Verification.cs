namespace ScaleKit.Migration;

/// <summary>
/// Compares both stores row by row while writers go on, and repairs differences on request. It shares no code with the backfill: the same mistake cannot hide itself.
/// Thread-safe; a run holds one page of each store and at most a few thousand suspects in memory.
/// </summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public sealed class Verification<TKey, TValue>
    where TKey : notnull
{
    private readonly DualWriteRepository<TKey, TValue> _repository;
    private readonly MigrationLadder _ladder;
    private readonly RowComparison<TValue> _comparison;
    private readonly PauseGate _pause;

    /// <summary>A verification of the stores of a repository.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="sameValue">
    /// Whether two values are the same; see <see cref="SameValue"/>. Every row is then read and compared by it. Unless given, digests are compared first, and where they differ byte arrays by content and
    /// everything else by <see cref="object.Equals(object)"/>: right for text, numbers and records, wrong for classes without equality.
    /// </param>
    /// <exception cref="ArgumentNullException"><paramref name="repository"/> is null.</exception>
    public Verification(DualWriteRepository<TKey, TValue> repository, Func<TValue, TValue, bool>? sameValue = null)
        : this(repository, sameValue, new PauseGate())
    {
    }

    internal Verification(DualWriteRepository<TKey, TValue> repository, Func<TValue, TValue, bool>? sameValue, PauseGate pause)
    {
        ArgumentNullException.ThrowIfNull(repository);
        _repository = repository;
        _ladder = repository.Ladder;
        _comparison = new RowComparison<TValue>(sameValue);
        _pause = pause;
    }

    /// <summary>Compares everything once.</summary>
    /// <param name="repair">Whether confirmed differences are repaired. The store that issues versions is right.</param>
    /// <param name="progress">Gets a report a page.</param>
    /// <param name="found">Gets each confirmed difference.</param>
    /// <param name="cancellationToken">Stops the run.</param>
    /// <exception cref="MigrationStateException">The phase has no mirror to compare.</exception>
    public async Task<VerificationReport> RunAsync(
        bool repair = false, IProgress<MigrationProgress>? progress = null, Action<Difference<TKey>>? found = null, CancellationToken cancellationToken = default)
    {
        await _ladder.LoadAsync(cancellationToken).ConfigureAwait(false);
        var state = _ladder.State;
        if (!state.Phase.HasMirror())
        {
            throw new MigrationStateException($"In {state.Phase.Title()} one store is in use: there is nothing to compare.");
        }

        var (sequencer, mirror) = state.Phase.NewSequences() ? (_repository.New, _repository.Old) : (_repository.Old, _repository.New);
        var run = new VerificationRun<TKey, TValue>(_repository, sequencer, mirror, _comparison, found, repair);
        var started = _ladder.Time.GetTimestamp();
        var total = await sequencer.CountAsync(default, cancellationToken).ConfigureAwait(false);
        while (!run.AtEnd)
        {
            await _ladder.WhileDisabledAsync(cancellationToken).ConfigureAwait(false);
            await _pause.PassAsync(cancellationToken).ConfigureAwait(false);
            await run.StepAsync(cancellationToken).ConfigureAwait(false);
            var seconds = _ladder.Time.GetElapsedTime(started).TotalSeconds;
            progress?.Report(new(
                _ladder.Phase, MigrationStep.Verifying, run.Report.Compared, Math.Max(total, run.Report.Compared), seconds > 0 ? run.Report.Compared / seconds : 0, run.Report.Differences));
        }

        var report = run.Report with { Elapsed = _ladder.Time.GetElapsedTime(started) };
        await _ladder.RecordAsync(state.Tenure, s => s with
            {
                MirrorVerified = s.MirrorComplete && report.IsClean,
                VerifiedRows = report.Compared,
                VerifiedDifferences = report.Differences,
            }, cancellationToken).ConfigureAwait(false);
        Log.VerificationDone(_ladder.Logger, sequencer.Name, mirror.Name, report.Compared, report.Differences, report.Repaired);
        return report;
    }
}
