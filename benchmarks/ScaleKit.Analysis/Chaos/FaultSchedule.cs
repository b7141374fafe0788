namespace ScaleKit.Analysis.Chaos;

/// <summary>What is done, in order: a function of the seed alone. Every kind comes once in each round of five, so that a short run is no lopsided one.</summary>
public static class FaultSchedule
{
    /// <summary>How many nodes there are.</summary>
    public const int Nodes = 3;

    /// <summary>Without an end.</summary>
    public static IEnumerable<Fault> Of(int seed)
    {
        var random = new Random(seed);
        var round = Enum.GetValues<FaultKind>();
        while (true)
        {
            random.Shuffle(round);
            foreach (var kind in round)
            {
                var longest = kind == FaultKind.NodeStopped ? 8.0 : 3.0;
                yield return new Fault(kind, random.Next(Nodes), Seconds(1, longest), Seconds(2, 5));
            }
        }

        TimeSpan Seconds(double least, double most) => TimeSpan.FromMilliseconds(Math.Round(1_000 * (least + ((most - least) * random.NextDouble()))));
    }
}
