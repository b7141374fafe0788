using Spectre.Console;

namespace ScaleKit.Analysis;

/// <summary>How far long work is.</summary>
internal static class ProgressBars
{
    public static Progress New() =>
        AnsiConsole.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn());
}
