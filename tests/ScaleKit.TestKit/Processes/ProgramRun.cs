using System.Diagnostics;
using System.Text;

namespace ScaleKit.TestKit;

/// <summary>A program of this tree that was run to its end in a process of its own, as a user runs it.</summary>
/// <param name="ExitCode">0 when all went well.</param>
/// <param name="Output">What it printed.</param>
/// <param name="Errors">What it printed as errors.</param>
public sealed record ProgramRun(int ExitCode, string Output, string Errors)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    /// <summary>The figures of its one RESULT line, by name. Throws when there are none or two such lines.</summary>
    public IReadOnlyDictionary<string, string> Result => Output.Split('\n')
        .Single(line => line.StartsWith("RESULT ", StringComparison.Ordinal))
        .Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Skip(1)
        .Select(pair => pair.Split('=', 2))
        .ToDictionary(pair => pair[0], pair => pair[1].Trim(), StringComparer.Ordinal);

    /// <summary>Runs a program that the test project references.</summary>
    /// <param name="assembly">Its assembly's name.</param>
    /// <param name="arguments">What one types after it.</param>
    public static async Task<ProgramRun> OfAsync(string assembly, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, assembly + ".dll"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            UseShellExecute = false,
            WorkingDirectory = Path.GetTempPath(),
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{assembly} did not start.");
        process.StandardInput.Close();
        using var deadline = new CancellationTokenSource(Deadline, TimeProvider.System);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
            var errors = process.StandardError.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            return new ProgramRun(process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException late)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{assembly} {string.Join(' ', arguments)} was not done within {Deadline.TotalMinutes:0} minutes.", late);
        }
    }
}
