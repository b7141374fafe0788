using System.Globalization;
using ChatRooms;
using ScaleKit.Admission;
using Spectre.Console;

namespace ScaleKit.Analysis.Chaos;

/// <summary>The timeline, what was broken, and the figures.</summary>
internal static class ChaosTables
{
    public static void Print(IEnumerable<TimelineEntry> timeline, IReadOnlyList<string> broken, int seed)
    {
        var table = new Table().AddColumns("after", "what was done", "all well again after");
        foreach (var entry in timeline.OrderBy(static entry => entry.At))
        {
            table.AddRow(entry.At.ToString(@"mm\:ss", CultureInfo.InvariantCulture), Markup.Escape(entry.What), string.Create(CultureInfo.InvariantCulture, $"{entry.Took.TotalSeconds:0.0} s"));
        }

        AnsiConsole.Write(table);
        foreach (var promise in broken.Take(20))
        {
            Console.WriteLine($"BROKEN {promise}");
        }

        if (broken.Count > 0)
        {
            Console.WriteLine($"{broken.Count} broken. The same faults again: chaos --seed {seed}. What the nodes logged is in chaos-{seed}.log.");
        }
    }

    public static void Report(AnalysisReport report, Verdict? verdict, AdmissionOptions caps)
    {
        if (verdict is null)
        {
            return;
        }

        report.Figure("users", verdict.Users);
        report.Figure("admitted", verdict.Admitted);
        report.Figure("messages", verdict.Messages);
        report.AtMost("lost", verdict.Lost, 0);
        report.AtMost("duplicated", verdict.Duplicated, 0);
        report.AtMost("unseen", verdict.Unseen, 0);
        report.AtMost("most_in_room", verdict.MaximumInRoom, caps.RoomCapacity);
        report.AtMost("most_rooms", verdict.MaximumRooms, caps.ActiveRooms);
        report.AtMost("most_seats", verdict.MaximumTotal, caps.TotalCapacity);

        // What docs/admission.md and docs/rate-limiting.md allow for while Redis is away or a node sleeps, counted apart.
        report.Figure("excess_in_room", Math.Max(0, verdict.WithDoubtful.InRoom - caps.RoomCapacity));
        report.Figure("excess_rooms", Math.Max(0, verdict.WithDoubtful.Rooms - caps.ActiveRooms));
        report.Figure("excess_seats", Math.Max(0, verdict.WithDoubtful.Total - caps.TotalCapacity));
        report.Figure("keys_beyond_limit", verdict.LimitsExceeded);
        report.Figure("late_unseen", verdict.LateUnseen);
    }
}
