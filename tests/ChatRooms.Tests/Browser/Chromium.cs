using System.Diagnostics;
using System.Text.Json.Nodes;
using ScaleKit.TestKit;

namespace ChatRooms.Tests;

/// <summary>A real Chromium without a window, with a profile of its own that goes with it.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private const string Greeting = "DevTools listening on ";
    private readonly string _profile = Directory.CreateTempSubdirectory("chromium-").FullName;
    private Process? _process;
    private DevTools? _tools;

    /// <summary>Starts it; a missing browser fails with the line that installs it.</summary>
    public async Task InitializeAsync()
    {
        // No sandbox: CI runs as root, and the only pages are those of this tree.
        var start = new ProcessStartInfo(
            ServerTool.Find("chromium", "apt-get install -y chromium"),
            ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic", "--remote-debugging-port=0", $"--user-data-dir={_profile}", "about:blank"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        _process = Process.Start(start) ?? throw new InvalidOperationException("chromium did not start.");
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2), TimeProvider.System);
        string? line;
        do
        {
            line = await _process.StandardError.ReadLineAsync(deadline.Token);
        }
        while (line?.StartsWith(Greeting, StringComparison.Ordinal) == false);
        _ = _process.StandardError.ReadToEndAsync(CancellationToken.None);
        _tools = await DevTools.ConnectAsync(new Uri((line ?? throw new InvalidOperationException("chromium ended before it listened."))[Greeting.Length..]));
    }

    /// <summary>Opens a page in a tab of this size; a phone has touch and three pixels a point.</summary>
    internal async Task<BrowserPage> OpenAsync(Uri address, int width, int height = 900)
    {
        var target = (await _tools!.SendAsync("Target.createTarget", new JsonObject { ["url"] = "about:blank" }))["targetId"]!.GetValue<string>();
        var session = (await _tools.SendAsync("Target.attachToTarget", new JsonObject { ["targetId"] = target, ["flatten"] = true }))["sessionId"]!.GetValue<string>();
        var page = new BrowserPage(_tools, session);
        await page.NavigateAsync(address, width, height);
        return page;
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (_tools is not null)
            await _tools.DisposeAsync();
        if (_process is not null)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
            _process.Dispose();
        }
        // Its helpers may write to the profile for a moment longer.
        await Eventually.HoldsAsync(TryDelete, "the profile can be deleted");
    }

    private bool TryDelete()
    {
        try
        {
            Directory.Delete(_profile, recursive: true);
        }
        catch (IOException)
        {
        }
        return !Directory.Exists(_profile);
    }
}
