using System.Globalization;
using Microsoft.Data.Sqlite;
using ScaleKit.TestKit;

namespace ScaleKit.Sharding.Tests;

/// <summary>Runs samples/ShardRouting and looks into the SQLite files that it leaves.</summary>
public sealed class ShardRoutingTests
{
    private const int Rows = 3_000;

    [Fact]
    public async Task Main_FourToFiveShards_EveryRowIsWhereTheRouterSaysAndOnlyThePlansRowsMoved()
    {
        var folder = Directory.CreateTempSubdirectory("shard-routing-test-").FullName;
        try
        {
            var before = Some.Slots(4);
            var plan = Topology.Plan(before, Some.Shards(5));
            var router = new ShardRouter<int>(plan.Target);
            var keys = Enumerable.Range(0, Rows).Select(i => $"user:{i}").ToArray();
            var moved = keys.Count(k => before.ShardOf(KeyHash.Of(k)).Id != router.Route(k).Id);

            var run = await ProgramRun.OfAsync("ShardRouting", "--rows", $"{Rows}", "--data", folder);

            Assert.True(run.ExitCode == 0, run.Output + run.Errors);
            Assert.Equal((moved.ToString(CultureInfo.InvariantCulture), "0", "0", "0", "0"), (run.Result["moved"], run.Result["needless"], run.Result["lost"], run.Result["duplicated"], run.Result["misplaced"]));
            var found = new List<string>();
            for (var shard = 0; shard < 5; shard++)
            {
                var here = await IdsAsync(Path.Combine(folder, $"shard-{shard}.db"));
                Assert.All(here, id => Assert.Equal(shard, router.Route(id).Payload));
                found.AddRange(here);
            }

            Assert.Equal(keys.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("--rows 0", 2, "'--rows 0' is not understood")]
    [InlineData("--nonsense", 2, "'--nonsense' is not understood")]
    [InlineData("--help", 0, "--rows N")]
    public async Task Main_OtherArguments_SaysHowToUseIt(string line, int exitCode, string expected)
    {
        var run = await ProgramRun.OfAsync("ShardRouting", line.Split(' '));

        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(expected, run.Output);
    }

    private static async Task<List<string>> IdsAsync(string file)
    {
        await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT id FROM users";
        await using var reader = await command.ExecuteReaderAsync();
        var ids = new List<string>();
        while (await reader.ReadAsync())
        {
            ids.Add(reader.GetString(0));
        }

        return ids;
    }
}
