namespace ScaleKit.Migration;

/// <summary>How much an outbox holds: one partition for a plain store, one a shard for a sharded one. Immutable.</summary>
public sealed class OutboxStatus
{
    /// <summary>Copies the partitions.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="partitions"/> is null.</exception>
    public OutboxStatus(IEnumerable<OutboxPartition> partitions)
    {
        ArgumentNullException.ThrowIfNull(partitions);
        Partitions = [.. partitions];
    }

    /// <summary>The partitions, in an order that does not change.</summary>
    public IReadOnlyList<OutboxPartition> Partitions { get; }

    /// <summary>The entries of all partitions together.</summary>
    public long Pending => Partitions.Sum(p => p.Pending);

    /// <summary>Whether everything that stood in the outbox at <paramref name="earlier"/> has left it since, whatever was added meanwhile.</summary>
    public bool HasDrainedSince(OutboxStatus earlier)
    {
        ArgumentNullException.ThrowIfNull(earlier);
        if (earlier.Partitions.Count != Partitions.Count)
        {
            return Pending == 0;
        }

        for (var i = 0; i < Partitions.Count; i++)
        {
            if (Partitions[i].Pending > 0 && Partitions[i].Oldest < earlier.Partitions[i].Next)
            {
                return false;
            }
        }

        return true;
    }
}
