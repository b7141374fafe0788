using System.Text.Json;

namespace ScaleKit.Sharding;

/// <summary>Reads a parsed document. Throws <see cref="TopologyFormatException"/>, or what the JSON element or the topology itself throws.</summary>
internal static class TopologyReader
{
    public static Topology<TShard> Read<TShard>(JsonElement root, Func<string, JsonElement, TShard> payload, long newerThan)
    {
        var format = Required(root, "format").GetString();
        if (!string.Equals(format, TopologyWriter.Format, StringComparison.Ordinal))
        {
            throw new TopologyFormatException($"'format' is '{ShardNames.Show(format)}'; this version reads '{TopologyWriter.Format}'.");
        }

        var version = Integer(root, "version", 1, long.MaxValue);
        if (version <= newerThan)
        {
            throw new StaleTopologyException(version, newerThan);
        }

        var shards = Required(root, "shards").EnumerateArray().Select(s => ReadShard(s, payload)).ToList();
        var kind = Required(root, "kind").GetString();
        Topology<TShard> topology = kind switch
        {
            "slots" => SlotTopology.FromTable(shards, ReadTable(root, shards), version),
            "ring" => RingTopology.Create(shards, version, (int)Integer(root, "pointsPerWeight", 1, int.MaxValue)),
            _ => throw new TopologyFormatException($"'kind' is '{ShardNames.Show(kind)}'; it must be 'slots' or 'ring'."),
        };

        // Optional, so that a person may write a document by hand.
        if (root.TryGetProperty("fingerprint", out var fingerprint)
            && !string.Equals(fingerprint.GetString(), topology.Fingerprint, StringComparison.Ordinal))
        {
            throw new TopologyFormatException(
                $"'fingerprint' is '{ShardNames.Show(fingerprint.GetString())}', but the content has {topology.Fingerprint}: the document was changed.");
        }

        return topology;
    }

    private static Shard<TShard> ReadShard<TShard>(JsonElement shard, Func<string, JsonElement, TShard> payload)
    {
        var id = Required(shard, "id").GetString() ?? throw new TopologyFormatException("A shard's 'id' is null.");
        ShardNames.Validate(id, nameof(id));
        return new Shard<TShard>(
            id,
            payload(id, shard),
            shard.TryGetProperty("weight", out var weight) ? weight.GetDouble() : 1,
            Optional(shard, "zone"),
            Optional(shard, "region"));
    }

    private static int[] ReadTable<TShard>(JsonElement root, List<Shard<TShard>> shards)
    {
        var positions = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var shard in shards)
        {
            positions.TryAdd(shard.Id, positions.Count);
        }

        var table = new int[Integer(root, "slotCount", SlotTopology.MinimumSlotCount, SlotTopology.DefaultSlotCount)];
        Array.Fill(table, -1);
        foreach (var range in Required(root, "ranges").EnumerateArray())
        {
            var first = (int)Integer(range, "first", 0, table.Length - 1);
            var last = (int)Integer(range, "last", first, table.Length - 1);
            var id = Required(range, "shard").GetString();
            if (id is null || !positions.TryGetValue(id, out var position))
            {
                throw new TopologyFormatException($"Slots {first} to {last} belong to '{ShardNames.Show(id)}', which is not among the shards.");
            }

            var taken = table.AsSpan(first, last - first + 1).IndexOfAnyExcept(-1);
            if (taken >= 0)
            {
                throw new TopologyFormatException($"Slot {first + taken} is in two ranges.");
            }

            Array.Fill(table, position, first, last - first + 1);
        }

        return table;
    }

    private static JsonElement Required(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) ? value : throw new TopologyFormatException($"'{name}' is missing.");

    private static string? Optional(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static long Integer(JsonElement element, string name, long least, long most) =>
        Required(element, name).TryGetInt64(out var value) && value >= least && value <= most
            ? value
            : throw new TopologyFormatException($"'{name}' must be a whole number from {least} to {most}.");
}
