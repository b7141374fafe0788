using Microsoft.Data.Sqlite;

namespace ScaleKit.Migration.Tests;

/// <summary>The processes that tests kill, or stop in their tracks; the test runner never comes here.</summary>
public static class Program
{
    public static async Task<int> Main(string[] arguments)
    {
        switch (arguments)
        {
            case ["backfill", var folder]:
                await using (var migration = Killable(folder))
                {
                    return (await new Backfill<string, string>(migration.Repository).RunAsync()).Rows > 0 ? 0 : 1;
                }

            case ["serve", var folder]:
                await using (var migration = Killable(folder))
                {
                    return await ServeAsync(migration.Repository);
                }

            case ["write", var folder, var table, var postgres, var seed, var life]:
                await using (var migration = new HistoryMigration(folder, table, postgres))
                {
                    await HistoryWriters.RunAsync(migration.Repository, int.Parse(seed, null), int.Parse(life, null));
                    return 0;
                }

            case ["walk", var folder, var table, var postgres, var target]:
                await using (var migration = new HistoryMigration(folder, table, postgres))
                {
                    return await WalkAsync(migration.Runner, Enum.Parse<MigrationPhase>(target));
                }

            default:
                return 2;
        }
    }

    private static KillableMigration Killable(string folder) =>
        new(name => new SqliteConnection($"Data Source={Path.Combine(folder, name + ".db")};Pooling=False"));

    // A server that dies in the middle of a step ends a run; the next one goes on from there. On each rung the writers have a moment.
    private static async Task<int> WalkAsync(MigrationRunner<string, string> runner, MigrationPhase target)
    {
        while (true)
        {
            try
            {
                var phase = (await runner.GetStatusAsync()).Phase;
                if (phase == target)
                {
                    return 0;
                }

                await runner.RunAsync(target > phase ? phase + 1 : phase - 1);
            }
            catch (Exception failure) when (failure is not NullReferenceException)
            {
                // Tried again.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, CancellationToken.None);
        }
    }

    // Answers "get KEY" and "put KEY VALUE", one line each, as an instance of an application would.
    private static async Task<int> ServeAsync(DualWriteRepository<string, string> repository)
    {
        while (await Console.In.ReadLineAsync() is { } line)
        {
            switch (line.Split(' '))
            {
                case ["get", var key]:
                    await Console.Out.WriteLineAsync((await repository.GetAsync(key)).Value ?? "nothing");
                    break;
                case ["put", var key, var value]:
                    await Console.Out.WriteLineAsync($"{await repository.UpsertAsync(key, value)}");
                    break;
                default:
                    return 2;
            }
        }

        return 0;
    }
}
