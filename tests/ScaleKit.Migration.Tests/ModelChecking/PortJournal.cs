namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>A process's connection to the journal: each call is one event of the scheduler.</summary>
internal sealed class PortJournal(World world) : IMigrationJournal
{
    public ValueTask<JournalEntry?> ReadAsync(string name, CancellationToken cancellationToken = default) =>
        world.CallAsync("journal", $"read {name[..5]}", mutates: false, 0, () => world.Journal.Read(name), static entry => entry is null ? 0 : Mix.In(HashOf(entry.Text), entry.Revision));

    public ValueTask<bool> TryWriteAsync(string name, long expectedRevision, string text, CancellationToken cancellationToken = default) =>
        world.CallAsync(
            "journal",
            $"write {name[..5]}",
            mutates: true,
            Mix.In(HashOf(text), expectedRevision),
            () => world.Journal.TryWrite(name, expectedRevision, text),
            static written => written ? 1UL : 2UL);

    private static ulong HashOf(string text) => (ulong)text.GetHashCode(StringComparison.Ordinal);
}
