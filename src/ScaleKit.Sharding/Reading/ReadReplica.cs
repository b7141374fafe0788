namespace ScaleKit.Sharding;

/// <summary>A replica of a shard that answers reads. Thread-safe.</summary>
/// <typeparam name="TEndpoint">What the application needs to reach it.</typeparam>
public sealed class ReadReplica<TEndpoint>
{
    private int _outstanding;

    /// <summary>Describes a replica.</summary>
    /// <param name="endpoint">What the application needs to reach it.</param>
    /// <param name="zone">Where it stands, or null.</param>
    public ReadReplica(TEndpoint endpoint, string? zone = null)
    {
        Endpoint = endpoint;
        Zone = zone;
    }

    /// <summary>What the application needs to reach it.</summary>
    public TEndpoint Endpoint { get; }

    /// <summary>Where it stands, or null.</summary>
    public string? Zone { get; }

    /// <summary>Whether reads may go here; a health check or a lag monitor sets it. When no replica is available, reads go to the primary.</summary>
    /// <value>true</value>
    public bool IsAvailable { get; set => Volatile.Write(ref field, value); } = true;

    /// <summary>Reads under way in this process.</summary>
    public int Outstanding => Volatile.Read(ref _outstanding);

    internal void Enter() => Interlocked.Increment(ref _outstanding);

    internal void Leave() => Interlocked.Decrement(ref _outstanding);
}
