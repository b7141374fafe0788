using System.Globalization;
using Spectre.Console;

namespace EndpointLimits;

/// <summary>The table, redrawn while it changes; where no person looks, printed once at the end.</summary>
internal static class LimitTable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <param name="judge">Knows the most of each window.</param>
    /// <param name="run">Gets a function that shows the table for a time.</param>
    public static async Task ShowAsync(WindowJudge judge, Func<Func<TimeSpan, Task>, Task> run)
    {
        if (!Console.IsOutputRedirected)
        {
            await AnsiConsole.Live(Build(judge)).StartAsync(context => run(time => DuringAsync(time, () => context.UpdateTarget(Build(judge)), judge)));
            return;
        }

        AnsiConsole.Profile.Width = 160;
        AnsiConsole.Profile.Capabilities.Ansi = false;
        await run(time => DuringAsync(time, static () => { }, judge));
        AnsiConsole.Write(Build(judge));
    }

    private static async Task DuringAsync(TimeSpan time, Action draw, WindowJudge judge)
    {
        var startedAt = TimeProvider.System.GetTimestamp();
        while (time - TimeProvider.System.GetElapsedTime(startedAt) is { Ticks: > 0 } left)
        {
            await Task.Delay(left < Pause ? left : Pause, TimeProvider.System);
            judge.Judge();
            draw();
        }
    }

    private static Table Build(WindowJudge judge)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns(
            new TableColumn("request"), new TableColumn("user"), Right("sent"), Right("admitted"), Right("refused"), Right("would refuse"),
            Right("most in a window"), Right("retry after"), new TableColumn("RateLimit of the last answer"));
        foreach (var endpoint in Endpoint.All)
        {
            var (now, most) = (endpoint.Now, judge.MostOf(endpoint.Policy, endpoint.User));
            table.AddRow(
                new Markup($"{endpoint.Method.Method} /{endpoint.Path}{(endpoint.Permits > 1 ? $" [grey](costs {endpoint.Permits})[/]" : "")}"),
                new Text(endpoint.User),
                new Text(Number(now.Sent)),
                new Markup($"[green]{Number(now.Admitted)}[/]"),
                new Markup($"[red]{Number(now.Refused)}[/]"),
                new Markup($"[yellow]{Number(now.WouldRefuse)}[/]"),
                new Text(most.Limit == 0 ? "" : $"{Number(most.Permits)} of {Number(most.Limit)}"),
                new Text(now.RetryAfter == 0 ? "" : $"{Number(now.RetryAfter)} s"),
                new Text(now.State.Length == 0 && now.Sent > 0 ? "none: shadow mode would refuse" : now.State));
        }

        return table;
    }

    private static TableColumn Right(string header) => new TableColumn(header).RightAligned();

    private static string Number(int number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
