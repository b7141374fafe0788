using StackExchange.Redis;

namespace ScaleKit.Redis;

/// <summary>Whether the keys of one call must lie in one hash slot. Looked up once for each client. Thread-safe.</summary>
internal sealed class Topology(RedisLink link)
{
    private Known? _known;

    /// <summary>False also as long as it is not known.</summary>
    public bool IsCluster => Find() is { IsCluster: true };

    /// <summary>Whether any keys may stand in one call; false as long as it is not known.</summary>
    public bool IsSingleServer => Find() is { IsCluster: false };

    /// <summary>The hash slot of a key; -1 where the server is no Cluster, or not known yet.</summary>
    public int SlotOf(RedisName key) => Find() is { IsCluster: true } known ? known.Client.HashSlot(key.Key) : -1;

    private Known? Find()
    {
        if (link.Connected is not { } client)
        {
            return null;
        }

        var known = Volatile.Read(ref _known);
        if (known is not null && ReferenceEquals(known.Client, client))
        {
            return known;
        }

        // Before the first answer every server passes for a single one.
        if (!client.IsConnected)
        {
            return null;
        }

        var servers = Array.ConvertAll(client.GetEndPoints(), endPoint => client.GetServer(endPoint));
        known = new Known(client, Array.Exists(servers, static server => server.ServerType == ServerType.Cluster));
        Volatile.Write(ref _known, known);
        return known;
    }

    private sealed record Known(IConnectionMultiplexer Client, bool IsCluster);
}
