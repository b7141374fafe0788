using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using ScaleKit.Benchmarks.Rivals;
using ScaleKit.Sharding;

namespace ScaleKit.Analysis.Sharding;

/// <summary>What a lookup among 1000 shards costs, against the bare hash of the key and, for a ring, against a binary search over the same points.</summary>
internal static class RoutingCost
{
    private const int Shards = 1_000;
    private const int Keys = 1_024;
    private const int Rounds = 500;

    public static void Measure(int laps, AnalysisReport report)
    {
        var router = new ShardRouter<int>(SlotTopology.Create(ShardSets.Equal(Shards)));
        Strings(router, laps, report);
        Longs(router, laps, report);
        RingAgainstSearch(laps, report);
    }

    private static void Strings(ShardRouter<int> router, int laps, AnalysisReport report)
    {
        var keys = Enumerable.Range(0, Keys).Select(i => $"user:{i * 7919}").ToArray();
        var (hash, route) = BestOf.Laps(laps, Keys * Rounds, () => Repeat(() => EncodeAndHash(keys)), () => Repeat(() => Route(router, keys)));
        report.TimeAtMost("route_string_times_hash", route / hash, 1.3);
        report.AtMost("route_string_bytes", Allocated(() => Route(router, keys)), 0);
    }

    private static void Longs(ShardRouter<int> router, int laps, AnalysisReport report)
    {
        var (hash, route) = BestOf.Laps(laps, Keys * Rounds, () => Repeat(HashLongs), () => Repeat(() => RouteLongs(router)));
        report.TimeAtMost("route_long_times_hash", route / hash, 2);
        report.AtMost("route_long_bytes", Allocated(() => RouteLongs(router)), 0);
    }

    private static void RingAgainstSearch(int laps, AnalysisReport report)
    {
        const int Lookups = 1_000_000;
        var shards = ShardSets.Equal(Shards);
        var ring = RingTopology.Create(shards);
        var search = new BinarySearchRing(shards.Select(s => s.Id), RingTopology.DefaultPointsPerWeight);
        var hashes = Enumerable.Range(0, Lookups).Select(i => KeyHash.Of(i)).ToArray();
        report.AtMost("ring_different_answers", hashes.Count(h => !string.Equals(ring.ShardOf(h).Id, search.Of(h), StringComparison.Ordinal)), 0);
        var (byRing, bySearch) = BestOf.Laps(
            laps,
            Lookups,
            () =>
            {
                var last = shards[0];
                foreach (var hash in hashes)
                {
                    last = ring.ShardOf(hash);
                }

                return (ulong)last.Id.Length;
            },
            () =>
            {
                var last = "";
                foreach (var hash in hashes)
                {
                    last = search.Of(hash);
                }

                return (ulong)last.Length;
            });
        report.Figure("ring_ns", byRing);
        report.TimeAtLeast("ring_times_faster_than_search", bySearch / byRing, 5);
    }

    private static ulong EncodeAndHash(string[] keys)
    {
        Span<byte> utf8 = stackalloc byte[256];
        var sum = 0UL;
        foreach (var key in keys)
        {
            sum += XxHash3.HashToUInt64(utf8[..Encoding.UTF8.GetBytes(key, utf8)]);
        }

        return sum;
    }

    private static ulong Route(ShardRouter<int> router, string[] keys)
    {
        var shard = router.Topology.Shards[0];
        foreach (var key in keys)
        {
            shard = router.Route(key);
        }

        return (ulong)shard.Payload;
    }

    private static ulong HashLongs()
    {
        Span<byte> bytes = stackalloc byte[8];
        var sum = 0UL;
        for (var key = 0L; key < Keys; key++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes, key);
            sum += XxHash3.HashToUInt64(bytes);
        }

        return sum;
    }

    private static ulong RouteLongs(ShardRouter<int> router)
    {
        var shard = router.Topology.Shards[0];
        for (var key = 0L; key < Keys; key++)
        {
            shard = router.Route(key);
        }

        return (ulong)shard.Payload;
    }

    private static ulong Repeat(Func<ulong> action)
    {
        var sum = 0UL;
        for (var round = 0; round < Rounds; round++)
        {
            sum += action();
        }

        return sum;
    }

    private static double Allocated(Func<ulong> action)
    {
        _ = action();
        var before = GC.GetAllocatedBytesForCurrentThread();
        _ = action();
        return (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Keys;
    }
}
