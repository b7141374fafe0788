using System.Globalization;
using System.Threading.RateLimiting;
using ScaleKit.Admission;
using Spectre.Console;

namespace ScaleKit.Analysis.Admission;

/// <summary>A crowd of real WebSockets on a real server, all at once, who want far more seats than there are; beside a ConcurrencyLimiter with one cap.</summary>
internal static class AdmissionLoad
{
    public static readonly AnalysisCommand Command = new(
        "admission-load",
        "thousands of real WebSockets that wait for a seat: seats a second, waits, caps held",
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["connections"] = "10000", ["seats"] = "800", ["room-seats"] = "8", ["active-rooms"] = "100", ["rooms"] = "200", ["stay-ms"] = "500",
        },
        RunAsync);

    private static async Task RunAsync(AnalysisArguments arguments, AnalysisReport report)
    {
        var (seats, roomSeats) = (arguments.Number("seats", 1, 100_000), arguments.Number("room-seats", 1, 100_000));
        var (active, rooms) = (arguments.Number("active-rooms", 1, 100_000), arguments.Number("rooms", 1, 100_000));
        var (stay, connections) = (TimeSpan.FromMilliseconds(arguments.Number("stay-ms", 0, 60_000)), arguments.Number("connections", 1, 1_000_000));
        if (OpenFiles.ConnectionsToSelf() is var possible && possible < connections)
        {
            AnsiConsole.MarkupLineInterpolated($"{connections} connections need more open files than this process may have: {possible} instead (ulimit -n).");
            connections = possible;
        }

        await using var queue = new AdmissionQueue(new AdmissionOptions
        {
            TotalCapacity = seats, RoomCapacity = roomSeats, ActiveRooms = active, QueueCapacity = connections, RoomQueueCapacity = connections,
            DefaultDeadline = Timeout.InfiniteTimeSpan,
        });
        await using var limiter = new ConcurrencyLimiter(new() { PermitLimit = seats, QueueLimit = connections });
        await using var own = await SeatHost.StartAsync(async (room, cancellationToken) =>
            (await queue.AdmitAsync(new AdmissionRequest(room), cancellationToken)).Lease is { } lease ? lease.DisposeAsync : throw new OperationCanceledException(cancellationToken));
        await using var other = await SeatHost.StartAsync(async (_, cancellationToken) =>
        {
            var lease = await limiter.AcquireAsync(1, cancellationToken);
            return () =>
            {
                lease.Dispose();
                return ValueTask.CompletedTask;
            };
        });

        var rival = await MeasureAsync("one cap (ConcurrencyLimiter)", other, rooms, stay, connections);
        var found = await MeasureAsync("three caps", own, rooms, stay, connections);
        Print([("three caps", own, found), ("one cap", other, rival)]);
        report.Figure("connections", found.MostConnections);
        report.Figure("seated_per_s", Math.Round(found.SeatedASecond));
        report.Figure("rival_seated_per_s", Math.Round(rival.SeatedASecond));
        report.TimeAtLeast("times_rival", Math.Round(found.SeatedASecond / rival.SeatedASecond, 2), 0.7);
        report.TimeAtLeast("seats_in_use", Math.Round(found.SeatedASecond * Math.Max(1, stay.TotalMilliseconds) / 1_000 / seats, 2), 0.5);
        report.Figure("wait_ms_p50", Math.Round(found.Waits.Quantile(0.5), 1));
        report.Figure("wait_ms_p99", Math.Round(found.Waits.Quantile(0.99), 1));
        report.AtMost("most_seats", own.Most, seats);
        report.AtMost("most_in_room", own.MostInRoom, roomSeats);
        report.AtMost("most_rooms", own.MostRooms, active);
        report.AtMost("not_seated", found.NotSeated, 0);
        report.AtMost("seats_left_over", queue.GetSnapshot().Seats, 0);
        report.AtMost("waiters_left_over", queue.GetSnapshot().Waiting, 0);
    }

    private static async Task<SeatClients> MeasureAsync(string name, SeatHost host, int rooms, TimeSpan stay, int connections)
    {
        var clients = new SeatClients(host.Address, rooms, stay);
        await ProgressBars.New().StartAsync(async progress =>
        {
            var task = progress.AddTask($"{name}, {connections} WebSockets", maxValue: connections);
            await clients.RunAsync(connections, by => task.Increment(by));
        });

        // A client that has closed may be a moment ahead of its server.
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System);
        while (host.Seated > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, deadline.Token);
        }

        return clients;
    }

    private static void Print(IEnumerable<(string Name, SeatHost Host, SeatClients Clients)> rows)
    {
        var table = new Table().AddColumns("gate", "open at once", "seats/s", "wait p50 ms", "wait p99 ms", "most seats", "most in a room", "most rooms");
        foreach (var (name, host, clients) in rows)
        {
            double[] values = [clients.MostConnections, clients.SeatedASecond, clients.Waits.Quantile(0.5), clients.Waits.Quantile(0.99), host.Most, host.MostInRoom, host.MostRooms];
            table.AddRow([name, .. values.Select(value => value.ToString("N0", CultureInfo.InvariantCulture))]);
        }

        AnsiConsole.Write(table);
    }
}
