using System.Diagnostics;

namespace WaitingRoom;

/// <summary>A server that visitors connect to: in this process, or in one of its own, which can be killed.</summary>
internal sealed class Node : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly WebApplication? _app;
    private readonly Process? _process;

    private Node(string name, string address, WebApplication? app, Process? process) =>
        (Name, Address, _app, _process) = (name, new UriBuilder(address) { Scheme = "ws" }.Uri, app, process);

    public string Name { get; }

    public Uri Address { get; }

    public static async Task<Node> InThisProcessAsync(string name, SampleOptions options)
    {
        var app = await NodeApp.StartAsync(options);
        return new(name, NodeApp.AddressOf(app), app, process: null);
    }

    /// <exception cref="IOException">It did not start; it has said why.</exception>
    public static async Task<Node> InItsOwnProcessAsync(string name, SampleOptions options)
    {
        string program = Environment.ProcessPath!, people = FormattableString.Invariant($"{options.People}");
        string[] self = Path.GetFileNameWithoutExtension(program) is "dotnet" ? [typeof(Node).Assembly.Location] : [];
        var start = new ProcessStartInfo(program, [.. self, "--node", "--redis", options.Redis!, "--people", people])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        var process = Process.Start(start) ?? throw new IOException($"server {name} did not start.");
        if (await process.StandardOutput.ReadLineAsync() is { } address)
            return new(name, address, app: null, process);
        await process.WaitForExitAsync();
        throw new IOException($"server {name} did not start.");
    }

    /// <summary>Ends it as a crash does: nobody is told, nothing is given back.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
        if (_process is { } process)
        {
            // Who is asked gives its seats back; who was killed cannot.
            process.StandardInput.Close();
            await process.WaitForExitAsync().WaitAsync(Patience, TimeProvider.System).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }
}
