using Spectre.Console;

namespace ChatRooms;

/// <summary>Runs with progress bars, or with plain lines where nobody looks at a terminal, prints the verdict and gives the exit code.</summary>
internal static class ShownRun
{
    public static async Task<int> RunAsync(Func<Action<string, double>, Task<Verdict>> run, TimeProvider time)
    {
        Verdict? verdict = null;
        if (AnsiConsole.Profile.Out.IsTerminal)
        {
            await AnsiConsole.Progress()
                .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new SpinnerColumn())
                .StartAsync(async context =>
                {
                    var bars = new Dictionary<string, ProgressTask>(StringComparer.Ordinal);
                    verdict = await run((what, part) =>
                    {
                        if (!bars.TryGetValue(what, out var bar))
                            bars.Add(what, bar = context.AddTask(what, maxValue: 1));
                        bar.Value = part;
                    });
                });
        }
        else
        {
            verdict = await run(new PlainProgress(time).Show);
        }
        RunReport.Print(verdict!);
        return verdict!.Broken.Count == 0 ? 0 : 1;
    }
}
