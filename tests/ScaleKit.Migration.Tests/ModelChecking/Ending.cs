namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>
/// What must hold when a schedule is over: a new process pays what is owed, and both stores are equal; then the ladder is walked to F, and from the same state to A, and everywhere a read
/// returns what a linearization explains. What happens on these walks depends on the stores and the journal alone, so each of their states is walked from once.
/// </summary>
internal sealed class Ending(Scenario scenario)
{
    private readonly Scenario _scenario = scenario with { Actors = [] };
    private readonly Dictionary<ulong, IReadOnlyList<Walk>> _walks = [];
    private readonly HashSet<ulong> _judged = [];

    /// <summary>How many different ones there were.</summary>
    public int Count => _judged.Count;

    public string? Check(World world)
    {
        if (!_judged.Add(Mix.In(world.Lasting.Hash(), world.Monitor.Hash())))
        {
            return null;
        }

        if (!_walks.TryGetValue(world.Lasting.Hash(), out var walks))
        {
            _walks.Add(world.Lasting.Hash(), walks = [Take(world.Lasting.Copy(), MigrationPhase.NewOnly), Take(world.Lasting.Copy(), MigrationPhase.OldOnly)]);
        }

        return walks.Select(walk => Judge(walk, world.Monitor.Copy())).FirstOrDefault(static violation => violation is not null);
    }

    private static string? Judge(Walk walk, RegisterMonitor monitor)
    {
        foreach (var (phase, value) in walk.Reads)
        {
            if (!monitor.Return(monitor.Invoke(Op.Get), value))
            {
                return $"At the end a reader in {phase.Letter()} gets {value}, which no order of the operations explains: an acknowledged write is lost.";
            }
        }

        return walk.Violation;
    }

    private Walk Take(Lasting lasting, MigrationPhase target)
    {
        var walk = new Walk();
        try
        {
            // Whoever took part is gone for good.
            lasting.Journal.EndLeases();
            var process = Process.Start(_scenario, 0, lasting);
            walk.Violation = process.Alone(lasting, () => TakeAsync(walk, lasting, process, target));
        }
        catch (Exception failure) when (failure is not InvalidOperationException)
        {
            walk.Violation = $"The end of the schedule, on the way to {target.Letter()}: {failure.Message}";
        }

        return walk;
    }

    private static async Task<string?> TakeAsync(Walk walk, Lasting lasting, Process process, MigrationPhase target)
    {
        var repository = process.Repository;
        await ReadAsync(walk, repository).ConfigureAwait(false);
        if (process.Ladder.Phase.HasMirror())
        {
            await new Backfill<long, long>(repository).RunAsync().ConfigureAwait(false);
            await repository.Repair.DrainAsync().ConfigureAwait(false);
            if (lasting.Old.Row != lasting.New.Row)
            {
                return $"Everything is paid, and the stores differ: old holds {new Answer(lasting.Old.Row, 0)}, new holds {new Answer(lasting.New.Row, 0)}.";
            }
        }

        var report = await new MigrationRunner<long, long>(repository).RunAsync(target).ConfigureAwait(false);
        if (!report.Completed || report.Differences > 0)
        {
            return $"The way to {target.Letter()} ended in {report.To.Letter()} with {report.Differences} differences: {string.Join(' ', report.Missing)}";
        }

        await ReadAsync(walk, repository).ConfigureAwait(false);
        return lasting.VersionFell ? "A version in a store did not rise." : null;
    }

    private static async Task ReadAsync(Walk walk, DualWriteRepository<long, long> repository) =>
        walk.Reads.Add((repository.Ladder.Phase, (await repository.GetAsync(1).ConfigureAwait(false)).Value));

    private sealed class Walk
    {
        public List<(MigrationPhase Phase, long Value)> Reads { get; } = [];

        public string? Violation { get; set; }
    }
}
