using ScaleKit.Sharding;

namespace ScaleKit.Analysis.Sharding;

/// <summary>The shards that the analyses share.</summary>
internal static class ShardSets
{
    public static Shard<int>[] Equal(int count) => [.. Enumerable.Range(0, count).Select(i => new Shard<int>($"shard-{i}", i))];

    public static double PeakToMean(IReadOnlyCollection<double> loads) => loads.Max() / loads.Average();
}
