namespace ScaleKit.Sharding.Tests;

/// <summary>Any valid shards and topologies, for tests that do not care which.</summary>
internal static class Some
{
    public static Shard<int>[] Shards(int count, double weight = 1) =>
        [.. Enumerable.Range(0, count).Select(i => new Shard<int>($"shard-{i}", i, weight))];

    public static Shard<int>[] Zoned(int count, int zones) =>
        [.. Enumerable.Range(0, count).Select(i => new Shard<int>($"shard-{i}", i, zone: $"zone-{i % zones}"))];

    public static SlotTopology<int> Slots(int count, long version = 1) => SlotTopology.Create(Shards(count), version);
}
