using Microsoft.Data.Sqlite;
using ScaleKit.TestKit;

namespace ScaleKit.Migration.Tests;

/// <summary>A real process is stopped (SIGSTOP) while the fleet goes on by three rungs, and continued: it must not answer or write as in the phase that it fell asleep in.</summary>
public sealed class StoppedInstanceTests : IDisposable
{
    private const int Locked = 5;
    private readonly TestFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData(MigrationPhase.ReadNew, MigrationPhase.DualWrite)]
    [InlineData(MigrationPhase.DualWrite, MigrationPhase.ReadNew)]
    public async Task StoppedForThreeMoves_Continued_AnswersAndWritesAsTheFleetDoes(MigrationPhase asleepIn, MigrationPhase awakeIn)
    {
        await using var migration = new KillableMigration(name => _files.Connect(name)());
        await migration.Repository.UpsertAsync("k", "1");
        await WalkAsync(migration, asleepIn);
        await using var sleeper = TalkingProgram.Start(typeof(Program).Assembly.GetName().Name!, "serve", Path.GetDirectoryName(_files.PathOf("old"))!);
        Assert.Equal("1", await sleeper.AskAsync("get k"));
        var epoch = migration.Repository.Ladder.State.Epoch;
        await PauseAsync(sleeper);

        await WalkAsync(migration, awakeIn);
        await migration.Repository.UpsertAsync("k", "2");
        Assert.True(migration.Repository.Ladder.State.Epoch > epoch, "The instance that slept was passed without a fence.");
        await sleeper.SayAsync("get k");
        await sleeper.SayAsync("put other 3");
        sleeper.Resume();

        Assert.Equal("2", await sleeper.HearAsync());
        await sleeper.HearAsync();
        Assert.Equal("3", (await migration.Repository.GetAsync("other")).Value);
        await migration.Repository.Repair.DrainAsync();
        Assert.Equal(await migration.Old.DigestAsync(default), await migration.New.DigestAsync(default));
    }

    // SQLite's lock is the file's: who is stopped in the middle of a transaction holds it against everybody. That is another story than the one told here.
    private async Task PauseAsync(TalkingProgram program)
    {
        program.Pause();
        while (!await IsFreeAsync("old") || !await IsFreeAsync("new") || !await IsFreeAsync("journal"))
        {
            program.Resume();
            program.Pause();
        }
    }

    private async Task<bool> IsFreeAsync(string name)
    {
        await using var connection = _files.Connect(name)();
        connection.DefaultTimeout = 1;
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "BEGIN IMMEDIATE; ROLLBACK";
        try
        {
            await command.ExecuteNonQueryAsync();
            return true;
        }
        catch (SqliteException failure) when (failure.SqliteErrorCode == Locked)
        {
            return false;
        }
    }

    private static async Task WalkAsync(KillableMigration migration, MigrationPhase phase)
    {
        var report = await new MigrationRunner<string, string>(migration.Repository).RunAsync(phase);
        Assert.True(report.Completed, string.Join(' ', report.Missing));
    }
}
