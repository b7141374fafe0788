using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace ScaleKit.Sharding.Tests;

public sealed partial class TopologyJsonTests
{
    private static readonly SlotTopology<string> Slots = SlotTopology.Create(
        [new Shard<string>("a", "Data Source=a.db", 2, "z1", "eu"), new Shard<string>("b", "Data Source=\"b\".db"), new Shard<string>("c", "")], version: 7);

    [Fact]
    public void Read_WhatWasWritten_IsTheSameTopology()
    {
        foreach (var topology in new Topology<string>[] { Slots, RingTopology.Create(Slots.Shards, 7, 40) })
        {
            var read = TopologyJson.Read(TopologyJson.Write(topology, Payloads.Default.String), Payloads.Default.String);

            Assert.IsType(topology.GetType(), read);
            Assert.Equal((topology.Version, topology.Fingerprint), (read.Version, read.Fingerprint));
            Assert.Equal(
                topology.Shards.Select(s => (s.Id, s.Payload, s.Weight, s.Zone, s.Region)),
                read.Shards.Select(s => (s.Id, s.Payload, s.Weight, s.Zone, s.Region)));
            Assert.All(Enumerable.Range(0, 1_000), i => Assert.Equal(topology.ShardOf(KeyHash.Of(i)).Id, read.ShardOf(KeyHash.Of(i)).Id));
        }
    }

    [Fact]
    public void Write_WithoutPayloads_HoldsNoSecretAndIsReadWithTheApplicationsOwn()
    {
        var json = TopologyJson.Write(Slots);

        Assert.DoesNotContain("Data Source", json);
        Assert.Equal("payload of b", TopologyJson.Read(json, id => $"payload of {id}").Shards[1].Payload);
    }

    [Theory]
    [InlineData(7)]
    [InlineData(8)]
    public void Read_NotNewer_IsRefusedAsStale(long inForce)
    {
        var error = Assert.Throws<StaleTopologyException>(() => TopologyJson.Read(TopologyJson.Write(Slots), id => id, inForce));

        Assert.Equal((7, inForce), (error.Offered, error.Current));
        Assert.Equal(7, TopologyJson.Read(TopologyJson.Write(Slots), id => id, newerThan: 6).Version);
    }

    [Theory]
    [InlineData("$.format", "\"scalekit-topology/2\"", "scalekit-topology/1")]
    [InlineData("$.format", null, "'format' is missing")]
    [InlineData("$.version", "0", "'version'")]
    [InlineData("$.version", "1.5", "'version'")]
    [InlineData("$.version", "\"1\"", "not a valid topology")]
    [InlineData("$.kind", "\"modulo\"", "'modulo'")]
    [InlineData("$.slotCount", "1000", "'last'")]
    [InlineData("$.slotCount", "1000000000", "'slotCount'")]
    [InlineData("$.shards", "[]", "not among the shards")]
    [InlineData("$.shards", "{}", "not a valid topology")]
    [InlineData("$.shards[0].id", null, "'id' is missing")]
    [InlineData("$.shards[0].id", "\"b\"", "not among the shards")]
    [InlineData("$.shards[0].id", "\"a b\"", "printable ASCII")]
    [InlineData("$.shards[0].weight", "-1", "weight")]
    [InlineData("$.shards[0].weight", "1e999", "not a valid topology")]
    [InlineData("$.shards[0].weight", "3", "was changed")]
    [InlineData("$.shards[0].zone", "\"other\"", "was changed")]
    [InlineData("$.ranges", null, "'ranges' is missing")]
    [InlineData("$.ranges[1].shard", "\"nobody\"", "'nobody', which is not among the shards")]
    [InlineData("$.ranges[1].shard", "null", "not among the shards")]
    [InlineData("$.ranges[1].first", "0", "in two ranges")]
    [InlineData("$.ranges[1].first", "40000", "unassigned")]
    [InlineData("$.ranges[1].last", "70000", "'last'")]
    [InlineData("$.ranges[1].last", "-5", "'last'")]
    [InlineData("$.fingerprint", "\"0000000000000000\"", "was changed")]
    public void Read_OneThingWrong_IsRefusedAndNamed(string path, string? value, string expected)
    {
        var document = JsonNode.Parse(TopologyJson.Write(Slots))!;
        Replace(document, path, value is null ? null : value == "null" ? JsonNode.Parse("null") : JsonNode.Parse(value), remove: value is null);

        var error = Assert.Throws<TopologyFormatException>(() => TopologyJson.Read(document.ToJsonString(), id => id));

        Assert.Contains(expected, error.Message);
    }

