using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>A process's connection to the journal: each call is one event of the scheduler.</summary>
internal sealed class PortJournal(Process process) : IMigrationJournal
{
    public ValueTask<JournalEntry?> ReadAsync(string name, CancellationToken cancellationToken = default) =>
        CallAsync("read", mutates: false, HashOf(name), journal => journal.Read(name), static entry => entry is null ? 0 : Mix.In(HashOf(entry.Text), entry.Revision), () => $"read {name[..5]}");

    public ValueTask<bool> TryWriteAsync(string name, long expectedRevision, string text, CancellationToken cancellationToken = default) =>
        CallAsync(
            "write",
            mutates: true,
            Mix.In(Mix.In(HashOf(text), HashOf(name)), expectedRevision),
            journal => journal.TryWrite(name, expectedRevision, text),
            static written => written ? 1UL : 2UL,
            () => $"write {name[..5]}");

    public ValueTask<long> TakeLeaseAsync(string fleet, string holder, TimeSpan duration, CancellationToken cancellationToken = default) =>
        CallAsync("take lease", mutates: true, 0, journal => journal.TakeLease(holder), static number => (ulong)number);

    public ValueTask<bool> RenewLeaseAsync(string fleet, long number, long acknowledged, TimeSpan duration, CancellationToken cancellationToken = default) =>
        CallAsync(
            "renew lease",
            mutates: true,
            Mix.In((ulong)number, acknowledged),
            journal => journal.RenewLease(number, acknowledged),
            static there => there ? 1UL : 2UL,
            () => $"renew lease {number}, acknowledges revision {acknowledged}");

    public ValueTask<IReadOnlyList<InstanceLease>> GetLeasesAsync(string fleet, CancellationToken cancellationToken = default) =>
        CallAsync("leases", mutates: false, 0, static journal => journal.Leases(), static leases => ModelJournal.Hash(leases));

    public ValueTask<bool> RemoveLeaseAsync(string fleet, long number, bool onlyIfEnded, CancellationToken cancellationToken = default) =>
        CallAsync(
            "remove lease", mutates: true, Mix.In((ulong)number, onlyIfEnded), journal => journal.RemoveLease(number, onlyIfEnded), static gone => gone ? 1UL : 2UL,
            () => $"remove lease {number}");

    public ValueTask AppendAuditAsync(string fleet, string text, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

    public ValueTask<IReadOnlyList<JournalAuditRecord>> ReadAuditAsync(string fleet, long after, int limit, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    private static ulong HashOf(string text) => XxHash3.HashToUInt64(MemoryMarshal.AsBytes(text.AsSpan()));

    private ValueTask<T> CallAsync<T>(string what, bool mutates, ulong arguments, Func<ModelJournal, T> effect, Func<T, ulong> hash, Func<string>? show = null) =>
        process.CallAsync(new Call<T>(Place.Journal, what, mutates, arguments, lasting => effect(lasting.Journal), hash, show));
}
