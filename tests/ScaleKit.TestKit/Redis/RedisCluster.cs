using System.Globalization;

namespace ScaleKit.TestKit;

/// <summary>A real Redis Cluster of masters only. Not thread-safe.</summary>
public sealed class RedisCluster : IAsyncDisposable
{
    /// <summary>Hash slots of a Redis Cluster.</summary>
    public const int SlotCount = 16_384;

    private readonly List<RedisServer> _nodes = [];
    private readonly int[] _owners = new int[SlotCount];

    private RedisCluster()
    {
    }

    /// <summary>The masters.</summary>
    public IReadOnlyList<RedisServer> Nodes => _nodes;

    /// <summary>All end points in one connection string.</summary>
    public string ConnectionString => string.Join(',', _nodes.Select(node => node.EndPoint));

    /// <summary>Starts the masters, gives each an equal part of the slots, and returns when every one of them says that the cluster is well.</summary>
    public static async Task<RedisCluster> StartAsync(int masters = 3)
    {
        var cluster = new RedisCluster();
        try
        {
            for (var i = 0; i < masters; i++)
            {
                cluster._nodes.Add(await StartNodeAsync(i + 1));
            }

            await cluster.JoinAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>The slot of a key, as the servers compute it.</summary>
    public async Task<int> SlotOfAsync(string key) =>
        int.Parse(await _nodes[0].CommandAsync("CLUSTER", "KEYSLOT", key), CultureInfo.InvariantCulture);

    /// <summary>The master that owns a slot now.</summary>
    public RedisServer OwnerOf(int slot) => _nodes[_owners[slot]];

    /// <summary>Moves a slot with its keys to another master, by the steps of <c>redis-cli --cluster reshard</c>.</summary>
    public async Task MoveSlotAsync(int slot, RedisServer target)
    {
        ArgumentNullException.ThrowIfNull(target);
        var source = OwnerOf(slot);
        var number = slot.ToString(CultureInfo.InvariantCulture);
        var sourceId = await source.CommandAsync("CLUSTER", "MYID");
        var targetId = await target.CommandAsync("CLUSTER", "MYID");
        await target.CommandAsync("CLUSTER", "SETSLOT", number, "IMPORTING", sourceId);
        await source.CommandAsync("CLUSTER", "SETSLOT", number, "MIGRATING", targetId);
        while (await source.CommandAsync("CLUSTER", "GETKEYSINSLOT", number, "100") is { Length: > 0 } keys)
        {
            var port = target.Port.ToString(CultureInfo.InvariantCulture);
            await source.CommandAsync(["MIGRATE", "127.0.0.1", port, "", "0", "5000", "KEYS", .. keys.Split('\n')]);
        }

        // The target first: were it last, both would redirect to each other for a moment.
        foreach (var node in (RedisServer[])[target, source, .. _nodes.Where(n => n != target && n != source)])
        {
            await node.CommandAsync("CLUSTER", "SETSLOT", number, "NODE", targetId);
        }

        _owners[slot] = _nodes.IndexOf(target);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }
    }

    private static Task<RedisServer> StartNodeAsync(int epoch)
    {
        var options = new RedisServerOptions();
        options.ConfigurationLines.Add("cluster-enabled yes");
        options.ConfigurationLines.Add("cluster-node-timeout 5000");
        options.ConfigurationLines.Add(string.Create(CultureInfo.InvariantCulture, $"cluster-config-file nodes-{epoch}.conf"));
        return RedisServer.StartAsync(options);
    }

    private async Task JoinAsync()
    {
        for (var i = 0; i < _nodes.Count; i++)
        {
            var first = SlotCount * i / _nodes.Count;
            var after = SlotCount * (i + 1) / _nodes.Count;
            Array.Fill(_owners, i, first, after - first);
            var slots = Enumerable.Range(first, after - first).Select(slot => slot.ToString(CultureInfo.InvariantCulture));
            await _nodes[i].CommandAsync("CLUSTER", "SET-CONFIG-EPOCH", (i + 1).ToString(CultureInfo.InvariantCulture));
            await _nodes[i].CommandAsync(["CLUSTER", "ADDSLOTS", .. slots]);
        }

        foreach (var node in _nodes.Skip(1))
        {
            await _nodes[0].CommandAsync("CLUSTER", "MEET", "127.0.0.1", node.Port.ToString(CultureInfo.InvariantCulture));
        }

        foreach (var node in _nodes)
        {
            await Eventually.HoldsAsync(async () => await IsWellAsync(node), "the cluster is well");
        }
    }

    private async ValueTask<bool> IsWellAsync(RedisServer node)
    {
        var lines = (await node.CommandAsync("CLUSTER", "INFO")).Split("\r\n");
        return lines.Contains("cluster_state:ok", StringComparer.Ordinal)
            && lines.Contains("cluster_slots_ok:16384", StringComparer.Ordinal)
            && lines.Contains(string.Create(CultureInfo.InvariantCulture, $"cluster_known_nodes:{_nodes.Count}"), StringComparer.Ordinal);
    }
}
