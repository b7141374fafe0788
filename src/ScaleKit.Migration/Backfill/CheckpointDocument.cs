using System.Text.Json;

namespace ScaleKit.Migration;

/// <summary>The journal's document that holds the backfill's checkpoint. One backfill at a time: a second one loses the compare and set.</summary>
internal sealed class CheckpointDocument(IMigrationJournal journal, string name)
{
    private long _revision;

    public async ValueTask<BackfillCheckpoint?> ReadAsync(CancellationToken cancellationToken)
    {
        var entry = await journal.ReadAsync(name, cancellationToken).ConfigureAwait(false);
        _revision = entry?.Revision ?? 0;
        return entry is null ? null : JsonSerializer.Deserialize(entry.Text, JournalJson.Default.BackfillCheckpoint);
    }

    public async ValueTask WriteAsync(BackfillCheckpoint checkpoint, CancellationToken cancellationToken)
    {
        var text = JsonSerializer.Serialize(checkpoint, JournalJson.Default.BackfillCheckpoint);
        if (!await journal.TryWriteAsync(name, _revision, text, cancellationToken).ConfigureAwait(false))
        {
            throw new MigrationStateException("Another backfill of the same migration runs: its checkpoint has moved. Run one at a time.");
        }

        _revision++;
    }
}
