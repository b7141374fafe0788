using System.Text;
using ScaleKit.TestKit;

namespace ScaleKit.Sharding.Tests;

public sealed class TopologyJsonFuzzTests
{
    // The table of slots and its topology: 65,536 of each.
    private const int Slots = 2 * 1024 * 1024;

    // A ring has at most so many points, whoever wrote its document; while it is made, each costs up to this.
    private const int BytesPerPoint = 40;

    private static readonly Shard<string>[] Shards = [new("a", "x", 2, "z1", "eu"), new("b", "y"), new("c", "ä😀")];

    [Fact]
    public void Read_SpoiltSlotDocuments_AreRefusedAsDocumentedAndCostLittle()
    {
        var fuzzer = new Fuzzer(
            Bytes(TopologyJson.Write(SlotTopology.Create(Shards, version: 7, slotCount: 256))),
            Bytes(TopologyJson.Write(SlotTopology.Create(Shards[..1], slotCount: 512))))
        { Refusal = typeof(TopologyFormatException), Allowance = Slots, BytesPerByte = 64, Weight = 5 };

        var counts = fuzzer.RunText(static text => TopologyJson.Read(text, static id => id).Shards.Count > 0);

        Assert.True(counts is { Read: > 0, Refused: > 0 }, counts.ToString());
    }

    [Fact]
    public void Read_SpoiltRingDocuments_AreRefusedAsDocumentedAndCostNoMoreThanTheGreatestRing()
    {
        var fuzzer = new Fuzzer(Bytes(TopologyJson.Write(RingTopology.Create(Shards, version: 7, pointsPerWeight: 4))))
        { Refusal = typeof(TopologyFormatException), Allowance = BytesPerPoint * PointRing.MaximumPoints, Weight = 20 };

        var counts = fuzzer.RunText(static text => TopologyJson.Read(text, static id => id).Shards.Count > 0);

        Assert.True(counts is { Read: > 0, Refused: > 0 }, counts.ToString());
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
