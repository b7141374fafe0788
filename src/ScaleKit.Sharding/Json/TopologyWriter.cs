using System.Text.Json;

namespace ScaleKit.Sharding;

internal static class TopologyWriter
{
    public const string Format = "scalekit-topology/1";

    public static void Write<TShard>(Utf8JsonWriter json, Topology<TShard> topology, Action<Utf8JsonWriter, Shard<TShard>> payload)
    {
        json.WriteStartObject();
        json.WriteString("format", Format);
        json.WriteNumber("version", topology.Version);
        json.WriteString("fingerprint", topology.Fingerprint);
        var slots = topology as SlotTopology<TShard>;
        json.WriteString("kind", slots is null ? "ring" : "slots");
        if (topology is RingTopology<TShard> ring)
        {
            json.WriteNumber("pointsPerWeight", ring.PointsPerWeight);
        }
        else
        {
            json.WriteNumber("slotCount", slots!.SlotCount);
        }

        json.WriteStartArray("shards");
        foreach (var shard in topology.Shards)
        {
            WriteShard(json, shard, payload);
        }

        json.WriteEndArray();
        if (slots is not null)
        {
            WriteRanges(json, slots.Ranges);
        }

        json.WriteEndObject();
    }

    private static void WriteShard<TShard>(Utf8JsonWriter json, Shard<TShard> shard, Action<Utf8JsonWriter, Shard<TShard>> payload)
    {
        json.WriteStartObject();
        json.WriteString("id", shard.Id);
        json.WriteNumber("weight", shard.Weight);
        if (shard.Zone is not null)
        {
            json.WriteString("zone", shard.Zone);
        }

        if (shard.Region is not null)
        {
            json.WriteString("region", shard.Region);
        }

        payload(json, shard);
        json.WriteEndObject();
    }

    private static void WriteRanges(Utf8JsonWriter json, IReadOnlyList<SlotRange> ranges)
    {
        json.WriteStartArray("ranges");
        foreach (var range in ranges)
        {
            json.WriteStartObject();
            json.WriteNumber("first", range.First);
            json.WriteNumber("last", range.Last);
            json.WriteString("shard", range.ShardId);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
