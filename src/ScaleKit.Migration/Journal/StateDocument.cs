using System.Text.Json;

namespace ScaleKit.Migration;

/// <summary>The journal's document that holds the phase. Its revision is the state's.</summary>
internal sealed class StateDocument(IMigrationJournal journal, string name)
{
    public async ValueTask<MigrationState?> ReadAsync(CancellationToken cancellationToken)
    {
        var entry = await journal.ReadAsync(name, cancellationToken).ConfigureAwait(false);
        if (entry is null)
        {
            return null;
        }

        var state = JournalJson.Read(entry.Text, JournalJson.Default.MigrationState, "The journal's state");
        return Enum.IsDefined(state.Phase) && state.Epoch >= 1 && state.ReadShare is >= 0 and <= 100 && (state.ReversedFrom is not { } from || Enum.IsDefined(from))
            ? state with { Revision = entry.Revision }
            : throw new MigrationStateException($"The journal's state is not one of a migration: {Shown.Of(entry.Text)}");
    }

    /// <summary>Replaces the state of the revision before; null when another instance was faster.</summary>
    public async ValueTask<MigrationState?> TryWriteAsync(MigrationState next, long expectedRevision, CancellationToken cancellationToken)
    {
        var text = JsonSerializer.Serialize(next, JournalJson.Default.MigrationState);
        return await journal.TryWriteAsync(name, expectedRevision, text, cancellationToken).ConfigureAwait(false)
            ? next with { Revision = expectedRevision + 1 }
            : null;
    }
}
