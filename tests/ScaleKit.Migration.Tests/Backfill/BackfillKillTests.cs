using System.Diagnostics;

namespace ScaleKit.Migration.Tests;

/// <summary>A real process is killed (SIGKILL) in the middle of a backfill between real files, several times; another one goes on.</summary>
public sealed class BackfillKillTests : IDisposable
{
    private const int Rows = 3000;
    private readonly TestFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Kill9InTheMiddle_Resumed_NothingSkippedOrResurrected()
    {
        await using var migration = new KillableMigration(name => _files.Connect(name)());
        await migration.Old.ApplyManyIfNewerAsync(
            [.. Enumerable.Range(0, Rows).Select(i => new VersionedEntry<string, string>($"k{i:D6}", VersionedValue.Live($"{i}", new(1, 1))))]);
        Assert.True((await migration.Repository.Ladder.AdvanceAsync()).Moved);
        var copied = 0L;
        for (var kill = 1; kill <= 3; kill++)
        {
            copied = await KillAfterAsync(migration.New, copied + 100);
            Assert.InRange(copied, 1, Rows - 1);

            // Behind the cursor and ahead of it, between two lives of the copier.
            await migration.Repository.DeleteAsync($"k{kill:D6}");
            await migration.Repository.UpsertAsync($"k{10 + kill:D6}", "changed");
            await migration.Repository.DeleteAsync($"k{Rows - kill:D6}");
        }

        var report = await new Backfill<string, string>(migration.Repository).RunAsync();
        await migration.Repository.Repair.DrainAsync();

        Assert.True(report.Resumed);
        Assert.Equal(Rows, report.Rows);
        Assert.InRange(report.Applied, 1, Rows - 1);
        Assert.Equal(Rows - 6, (await migration.New.DigestAsync(default)).Rows);
        Assert.Equal(await migration.Old.DigestAsync(default), await migration.New.DigestAsync(default));
        Assert.True((await new Verification<string, string>(migration.Repository).RunAsync()).IsClean);
    }

    private async Task<long> KillAfterAsync(SqlStore<string, string> target, long rows)
    {
        using var child = Process.Start(new ProcessStartInfo(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", ["exec", typeof(Program).Assembly.Location, "backfill", Path.GetDirectoryName(_files.PathOf("old"))!]))!;
        try
        {
            await TestKit.Eventually.HoldsAsync(
                async () => await target.CountAsync(default) >= rows || child.HasExited, "the child copies", TimeSpan.FromMinutes(2));
            Assert.False(child.HasExited, "The child ended before it could be killed.");
        }
        finally
        {
            child.Kill();
            await child.WaitForExitAsync();
        }

        return await target.CountAsync(default);
    }
}
