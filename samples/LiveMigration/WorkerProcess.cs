using System.Diagnostics;
using System.Globalization;

namespace LiveMigration;

/// <summary>A worker as the demonstration holds it.</summary>
internal sealed class WorkerProcess : IDisposable
{
    private readonly Process _process;

    public WorkerProcess(Place place, int rows, int life)
    {
        string[] arguments = [typeof(Worker).Assembly.Location, "--data", place.Folder, .. place.Postgres is null ? [] : (string[])["--postgres", place.Postgres],
            "--worker", place.NewTable, "--rows", rows.ToString(CultureInfo.InvariantCulture), "--life", life.ToString(CultureInfo.InvariantCulture)];
        _process = Process.Start(new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet", arguments)
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
    }

    /// <summary>SIGKILL: nothing is finished, nothing is closed.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Every line that it said before its end.</summary>
    public async IAsyncEnumerable<string> LinesAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            yield return line;
        }

        await _process.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }
}
