using System.Diagnostics;

namespace ChatRooms.Tests;

/// <summary>The demonstration as a user starts it, small.</summary>
public sealed class ClusterScriptTests
{
    [Fact]
    public async Task Run_ThreeNodesBehindOneAddressAndOneKilled_LosesNothingAndExceedsNothing()
    {
        var start = new ProcessStartInfo("bash", [Path.Combine(AppContext.BaseDirectory, "cluster.sh"), "--seconds", "20", "--simulate", "60"])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, WorkingDirectory = Path.GetTempPath(),
        };
        start.Environment["CHATROOMS"] = Path.Combine(AppContext.BaseDirectory, "ChatRooms.dll");
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        var text = await output + await error;
        Assert.True(process.ExitCode == 0, text);
        Assert.Contains("node 2 was killed", text, StringComparison.Ordinal);
        Assert.Matches(@"RESULT users=60 admitted=\d+ queued=[1-9]\d* messages=[1-9]\d* lost=0 duplicated=0 unseen=0 max_room=[1-4] max_total=\d+ limited=\d+", text);
    }
}
