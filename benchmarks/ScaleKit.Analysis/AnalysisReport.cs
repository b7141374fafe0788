using System.Globalization;
using Spectre.Console;

namespace ScaleKit.Analysis;

/// <summary>The figures of a run and the bounds that they must keep; ends in a table, one RESULT line and the exit code.</summary>
public sealed class AnalysisReport(string command, bool judgesTime = true)
{
    private readonly List<(string Key, string Value)> _figures = [];
    private readonly Table _table = new Table().AddColumns("figure", "value", "bound", "kept");
    private int _broken;

    /// <summary>A figure without a bound.</summary>
    public void Figure(string key, double value) => Add(key, value, "", kept: true);

    /// <summary>A figure that must not be above a bound.</summary>
    public void AtMost(string key, double value, double bound) => Add(key, value, $"at most {Format(bound)}", value <= bound);

    /// <summary>A figure that must not be below a bound.</summary>
    public void AtLeast(string key, double value, double bound) => Add(key, value, $"at least {Format(bound)}", value >= bound);

    /// <summary>A measured time or a ratio of times that must not be above a bound.</summary>
    public void TimeAtMost(string key, double value, double bound) => Add(key, value, $"at most {Format(bound)}", value <= bound || !judgesTime);

    /// <summary>A ratio of measured times that must not be below a bound.</summary>
    public void TimeAtLeast(string key, double value, double bound) => Add(key, value, $"at least {Format(bound)}", value >= bound || !judgesTime);

    /// <summary>Prints everything.</summary>
    /// <returns>0, or 1 if a bound is broken.</returns>
    public int Finish()
    {
        AnsiConsole.Write(_table);
        Console.WriteLine($"RESULT command={command} {string.Join(' ', _figures.Select(f => $"{f.Key}={f.Value}"))} broken={_broken}");
        return _broken == 0 ? 0 : 1;
    }

    private static string Format(double value) => value.ToString("0.######", CultureInfo.InvariantCulture);

    private void Add(string key, double value, string bound, bool kept)
    {
        _figures.Add((key, Format(value)));
        _table.AddRow(key, Format(value), bound, bound.Length == 0 ? "" : kept ? "[green]yes[/]" : "[red]NO[/]");
        _broken += kept ? 0 : 1;
    }
}
