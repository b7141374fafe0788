namespace ScaleKit.Migration;

/// <summary>
/// The port to where a migration keeps what must survive a restart: its phase and the checkpoints of the backfill, each a short named text that is replaced by
/// compare and set. Implementations are safe for concurrent use, also by several processes where the store is.
/// </summary>
public interface IMigrationJournal
{
    /// <summary>Reads a document; null when there is none.</summary>
    ValueTask<JournalEntry?> ReadAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Replaces a document if its revision is still <paramref name="expectedRevision"/> (0: there is none); its revision is then one higher.</summary>
    /// <returns>Whether it was replaced.</returns>
    ValueTask<bool> TryWriteAsync(string name, long expectedRevision, string text, CancellationToken cancellationToken = default);
}
