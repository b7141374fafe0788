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
/// </remarks>
public sealed class MigrationLadder : IDisposable
{
    private readonly PhaseMover _mover;
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
        if (ReferenceEquals(old, @new) || old.Equals(@new))
        {
            throw new ArgumentException($"Both stores are '{old.Name}': a migration needs two.", nameof(@new));
        }

        Old = old;
        New = @new;
        Options = (options ?? new MigrationOptions()).CopyValidated();
        Journal = journal ?? new InMemoryJournal();
        Time = timeProvider ?? TimeProvider.System;
        Logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger<MigrationLadder>();
        Instruments = new MigrationInstruments(meterFactory, () => (int)Phase);
        Wake = wake;
        _turn = new Turn(wake);
        _stage = Stage.Unloaded(wake);
        _enabled = Options.Enabled;
        _mover = new PhaseMover(this, new StateDocument(Journal, DocumentName("state")));
    }

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

    internal Action<Action> Wake { get; }

    internal Stage Current => Volatile.Read(ref _stage);

    /// <summary>Reads the state from the journal, and finishes or takes back a move that a crash interrupted. Does nothing when the state is loaded.</summary>
    /// <exception cref="MigrationStateException">The store that issues versions is fenced against the journal's epoch: the journal is older than the store, or was lost.</exception>
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

    /// <summary>Ends the meter. Operations and moves must have ended.</summary>
    public void Dispose() => Instruments.Dispose();

    internal PhasePin Pin()
    {
        while (true)
        {
            var stage = Volatile.Read(ref _stage);
            var stripe = stage.Enter();

            // Ordering: enter first, then look again. A mover publishes first, then looks for who is inside; so one of both sees the other.
            if (ReferenceEquals(stage, Volatile.Read(ref _stage)))
            {
                return new PhasePin(stage, stripe);
            }

            stage.Leave(stripe);
        }
    }

    /// <summary>Waits for the stage after one that takes no writes; the caller holds no pin.</summary>
    internal async ValueTask WaitForNextAsync(Stage stage, CancellationToken cancellationToken)
    {
        if (!stage.IsLoaded)
        {
            await LoadAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        await stage.Retired.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A store refused a write of this stage's epoch: adopts the state of the journal if it is newer. The caller holds no pin.</summary>
    internal async ValueTask OnFencedAsync(Stage stage, CancellationToken cancellationToken)
    {
        await _turn.EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!ReferenceEquals(stage, Current))
            {
                return;
            }

            Publish(Stage.Unloaded(Wake));
            await _mover.LoadAsync(cancellationToken).ConfigureAwait(false);
            if (Current.Epoch <= stage.Epoch)
            {
                throw new StoreFencedException(
                    $"The store '{_mover.Gate.SequencerOf(stage.Phase).Name}' refuses writes of epoch {stage.Epoch}, and the journal knows of no newer one.");
            }
        }
        finally
        {
            _turn.Leave();
        }
    }

    /// <summary>Completes when no operation of an earlier phase runs any more. False when that takes longer than the move timeout.</summary>
    internal async Task<bool> SettleAsync(CancellationToken cancellationToken)
    {
        await LoadAsync(cancellationToken).ConfigureAwait(false);
        await _turn.EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await _mover.SettleAsync().ConfigureAwait(false);
        }
        finally
        {
            _turn.Leave();
        }
    }

    /// <summary>Records what the backfill or the verification found, unless the period that it belongs to has ended.</summary>
    internal async ValueTask<bool> RecordAsync(long tenure, Func<MigrationState, MigrationState> change, CancellationToken cancellationToken)
    {
        await _turn.EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return State.Tenure == tenure && State.Phase.HasMirror() && await _mover.RecordAsync(change, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Leave();
        }
    }

    /// <summary>Waits while the kill switch is off.</summary>
    internal async ValueTask WhileDisabledAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var switched = Volatile.Read(ref _switched);
            if (_enabled)
            {
                return;
            }

            await switched.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
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

    private async Task<MigrationMove> MoveAsync(Func<MigrationPhase, MigrationPhase> target, CancellationToken cancellationToken)
    {
        await LoadAsync(cancellationToken).ConfigureAwait(false);
        await _turn.EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await _mover.MoveAsync(target(Phase), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Leave();
            Nudge();
        }
    }
}
