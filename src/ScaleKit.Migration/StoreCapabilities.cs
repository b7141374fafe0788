namespace ScaleKit.Migration;

/// <summary>What a store can do. A phase that needs more than a store declares is refused, with the missing names, instead of degraded silently.</summary>
[Flags]
public enum StoreCapabilities
{
    /// <summary>Reads by key only.</summary>
    None = 0,

    /// <summary>Issues the version of a write inside the write's own transaction.</summary>
    SequencedWrite = 1,

    /// <summary>Records the debt to the other store in the same transaction as the write.</summary>
    Outbox = 2,

    /// <summary>Takes a row only if its version is newer than what is stored, atomically.</summary>
    ApplyIfNewer = 4,

    /// <summary>Refuses sequenced writes of an older epoch, atomically with the write.</summary>
    Fence = 8,

    /// <summary>Lists its rows in key order.</summary>
    Scan = 16,

    /// <summary>Digests a range of rows.</summary>
    Digest = 32,

    /// <summary>Everything: such a store can stand on either side.</summary>
    All = SequencedWrite | Outbox | ApplyIfNewer | Fence | Scan | Digest,
}
