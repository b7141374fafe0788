namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>A process's connection to the journal: each call is one event of the scheduler.</summary>
internal sealed class PortJournal(World world) : IMigrationJournal
{
    public ValueTask<JournalEntry?> ReadAsync(string name, CancellationToken cancellationToken = default) =>
        world.CallAsync("journal", "read", mutates: false, HashOf(name), () => world.Journal.Read(name), static entry => entry is null ? 0 : Mix.In(HashOf(entry.Text), entry.Revision), () => $"read {name[..5]}");

    public ValueTask<bool> TryWriteAsync(string name, long expectedRevision, string text, CancellationToken cancellationToken = default) =>
        world.CallAsync(
            "journal",
            "write",
            mutates: true,
            Mix.In(Mix.In(HashOf(text), HashOf(name)), expectedRevision),
            () => world.Journal.TryWrite(name, expectedRevision, text),
            static written => written ? 1UL : 2UL,
            () => $"write {name[..5]}");

    public ValueTask<long> TakeLeaseAsync(string fleet, string holder, TimeSpan duration, CancellationToken cancellationToken = default) =>
        world.CallAsync("journal", "take lease", mutates: true, 0, () => world.Journal.TakeLease(holder), static number => (ulong)number);

    public ValueTask<bool> RenewLeaseAsync(string fleet, long number, long acknowledged, TimeSpan duration, CancellationToken cancellationToken = default) =>
        world.CallAsync(
            "journal",
            "renew lease",
            mutates: true,
            Mix.In((ulong)number, acknowledged),
            () => world.Journal.RenewLease(number, acknowledged),
            static there => there ? 1UL : 2UL,
            () => $"renew lease {number}, acknowledges revision {acknowledged}");

    public ValueTask<IReadOnlyList<InstanceLease>> GetLeasesAsync(string fleet, CancellationToken cancellationToken = default) =>
        world.CallAsync("journal", "leases", mutates: false, 0, world.Journal.Leases, static leases => ModelJournal.Hash(leases));

    public ValueTask<bool> RemoveLeaseAsync(string fleet, long number, bool onlyIfEnded, CancellationToken cancellationToken = default) =>
        world.CallAsync(
            "journal", "remove lease", mutates: true, Mix.In((ulong)number, onlyIfEnded), () => world.Journal.RemoveLease(number, onlyIfEnded), static gone => gone ? 1UL : 2UL,
            () => $"remove lease {number}");

    public ValueTask AppendAuditAsync(string fleet, string text, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

    public ValueTask<IReadOnlyList<JournalAuditRecord>> ReadAuditAsync(string fleet, long after, int limit, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    private static ulong HashOf(string text) => (ulong)text.GetHashCode(StringComparison.Ordinal);
}
