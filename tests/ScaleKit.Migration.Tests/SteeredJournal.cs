namespace ScaleKit.Migration.Tests;

/// <summary>A journal that one process can no longer reach, while the others can.</summary>
public sealed class SteeredJournal(IMigrationJournal inner) : IMigrationJournal
{
    public bool IsDown { get; set; }

    public ValueTask<JournalEntry?> ReadAsync(string name, CancellationToken cancellationToken = default) => Reached().ReadAsync(name, cancellationToken);

    public ValueTask<bool> TryWriteAsync(string name, long expectedRevision, string text, CancellationToken cancellationToken = default) =>
        Reached().TryWriteAsync(name, expectedRevision, text, cancellationToken);

    public ValueTask<long> TakeLeaseAsync(string fleet, string holder, TimeSpan duration, CancellationToken cancellationToken = default) =>
        Reached().TakeLeaseAsync(fleet, holder, duration, cancellationToken);

    public ValueTask<bool> RenewLeaseAsync(string fleet, long number, long acknowledged, TimeSpan duration, CancellationToken cancellationToken = default) =>
        Reached().RenewLeaseAsync(fleet, number, acknowledged, duration, cancellationToken);

    public ValueTask<IReadOnlyList<InstanceLease>> GetLeasesAsync(string fleet, CancellationToken cancellationToken = default) => Reached().GetLeasesAsync(fleet, cancellationToken);

    public ValueTask<bool> RemoveLeaseAsync(string fleet, long number, bool onlyIfEnded, CancellationToken cancellationToken = default) =>
        Reached().RemoveLeaseAsync(fleet, number, onlyIfEnded, cancellationToken);

    public ValueTask AppendAuditAsync(string fleet, string text, CancellationToken cancellationToken = default) => Reached().AppendAuditAsync(fleet, text, cancellationToken);

    public ValueTask<IReadOnlyList<JournalAuditRecord>> ReadAuditAsync(string fleet, long after, int limit, CancellationToken cancellationToken = default) =>
        Reached().ReadAuditAsync(fleet, after, limit, cancellationToken);

    private IMigrationJournal Reached() => IsDown ? throw new IOException("the journal cannot be reached") : inner;
}
