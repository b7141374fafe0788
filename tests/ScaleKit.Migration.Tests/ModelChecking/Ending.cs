namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>
/// What must hold when a schedule is over: a new process pays what is owed, and both stores are equal; then the ladder is walked to F, and from the same state to A, and everywhere a read
/// returns what a linearization explains.
/// </summary>
internal static class Ending
{
    public static string? Check(Scenario scenario, Snapshot end)
    {
        foreach (var target in (MigrationPhase[])[MigrationPhase.NewOnly, MigrationPhase.OldOnly])
        {
            var world = new World(scenario with { Processes = 0, Actors = [] }, new(end.Old.Copy(), end.New.Copy(), end.Journal.Copy(), end.Monitor.Copy()), trace: false);
            try
            {
                // Whoever took part is gone for good.
                world.Journal.EndLeases();
                var process = world.Start();
                if (world.Alone(() => CheckAsync(world, process, target)) is { } violation)
                {
                    return violation;
                }
            }
            catch (Exception failure) when (failure is not InvalidOperationException)
            {
                return $"The end of the schedule, on the way to {target.Letter()}: {failure.Message}";
            }
        }

        return null;
    }

    private static async Task<string?> CheckAsync(World world, Process process, MigrationPhase target)
    {
        var repository = process.Repository;
        if (await ReadAsync(world, repository).ConfigureAwait(false) is { } before)
        {
            return before;
        }

        if (process.Ladder.Phase.HasMirror())
        {
            await new Backfill<long, long>(repository).RunAsync().ConfigureAwait(false);
            await repository.Repair.DrainAsync().ConfigureAwait(false);
            if (world.Old.Row != world.New.Row)
            {
                return $"Everything is paid, and the stores differ: old holds {Show(world.Old.Row)}, new holds {Show(world.New.Row)}.";
            }
        }

        var report = await new MigrationRunner<long, long>(repository).RunAsync(target).ConfigureAwait(false);
        if (!report.Completed || report.Differences > 0)
        {
            return $"The way to {target.Letter()} ended in {report.To.Letter()} with {report.Differences} differences: {string.Join(' ', report.Missing)}";
        }

        return await ReadAsync(world, repository).ConfigureAwait(false);
    }

    private static async Task<string?> ReadAsync(World world, DualWriteRepository<long, long> repository)
    {
        var slot = world.Monitor.Invoke(Op.Get);
        var value = (await repository.GetAsync(1).ConfigureAwait(false)).Value;
        return world.Monitor.Return(slot, value)
            ? null
            : $"At the end a reader in {repository.Ladder.Phase.Letter()} gets {value}, which no order of the operations explains: an acknowledged write is lost.";
    }

    private static string Show(VersionedValue<long> row) => row.Exists ? $"{row.Value} v{row.Version}" : row.IsDeleted ? $"deleted v{row.Version}" : "nothing";
}
