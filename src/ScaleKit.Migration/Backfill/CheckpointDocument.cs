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
        if (entry is null)
        {
            return null;
        }

        var checkpoint = JournalJson.Read(entry.Text, JournalJson.Default.BackfillCheckpoint, "The checkpoint of the backfill");
        return checkpoint.Open.All(static chunk => chunk is not null)
            ? checkpoint
            : throw new MigrationStateException($"The checkpoint of the backfill lacks a range: {Shown.Of(entry.Text)}");
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
