namespace ScaleKit.Migration.Tests;

/// <summary>A migration between two steered stores, without background work: the test decides what happens when.</summary>
public sealed class Rig : IAsyncDisposable
{
    private readonly List<DualWriteRepository<string, string>> _owned = [];

    public Rig(Action<MigrationOptions>? configure = null)
    {
        Options = new MigrationOptions
        {
            RepairInBackground = false,
            LeaseDuration = TimeSpan.Zero,
            MoveTimeout = TimeSpan.FromMilliseconds(200),
            RepairInterval = TimeSpan.FromMilliseconds(5),
            VerificationRecheckDelay = TimeSpan.Zero,
        };
        configure?.Invoke(Options);
        Repository = NewProcess(Journal);
    }

    public SteeredStore Old { get; } = new(new InMemoryStore<string, string>("old", values: ValueFormat.Text), "old");

    public SteeredStore New { get; } = new(new InMemoryStore<string, string>("new", values: ValueFormat.Text), "new");

    public IMigrationJournal Journal { get; } = new InMemoryJournal();

    public MigrationOptions Options { get; }

    public DualWriteRepository<string, string> Repository { get; private set; }

    public MigrationLadder Ladder => Repository.Ladder;

    /// <summary>Another process on the same two stores; the one before may go on as if nothing had happened, or be forgotten as if it had crashed.</summary>
    public DualWriteRepository<string, string> NewProcess(IMigrationJournal journal, TimeProvider? clock = null)
    {
        var repository = new DualWriteRepository<string, string>(Old, New, new MigrationLadder(Old, New, Options, journal, clock));
        _owned.Add(repository);
        return repository;
    }

    /// <summary>Forgets the process and starts a new one on the same stores and journal.</summary>
    public void Crash() => Repository = NewProcess(Journal);

    /// <summary>Walks to a phase, doing on each rung what the next one needs.</summary>
    public async Task WalkToAsync(MigrationPhase phase)
    {
        var report = await new MigrationRunner<string, string>(Repository).RunAsync(phase);
        Assert.True(report.Completed, string.Join(' ', report.Missing));
    }

    /// <summary>What both stores hold for a key, as "old|new".</summary>
    public async Task<string> BothAsync(string key)
    {
        var old = await Old.Inner.ReadAsync(key);
        var @new = await New.Inner.ReadAsync(key);
        return $"{Show(old)}|{Show(@new)}";
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var repository in _owned)
        {
            await repository.DisposeAsync();
            await repository.Ladder.DisposeAsync();
        }
    }

    private static string Show(VersionedValue<string> row) => row.Exists ? row.Value! : row.IsDeleted ? "x" : "-";
}
