using System.Globalization;
using Spectre.Console;

namespace ChatRooms;

/// <summary>The summary table, what is broken, and the one line for machines at the very end.</summary>
internal static class RunReport
{
    public static void Print(Verdict verdict)
    {
        var table = new Table().RoundedBorder().AddColumn("what").AddColumn(new TableColumn("figure").RightAligned()).AddColumn("checked");
        table.AddRow("people", Number(verdict.Users), "");
        table.AddRow("admitted / had to wait", $"{Number(verdict.Admitted)} / {Number(verdict.Queued)}", "");
        table.AddRow("most in one room", Number(verdict.MaximumInRoom), "counted at the sockets");
        table.AddRow("most active rooms", Number(verdict.MaximumRooms), "counted at the sockets");
        table.AddRow("most in all", Number(verdict.MaximumTotal), "counted at the sockets");
        table.AddRow("messages acknowledged", Number(verdict.Messages), "");
        table.AddRow("lost / duplicated", $"{Number(verdict.Lost)} / {Number(verdict.Duplicated)}", "plain SQL on the files");
        table.AddRow("not shown to somebody in the room", Number(verdict.Unseen), "each visit has every number from its first to its last");
        table.AddRow("history", Number(verdict.HistoryRead), "read page by page: once each, in order");
        table.AddRow("refused by a limit", Number(verdict.Limited), $"{Number(verdict.LimitedKeys)} keys: no window over its limit");
        foreach (var shard in verdict.Shards)
            table.AddRow($"rows in {shard.Name}", Number(shard.Rows), "");
        if (verdict.Migration is { } migration)
            table.AddRow("migration", $"phase {migration.Phase}", $"{Number(migration.Compared)} compared, {Number(migration.Differences)} differences");
        foreach (var latency in verdict.Latencies.Where(latency => latency.Count > 0))
            table.AddRow(latency.Label, string.Create(CultureInfo.InvariantCulture, $"p95 {latency.P95:0.0} ms"), "last 10 s");
        AnsiConsole.Write(table);
        foreach (var broken in verdict.Broken.Take(20))
            Console.WriteLine($"BROKEN {broken}");
        if (verdict.Broken.Count > 20)
            Console.WriteLine($"BROKEN and {verdict.Broken.Count - 20} more");
        Console.WriteLine(verdict.ResultLine);
    }

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
