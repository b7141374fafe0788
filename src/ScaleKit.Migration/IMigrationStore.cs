namespace ScaleKit.Migration;

/// <summary>The part of a versioned store that has to do with no key and no value: what <see cref="MigrationLadder"/> needs of it.</summary>
/// <remarks>
/// Two store objects on the same rows are equal (<see cref="object.Equals(object)"/>), where a store can tell without asking a server. A migration between equal stores is refused: it would copy rows onto themselves.
/// </remarks>
public interface IMigrationStore
{
    /// <summary>A short name for messages and logs, such as the table. Never a connection string.</summary>
    string Name { get; }

    /// <summary>What the store can do.</summary>
    StoreCapabilities Capabilities { get; }

    /// <summary>
    /// Raises the fence: from now on sequenced writes of an epoch below <paramref name="epoch"/> are refused, also those that began before. It never
    /// falls: an epoch at or below the one in force changes nothing, so 0 only asks.
    /// </summary>
    /// <returns>The epoch in force afterwards.</returns>
    ValueTask<long> FenceAsync(long epoch, CancellationToken cancellationToken = default);

    /// <summary>How much the store's outbox holds.</summary>
    ValueTask<OutboxStatus> GetOutboxStatusAsync(CancellationToken cancellationToken = default);
}