    [Theory]
    [InlineData("""{ "format": "scalekit-topology/1", "version": 1, "kind": "ring", "pointsPerWeight": 10, "shards": [] }""", "1 to 65536 shards")]
    [InlineData("""{ "format": "scalekit-topology/1", "version": 1, "kind": "ring", "pointsPerWeight": 10, "shards": [ { "id": "a" }, { "id": "a" } ] }""", "there twice")]
    [InlineData("""{ "format": "scalekit-topology/1", "version": 1, "kind": "ring", "pointsPerWeight": 0, "shards": [ { "id": "a" } ] }""", "pointsPerWeight")]
    public void Read_BadRing_IsRefusedAndNamed(string json, string expected) =>
        Assert.Contains(expected, Assert.Throws<TopologyFormatException>(() => TopologyJson.Read(json, id => id)).Message);

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[1,2]")]
    [InlineData("{\"format\":\"scalekit-topology/1\",\"version\":1,\"version\":2}")]
    public void Read_NotADocument_IsRefused(string json) => Assert.Throws<TopologyFormatException>(() => TopologyJson.Read(json, id => id));

    [Fact]
    public void Read_CutOffAnywhere_IsRefused()
    {
        var json = TopologyJson.Write(Slots).TrimEnd();
        for (var length = 0; length < json.Length; length += 7)
        {
            Assert.Throws<TopologyFormatException>(() => TopologyJson.Read(json[..length], id => id));
        }
    }

    [Fact]
    public void Read_PayloadMissing_IsRefused() =>
        Assert.Contains("'payload'", Assert.Throws<TopologyFormatException>(() => TopologyJson.Read(TopologyJson.Write(Slots), Payloads.Default.String)).Message);

    [Fact]
    public void Read_HandWrittenMinimum_IsATopology()
    {
        const string Json = """
            { "format": "scalekit-topology/1", "version": 1, "kind": "slots", "slotCount": 256,
              "shards": [ { "id": "b" }, { "id": "a" } ],
              "ranges": [ { "first": 0, "last": 99, "shard": "b" }, { "first": 100, "last": 255, "shard": "a" } ] }
            """;

        var topology = Assert.IsType<SlotTopology<string>>(TopologyJson.Read(Json, id => id));

        Assert.Equal(("b", "a"), (topology.ShardOfSlot(99).Id, topology.ShardOfSlot(100).Id));
    }

    [Fact]
    public void Read_OverTheLengthLimit_IsRefusedUnread() =>
        Assert.Contains("limit", Assert.Throws<TopologyFormatException>(() => TopologyJson.Read(new string(' ', TopologyJson.MaximumLength + 1), id => id)).Message);

    private static void Replace(JsonNode document, string path, JsonNode? value, bool remove)
    {
        var parts = path[2..].Split('.');
        var parent = document;
        foreach (var part in parts[..^1])
        {
            var bracket = part.IndexOf('[', StringComparison.Ordinal);
            parent = bracket < 0 ? parent[part]! : parent[part[..bracket]]![part[bracket + 1] - '0']!;
        }

        if (remove)
        {
            parent.AsObject().Remove(parts[^1]);
        }
        else
        {
            parent[parts[^1]] = value;
        }
    }

    [JsonSerializable(typeof(string))]
    private sealed partial class Payloads : JsonSerializerContext;
}
