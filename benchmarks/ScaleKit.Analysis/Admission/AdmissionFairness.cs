using System.Globalization;
using Spectre.Console;

namespace ScaleKit.Analysis.Admission;

/// <summary>Who gets the seats when most people want few rooms: the library's queue, one line for all, and two semaphores.</summary>
internal static class AdmissionFairness
{
    public static readonly AnalysisCommand Command = new(
        "admission-fairness",
        "waits and served shares by room under skewed load, against one line for all and against two semaphores",
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["visitors"] = "40000", ["rooms"] = "64", ["seats"] = "100", ["room-seats"] = "8", ["offered-percent"] = "200", ["exponent-percent"] = "100", ["seed"] = "1",
        },
        Run);

    private static void Run(AnalysisArguments arguments, AnalysisReport report)
    {
        var (visitors, rooms) = (arguments.Number("visitors", 100, 10_000_000), arguments.Number("rooms", 2, 10_000));
        var (seats, roomSeats) = (arguments.Number("seats", 1, 100_000), arguments.Number("room-seats", 1, 100_000));
        var (offered, exponent) = (seats * arguments.Number("offered-percent", 1, 10_000) / 100.0, arguments.Number("exponent-percent", 0, 300) / 100.0);
        var crowd = Crowd.Of(visitors, rooms, exponent, offered, (int)arguments.Number("seed"));
        using var own = new OwnLine(seats, roomSeats, rooms, visitors);
        (string Name, ISeatLine Line)[] lines = [("scalekit", own), ("one_line", new OneLine(seats)), ("two_semaphores", new TwoSemaphores(seats, roomSeats))];
        var found = new List<(string Name, SeatSimulation Simulation)>();
        ProgressBars.New().Start(progress =>
        {
            foreach (var (name, line) in lines)
            {
                var task = progress.AddTask(name, maxValue: visitors);
                var simulation = new SeatSimulation(line, crowd, rooms);
                simulation.Run(by => task.Increment(by));
                found.Add((name, simulation));
            }
        });
        Judge(found, crowd, seats, roomSeats, report);
        foreach (var (name, simulation) in found)
        {
            double[] waits = [.. simulation.Waits.Select(w => w.Mean)];
            SvgBars.Write(arguments.FileFor($"admission-fairness-{name}.svg"), $"{name}: mean wait in seconds by room, the most popular first", waits, waits.Average());
        }
    }

    private static void Judge(List<(string Name, SeatSimulation Simulation)> found, Crowd crowd, int seats, int roomSeats, AnalysisReport report)
    {
        double[] asked = [.. found[0].Simulation.Came.Select(came => came * Crowd.MeanStay / crowd.ArriveAt[^1])];
        var fair = FairShares.MaxMin(asked, seats, roomSeats);

        // Rooms that ask for less than what a fair division would give them: they are owed everything, at once or nearly so.
        int[] light = [.. Enumerable.Range(0, fair.Length).Where(room => asked[room] < fair.Max() * 0.75 && asked[room] > 0)];
        var table = new Table().AddColumns("line", "Jain of served / fair", "mean wait s", "light rooms p50 s", "light rooms p99 s", "light rooms served", "seats in use", "most in a room");
        foreach (var (name, simulation) in found)
        {
            double[] shares = [.. Enumerable.Range(0, fair.Length).Where(room => fair[room] > 0).Select(room => simulation.Served[room] * Crowd.MeanStay / crowd.ArriveAt[^1] / fair[room])];
            var waits = Sample.Of(light.Select(room => simulation.Waits[room]));
            var served = light.Sum(room => (double)simulation.Served[room]) / Math.Max(1, light.Sum(room => (double)simulation.Came[room]));
            var (jain, p99) = (Math.Round(FairShares.Jain(shares), 3), Math.Round(waits.Quantile(0.99), 2));
            string[] cells = [.. new[] { jain, Sample.Of(simulation.Waits).Mean, waits.Quantile(0.5), p99, served, simulation.MeanSeats }.Select(v => v.ToString("0.00", CultureInfo.InvariantCulture))];
            table.AddRow([name, .. cells, simulation.MostInRoom.ToString(CultureInfo.InvariantCulture)]);
            var isOwn = string.Equals(name, "scalekit", StringComparison.Ordinal);
            AddBounded(report, isOwn, $"{name}_jain", jain, least: 0.95);
            AddBounded(report, isOwn, $"{name}_light_served", Math.Round(served, 3), least: 0.98);
            AddBounded(report, isOwn, $"{name}_seats_in_use", Math.Round(simulation.MeanSeats / seats, 3), least: 0.95);
            report.Figure($"{name}_light_wait_p99_s", p99);
            report.Figure($"{name}_most_in_room", simulation.MostInRoom);
        }

        AnsiConsole.Write(table);
        report.AtMost("most_in_room_over_cap", found[0].Simulation.MostInRoom - roomSeats, 0);
        report.AtMost("most_over_total_cap", found[0].Simulation.Most - seats, 0);
        report.AtMost("overtakings_in_a_room", found[0].Simulation.Overtakings, 0);
    }

    private static void AddBounded(AnalysisReport report, bool isOwn, string key, double value, double least)
    {
        if (isOwn)
        {
            report.AtLeast(key, value, least);
        }
        else
        {
            report.Figure(key, value);
        }
    }
}
