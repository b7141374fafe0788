using System.Collections.Concurrent;

namespace ScaleKit.Migration;

/// <summary>
/// A journal that lasts as long as the process. For stores that live no longer, and for tests. With lasting stores a restart begins in phase A; the fences
/// that the migration has raised then refuse the writes, so nothing is lost, but nothing goes on either: use <see cref="SqlJournal"/>. Thread-safe.
/// </summary>
public sealed class InMemoryJournal : IMigrationJournal
{
    private readonly ConcurrentDictionary<string, JournalEntry> _documents = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public ValueTask<JournalEntry?> ReadAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(_documents.GetValueOrDefault(name));
    }

    /// <inheritdoc/>
    public ValueTask<bool> TryWriteAsync(string name, long expectedRevision, string text, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(text);
        cancellationToken.ThrowIfCancellationRequested();
        var next = new JournalEntry(text, expectedRevision + 1);
        var written = expectedRevision == 0
            ? _documents.TryAdd(name, next)
            : _documents.TryGetValue(name, out var current) && current.Revision == expectedRevision && _documents.TryUpdate(name, next, current);
        return ValueTask.FromResult(written);
    }
}
