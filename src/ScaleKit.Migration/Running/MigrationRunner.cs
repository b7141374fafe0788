namespace ScaleKit.Migration;

/// <summary>
/// What an operator does with a migration, for a command line, an endpoint or a job: look, move one rung, backfill, verify, pause, or walk the whole ladder and do on each rung what the next one
/// needs. A walk stops where something is missing and says what; a further one goes on from there. Writers and readers go on all the while. Thread-safe; one walk at a time.
/// </summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public sealed class MigrationRunner<TKey, TValue>
    where TKey : notnull
{
    private const int VerificationRounds = 3;
    private readonly DualWriteRepository<TKey, TValue> _repository;
    private readonly MigrationLadder _ladder;
    private readonly PauseGate _pause = new();
    private readonly Backfill<TKey, TValue> _backfill;
    private readonly Verification<TKey, TValue> _verification;

    /// <summary>A runner of a repository's migration.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="sameValue">Whether two values are the same; see <see cref="Verification{TKey, TValue}"/>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="repository"/> is null.</exception>
    public MigrationRunner(DualWriteRepository<TKey, TValue> repository, Func<TValue, TValue, bool>? sameValue = null)
    {
        ArgumentNullException.ThrowIfNull(repository);
        _repository = repository;
        _ladder = repository.Ladder;
        _backfill = new Backfill<TKey, TValue>(repository, _pause);
        _verification = new Verification<TKey, TValue>(repository, sameValue, _pause);
    }

    /// <summary>Whether the backfill and the verifications of this runner wait, and its walk before the next move. See <see cref="Pause"/>.</summary>
    public bool IsPaused => _pause.IsClosed;

    /// <inheritdoc cref="MigrationLadder.IsEnabled"/>
    public bool IsEnabled
    {
        get => _ladder.IsEnabled;
        set => _ladder.IsEnabled = value;
    }

    /// <summary>Holds what this runner does back between two pages, until <see cref="Resume"/>. Dual writes and the repair go on; the kill switch stops the repair and all moves too.</summary>
    public void Pause() => _pause.Close();

    /// <summary>Ends a <see cref="Pause"/>.</summary>
    public void Resume() => _pause.Open();

    /// <summary>Looks where the migration stands: at the journal, so that what other processes have done is seen.</summary>
    public async Task<MigrationStatus> GetStatusAsync(CancellationToken cancellationToken = default)
    {
        await _ladder.LoadAsync(cancellationToken).ConfigureAwait(false);
        var state = await new StateDocument(_ladder.Journal, _ladder.DocumentName("state")).ReadAsync(cancellationToken).ConfigureAwait(false) ?? _ladder.State;
        var checkpoint = await new CheckpointDocument(_ladder.Journal, _ladder.DocumentName("backfill")).ReadAsync(cancellationToken).ConfigureAwait(false);
        var sequencer = state.Phase.NewSequences() ? _repository.New : _repository.Old;
        var debt = state.Phase.HasMirror() ? (await sequencer.GetOutboxStatusAsync(cancellationToken).ConfigureAwait(false)).Pending : 0;
        return new MigrationStatus(state, IsEnabled, IsPaused, debt, checkpoint?.Tenure == state.Tenure ? checkpoint.Rows : 0);
    }

    /// <inheritdoc cref="MigrationLadder.AdvanceAsync"/>
    public Task<MigrationMove> AdvanceAsync(CancellationToken cancellationToken = default) => _ladder.AdvanceAsync(cancellationToken);

    /// <inheritdoc cref="MigrationLadder.BackAsync"/>
    public Task<MigrationMove> BackAsync(CancellationToken cancellationToken = default) => _ladder.BackAsync(cancellationToken);

    /// <inheritdoc cref="Backfill{TKey, TValue}.RunAsync"/>
    public Task<BackfillReport> BackfillAsync(IProgress<MigrationProgress>? progress = null, CancellationToken cancellationToken = default) =>
        _backfill.RunAsync(progress, cancellationToken);

    /// <inheritdoc cref="Verification{TKey, TValue}.RunAsync"/>
    public Task<VerificationReport> VerifyAsync(
        bool repair = false, IProgress<MigrationProgress>? progress = null, Action<Difference<TKey>>? found = null, CancellationToken cancellationToken = default) =>
        _verification.RunAsync(repair, progress, found, cancellationToken);

    /// <summary>Walks to <paramref name="target"/>.</summary>
    /// <param name="target">The phase to end in.</param>
    /// <param name="progress">Gets a report a page and a move.</param>
    /// <param name="cancellationToken">Stops between two steps; the migration then stands on some rung and all is well.</param>
    /// <returns>How it ended; look at <see cref="MigrationReport.Completed"/>.</returns>
    public async Task<MigrationReport> RunAsync(
        MigrationPhase target = MigrationPhase.NewOnly, IProgress<MigrationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        if (!Enum.IsDefined(target))
        {
            throw new ArgumentOutOfRangeException(nameof(target), target, "Not a phase of the ladder.");
        }

        await _ladder.LoadAsync(cancellationToken).ConfigureAwait(false);
        var started = _ladder.Time.GetTimestamp();
        var from = _ladder.Phase;
        var (backfill, verification) = ((BackfillReport?)null, (VerificationReport?)null);
        IReadOnlyList<UnmetCondition> missing = [];
        while (_ladder.Phase != target && missing.Count == 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await _pause.PassAsync(cancellationToken).ConfigureAwait(false);
            var next = target > _ladder.Phase ? _ladder.Phase + 1 : _ladder.Phase - 1;
            if (PhaseProtocol.NeedsCompleteMirror(_ladder.Phase, next) && !_ladder.State.MirrorComplete)
            {
                backfill = await _backfill.RunAsync(progress, cancellationToken).ConfigureAwait(false);
            }

            if (PhaseProtocol.NeedsDrainedOutbox(_ladder.Phase, next))
            {
                await DrainAsync(progress, cancellationToken).ConfigureAwait(false);
            }

            if (WorthVerifying(next))
            {
                verification = await VerifyAndRepairAsync(progress, cancellationToken).ConfigureAwait(false);
            }

            progress?.Report(new(_ladder.Phase, MigrationStep.Moving));
            if (next < _ladder.Phase && _ladder.State.ReadShare > 0)
            {
                missing = (await _ladder.ShareReadsAsync(0, cancellationToken).ConfigureAwait(false)).Missing;
                continue;
            }

            missing = (await _ladder.MoveToAsync(next, cancellationToken).ConfigureAwait(false)).Missing;
        }

        progress?.Report(new(_ladder.Phase, _ladder.Phase == target ? MigrationStep.Done : MigrationStep.Moving));
        return new MigrationReport(from, _ladder.Phase, _ladder.Phase == target, missing, backfill, verification, _ladder.Time.GetElapsedTime(started));
    }

    // After the backfill, and once more before the last mirror is left behind: what was written through the whole ladder is compared there.
    private bool WorthVerifying(MigrationPhase next) =>
        !_ladder.State.MirrorVerified
            ? PhaseProtocol.NeedsCompleteMirror(_ladder.Phase, next) || PhaseProtocol.NeedsVerifiedMirror(_ladder.Phase, next)
            : _ladder.Phase.HasMirror() && !next.HasMirror() && next == MigrationPhase.NewOnly;

    private async Task DrainAsync(IProgress<MigrationProgress>? progress, CancellationToken cancellationToken)
    {
        progress?.Report(new(_ladder.Phase, MigrationStep.Draining));
        try
        {
            await _repository.Repair.DrainAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (MirrorUnavailableException)
        {
            // The move that needs the drained outbox waits for it once more, and says what is missing.
        }
    }

    private async Task<VerificationReport> VerifyAndRepairAsync(IProgress<MigrationProgress>? progress, CancellationToken cancellationToken)
    {
        var report = await _verification.RunAsync(repair: true, progress, found: null, cancellationToken).ConfigureAwait(false);
        for (var round = 1; round < VerificationRounds && !report.IsClean; round++)
        {
            await DrainAsync(progress, cancellationToken).ConfigureAwait(false);
            report = await _verification.RunAsync(repair: true, progress, found: null, cancellationToken).ConfigureAwait(false);
        }

        return report;
    }
}
