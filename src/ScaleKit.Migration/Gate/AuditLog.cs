using System.Text.Json;

namespace ScaleKit.Migration;

/// <summary>The audit log of one migration, in its journal.</summary>
internal sealed class AuditLog(IMigrationJournal journal, string name, string instance)
{
    public ValueTask AppendAsync(
        MigrationState state, MigrationPhase target, double readShare, GateOverride? byHand, IReadOnlyList<UnmetCondition> overridden, GateEvidence evidence, CancellationToken cancellationToken)
    {
        var record = new MigrationAuditRecord
        {
            Instance = instance,
            From = state.Phase,
            To = target,
            Epoch = state.Epoch,
            ReadShare = readShare,
            OverriddenBy = overridden.Count > 0 ? byHand?.By : null,
            Reason = overridden.Count > 0 ? byHand?.Reason : null,
            Overridden = overridden,
            Evidence = evidence,
        };
        return journal.AppendAuditAsync(name, JsonSerializer.Serialize(record, JournalJson.Default.MigrationAuditRecord), cancellationToken);
    }

    /// <summary>The journal is about to be brought from what it has kept to what this instance has seen: the records of the moves between may be lost with it.</summary>
    public ValueTask AppendAsync(MigrationState kept, MigrationState seen, CancellationToken cancellationToken)
    {
        var record = new MigrationAuditRecord
        {
            Instance = instance,
            From = kept.Phase,
            To = seen.Phase,
            Epoch = kept.Epoch,
            ReadShare = seen.ReadShare,
            Reason = "The journal had lost what this instance has seen.",
        };
        return journal.AppendAuditAsync(name, JsonSerializer.Serialize(record, JournalJson.Default.MigrationAuditRecord), cancellationToken);
    }

    public async ValueTask<IReadOnlyList<MigrationAuditRecord>> ReadAsync(long after, int limit, CancellationToken cancellationToken)
    {
        var records = await journal.ReadAuditAsync(name, after, limit, cancellationToken).ConfigureAwait(false);
        return [.. records.Select(Parse)];
    }

    private static MigrationAuditRecord Parse(JournalAuditRecord kept) =>
        JournalJson.Read(kept.Text, JournalJson.Default.MigrationAuditRecord, $"Record {kept.Number} of the audit log") with { Number = kept.Number, At = kept.At };
}
