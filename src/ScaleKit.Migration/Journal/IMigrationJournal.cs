namespace ScaleKit.Migration;

/// <summary>
/// The port to where a migration keeps what must survive a restart and what its instances must agree about: documents (the phase, checkpoints), the leases of the instances, and the audit
/// log. Each call is one atomic step and may fail, or time out with or without effect. Implementations are safe for concurrent use, also by several processes where the store is.
/// </summary>
/// <remarks>Times are those of the store's own clock, never of an instance: instances whose clocks differ still agree on which lease has ended.</remarks>
public interface IMigrationJournal
{
    /// <summary>Reads a document; null when there is none.</summary>
    ValueTask<JournalEntry?> ReadAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Replaces a document if its revision is still <paramref name="expectedRevision"/> (0: there is none); its revision is then one higher.</summary>
    /// <returns>Whether it was replaced.</returns>
    ValueTask<bool> TryWriteAsync(string name, long expectedRevision, string text, CancellationToken cancellationToken = default);

    /// <summary>Takes a lease that ends after <paramref name="duration"/> unless it is renewed.</summary>
    /// <param name="fleet">The migration that the instance takes part in.</param>
    /// <param name="holder">The instance's name, for people.</param>
    /// <param name="duration">How long it holds.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The number of the lease, never given twice.</returns>
    ValueTask<long> TakeLeaseAsync(string fleet, string holder, TimeSpan duration, CancellationToken cancellationToken = default);

    /// <summary>Renews a lease and stores what its instance acknowledges. A lease that has ended can be renewed until somebody removes it.</summary>
    /// <returns>Whether the lease was still there.</returns>
    ValueTask<bool> RenewLeaseAsync(string fleet, long number, long acknowledged, TimeSpan duration, CancellationToken cancellationToken = default);

    /// <summary>The leases of a fleet by number, ended ones included until they are removed.</summary>
    ValueTask<IReadOnlyList<InstanceLease>> GetLeasesAsync(string fleet, CancellationToken cancellationToken = default);

    /// <summary>Removes a lease; with <paramref name="onlyIfEnded"/>, only one whose time is over at this very step.</summary>
    /// <returns>Whether the lease is gone.</returns>
    ValueTask<bool> RemoveLeaseAsync(string fleet, long number, bool onlyIfEnded, CancellationToken cancellationToken = default);

    /// <summary>Appends a record to the audit log of a migration. Nothing changes or removes it afterwards.</summary>
    ValueTask AppendAuditAsync(string fleet, string text, CancellationToken cancellationToken = default);

    /// <summary>Reads the audit log from the record after <paramref name="after"/> (0: from the first), in order, at most <paramref name="limit"/> records.</summary>
    ValueTask<IReadOnlyList<JournalAuditRecord>> ReadAuditAsync(string fleet, long after, int limit, CancellationToken cancellationToken = default);
}
