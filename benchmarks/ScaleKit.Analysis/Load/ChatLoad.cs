namespace ScaleKit.Analysis.Load;

/// <summary>
/// ChatRooms under load as its users make it: people with WebSockets who say something at times that do not depend on the answers (an open loop, Poisson), so that a server that
/// falls behind is seen as late and not as asked less. The rate goes up step by step until the application no longer carries it; nodes and people share this machine.
/// </summary>
internal static class ChatLoad
{
    private const double MostMilliseconds = 200;
    private const double MostSessionMilliseconds = 1;

    public static readonly AnalysisCommand Command = new(
        "load",
        "ChatRooms under an open, Poisson load that rises: latencies, errors, caps, where the time goes",
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["nodes"] = "1", ["people"] = "840", ["rooms"] = "100", ["first-rate"] = "100", ["growth-percent"] = "50", ["steps"] = "14", ["step-seconds"] = "10",
            ["warm-up-seconds"] = "30", ["history-percent"] = "10", ["seed"] = "1",
        },
        RunAsync);

    private static async Task RunAsync(AnalysisArguments arguments, AnalysisReport report)
    {
        var (people, rooms) = (arguments.Number("people", 1, 5_000), arguments.Number("rooms", 1, 100));
        var (steps, length) = (arguments.Number("steps", 1, 50), TimeSpan.FromSeconds(arguments.Number("step-seconds", 1, 600)));
        var warmUp = TimeSpan.FromSeconds(arguments.Number("warm-up-seconds", 1, 600));
        var growth = 1 + (arguments.Number("growth-percent", 1, 1_000) / 100.0);
        var rate = (double)arguments.Number("first-rate", 1, 100_000);
        await using var nodes = await ChatNodes.StartAsync(arguments.Number("nodes", 1, 9), rooms);
        await using var crowd = new ChatCrowd(nodes.Addresses, rooms);
        var done = new List<LoadStep>();
        await ProgressBars.New().StartAsync(async progress =>
        {
            await crowd.ArriveAsync(people, progress);
            var arrivals = new OpenLoop(crowd, arguments.Number("history-percent", 0, 100), arguments.Number("seed", 0, int.MaxValue));
            await arrivals.RunAsync(rate, warmUp, progress.AddTask("warming up"));
            do
            {
                await using var times = ServerTimes.Watch(nodes.Addresses);
                done.Add(await arrivals.RunAsync(rate, length, progress.AddTask($"{rate:0} a second")));
                done[^1].Times = await times.ReadAsync();
                rate *= growth;
            }
            while (done[^1].IsCarried(MostMilliseconds) && done.Count < steps);
        });

        LoadTables.Print(done, MostMilliseconds);
        Report(report, crowd, done, people);
        if (done.Count > 1)
        {
            LoadTables.Draw(arguments.FileFor("load.svg"), done);
        }
    }

    private static void Report(AnalysisReport report, ChatCrowd crowd, List<LoadStep> done, int people)
    {
        var best = done.FindLast(static step => step.IsCarried(MostMilliseconds)) ?? done[0];
        report.Figure("carried_per_s", Math.Round(best.Done / best.Length.TotalSeconds));
        report.Figure("deliveries_per_s", Math.Round(best.Deliveries.Count / best.Length.TotalSeconds));
        report.Figure("p50_ms", Math.Round(best.Posts.Quantile(0.5), 2));
        report.TimeAtMost("p95_ms", Math.Round(best.Posts.Quantile(0.95), 2), MostMilliseconds);
        report.Figure("p99_ms", Math.Round(best.Posts.Quantile(0.99), 2));
        report.TimeAtMost("session_check_p50_ms", Math.Round(best.Times["session"].P50, 4), MostSessionMilliseconds);
        report.TimeAtMost("session_check_p95_ms", Math.Round(best.Times["session"].P95, 4), MostSessionMilliseconds);
        report.AtMost("errors", best.Errors, 0);
        report.AtMost("most_seats", crowd.MostSeats, crowd.Seats);
        report.AtMost("most_in_room", crowd.MostInRoom, ChatNodes.RoomSeats);
        report.AtLeast("seated", crowd.MostSeats, Math.Min(crowd.Seats, people));
        report.AtMost("seated_beyond_the_caps", crowd.SeatedTooMany, 0);
    }
}
