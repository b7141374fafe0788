using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ScaleKit.Migration;

/// <summary>
/// The phase of a migration: holds the current rung, moves between neighbours when nothing is missing, and lets no move pass operations that began before it.
/// Thread-safe; moves of one ladder follow one another.
/// </summary>
/// <remarks>
/// Every operation pins its phase by a counter, without a lock and without allocation. A move publishes the next phase and then waits until the phase before is empty.
/// Where a write of the phase before that lands late would be lost, the move first raises a fence in the store itself and begins a new epoch.
/// Several instances of an application share a migration by their leases in the journal: a move waits until every instance has acknowledged the phase before it, or its lease has ended.
/// </remarks>
public sealed partial class MigrationLadder : IAsyncDisposable, IDisposable
{
    private static readonly TimeSpan FencePoll = TimeSpan.FromMilliseconds(5);
    private readonly PhaseMover _mover;
    private readonly Fleet _fleet;
    private readonly AuditLog _audit;
    private readonly Heartbeat? _heartbeat;
    private readonly Turn _turn;
    private Stage _stage;
    private MigrationState _state = new();
    private volatile bool _enabled;
    private TaskCompletionSource _switched = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Makes the ladder of a migration between two stores. Its state is read from the journal by the first operation, or by <see cref="LoadAsync"/>.</summary>
    /// <param name="old">The store that the data is in.</param>
    /// <param name="new">The store that the data goes to.</param>
    /// <param name="options">The settings, copied.</param>
    /// <param name="journal">Where the phase is kept; an <see cref="InMemoryJournal"/> unless given.</param>
    /// <param name="timeProvider">The clock of timeouts and pauses.</param>
    /// <param name="loggerFactory">Where state changes are logged.</param>
    /// <param name="meterFactory">Makes the meter.</param>
    /// <exception cref="ArgumentNullException">A store is null.</exception>
    /// <exception cref="ArgumentException">Both stores are the same, or an option is out of range.</exception>
    public MigrationLadder(
        IMigrationStore old,
        IMigrationStore @new,
        MigrationOptions? options = null,
        IMigrationJournal? journal = null,
        TimeProvider? timeProvider = null,
        ILoggerFactory? loggerFactory = null,
        IMeterFactory? meterFactory = null)
        : this(old, @new, options, journal, timeProvider, loggerFactory, meterFactory, Signal.ThreadPoolWake)
    {
        _heartbeat = _fleet.IsAlone ? null : new Heartbeat(this, _fleet);
    }

    internal MigrationLadder(
        IMigrationStore old,
        IMigrationStore @new,
        MigrationOptions? options,
        IMigrationJournal? journal,
        TimeProvider? timeProvider,
        ILoggerFactory? loggerFactory,
        IMeterFactory? meterFactory,
        Action<Action> wake)
    {
        ArgumentNullException.ThrowIfNull(old);
        ArgumentNullException.ThrowIfNull(@new);
        if (old.Equals(@new))
        {
            throw new ArgumentException($"Both stores are '{old.Name}', the same rows: a migration needs two.", nameof(@new));
        }

        Old = old;
        New = @new;
        Options = (options ?? new MigrationOptions()).CopyValidated();
        Journal = journal ?? new InMemoryJournal();
        Time = timeProvider ?? TimeProvider.System;
        Logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger<MigrationLadder>();
        Mirror = new MirrorWatch(Options.MirrorFailureLimit, Time, Logger, change => MirrorFailing?.Invoke(this, change));
        Instruments = new MigrationInstruments(meterFactory, () => (int)Phase, () => Mirror.IsFailing);
        Wake = wake;
        _turn = new Turn(wake);
        _stage = Stage.Unloaded(wake);
        _enabled = Options.Enabled;
        _audit = new AuditLog(Journal, DocumentName("fleet"), Options.InstanceName);
        Evidence = new EvidenceCounters(Time);
        _fleet = new Fleet(this, DocumentName("fleet"));
        _mover = new PhaseMover(this, new StateDocument(Journal, DocumentName("state")), _fleet, _audit);
    }

    /// <summary>
    /// The mirror does not take more rows than <see cref="MigrationOptions.MirrorFailureLimit"/> allows, or it takes them again, as this instance sees it. Raised outside every lock, by the operation or the
    /// repair that noticed it. A handler that throws is logged and harms nobody; a slow one delays that operation.
    /// </summary>
    public event EventHandler<MirrorFailingEventArgs>? MirrorFailing;

