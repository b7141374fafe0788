namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>
/// A state that a process can be in, and how it is reached. Two processes whose hashes are the same do the same from there on. Belongs to one <see cref="ProcessTable"/>.
/// </summary>
internal sealed class ProcessState
{
    private readonly Dictionary<(EventKind, int, ulong), ProcessStep> _steps = [];

    public ProcessState(Process live, ulong hash, ProcessState? parent, ProcessEvent via, Lasting? origin)
    {
        (Home, Hash, Parent, Via, Origin) = (live.Home, hash, parent, via, origin);
        Actors = live.States();
        Phase = live.Ladder.Phase;
        LeaseNumber = live.Ladder.Fleet.Lease?.Number ?? 0;
        IsDone = Array.TrueForAll(Actors, static a => !a.HasMore);
    }

    public int Home { get; }

    public ulong Hash { get; }

    public ProcessState? Parent { get; }

    public ProcessEvent Via { get; }

    /// <summary>What the process found when it started; of a state without a parent.</summary>
    public Lasting? Origin { get; }

    public ActorState[] Actors { get; }

    public MigrationPhase Phase { get; }

    public long LeaseNumber { get; }

    public bool IsDone { get; }

    /// <summary>A process that stands here and has not gone on.</summary>
    public Process? Live { get; set; }

    /// <summary>Whether a process of the same hash looks the same: an alarm for hashes that leave something out.</summary>
    public bool IsOf(Process live) => live.Ladder.Phase == Phase && (live.Ladder.Fleet.Lease?.Number ?? 0) == LeaseNumber
        && Actors.Zip(live.States()).All(static pair => pair.First with { Pending = null } == pair.Second with { Pending = null } && pair.First.Pending?.Hash == pair.Second.Pending?.Hash);

    public ProcessStep? Known(in ProcessEvent next) => _steps.GetValueOrDefault((next.Kind, next.Actor, next.Answer.Hash));

    public void Learn(in ProcessEvent next, ProcessStep step) => _steps.Add((next.Kind, next.Actor, next.Answer.Hash), step);
}
