namespace ScaleKit.Analysis.Scale;

/// <summary>How each line of the bill grows with the users.</summary>
internal static class CostDrawing
{
    private const int Points = 40;

    public static void Draw(AnalysisArguments arguments, Func<long, Demand> demandOf, PriceList prices, long most)
    {
        var users = Enumerable.Range(1, Points).Select(i => most * i / Points).ToList();
        var bills = users.Select(count => prices.Lines(demandOf(count))).ToList();
        var series = bills[0].Select((line, i) => (line.Name, (IReadOnlyList<double>)[.. bills.Select(bill => bill[i].Cost)])).ToList();
        SvgLines.Write(
            arguments.FileFor("scale-costs.svg"),
            $"{prices.Currency} a month by millions of monthly users",
            [.. users.Select(count => count / 1e6)],
            [.. series, ("in all", [.. bills.Select(bill => bill.Sum(line => line.Cost))])]);
    }
}