    /// <summary>The phase now; A until the state is loaded.</summary>
    public MigrationPhase Phase => Volatile.Read(ref _state).Phase;

    /// <summary>The state now; a fresh one until it is loaded.</summary>
    public MigrationState State => Volatile.Read(ref _state);

    /// <summary>
    /// The kill switch. Off: moves are refused, and repair, backfill and verification pause. Reads and writes go on in the current phase, dual writes included.
    /// </summary>
    public bool IsEnabled
    {
        get => _enabled;
        set
        {
            if (_enabled == value)
            {
                return;
            }

            _enabled = value;
            Interlocked.Exchange(ref _switched, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
            Log.Switched(Logger, value ? "on" : "off", Phase);
            Nudge();
        }
    }

    internal event EventHandler? Nudged;

    internal IMigrationStore Old { get; }

    internal IMigrationStore New { get; }

    internal MigrationOptions Options { get; }

    internal IMigrationJournal Journal { get; }

    internal TimeProvider Time { get; }

    internal ILogger Logger { get; }

    internal MigrationInstruments Instruments { get; }

    internal MirrorWatch Mirror { get; }

    internal Action<Action> Wake { get; }

    internal Fleet Fleet => _fleet;

    internal EvidenceCounters Evidence { get; }

    internal Stage Current => Volatile.Read(ref _stage);

    /// <summary>Reads the state from the journal, and finishes or takes back a move that a crash interrupted. Does nothing when the state is loaded.</summary>
    /// <exception cref="StoreFencedException">The store that issues versions is fenced against the journal's epoch: a later migration has begun on it, or the journal is older than the store, or was lost.</exception>
    public async ValueTask LoadAsync(CancellationToken cancellationToken = default)
    {
        if (Current.IsLoaded)
        {
            return;
        }

        await _turn.EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!Current.IsLoaded)
            {
                await _mover.LoadAsync(cancellationToken).ConfigureAwait(false);
                _heartbeat?.Start();
            }
        }
        finally
        {
            _turn.Leave();
        }
    }

    /// <summary>Moves one rung towards the new store.</summary>
    /// <returns>Whether it moved, or what is missing.</returns>
    public Task<MigrationMove> AdvanceAsync(CancellationToken cancellationToken = default) => MoveAsync(static phase => phase + 1, cancellationToken);

    /// <summary>Moves one rung back towards the old store.</summary>
    /// <returns>Whether it moved, or what is missing.</returns>
    public Task<MigrationMove> BackAsync(CancellationToken cancellationToken = default) => MoveAsync(static phase => phase - 1, cancellationToken);

    /// <summary>Moves to a neighbouring rung. Any other is refused with the reason.</summary>
    /// <returns>Whether it moved, or what is missing.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="target"/> is not a phase.</exception>
    public Task<MigrationMove> MoveToAsync(MigrationPhase target, CancellationToken cancellationToken = default)
    {
        if (!Enum.IsDefined(target))
        {
            throw new ArgumentOutOfRangeException(nameof(target), target, "Not a phase of the ladder.");
        }

        return MoveAsync(_ => target, cancellationToken);
    }

    /// <summary>
    /// Moves to a neighbouring rung without evidence that the gate asks for: a person decides, and the audit log keeps who, why and what was measured. What the protocol itself needs cannot be
    /// overridden; see <see cref="UnmetCondition.IsOverridable"/>.
    /// </summary>
    /// <returns>Whether it moved, or what is missing.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="byHand"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="target"/> is not a phase.</exception>
    public Task<MigrationMove> OverrideAsync(MigrationPhase target, GateOverride byHand, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(byHand);
        return Enum.IsDefined(target)
            ? MoveAsync(_ => target, cancellationToken, byHand)
            : throw new ArgumentOutOfRangeException(nameof(target), target, "Not a phase of the ladder.");
    }

    /// <summary>
    /// In phase Q: reads this percentage of the keys in the new store, as phase D does for all, while the others go on with helping reads. A key is in or out by its hash, and one that is in stays in
    /// when the percentage rises. Raising it asks for what the move to D asks for.
    /// </summary>
    /// <param name="percent">0 to 100. Phase D follows from any; the way back to C needs 0.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether it holds in every instance, or what is missing.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="percent"/> is out of range.</exception>
    public async Task<MigrationMove> ShareReadsAsync(double percent, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(percent);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(percent, 100);
        await LoadAsync(cancellationToken).ConfigureAwait(false);
        if (Phase != MigrationPhase.HelpingReads)
        {
            var message = $"Reads are shared out in {MigrationPhase.HelpingReads.Title()} only, and the migration stands in {Phase.Title()}.";
            return new(Moved: false, State, [new(GateCondition.Neighbour, Phase.Title(), MigrationPhase.HelpingReads.Title(), message)], Settled: true);
        }

        return await MoveAsync(static _ => MigrationPhase.HelpingReads, cancellationToken, readShare: percent).ConfigureAwait(false);
    }

    /// <summary>What was measured so far of what the moves towards the new store ask for.</summary>
    public GateEvidence GetEvidence() => Evidence.Take(State, Options.Gate.ShadowConfidence);

    /// <summary>Reads the audit log from the record after <paramref name="after"/> (0: from the first), in order, at most <paramref name="limit"/> records.</summary>
    /// <exception cref="MigrationStateException">A record cannot be read.</exception>
    public ValueTask<IReadOnlyList<MigrationAuditRecord>> GetAuditAsync(long after = 0, int limit = 100, CancellationToken cancellationToken = default) =>
        _audit.ReadAsync(after, limit, cancellationToken);

    /// <summary>
    /// Whether this instance may be sent requests: it has read the phase, holds its lease, and runs nothing of a phase that is neither the journal's nor a neighbour of it. For a readiness check.
    /// </summary>
    public async ValueTask<MigrationReadiness> CheckReadinessAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await LoadAsync(cancellationToken).ConfigureAwait(false);
            var inJournal = await _mover.ReadAsync(cancellationToken).ConfigureAwait(false);
            var stage = Current;
            var worry = stage switch
            {
                { IsLoaded: false } => "The phase is not read yet.",
                { MayAnswer: false } => "The lease of this instance has ended: it answers nothing until it has a new one.",
                _ when Math.Abs(inJournal.Phase - _mover.FurthestFrom(inJournal.Phase)) > 1 =>
                    $"Operations run in {_mover.FurthestFrom(inJournal.Phase).Title()}, and the migration stands in {inJournal.Phase.Title()}.",
                _ => null,
            };
            return new MigrationReadiness(worry is null, stage.Phase, stage.Epoch, worry);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            return new MigrationReadiness(IsReady: false, Phase, State.Epoch, $"The state of the migration cannot be read: {failure.Message}");
        }
    }

    /// <summary>
    /// Gives the lease back, if no operation runs any more, and ends the meter: moves of other instances do not wait for this one. Operations and moves must have ended.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (_heartbeat is not null)
        {
            await _heartbeat.DisposeAsync().ConfigureAwait(false);
            await _mover.LeaveAsync().ConfigureAwait(false);
        }

        Instruments.Dispose();
    }

    /// <summary>As <see cref="DisposeAsync"/>, for callers that cannot wait: the lease is not given back but ends by itself.</summary>
    public void Dispose()
    {
        _heartbeat?.Stop();
        Instruments.Dispose();
    }

    // Several migrations may share one journal.
    internal string DocumentName(string kind) => $"{kind}:{Old.Name}>{New.Name}";

    internal void Nudge() => Nudged?.Invoke(this, EventArgs.Empty);

    internal Stage Publish(Stage next)
    {
        var before = Interlocked.Exchange(ref _stage, next);
        before.Retire();
        return before;
    }

    internal void SetState(MigrationState state) => Volatile.Write(ref _state, state);

    private async Task<MigrationMove> MoveAsync(
        Func<MigrationPhase, MigrationPhase> target, CancellationToken cancellationToken, GateOverride? byHand = null, double? readShare = null)
    {
        await LoadAsync(cancellationToken).ConfigureAwait(false);
        await _turn.EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await MoveNowAsync(target(Phase), readShare, byHand, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Leave();
            Nudge();
        }
    }

    private async Task<MigrationMove> MoveNowAsync(MigrationPhase target, double? readShare, GateOverride? byHand, CancellationToken cancellationToken)
    {
        using var activity = MigrationActivities.StartMove(Phase, target);
        try
        {
            var move = await _mover.MoveAsync(target, readShare, byHand, cancellationToken).ConfigureAwait(false);
            MigrationActivities.EndMove(activity, move.Moved);
            return move;
        }
        catch (Exception failure)
        {
            MigrationActivities.Fail(activity, failure);
            throw;
        }
    }
}
