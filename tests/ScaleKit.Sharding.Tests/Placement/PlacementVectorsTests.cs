using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ScaleKit.Sharding.Tests;

/// <summary>
/// Replays docs/placement-v1.json, which was computed by the reference implementation of XXH3 in C and by code that shares nothing with this library.
/// The file is the contract: a test that fails here is never repaired by changing the file.
/// </summary>
public sealed class PlacementVectorsTests
{
    private static readonly JsonElement Vectors = JsonDocument.Parse(File.ReadAllText("placement-v1.json")).RootElement;

    private static readonly SlotTopology<int> Slots = Some.Slots(1);

    [Fact]
    public void Strings_EveryVector_HasItsBytesHashAndSlot()
    {
        foreach (var vector in Each("strings", atLeast: 25))
        {
            var key = FromUtf16(Text(vector, "utf16"));
            var utf8 = Convert.FromHexString(Text(vector, "utf8"));
            var hash = Hash(vector);

            Assert.Equal(hash, KeyHash.Of(key));
            Assert.Equal(hash, KeyHash.Of(key.AsSpan()));
            Assert.Equal(hash, KeyHash.OfUtf8(utf8));
            Assert.Equal(vector.GetProperty("slot").GetInt32(), Slots.SlotOf(hash));
        }
    }

    [Theory]
    [InlineData("lengths", null)]
    [InlineData("cyrillicLengths", "ж")]
    [InlineData("emojiLengths", "😀")]
    public void Lengths_EveryVector_HasItsHash(string list, string? repeated)
    {
        foreach (var vector in Each(list, atLeast: 8))
        {
            var length = vector.GetProperty("length").GetInt32();
            var key = repeated is null
                ? string.Create(length, 0, static (span, _) =>
                {
                    for (var i = 0; i < span.Length; i++)
                    {
                        span[i] = (char)('a' + (i * 7 % 26));
                    }
                })
                : string.Concat(Enumerable.Repeat(repeated, length));

            Assert.Equal(Hash(vector), KeyHash.Of(key));
            Assert.Equal(Hash(vector), KeyHash.OfUtf8(Encoding.UTF8.GetBytes(key)));
        }
    }

    [Fact]
    public void Numbers_EveryVector_HasItsHash()
    {
        foreach (var vector in Each("longs", atLeast: 9))
        {
            var key = long.Parse(Text(vector, "key"), CultureInfo.InvariantCulture);
            Assert.Equal(Hash(vector), KeyHash.Of(key));
            Assert.Equal(vector.GetProperty("slot").GetInt32(), Slots.SlotOf(KeyHash.Of(key)));
            if (key is >= int.MinValue and <= int.MaxValue)
            {
                Assert.Equal(Hash(vector), KeyHash.Of((int)key));
            }
        }

        foreach (var vector in Each("ulongs", atLeast: 2))
        {
            Assert.Equal(Hash(vector), KeyHash.Of(ulong.Parse(Text(vector, "key"), CultureInfo.InvariantCulture)));
        }
    }

    [Fact]
    public void Guids_EveryVector_HasItsHash()
    {
        foreach (var vector in Each("guids", atLeast: 5))
        {
            Assert.Equal(Hash(vector), KeyHash.Of(Guid.Parse(Text(vector, "key"))));
            Assert.Equal(Hash(vector), KeyHash.OfUtf8(Convert.FromHexString(Text(vector, "bytes"))));
        }
    }

    [Fact]
    public void Composites_EveryVector_HasItsHash()
    {
        foreach (var vector in Each("composites", atLeast: 6))
        {
            ulong[] parts = [.. vector.GetProperty("parts").EnumerateArray().Select(p => KeyHash.Of(p.GetString()!))];
            Assert.Equal(Hash(vector), KeyHash.Combine(parts));
        }
    }

