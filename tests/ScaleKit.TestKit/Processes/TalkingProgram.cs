using System.Diagnostics;

namespace ScaleKit.TestKit;

/// <summary>
/// A program of this tree in a process of its own that answers each line with a line. It can be stopped in its tracks and go on, as a laptop that sleeps or a
/// container that is frozen. Not thread-safe.
/// </summary>
public sealed class TalkingProgram : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);
    private readonly Process _process;

    private TalkingProgram(Process process) => _process = process;

    /// <summary>Starts a program that the test project references, or the test project itself.</summary>
    /// <param name="assembly">Its assembly's name.</param>
    /// <param name="arguments">What one types after it.</param>
    public static TalkingProgram Start(string assembly, params IEnumerable<string> arguments) => Start([], assembly, arguments);

    /// <summary>As above, with environment variables of its own.</summary>
    /// <param name="environment">What it finds there besides what this process has.</param>
    /// <param name="assembly">Its assembly's name.</param>
    /// <param name="arguments">What one types after it.</param>
    public static TalkingProgram Start(IEnumerable<KeyValuePair<string, string>> environment, string assembly, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, assembly + ".dll"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start) ?? throw new InvalidOperationException($"{assembly} did not start.");
        ServerRoom.Enter(process.Id);
        return new(process);
    }

    /// <summary>Says a line, also to a program that is stopped: it hears it when it goes on.</summary>
    public async Task SayAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Waits for the next line that it answers.</summary>
    public async Task<string> HearAsync() =>
        await _process.StandardOutput.ReadLineAsync().WaitAsync(Deadline, TimeProvider.System) ?? throw new InvalidOperationException("The program has ended.");

    /// <summary>Says a line and waits for the answer.</summary>
    public async Task<string> AskAsync(string line)
    {
        await SayAsync(line);
        return await HearAsync();
    }

    /// <summary>Gives every line to a listener, until the program ends or is killed; what it said before a kill is heard too.</summary>
    /// <returns>The exit code; 137 after a kill.</returns>
    public async Task<int> HearAllAsync(Action<string> listener)
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            listener(line);
        }

        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    /// <summary>Ends the process where it stands (SIGKILL).</summary>
    public void Kill() => Signals.Kill(_process.Id);

    /// <summary>Stops the process in its tracks (SIGSTOP).</summary>
    public void Pause() => Signals.Pause(_process.Id);

    /// <summary>Lets it go on (SIGCONT).</summary>
    public void Resume() => Signals.Resume(_process.Id);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Signals.Kill(_process.Id);
        await _process.WaitForExitAsync();
        ServerRoom.Leave(_process.Id);
        _process.Dispose();
    }
}
