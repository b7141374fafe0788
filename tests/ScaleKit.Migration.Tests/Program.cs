using Microsoft.Data.Sqlite;

namespace ScaleKit.Migration.Tests;

/// <summary>The process that a test kills in the middle of a backfill, or stops in its tracks; the test runner never comes here.</summary>
public static class Program
{
    public static async Task<int> Main(string[] arguments)
    {
        if (arguments is not [var what, var folder])
        {
            return 2;
        }

        await using var migration = new KillableMigration(name => new SqliteConnection($"Data Source={Path.Combine(folder, name + ".db")};Pooling=False"));
        return what switch
        {
            "backfill" => (await new Backfill<string, string>(migration.Repository).RunAsync()).Rows > 0 ? 0 : 1,
            "serve" => await ServeAsync(migration.Repository),
            _ => 2,
        };
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
