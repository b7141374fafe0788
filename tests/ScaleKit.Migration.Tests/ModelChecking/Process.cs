namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>One process of the fleet: the shipping repository, ladder, repair and backfill on ports. A crash forgets it.</summary>
internal sealed class Process
{
    private readonly List<Stage> _stages = [];

    public Process(World world)
    {
        World = world;
        Clock = new Clock(world);
        var (old, @new) = (new PortStore(this, world.Old), new PortStore(this, world.New));
        Ladder = new MigrationLadder(
            old, @new, world.Scenario.Options, new PortJournal(world), Clock, loggerFactory: null, NoMeters.Factory, world.Wake);
        Repository = new DualWriteRepository<long, long>(old, @new, Ladder);
    }

    public World World { get; }

    public Clock Clock { get; }

    public MigrationLadder Ladder { get; }

    public DualWriteRepository<long, long> Repository { get; }

    /// <summary>Takes note of the stages, so that those inside of an earlier one are seen.</summary>
    public void Look()
    {
        if (_stages.Count == 0 || !ReferenceEquals(_stages[^1], Ladder.Current))
        {
            _stages.Add(Ladder.Current);
        }
    }

    public static ulong HashOf(Stage stage) =>
        Mix.In(
        Mix.In(Mix.In(Mix.In(Mix.In((ulong)stage.Phase, stage.Epoch), stage.Tenure), stage.AcceptsWrites), stage.IsLoaded),
        Mix.In((ulong)stage.ReadShare, stage.Lease is { } lease ? (lease.Number * 2) + (lease.Holds ? 1 : 0) : 0));

    public ulong Hash()
    {
        var state = Ladder.State;
        var hash = Mix.In(Mix.In(Mix.In(HashOf(Ladder.Current), state.Revision), (long)state.Phase), state.Epoch);
        hash = Mix.In(Mix.In(Mix.In(Mix.In(hash, state.FencingEpoch), state.MirrorComplete), state.MirrorVerified), Clock.Now);
        hash = Mix.In(Mix.In(Mix.In(hash, state.Mover), Ladder.Fleet.Lease?.Number ?? 0), Ladder.Fleet.Acknowledged);
        foreach (var stage in _stages)
        {
            if (stage.CountInside() is > 0 and var inside)
            {
                hash = Mix.In(Mix.In(hash, HashOf(stage)), inside);
            }
        }

        foreach (var paid in PaidEntries<long, long>.Old(Repository.Repair))
        {
            hash = Mix.In(hash, paid.Sequence);
        }

        foreach (var paid in PaidEntries<long, long>.New(Repository.Repair))
        {
            hash = Mix.In(Mix.In(hash, 77), paid.Sequence);
        }

        return hash;
    }

    /// <summary>A mutation: whoever waits for operations of an earlier stage finds nobody.</summary>
    public void PretendDrained()
    {
        foreach (var stage in _stages)
        {
            while (!ReferenceEquals(stage, Ladder.Current) && stage.CountInside() > 0)
            {
                stage.Leave(Environment.CurrentManagedThreadId % 16);
            }
        }
    }
}
