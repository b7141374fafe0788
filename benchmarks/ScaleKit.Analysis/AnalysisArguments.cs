using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace ScaleKit.Analysis;

/// <summary>The options of a run: the command's defaults, and what was typed over them.</summary>
public sealed class AnalysisArguments
{
    private readonly Dictionary<string, string> _values;

    private AnalysisArguments(Dictionary<string, string> values) => _values = values;

    /// <summary>Reads pairs of "--name value"; every option is a text or a number from 0.</summary>
    public static bool TryParse(
        AnalysisCommand command,
        ReadOnlySpan<string> args,
        [NotNullWhen(true)] out AnalysisArguments? arguments,
        [NotNullWhen(false)] out string? error)
    {
        arguments = null;
        var values = new Dictionary<string, string>(command.Options, StringComparer.Ordinal) 
        {
            ["out"] = "artifacts/analysis",
            ["judge-time"] = "1",
        };
        for (var i = 0; i < args.Length; i += 2)
        {
            var name = args[i].StartsWith("--", StringComparison.Ordinal) ? args[i][2..] : "";
            if (!values.TryGetValue(name, out var known) || i + 1 == args.Length)
            {
                error = $"'{args[i]}' is not an option of {command.Name} with a value; it has --{string.Join(" --", values.Keys)}.";
                return false;
            }

            if (long.TryParse(known, CultureInfo.InvariantCulture, out _)
                && (!long.TryParse(args[i + 1], CultureInfo.InvariantCulture, out var number) || number < 0))
            {
                error = $"--{name} is '{args[i + 1]}'; it must be a whole number from 0.";
                return false;
            }

            values[name] = args[i + 1];
        }

        arguments = new AnalysisArguments(values);
        error = null;
        return true;
    }

    /// <summary>An option as text.</summary>
    public string Text(string name) => _values[name];

    /// <summary>An option as a number.</summary>
    public long Number(string name) => long.Parse(_values[name], CultureInfo.InvariantCulture);

    /// <summary>Whether a timed figure can break its bound; "--judge-time 0" is for busy machines and unoptimised builds.</summary>
    public bool JudgesTime => Number("judge-time") != 0;

    /// <summary>An option as a number in a range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is outside.</exception>
    public int Number(string name, int least, int most) => Number(name) is var number && number >= least && number <= most
        ? (int)number
        : throw new ArgumentOutOfRangeException(nameof(name), $"--{name} is {number}; it must be from {least} to {most}.");

    /// <summary>Where a drawing goes; the folder is made.</summary>
    public string FileFor(string name) => Path.Combine(Directory.CreateDirectory(Text("out")).FullName, name);
}
