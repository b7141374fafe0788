namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>Who does what, where it begins, and how much may go wrong.</summary>
internal sealed record Scenario(string Name, MigrationPhase Start, IReadOnlyList<(string Name, int Process, IReadOnlyList<Op> Script)> Actors)
{
    private static readonly MigrationOptions Alone = With(TimeSpan.Zero);
    private static readonly MigrationOptions Fleet = With(Clock.LeaseDuration);

    public int Processes { get; init; } = 2;

    public int Faults { get; init; }

    public int Crashes { get; init; }

    /// <summary>How often a process may sleep past the end of its lease.</summary>
    public int Sleeps { get; init; }

    /// <summary>How many of the processes, from the first, may sleep.</summary>
    public int Sleepers { get; init; } = 2;

    /// <summary>Whether the processes hold leases. Without, they know each other by the fence alone.</summary>
    public bool Leases { get; init; }

    public Guard Dropped { get; init; }

    public MigrationOptions Options => Leases ? Fleet : Alone;

    /// <summary>Walks to the start with the shipping code, alone and without faults, after the row was written once.</summary>
    public (Lasting Lasting, RegisterMonitor Monitor) Prepare()
    {
        var lasting = new Lasting(new ModelStore("old", Dropped), new ModelStore("new", Dropped), new ModelJournal(Dropped));
        var process = Process.Start(this with { Actors = [] }, 0, lasting);
        process.Alone(lasting, async () =>
        {
            await process.Repository.UpsertAsync(1, 1).ConfigureAwait(false);
            var report = await new MigrationRunner<long, long>(process.Repository).RunAsync(Start).ConfigureAwait(false);
            if (Start.HasMirror() && !process.Ladder.State.MirrorComplete)
            {
                await new Backfill<long, long>(process.Repository).RunAsync().ConfigureAwait(false);
            }

            return report.Completed ? 0 : throw new InvalidOperationException(string.Join(' ', report.Missing));
        });
        lasting.Journal.RemoveLeases();
        return (lasting, new RegisterMonitor(1));
    }

    private static MigrationOptions With(TimeSpan leaseDuration) => new()
    {
        RepairInBackground = false,
        LeaseDuration = leaseDuration,
        RequireVerification = false,
        MirrorTimeout = Clock.MirrorTimeout,
        MoveTimeout = Clock.MoveTimeout,
        VerificationRecheckDelay = TimeSpan.Zero,
        VerificationRechecks = 1,
    };
}
