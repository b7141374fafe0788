namespace ScaleKit.Caching;

/// <summary>A caller's factory with its state.</summary>
internal abstract class ValueFactory<T>
{
    /// <summary>Runs it. The plan that comes back is <paramref name="plan"/> with what the factory decided; <see langword="null"/>: the value must not be stored.</summary>
    public abstract ValueTask<(T Value, EntryPlan? Plan)> RunAsync(string key, EntryPlan plan, LocalEntry? stale, CancellationToken cancellationToken);

    /// <summary>Reads the key in the shared level; keys that share a factory call share the reading too.</summary>
    public virtual ValueTask<SharedReading> ReadAsync(SharedLevel shared, string key, PooledBuffer target, CancellationToken cancellationToken) =>
        shared.ReadAsync(key, target, cancellationToken);

    /// <summary>Tells it that this key waits for another node, so that keys that share a factory call do not wait for it.</summary>
    public virtual void StepAside(string key)
    {
    }

    /// <summary>Runs it for a call that the cache takes no part in.</summary>
    public abstract ValueTask<T> RunAloneAsync(string key, CancellationToken cancellationToken);
}
