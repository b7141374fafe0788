using FsCheck;
using FsCheck.Fluent;

namespace ScaleKit.Sharding.Tests;

/// <summary>How many members the k replicas of a slot lose when one shard comes, goes, or takes the slot over, with any zones and for every k.</summary>
public sealed class ReplicaWalkTests
{
    private const int Slots = 256;

    private static readonly Arbitrary<int> Seeds = Gen.Choose(0, int.MaxValue - 1).ToArbitrary();

    [Fact]
    public void Fill_AnyShardComesOrGoesAndTheOwnersStay_AtMostOneMemberChanges() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(25), Prop.ForAll(Seeds, seed =>
    {
        var random = new Random(seed);
        var shards = AnyShards(random);
        var gone = shards[random.Next(shards.Length)];
        var rest = shards.Where(s => s != gone).ToArray();
        var owners = AnyOwners(random, rest);

        AssertChange(Table(shards, owners), Table(rest, owners), (_, _) => 1);
    }));

    [Fact]
    public void Fill_AnySlotChangesItsOwner_AtMostOneMemberChangesAndWithTheZoneItsPartner() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(25), Prop.ForAll(Seeds, seed =>
    {
        var random = new Random(seed);
        var shards = AnyShards(random);

        AssertChange(Table(shards, AnyOwners(random, shards)), Table(shards, AnyOwners(random, shards)), Bound);
    }));

    [Fact]
    public void Fill_AnyOwnerGoesOrANewOneTakesOver_AtMostOneMemberChangesAndWithTheZoneItsPartner() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(25), Prop.ForAll(Seeds, seed =>
    {
        var random = new Random(seed);
        var shards = AnyShards(random);
        var gone = shards[random.Next(shards.Length)];
        var rest = shards.Where(s => s != gone).ToArray();

        AssertChange(Table(shards, [.. Enumerable.Repeat(gone, Slots)]), Table(rest, AnyOwners(random, rest)), Bound);
    }));

    /// <summary>
    /// Why not one always: the owner leaves, and the table gives its slot to another shard of the zone in which the second stands. The first is gone, and
    /// the second shares the new owner's zone. Whoever answers, two replicas in two zones have then lost both.
    /// </summary>
    [Fact]
    public void Fill_OwnerGoesAndTheSlotMovesIntoTheZoneOfTheSecond_BothAreLost()
    {
        Shard<int>[] shards = [.. "a1 a2 b1 b2".Split(' ').Select((id, i) => new Shard<int>(id, i, zone: id[..1]))];
        var before = Table(shards, [.. Enumerable.Repeat(shards[0], Slots)]);
        for (var slot = 0; slot < Slots; slot++)
        {
            var second = Replicas(before, slot, 2)[1];
            Assert.Equal('b', second[0]);

            var other = shards.First(s => s.Zone == "b" && s.Id != second);
            var after = Table(shards[1..], [.. Enumerable.Repeat(other, Slots)]);

            Assert.Equal([other.Id, "a2"], Replicas(after, slot, 2));
        }
    }

    // One while the slot stays in its zone, or zones do not bind either owner to others.
    private static int Bound(Shard<int> from, Shard<int> to) => string.Equals(from.Zone, to.Zone, StringComparison.Ordinal) ? 1 : 2;

    private static void AssertChange(SlotTopology<int> before, SlotTopology<int> after, Func<Shard<int>, Shard<int>, int> bound)
    {
        var most = Math.Min(before.Shards.Count, after.Shards.Count);
        for (var slot = 0; slot < Slots; slot++)
        {
            var (old, now) = (Replicas(before, slot, most), Replicas(after, slot, most));
            var allowed = bound(before.ShardOfSlot(slot), after.ShardOfSlot(slot));
            for (var k = 1; k <= most; k++)
            {
                Assert.InRange(old.Take(k).Except(now.Take(k), StringComparer.Ordinal).Count(), 0, allowed);
            }
        }
    }

    private static Shard<int>[] AnyShards(Random random)
    {
        var zones = random.Next(5);
        return [.. Enumerable.Range(0, random.Next(2, 13)).Select(i => new Shard<int>($"s{i}", i, zone: random.Next(zones + 1) is > 0 and var zone ? $"z{zone}" : null))];
    }

    private static Shard<int>[] AnyOwners(Random random, Shard<int>[] shards) => [.. Enumerable.Range(0, Slots).Select(_ => shards[random.Next(shards.Length)])];

    private static SlotTopology<int> Table(Shard<int>[] shards, Shard<int>[] owners) =>
        SlotTopology.FromTable(shards, Array.ConvertAll(owners, o => Array.IndexOf(shards, o)));

    private static string[] Replicas(SlotTopology<int> topology, int slot, int count)
    {
        var replicas = new Shard<int>[count];
        var hash = (ulong)slot << 56;
        return [.. replicas.Take(topology.ReplicasOf(hash, replicas)).Select(r => r.Id)];
    }
}
