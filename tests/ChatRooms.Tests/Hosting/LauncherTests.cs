using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace ChatRooms.Tests;

/// <summary>The program as a newcomer starts it: a process of its own.</summary>
public sealed partial class LauncherTests
{
    [Fact]
    public async Task Run_SomeSeconds_EndsWithTheResultLineAndExitCodeZero()
    {
        var (exit, output) = await RunAsync("--seconds", "10", "--simulate", "90", "--urls", "http://127.0.0.1:0");

        var last = output.TrimEnd().Split('\n')[^1];
        Assert.True(exit == 0, output);
        var result = ResultLine().Match(last);
        Assert.True(result.Success, output);
        Assert.Equal("90", result.Groups["users"].Value);
        Assert.True(int.Parse(result.Groups["queued"].Value, null) > 0, last);
        Assert.True(int.Parse(result.Groups["messages"].Value, null) > 0, last);
        Assert.Equal("3", result.Groups["room"].Value);
        Assert.Equal("30", result.Groups["total"].Value);
        Assert.Contains("phase F", output, StringComparison.Ordinal);
        Assert.StartsWith("ChatRooms: http://127.0.0.1:", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--nonsense")]
    [InlineData("--seconds", "soon")]
    [InlineData("--urls", "http://127.0.0.1:99999")]
    public async Task Run_BadOption_IsOneClearLineAndExitCodeTwo(params string[] args)
    {
        var (exit, output) = await RunAsync(args);

        Assert.Equal(2, exit);
        Assert.Single(output.TrimEnd().Split('\n'));
        Assert.Contains(args[0], output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_Help_ListsEveryOption()
    {
        var (exit, output) = await RunAsync("--help");

        Assert.Equal(0, exit);
        foreach (var option in new[] { "--simulate", "--seconds", "--urls", "--data", "--redis", "--otlp", "--proxy", "--drive", "--help" })
            Assert.Contains(option, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_TakenAddress_IsOneClearLineAndExitCodeTwo()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        var (exit, output) = await RunAsync("--urls", $"http://127.0.0.1:{port}");

        Assert.Equal(2, exit);
        Assert.Contains($"{port}", output, StringComparison.Ordinal);
        Assert.Single(output.TrimEnd().Split('\n'));
    }

    // The same run with the caps switched off must be found out: the check does not trust the library.
    [Fact]
    public async Task Run_WithTheCapsSwitchedOff_IsReportedAsBrokenWithExitCodeOne()
    {
        var (exit, output) = await RunAsync(
            [new("ScaleKit__Admission__Enabled", "false")], "--seconds", "4", "--simulate", "60", "--urls", "http://127.0.0.1:0");

        Assert.True(exit == 1, output);
        Assert.Matches(@"BROKEN \d+ people sat in one room, the cap is 3", output);
        Assert.StartsWith("RESULT ", output.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
    }

    // The data is moved once; the second start finds the phase in its journal and the messages on the shards.
    [Fact]
    public async Task Run_TwiceOnTheSameFolder_GoesOnWhereItStopped()
    {
        var folder = Directory.CreateTempSubdirectory("chatrooms-test-").FullName;
        try
        {
            var (_, first) = await RunAsync("--seconds", "6", "--simulate", "20", "--data", folder, "--urls", "http://127.0.0.1:0");
            var (exit, second) = await RunAsync("--seconds", "4", "--simulate", "20", "--data", folder, "--urls", "http://127.0.0.1:0");

            Assert.Contains("phase F", first, StringComparison.Ordinal);
            Assert.True(exit == 0, second);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Task<(int Exit, string Output)> RunAsync(params string[] args) => RunAsync([], args);

    private static async Task<(int Exit, string Output)> RunAsync(KeyValuePair<string, string>[] environment, params string[] args)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, WorkingDirectory = Path.GetTempPath() };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "ChatRooms.dll"));
        foreach (var argument in args)
            start.ArgumentList.Add(argument);
        start.Environment["ScaleKit__Admission__RoomCapacity"] = "3";
        start.Environment["ScaleKit__Admission__ActiveRooms"] = "10";
        start.Environment["ScaleKit__Admission__TotalCapacity"] = "30";
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
        return (process.ExitCode, (await output + await error).ReplaceLineEndings("\n"));
    }

    [GeneratedRegex(
        @"^RESULT users=(?<users>\d+) admitted=\d+ queued=(?<queued>\d+) messages=(?<messages>\d+) lost=0 duplicated=0 unseen=0 max_room=(?<room>\d+) max_total=(?<total>\d+) limited=\d+$",
        RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex ResultLine();
}
