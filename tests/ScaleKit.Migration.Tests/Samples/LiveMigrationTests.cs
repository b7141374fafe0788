using ScaleKit.TestKit;

namespace ScaleKit.Migration.Tests;

/// <summary>Runs samples/LiveMigration as a user does.</summary>
public sealed class LiveMigrationTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [Fact]
    public async Task Main_SqliteToSqlite_KilledTwiceAndNothingLost() => AssertWhole(await ProgramRun.OfAsync("LiveMigration", "--rows", "4000"));

    [Fact]
    public async Task Main_SqliteToPostgreSql_KilledTwiceAndNothingLostAndNoTableLeft()
    {
        AssertWhole(await ProgramRun.OfAsync("LiveMigration", "--rows", "4000", "--postgres", postgres.Server.ConnectionString));

        await using var command = postgres.Source().CreateCommand("SELECT count(*) FROM pg_class WHERE relname LIKE 'live_migration%'");
        Assert.Equal(0L, await command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task ByHand_EachCommand_Answered()
    {
        await using var sample = TalkingProgram.Start("LiveMigration", "--rows", "500", "--by-hand");
        Assert.StartsWith("status, advance", await sample.HearAsync(), StringComparison.Ordinal);
        Assert.StartsWith("A (OldOnly), epoch 1", await sample.HearAsync(), StringComparison.Ordinal);
        Assert.StartsWith("B (DualWrite), epoch 2", await sample.AskAsync("advance"), StringComparison.Ordinal);
        Assert.Contains("backfill", await sample.AskAsync("advance"), StringComparison.OrdinalIgnoreCase);
        Assert.EndsWith("paused", await sample.AskAsync("pause"), StringComparison.Ordinal);
        await sample.SayAsync("backfill");
        Assert.Contains("backfilled 0 rows", await sample.AskAsync("status"), StringComparison.Ordinal);

        // The end of the backfill may be told before the answer.
        string[] answers = [await sample.AskAsync("resume"), await sample.HearAsync()];
        Assert.Contains("backfill: 500 rows copied", answers);
        Assert.Equal("verification: 500 rows compared, 0 differences, 0 on their way, 0 repaired, 0 lost", await sample.AskAsync("verify"));
        Assert.EndsWith("switched off", await sample.AskAsync("off"), StringComparison.Ordinal);
        Assert.Contains("kill switch", await sample.AskAsync("advance"), StringComparison.Ordinal);
        Assert.StartsWith("status, advance", await sample.AskAsync("dance"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ByHand_KilledAndStartedOnTheSameFolder_GoesOnWhereItStood()
    {
        using var files = new TestFiles();
        string[] arguments = ["--rows", "500", "--by-hand", "--data", Path.GetDirectoryName(files.PathOf("old"))!];
        await using (var first = TalkingProgram.Start("LiveMigration", arguments))
        {
            await first.HearAsync();
            await first.HearAsync();
            await first.AskAsync("advance");
            Assert.Equal("backfill: 500 rows copied", await first.AskAsync("backfill"));
            first.Kill();
        }

        await using var second = TalkingProgram.Start("LiveMigration", arguments);
        await second.HearAsync();
        Assert.StartsWith("B (DualWrite), epoch 2, backfilled 500 rows (complete)", await second.HearAsync(), StringComparison.Ordinal);
        Assert.StartsWith("C (DualWriteBoth), epoch 3", await second.AskAsync("advance"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--rows 0", 2, "'--rows 0' is not understood")]
    [InlineData("--nonsense", 2, "'--nonsense' is not understood")]
    [InlineData("--help", 0, "--by-hand")]
    public async Task Main_OtherArguments_SaysHowToUseIt(string line, int exitCode, string expected)
    {
        var run = await ProgramRun.OfAsync("LiveMigration", line.Split(' '));

        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(expected, run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host=127.0.0.1;Port=1;Username=postgres", "--postgres: Failed to connect to 127.0.0.1:1")]
    [InlineData("Nonsense=1", "--postgres: ")]
    public async Task Main_PostgreSqlThatIsNotThere_SaysSoInOneLineAndWritesNothing(string postgres, string expected)
    {
        using var files = new TestFiles();
        var old = files.PathOf("old");

        var run = await ProgramRun.OfAsync("LiveMigration", "--data", Path.GetDirectoryName(old)!, "--postgres", postgres);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(expected, Assert.Single(run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.Empty(run.Errors);
        Assert.False(File.Exists(old));
    }

    private static void AssertWhole(ProgramRun run)
    {
        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
        Assert.Equal(("4000", "2", "0", "0", "0"), (run.Result["rows"], run.Result["kills"], run.Result["lost"], run.Result["duplicated"], run.Result["resurrected"]));
        Assert.True(int.Parse(run.Result["writes"], null) > 100, run.Output);
    }
}
