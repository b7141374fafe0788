using System.Globalization;
using Spectre.Console;

namespace ScaleKit.Analysis.Scale;

/// <summary>The report as two tables: what is needed, and what it costs.</summary>
internal static class ScaleTables
{
    private static readonly (string Name, Func<Demand, double> Of, string Format)[] Rows =
    [
        ("sessions at a time", d => d.Sessions, "N0"),
        ("queries a second, average", d => d.AverageQueries, "N0"),
        ("queries a second, peak", d => d.PeakQueries, "N0"),
        ("reads of Redis a second, peak", d => d.RedisReads, "N0"),
        ("database queries a second, peak", d => d.DatabaseQueries, "N0"),
        ("shards of the session store", d => d.SessionShards, "N0"),
        ("shards of users", d => d.UserShards, "N0"),
        ("rows per shard of users", d => d.RowsPerUserShard, "N0"),
        ("users, GiB", d => d.UserGib, "N1"),
        ("Redis: sessions and limits, GiB", d => d.RedisGib, "N1"),
        ("Redis: of that the limiter, GiB", d => d.LimiterGib, "N2"),
        ("Redis: masters, and as many replicas", d => d.RedisMasters, "N0"),
        ("connections with a seat", d => d.Connections, "N0"),
        ("rooms of 8", d => d.Rooms, "N0"),
        ("admission state, all nodes, GiB", d => d.SeatGib, "N3"),
        ("application cores", d => d.AppCores, "N0"),
        ("of that ScaleKit's own, cores", d => d.ScaleKitCores, "N2"),
    ];

    public static void Print(IReadOnlyList<Demand> demands, PriceList prices, Assumptions assumptions)
    {
        AnsiConsole.MarkupLineInterpolated($"[grey]{assumptions}[/]");
        var needs = Head("needed");
        foreach (var (name, of, format) in Rows)
        {
            needs.AddRow([name, .. demands.Select(d => of(d).ToString(format, CultureInfo.InvariantCulture))]);
        }

        AnsiConsole.Write(needs);
        var bills = demands.Select(prices.Lines).ToList();
        var costs = Head($"{prices.Currency} a month");
        for (var line = 0; line < bills[0].Count; line++)
        {
            costs.AddRow([bills[0][line].Name, .. bills.Select(bill => bill[line].Cost.ToString("N0", CultureInfo.InvariantCulture))]);
        }

        costs.AddRow(["[bold]in all[/]", .. bills.Select(bill => bill.Sum(l => l.Cost).ToString("N0", CultureInfo.InvariantCulture))]);
        costs.AddRow(["for 1,000 users", .. bills.Select((bill, i) => (bill.Sum(l => l.Cost) / demands[i].Users * 1_000).ToString("N3", CultureInfo.InvariantCulture))]);
        AnsiConsole.Write(costs);

        Table Head(string first)
        {
            var table = new Table().AddColumn(Markup.Escape(first));
            foreach (var demand in demands)
            {
                table.AddColumn(new TableColumn(string.Create(CultureInfo.InvariantCulture, $"{demand.Users / 1_000_000} M users")).RightAligned());
            }

            return table;
        }
    }
}