    [Fact]
    public void Tags_EveryVector_HasItsTagAndHash()
    {
        var router = new ShardRouter<int>(Some.Slots(50), new ShardRouterOptions { UseHashTags = true });
        foreach (var vector in Each("tags", atLeast: 8))
        {
            var key = Text(vector, "key");
            Assert.Equal(Text(vector, "tag"), HashTag.Of(key).ToString());
            Assert.Equal(Text(vector, "tag"), Encoding.UTF8.GetString(HashTag.Of(Encoding.UTF8.GetBytes(key))));
            Assert.Same(router.RouteHash(Hash(vector)), router.Route(key));
            Assert.Same(router.RouteHash(Hash(vector)), router.RouteUtf8(Encoding.UTF8.GetBytes(key)));
        }
    }

    [Fact]
    public void SlotTopologies_EveryVector_HasItsFingerprintCountsAndOwners()
    {
        foreach (var vector in Each("slotTopologies", atLeast: 6))
        {
            var topology = SlotTopology.Create(ShardsOf(vector));

            Assert.Equal(Text(vector, "fingerprint"), topology.Fingerprint);
            Assert.All(vector.GetProperty("counts").EnumerateObject(), c => Assert.Equal(c.Value.GetInt32(), topology.CountOf(c.Name)));
            Assert.All(
                vector.GetProperty("owners").EnumerateObject(), o => Assert.Equal(o.Value.GetString(), topology.ShardOf(KeyHash.Of(o.Name)).Id));
        }
    }

    [Fact]
    public void RingTopologies_EveryVector_HasItsFingerprintPointsAndOwners()
    {
        foreach (var vector in Each("ringTopologies", atLeast: 6))
        {
            var topology = RingTopology.Create(ShardsOf(vector), pointsPerWeight: vector.GetProperty("pointsPerWeight").GetInt32());

            Assert.Equal(Text(vector, "fingerprint"), topology.Fingerprint);
            Assert.Equal(vector.GetProperty("points").GetInt32(), topology.PointCount);
            Assert.Equal(Text(vector, "firstPoint"), Fingerprints.Format(topology.Ring.PointAt(0)));
            Assert.All(
                vector.GetProperty("owners").EnumerateObject(), o => Assert.Equal(o.Value.GetString(), topology.ShardOf(KeyHash.Of(o.Name)).Id));
        }
    }

    [Theory]
    [InlineData("slotTopologies")]
    [InlineData("ringTopologies")]
    public void Replicas_EveryVector_AreInOrder(string list)
    {
        foreach (var vector in Each(list, atLeast: 6))
        {
            Topology<int> topology = list == "slotTopologies" ? SlotTopology.Create(ShardsOf(vector)) : RingTopology.Create(ShardsOf(vector));
            foreach (var expected in vector.GetProperty("replicas").EnumerateObject())
            {
                var replicas = new Shard<int>[3];
                var count = topology.ReplicasOf(KeyHash.Of(expected.Name), replicas);
                Assert.Equal(expected.Value.EnumerateArray().Select(r => r.GetString()), replicas.Take(count).Select(r => r.Id));
            }
        }
    }

    internal static IEnumerable<JsonElement> Each(string list, int atLeast)
    {
        var vectors = Vectors.GetProperty(list);
        Assert.InRange(vectors.GetArrayLength(), atLeast, int.MaxValue);
        return vectors.EnumerateArray();
    }

    internal static string Text(JsonElement vector, string property) => vector.GetProperty(property).GetString()!;

    internal static IEnumerable<Shard<int>> ShardsOf(JsonElement vector) => vector.GetProperty("shards").EnumerateArray().Select(s => new Shard<int>(
        Text(s, "id"),
        0,
        s.TryGetProperty("weight", out var weight) ? weight.GetDouble() : 1,
        s.TryGetProperty("zone", out var zone) ? zone.GetString() : null,
        s.TryGetProperty("region", out var region) ? region.GetString() : null));

    private static ulong Hash(JsonElement vector) =>
        ulong.Parse(Text(vector, "hash"), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static string FromUtf16(string hex) => string.Concat(
        Enumerable.Range(0, hex.Length / 4).Select(i => (char)ushort.Parse(hex.AsSpan(i * 4, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture)));
}
