using Microsoft.Data.Sqlite;

namespace ScaleKit.Migration.Tests;

/// <summary>The process that a test kills in the middle of a backfill; the test runner never comes here.</summary>
public static class Program
{
    public static async Task<int> Main(string[] arguments)
    {
        if (arguments is not ["backfill", var folder])
        {
            return 2;
        }

        await using var migration = new KillableMigration(name => new SqliteConnection($"Data Source={Path.Combine(folder, name + ".db")};Pooling=False"));
        var report = await new Backfill<string, string>(migration.Repository).RunAsync();
        return report.Rows > 0 ? 0 : 1;
    }
}
