using System.Diagnostics;
using System.Text;

namespace ScaleKit.Conventions.Tests;

/// <summary>Runs the dotnet command the way a user's shell would, free of what the test runner left in the environment.</summary>
public static class Dotnet
{
    public static async Task<(int ExitCode, string Output)> RunAsync(
        string folder, IEnumerable<string> arguments, TimeSpan limit, IReadOnlyDictionary<string, string>? environment = null)
    {
        var info = new ProcessStartInfo("dotnet", arguments)
        {
            UseShellExecute = false,
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        foreach (var name in info.Environment.Keys.Where(IsOfTheTestRunner).ToList())
        {
            info.Environment.Remove(name);
        }

        info.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        info.Environment["DOTNET_NOLOGO"] = "1";
        info.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            info.Environment[name] = value;
        }

        using var process = Process.Start(info)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(limit, TimeProvider.System);
            return (process.ExitCode, (await output + await errors).ReplaceLineEndings("\n"));
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            return (-1, (await output + await errors).ReplaceLineEndings("\n") + $"\nstopped: not done within {limit.TotalSeconds:0} s");
        }
    }

    private static bool IsOfTheTestRunner(string name) =>
        name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("VSTEST", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("ASPNETCORE_", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("ScaleKit__", StringComparison.OrdinalIgnoreCase)
        || name is "DOTNET_HOST_PATH" or "DOTNET_CLI_CONTEXT_VERBOSE";
}
